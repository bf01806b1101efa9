//! Names the experts, and what may be chosen among them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What gives a pair a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The network.
    Relay,
    /// Boosted trees over descriptors and, unless told otherwise, transfer numbers.
    Trees,
    /// Boosted trees over transfer numbers alone.
    Transfer,
}

/// How much each expert counts; together 1.
pub type Weights = BTreeMap<Kind, f64>;

/// Which experts a training makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum ExpertChoice {
    /// The network alone
    #[default]
    Relay,
    /// Boosted trees alone: over descriptors and transfer numbers, transfer numbers alone, or the mean of both
    Trees,
    /// All of these, and means of the network and the trees: what ranks best in inner folds drawn like the split
    Auto,
}

impl Kind {
    /// Gives the name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Trees => "trees",
            Self::Transfer => "transfer",
        }
    }
}

impl ExpertChoice {
    /// Tells whether the network is trained.
    pub const fn has_relay(self) -> bool {
        !matches!(self, Self::Trees)
    }

    /// Tells whether trees are grown.
    pub const fn has_trees(self) -> bool {
        !matches!(self, Self::Relay)
    }
}

/// Lists what is chosen among, by name: each expert alone, and fixed means of their scores.
///
/// ```
/// use crossmamba::expert::{ExpertChoice, candidates};
///
/// let names: Vec<String> = candidates(ExpertChoice::Trees, true).into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["trees", "transfer", "trees-transfer"]);
/// ```
pub fn candidates(choice: ExpertChoice, transfer: bool) -> Vec<(String, Weights)> {
    use Kind::{Relay, Transfer, Trees};
    let all: [(&str, &[(Kind, f64)]); 6] = [
        ("relay", &[(Relay, 1.0)]),
        ("trees", &[(Trees, 1.0)]),
        ("transfer", &[(Transfer, 1.0)]),
        ("trees-transfer", &[(Trees, 0.5), (Transfer, 0.5)]),
        ("relay-trees-3-7", &[(Relay, 0.3), (Trees, 0.7)]),
        ("relay-trees-5-5", &[(Relay, 0.5), (Trees, 0.5)]),
    ];
    let possible = |kind: Kind| match kind {
        Relay => choice.has_relay(),
        Trees => choice.has_trees(),
        Transfer => choice.has_trees() && transfer,
    };
    all.into_iter()
        .filter(|(_, weights)| weights.iter().all(|(kind, _)| possible(*kind)))
        .map(|(name, weights)| (name.to_owned(), weights.iter().copied().collect()))
        .collect()
}
