//! Names folds.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

/// The name of a fold: `fold-3` where it names a folder or a training, `3` in the cells of a table.
///
/// Other programs' names are kept as they are.
///
/// ```
/// use crossmamba::split::FoldName;
///
/// let name = FoldName::number(3);
/// assert_eq!((name.as_str(), name.cell()), ("fold-3", "3"));
/// assert_eq!(FoldName::of_cell("3"), name);
/// assert_eq!(FoldName::of_cell("fold-3"), name);
/// assert_eq!(FoldName::of_cell("cold RNAs").as_str(), "cold RNAs");
/// assert_eq!(FoldName::holdout().cell(), "test");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoldName(String);

const PREFIX: &str = "fold-";
const HOLDOUT: &str = "holdout";

impl FoldName {
    /// Names a numbered fold.
    pub fn number(number: u32) -> Self {
        Self(format!("{PREFIX}{number}"))
    }

    /// Names the only training of a hold-out.
    pub fn holdout() -> Self {
        Self(HOLDOUT.into())
    }

    /// Names the only training when nothing is held out.
    pub fn all() -> Self {
        Self("all".into())
    }

    /// Names an inner fold of a training.
    pub fn inner(of: &str, number: usize) -> Self {
        Self(format!("{of} inner {number}"))
    }

    /// Reads the cell of a table, or a name given by a person.
    pub fn of_cell(cell: &str) -> Self {
        match cell {
            "test" => Self::holdout(),
            number if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                Self(format!("{PREFIX}{number}"))
            }
            other => Self(other.into()),
        }
    }

    /// Gives the whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the name as it stands in a table beside the test pairs: a number, or `test`.
    pub fn cell(&self) -> &str {
        match self.0.as_str() {
            HOLDOUT => "test",
            name => name.strip_prefix(PREFIX).unwrap_or(name),
        }
    }

    /// Recognises the folder that training makes for a fold.
    pub fn of_folder(name: &str) -> Option<Self> {
        let known = Self(name.into());
        (name == HOLDOUT || known.as_number().is_some()).then_some(known)
    }

    /// Lists what training made for folds in a folder, by their numbers.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(Self::of_folder);
            found.extend(name.map(|name| (name.as_number(), path)));
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// Gives the number of a numbered fold.
    pub fn as_number(&self) -> Option<u32> {
        self.0.strip_prefix(PREFIX)?.parse().ok()
    }
}

impl fmt::Display for FoldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for FoldName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
