//! What is wrong with a file, before its name is attached.

use std::path::Path;

use crate::{Error, Place};

/// A problem and what to do about it.
#[derive(Debug)]
pub(crate) struct Fault {
    problem: String,
    remedy: &'static str,
}

impl Fault {
    /// States a problem and its remedy.
    pub(crate) fn new(problem: impl Into<String>, remedy: &'static str) -> Self {
        Self { problem: problem.into(), remedy }
    }

    /// States that bytes are not what their format demands.
    pub(crate) fn damaged(problem: impl Into<String>) -> Self {
        Self::new(problem, "the file is damaged or incomplete: copy or download it again")
    }

    /// Attaches the file's name.
    pub(crate) fn at(self, path: &Path) -> Error {
        Place::file(path).error(self.problem, self.remedy)
    }
}

/// Shortens a name that came from a file, so that a message stays one readable sentence.
pub(crate) fn short(name: &str) -> String {
    let shown: String = name.chars().take(100).flat_map(char::escape_debug).collect();
    if name.chars().nth(100).is_some() { format!("{shown}…") } else { shown }
}
