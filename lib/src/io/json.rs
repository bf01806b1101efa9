//! Writes JSON files.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::{AtomicFile, write_atomic};
use crate::{Error, Result};

/// Gives a value as indented JSON with a final newline; `path` names the file that it is for in errors.
///
/// # Errors
/// A value that JSON cannot hold, such as a table whose keys are no text.
pub fn to_json(path: impl AsRef<Path>, value: &(impl Serialize + ?Sized)) -> Result<String> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|error| Error::io("write", path)(error.into()))?;
    text.push('\n');
    Ok(text)
}

/// Writes a value as indented JSON, whole or not at all.
///
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("summary.json");
/// crossmamba::io::write_json(&path, &[1, 2]).unwrap();
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "[\n  1,\n  2\n]\n");
/// ```
///
/// # Errors
/// A value that JSON cannot hold, or a file that cannot be written.
pub fn write_json(path: impl AsRef<Path>, value: &(impl Serialize + ?Sized)) -> Result<()> {
    let text = to_json(&path, value)?;
    write_atomic(path, text.as_bytes())
}

impl AtomicFile {
    /// Writes a value as indented JSON with a final newline.
    ///
    /// # Errors
    /// A value that JSON cannot hold, or a file that cannot be written.
    pub fn write_json(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        let text = to_json(self.path(), value)?;
        self.write_all(text.as_bytes()).map_err(Error::io("write", self.path()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_json_cannot_hold_is_an_error_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.json");
        let message = write_json(&path, &BTreeMap::from([([1, 2], 3)])).unwrap_err().to_string();
        assert!(message.contains("model.json: cannot write: key must be a string"), "{message}");
        assert!(!path.exists());
    }
}
