//! What every kind of file of foreign embeddings gives: names, shapes and one array at a time.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::store::{Manifest, TokenRule};
use crate::{Error, Place, Result};

/// What follows the identifier in the name of a global vector: identifiers hold no blank.
pub(super) const GLOBAL: &str = " global";
/// The name under which an exported file says what made its rows.
pub(super) const ABOUT: &str = "crossmamba manifest";

/// What an array is to its molecule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its rows, or its one vector.
    Main,
    /// A vector beside its rows.
    Global,
}

/// The name of one array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) role: Role,
}

impl Key {
    /// Reads the name of an array: an identifier, or an identifier and `global`.
    pub(super) fn of_name(name: &str) -> Self {
        match name.strip_suffix(GLOBAL) {
            Some(id) if !id.contains(char::is_whitespace) => Self { id: id.into(), role: Role::Global },
            _ => Self::of_title(name),
        }
    }

    /// Reads the title of a FASTA record: the identifier is its first word.
    pub(super) fn of_title(title: &str) -> Self {
        let id = title.trim_start_matches('>').split_whitespace().next().unwrap_or_default();
        Self { id: id.into(), role: Role::Main }
    }
}

/// A file of embeddings that another program wrote.
pub(super) trait Foreign: Send + Sync {
    /// Gives the file's name.
    fn path(&self) -> &Path;

    /// Names the arrays.
    fn keys(&self) -> &[Key];

    /// Gives the shape of an array; ones in front of two dimensions are left out.
    fn shape(&self, at: usize) -> Result<Vec<usize>>;

    /// Reads an array row by row.
    fn read(&self, at: usize) -> Result<Vec<f32>>;

    /// Gives the layer of the model that the arrays are of, where the file says it.
    fn layer(&self) -> Option<i64> {
        None
    }

    /// Gives what our own export says of the rows.
    fn about(&self) -> Option<&About> {
        None
    }
}

/// What an exported file says of its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) encoder: String,
    pub(super) settings: Value,
    pub(super) tokens: TokenRule,
}

impl About {
    /// Describes what a store holds.
    pub(super) fn of(manifest: &Manifest) -> Self {
        let (encoder, settings) = (manifest.encoder.clone(), manifest.settings.clone());
        Self { encoder, settings, tokens: manifest.tokens }
    }

    /// Reads the description that a file holds; a foreign text under this name is no description.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Gives the description as one line of JSON.
    pub(super) fn to_json(&self) -> String {
        json!(self).to_string()
    }
}

/// Leaves out ones in front of the last two dimensions, as of a batch of one.
pub(super) fn squeeze(mut shape: Vec<usize>) -> Vec<usize> {
    while shape.len() > 2 && shape[0] == 1 {
        shape.remove(0);
    }
    shape
}

/// Makes the error of an array that cannot be used.
pub(super) fn unusable(path: &Path, id: &str, problem: impl Into<String>) -> Error {
    Place::file(path)
        .record(id)
        .error(problem, "write one array of floating-point numbers for each record: rows, or one vector")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles_give_identifiers() {
        let main = |id: &str| Key { id: id.into(), role: Role::Main };
        assert_eq!(Key::of_name("P1"), main("P1"));
        assert_eq!(Key::of_name("P1 global"), Key { id: "P1".into(), role: Role::Global });
        assert_eq!(Key::of_title("P1 global"), main("P1"));
        assert_eq!(Key::of_title(">sp|P1|X some protein"), main("sp|P1|X"));
        assert_eq!(Key::of_name("P1 some global"), main("P1"));
        assert_eq!(squeeze(vec![1, 1, 5, 3]), [5, 3]);
        assert_eq!(squeeze(vec![1, 3]), [1, 3]);
    }
}
