//! Rows that stand for no residue: the beginning and the end of a sequence, as language models mark them.

use serde::{Deserialize, Serialize};

/// Which rows of the files stand for no residue and are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum SpecialRows {
    /// Told by the number of rows: none when they are as many as residues, both when there are two more.
    #[default]
    Auto,
    /// None: each row is a residue.
    None,
    /// The first (BOS or CLS).
    First,
    /// The last (EOS, as models of the T5 family keep it).
    Last,
    /// The first and the last.
    Both,
}

impl SpecialRows {
    /// Gives the numbers of rows in front and behind; nothing for [`SpecialRows::Auto`].
    pub(super) fn trim(self) -> Option<(usize, usize)> {
        match self {
            Self::Auto => None,
            Self::None => Some((0, 0)),
            Self::First => Some((1, 0)),
            Self::Last => Some((0, 1)),
            Self::Both => Some((1, 1)),
        }
    }
}
