//! What to simulate, checked before anything is made.

use serde::{Deserialize, Serialize};

use super::binder::BINDERS;
use crate::record::Molecule;
use crate::{Error, Result};

/// The folds by family: pairs are drawn inside as many blocks of families.
pub(super) const BLOCKS: usize = 5;

/// The kinds of pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// RNA and protein: motif and RNA-binding domain; labels 0 and 1.
    RnaProtein,
    /// RNA and small molecule: element and scaffold; labels are pKd.
    RnaSmallMolecule,
    /// Small RNA and target RNA: seed and complementary sites; labels 0 and 1.
    RnaRna,
}

impl Kind {
    /// Gives the kind of the partners.
    pub const fn partner(self) -> Molecule {
        match self {
            Self::RnaProtein => Molecule::Protein,
            Self::RnaSmallMolecule => Molecule::SmallMolecule,
            Self::RnaRna => Molecule::Rna,
        }
    }

    /// Gives the name of the partners' file.
    pub const fn partner_file(self) -> &'static str {
        match self {
            Self::RnaProtein => "protein.fa",
            Self::RnaSmallMolecule => "molecules.smi",
            Self::RnaRna => "rna2.fa",
        }
    }
}

/// The size and the difficulty of a simulated set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The kind of pair.
    pub kind: Kind,
    /// Number of RNAs.
    pub rna: usize,
    /// Number of partners.
    pub partners: usize,
    /// Number of pairs.
    pub pairs: usize,
    /// Families on each side.
    pub families: usize,
    /// Classes of binding rule, 2 to 8.
    pub classes: usize,
    /// Share of each family that has lost its sites or its domain (scrambled, same letters); 0 in
    /// interaction-only sets.
    pub decoys: f64,
    /// Share of wrong labels, or the standard deviation of the measurement in pKd units.
    pub noise: f64,
    /// Whether each molecule is in as many positives as negatives.
    pub interaction_only: bool,
    /// The seed of all random choices.
    pub seed: u64,
}

impl Settings {
    /// Takes the defaults of a kind.
    pub const fn new(kind: Kind) -> Self {
        let affinity = matches!(kind, Kind::RnaSmallMolecule);
        Self {
            kind,
            rna: 400,
            partners: 400,
            pairs: 3200,
            families: 80,
            classes: 8,
            decoys: 0.1,
            noise: if affinity { 0.3 } else { 0.05 },
            interaction_only: false,
            seed: 1,
        }
    }

    /// Checks that a set of this size can be made.
    ///
    /// # Errors
    /// A setting out of its range, or sizes that do not fit together; the sentence gives sizes that do.
    pub fn check(&self) -> Result<()> {
        let most = BINDERS.len();
        require(
            (2..=most).contains(&self.classes),
            "classes",
            || format!("{} is outside 2 to {most}", self.classes),
            || format!("choose 2 to {most}"),
        )?;
        let cells = BLOCKS * self.classes;
        require(
            self.families > 0 && self.families.is_multiple_of(cells),
            "families",
            || format!("{} families cannot put every class into each of {BLOCKS} folds", self.families),
            || format!("choose a multiple of {cells} ({BLOCKS} × classes)"),
        )?;
        for (name, count) in [("rna", self.rna), ("partners", self.partners)] {
            require(
                count >= self.families,
                name,
                || format!("{count} molecules are fewer than the {} families", self.families),
                || "ask for more molecules or for fewer families".into(),
            )?;
            require(
                count <= 10_000_000,
                name,
                || format!("{count} molecules are more than this tool makes"),
                || "ask for at most 10000000".into(),
            )?;
        }
        require(
            self.pairs >= 10,
            "pairs",
            || format!("{} pairs are too few to split", self.pairs),
            || "ask for at least 10".into(),
        )?;
        require(
            (0.0..=0.9).contains(&self.decoys),
            "decoys",
            || format!("{} is not a share of molecules", self.decoys),
            || "choose 0 to 0.9".into(),
        )?;
        let affinity = self.kind == Kind::RnaSmallMolecule;
        let highest = if affinity { 10.0 } else { 0.5 };
        require(
            (0.0..=highest).contains(&self.noise),
            "noise",
            || format!("{} is outside 0 to {highest}", self.noise),
            || {
                if affinity { "give a standard deviation in pKd units" } else { "give a share of pairs" }
                    .into()
            },
        )?;
        if self.interaction_only { self.check_balance() } else { Ok(()) }
    }

    /// Checks that every molecule can be in equally many positives and negatives.
    fn check_balance(&self) -> Result<()> {
        require(
            self.decoys == 0.0,
            "decoys",
            || "a decoy molecule never binds, which an interaction-only set must not tell".into(),
            || "leave it out or set it to 0".into(),
        )?;
        require(
            self.classes.is_multiple_of(2),
            "classes",
            || format!("of {} classes one cannot bind half", self.classes),
            || "choose 2, 4, 6 or 8 for an interaction-only set".into(),
        )?;
        let cells = BLOCKS * self.classes;
        for (name, count) in [("rna", self.rna), ("partners", self.partners)] {
            require(
                count.is_multiple_of(cells) && count.is_multiple_of(self.families),
                name,
                || format!("{count} molecules do not fill the families and the classes of each fold equally"),
                || format!("choose a multiple of {}", self.families),
            )?;
            require(
                self.pairs.is_multiple_of(2 * count),
                "pairs",
                || format!("{} pairs cannot give every one of {count} molecules equally many", self.pairs),
                || format!("choose a multiple of {}", 2 * count),
            )?;
        }
        // The places of a ring of partners and the turns of the classes come round together after this many
        // pairs.
        let (ring, turns) = (self.partners / cells, self.classes / 2);
        let most = 2 * self.rna * (ring * turns / common_divisor(ring, turns));
        require(
            self.pairs <= most,
            "pairs",
            || format!("{} pairs are more than these molecules can form", self.pairs),
            || format!("ask for at most {most}, or for more molecules"),
        )
    }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn require(
    holds: bool,
    name: &str,
    problem: impl FnOnce() -> String,
    remedy: impl FnOnce() -> String,
) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::setting(name, problem(), remedy())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_made() {
        for kind in [Kind::RnaProtein, Kind::RnaSmallMolecule, Kind::RnaRna] {
            let settings = Settings::new(kind);
            settings.check().unwrap();
            Settings { decoys: 0.0, interaction_only: true, ..settings }.check().unwrap();
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused_with_sizes_that_do() {
        let settings = Settings { families: 41, ..Settings::new(Kind::RnaRna) };
        let message = settings.check().unwrap_err().to_string();
        assert!(message.ends_with("choose a multiple of 40 (5 × classes)"), "{message}");
        let settings =
            Settings { decoys: 0.0, interaction_only: true, pairs: 1000, ..Settings::new(Kind::RnaProtein) };
        let message = settings.check().unwrap_err().to_string();
        assert!(message.ends_with("choose a multiple of 800"), "{message}");
    }
}
