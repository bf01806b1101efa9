//! Names the experts, and what may be chosen among them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::MOST;
use crate::pair::Task;

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
    /// A Gaussian process, for affinities.
    Gp,
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
    /// Boosted trees alone: over descriptors and transfer numbers, transfer numbers alone, or a mean of both
    Trees,
    /// A Gaussian process over what molecules have in common, alone; for affinities
    Gp,
    /// All of these, and the mean of them that ranks best in inner folds drawn like the split
    Auto,
}

impl Kind {
    /// Gives the name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Trees => "trees",
            Self::Transfer => "transfer",
            Self::Gp => "gp",
        }
    }
}

impl ExpertChoice {
    /// Tells whether the network is trained.
    pub const fn has_relay(self) -> bool {
        matches!(self, Self::Relay | Self::Auto)
    }

    /// Tells whether trees are grown.
    pub const fn has_trees(self) -> bool {
        matches!(self, Self::Trees | Self::Auto)
    }

    /// Tells whether other experts are made than the network.
    pub const fn has_others(self) -> bool {
        !matches!(self, Self::Relay)
    }

    /// Lists the experts to be made, of pairs in such a number: without transfer numbers no trees stand on these alone, and
    /// a Gaussian process takes part among others for affinities of at most [`MOST`] pairs.
    ///
    /// ```
    /// use crossmamba::expert::{ExpertChoice, Kind};
    /// use crossmamba::pair::Task;
    ///
    /// let kinds = |task| ExpertChoice::Auto.kinds(task, 1000, true);
    /// assert_eq!(kinds(Task::Classification), [Kind::Relay, Kind::Trees, Kind::Transfer]);
    /// assert_eq!(kinds(Task::Affinity).last(), Some(&Kind::Gp));
    /// ```
    pub fn kinds(self, task: Task, pairs: usize, transfer: bool) -> Vec<Kind> {
        let fits = task == Task::Affinity && pairs <= MOST;
        let all = [Kind::Relay, Kind::Trees, Kind::Transfer, Kind::Gp];
        let is_made = |kind: &Kind| match kind {
            Kind::Relay => self.has_relay(),
            Kind::Trees => self.has_trees(),
            Kind::Transfer => self.has_trees() && transfer,
            Kind::Gp => self == Self::Gp || (self == Self::Auto && fits && transfer),
        };
        all.into_iter().filter(is_made).collect()
    }
}
