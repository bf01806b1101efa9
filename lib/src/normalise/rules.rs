//! Says how sequences are normalised.

use std::num::NonZero;

use serde::{Deserialize, Serialize};

use crate::record::Molecule;

/// What is done with lower-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// They become upper case: soft-masked repeats are sequence, too.
    #[default]
    Upper,
    /// The record is rejected.
    Reject,
}

/// What is done with letters that stand for several: RYSWKMBDHVN in RNA, BZJX in protein.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Ambiguous {
    /// They stay.
    #[default]
    Keep,
    /// They become N in RNA and X in protein.
    Mask,
    /// The record is rejected.
    Reject,
}

/// What is done with the gaps `-` and `.` of alignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Gaps {
    /// The record is rejected: gaps mean that the file is an alignment, perhaps by mistake.
    #[default]
    Reject,
    /// They are removed.
    Remove,
}

/// What is done with a stop `*` inside a protein; one at the end is always removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum InnerStop {
    /// The record is rejected: it is no protein but a translation of something else.
    #[default]
    Reject,
    /// It becomes X.
    Mask,
}

/// What is done with letters of RNA that are no nucleotide and no ambiguity letter, such as the X of some databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum OtherLetters {
    /// The record is rejected.
    #[default]
    Reject,
    /// They become N.
    Mask,
}

/// Where the identifier stands in a line of a SMILES list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Identifier {
    /// Behind the SMILES string.
    #[default]
    After,
    /// In front of the SMILES string.
    Before,
}

/// What is done with the digits of position numbers, as flat files have them beside their lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// The record is rejected: a digit may be a damaged letter.
    #[default]
    Reject,
    /// They are removed.
    Remove,
}

/// All rules for one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// The kind of molecule.
    pub kind: Molecule,
    /// Lower-case letters.
    pub case: Case,
    /// Letters that stand for several.
    pub ambiguous: Ambiguous,
    /// Gaps.
    pub gaps: Gaps,
    /// Position numbers.
    pub numbers: Numbers,
    /// Stops inside a protein.
    pub inner_stop: InnerStop,
    /// Letters outside the alphabet of RNA.
    pub other_letters: OtherLetters,
    /// The identifier in a line of a SMILES list.
    pub identifier: Identifier,
    /// The number of letters that a record may have.
    pub max_length: NonZero<usize>,
}

impl Rules {
    /// Ten million letters: beyond any transcript, and little memory.
    pub const MAX_LENGTH: NonZero<usize> = NonZero::new(10_000_000).unwrap();

    /// Gives the default rules for a kind of molecule.
    pub fn new(kind: Molecule) -> Self {
        Self {
            kind,
            case: Case::default(),
            ambiguous: Ambiguous::default(),
            gaps: Gaps::default(),
            numbers: Numbers::default(),
            inner_stop: InnerStop::default(),
            other_letters: OtherLetters::default(),
            identifier: Identifier::default(),
            max_length: Self::MAX_LENGTH,
        }
    }
}
