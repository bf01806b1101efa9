//! Says in a word how well training knows the molecules of a pair.

use serde::{Deserialize, Serialize};

use crate::pair::Sides;

/// From this similarity on a molecule is near one of training.
pub const NEAR: f32 = 0.8;

/// How well training knows a molecule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nearness {
    /// Its sequence was trained on.
    Known,
    /// A molecule at least as similar as [`NEAR`] was.
    Near,
    /// Neither.
    New,
}

/// How well training knows a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// The very pair was trained on.
    SeenPair,
    /// Both molecules were, in other pairs.
    KnownBoth,
    /// The RNA was, and a molecule near the partner.
    KnownRnaNearPartner,
    /// The partner was, and a molecule near the RNA.
    NearRnaKnownPartner,
    /// Molecules near both were.
    NearBoth,
    /// The RNA was, and nothing near the partner.
    KnownRna,
    /// The partner was, and nothing near the RNA.
    KnownPartner,
    /// A molecule near the RNA was, and nothing near the partner.
    NearRna,
    /// A molecule near the partner was, and nothing near the RNA.
    NearPartner,
    /// Nothing near either was.
    NewBoth,
}

impl Nearness {
    /// Judges a similarity to the nearest molecule of training; `same` where that is the molecule itself.
    pub fn of(similarity: f32, same: bool) -> Self {
        if same {
            Self::Known
        } else if similarity >= NEAR {
            Self::Near
        } else {
            Self::New
        }
    }
}

impl Flag {
    /// All flags, the best known first.
    pub const ALL: [Self; 10] = [
        Self::SeenPair,
        Self::KnownBoth,
        Self::KnownRnaNearPartner,
        Self::NearRnaKnownPartner,
        Self::NearBoth,
        Self::KnownRna,
        Self::KnownPartner,
        Self::NearRna,
        Self::NearPartner,
        Self::NewBoth,
    ];

    /// Joins what is known of both molecules; `seen` where the very pair was trained on.
    ///
    /// ```
    /// use crossmamba::pair::Sides;
    /// use crossmamba::trust::{Flag, Nearness};
    ///
    /// let flag = Flag::of(Sides::new(Nearness::Known, Nearness::New), false);
    /// assert_eq!(flag.name(), "known-rna");
    /// ```
    pub const fn of(molecules: Sides<Nearness>, seen: bool) -> Self {
        use Nearness::{Known, Near, New};
        match (molecules.rna, molecules.partner) {
            (Known, Known) if seen => Self::SeenPair,
            (Known, Known) => Self::KnownBoth,
            (Known, Near) => Self::KnownRnaNearPartner,
            (Near, Known) => Self::NearRnaKnownPartner,
            (Near, Near) => Self::NearBoth,
            (Known, New) => Self::KnownRna,
            (New, Known) => Self::KnownPartner,
            (Near, New) => Self::NearRna,
            (New, Near) => Self::NearPartner,
            (New, New) => Self::NewBoth,
        }
    }

    /// Finds a flag by its word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.name() == name)
    }

    /// Gives the word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SeenPair => "seen-pair",
            Self::KnownBoth => "known-both",
            Self::KnownRnaNearPartner => "known-rna-near-partner",
            Self::NearRnaKnownPartner => "near-rna-known-partner",
            Self::NearBoth => "near-both",
            Self::KnownRna => "known-rna",
            Self::KnownPartner => "known-partner",
            Self::NearRna => "near-rna",
            Self::NearPartner => "near-partner",
            Self::NewBoth => "new-both",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_reached_once_and_is_called_as_in_files() {
        let all = [Nearness::Known, Nearness::Near, Nearness::New];
        let pairs = all.into_iter().flat_map(|rna| all.map(|partner| Sides::new(rna, partner)));
        let mut found: Vec<Flag> = pairs.map(|pair| Flag::of(pair, false)).collect();
        found.push(Flag::of(Sides::new(Nearness::Known, Nearness::Known), true));
        found.sort();
        assert_eq!(found, Flag::ALL);
        for flag in Flag::ALL {
            assert_eq!(serde_json::to_string(&flag).unwrap(), format!("\"{}\"", flag.name()));
        }
    }

    #[test]
    fn only_the_very_molecule_is_known() {
        let found = [(1.0, true), (1.0, false), (NEAR, false), (NEAR - 0.01, false)]
            .map(|(s, same)| Nearness::of(s, same));
        assert_eq!(found, [Nearness::Known, Nearness::Near, Nearness::Near, Nearness::New]);
    }
}
