//! States what went wrong, where, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::text::{cut, escaped};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names a place in an input: a file and, where known, a line and a record.
///
/// ```
/// use crossmamba::Place;
///
/// let error = Place::file("rna.fa").line(3).record("r1").error("has no letters", "remove the record");
/// assert_eq!(error.to_string(), "rna.fa, line 3, record `r1`: has no letters; remove the record");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    line: Option<u64>,
    record: Option<String>,
}

impl Place {
    /// Names a whole file; `-` reads as standard input.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_path_buf(), line: None, record: None }
    }

    /// Adds a line number, counted from 1.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Adds a record's identifier; only its first 80 characters are shown.
    #[must_use]
    pub fn record(mut self, id: impl AsRef<str>) -> Self {
        self.record = Some(escaped(&cut(id.as_ref(), 80)).into_owned());
        self
    }

    /// Makes the error that says what is wrong here and what to do.
    pub fn error(self, problem: impl Into<String>, remedy: impl Into<String>) -> Error {
        Error::Input { place: self, problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.as_os_str() == "-" {
            write!(f, "standard input")?;
        } else {
            f.write_str(&escaped(&self.path.to_string_lossy()))?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(record) = &self.record {
            write!(f, ", record `{record}`")?;
        }
        Ok(())
    }
}

/// What can go wrong, as facts; each variant prints as one sentence that ends in what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something.
    #[error("{}: cannot {action}: {source}", shown(path))]
    Io {
        /// What was tried, as in "cannot …".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// An input holds something that it must not.
    #[error("{place}: {problem}; {remedy}")]
    Input {
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// A setting has a value that cannot be used.
    #[error("setting `{name}`: {problem}; {remedy}")]
    Setting {
        /// The flag or the key of the configuration.
        name: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// The program contradicts itself, which no input and no setting may bring about.
    #[error(
        "{operation}: {problem}; this is a defect of the program: report it with the command that showed it"
    )]
    Defect {
        /// What was being done.
        operation: String,
        /// What is wrong.
        problem: String,
    },
    /// A signal asked to end, and what was done is kept.
    #[error("{done}; {remedy}")]
    Stopped {
        /// What was done.
        done: String,
        /// How to go on.
        remedy: String,
    },
    /// A tensor operation failed: a defect of the program or too little memory.
    #[cfg(feature = "nn")]
    #[error("a tensor operation failed: {0}")]
    Tensor(candle_core::Error),
    /// A GPU or its driver failed.
    #[error("cuda: {problem}; {remedy}")]
    Card {
        /// What the card answered, in words and by its name.
        problem: String,
        /// What to do.
        remedy: String,
        /// Whether its memory was too small: less at once may do.
        full: bool,
    },
}

fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        "standard input or output".into()
    } else {
        escaped(&path.to_string_lossy()).into_owned()
    }
}

impl Error {
    /// Makes the error of a refused file operation: `Error::io("read", path)` for use in `map_err`.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Makes the error of a setting that cannot be used.
    pub fn setting(name: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Setting { name: name.into(), problem: problem.into(), remedy: remedy.into() }
    }

    /// Makes the error of a program that contradicts itself: shapes that do not fit, parts that do not belong together.
    ///
    /// ```
    /// let words = crossmamba::Error::defect("scan", "3 outputs where 2 belong").to_string();
    /// assert!(words.starts_with("scan: 3 outputs where 2 belong; this is a defect of the program"));
    /// ```
    pub fn defect(operation: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Defect { operation: operation.into(), problem: problem.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_error_names_file_line_record_problem_and_remedy() {
        let error = Place::file("a.fa").line(3).record("x\ty").error("has no letters", "remove it");
        assert_eq!(error.to_string(), "a.fa, line 3, record `x\\ty`: has no letters; remove it");
    }

    #[test]
    fn standard_input_has_a_name() {
        assert_eq!(Place::file("-").to_string(), "standard input");
    }
}
