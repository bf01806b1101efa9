//! Records what made an output: version, settings, digests of the inputs, seed, device and vector instructions.
//!
//! The record holds neither times, host names, folders nor thread counts: the same inputs, settings and seed give
//! the same bytes on every machine whose vector instructions are the same.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::Result;
use crate::io::{AtomicFile, Source, is_stream};
use crate::record::Digest;

/// One input: its file name without folders, and the digest of its bytes as they lie on disk.
#[derive(Debug, Clone, Serialize)]
pub struct InputFile {
    name: String,
    sha256: Option<Digest>,
}

/// The record that every output carries.
#[derive(Debug, Clone, Serialize)]
pub struct Provenance {
    tool: &'static str,
    version: &'static str,
    #[serde(serialize_with = "whole")]
    settings: std::result::Result<serde_json::Value, String>,
    inputs: BTreeMap<String, InputFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
}

impl Provenance {
    /// Starts the record of a tool with its resolved settings.
    ///
    /// ```
    /// use crossmamba::provenance::Provenance;
    ///
    /// let mut record = Provenance::new("crossmamba-test", &serde_json::json!({ "folds": 5 }));
    /// record.seed(7);
    /// assert!(serde_json::to_string(&record).unwrap().contains(r#""settings":{"folds":5}"#));
    /// ```
    pub fn new(tool: &'static str, settings: &impl Serialize) -> Self {
        // Kept until the record is written, where it is an error.
        let settings = serde_json::to_value(settings).map_err(|error| error.to_string());
        let inputs = BTreeMap::new();
        Self {
            tool,
            version: env!("CARGO_PKG_VERSION"),
            settings,
            inputs,
            model: None,
            seed: None,
            device: None,
            instructions: None,
        }
    }

    /// Adds an input under the role it has for the tool, with the digest of what was read of it.
    ///
    /// # Errors
    /// An input that cannot be read.
    pub fn input(&mut self, role: &str, source: impl Into<Source>) -> Result<()> {
        let source = source.into();
        let digest = source.digest()?;
        self.input_digest(role, source.path(), Some(digest));
        Ok(())
    }

    /// Adds an input whose digest is already known.
    pub fn input_digest(&mut self, role: &str, path: &Path, sha256: Option<Digest>) {
        self.inputs.insert(role.into(), InputFile { name: file_name_of(path), sha256 });
    }

    /// Adds the digest of the model that was used or made.
    pub fn model(&mut self, digest: Digest) {
        self.model = Some(digest);
    }

    /// Adds the seed.
    pub fn seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// Adds the device: `cpu`, or `cuda` with the model of the card.
    pub fn device(&mut self, device: impl Into<String>) {
        self.device = Some(device.into());
    }

    /// Adds the vector instructions that computed on the CPU: the last bits of sums depend on them.
    pub fn instructions(&mut self, instructions: impl Into<String>) {
        self.instructions = Some(instructions.into());
    }

    /// Writes the record beside an output, as `<output>.provenance.json`, to be committed together with the output;
    /// nothing for standard output or a device.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn file_beside(&self, output: &Path) -> Result<Option<AtomicFile>> {
        if is_stream(output) {
            return Ok(None);
        }
        let mut file = AtomicFile::create(beside(output))?;
        file.write_json(self)?;
        Ok(Some(file))
    }
}

/// Names the record of an output: `predictions.tsv` → `predictions.tsv.provenance.json`.
pub fn beside(output: &Path) -> PathBuf {
    let mut name = OsString::from(output);
    name.push(".provenance.json");
    name.into()
}

/// Serialises settings, or says why they could not be.
fn whole<S: Serializer>(
    settings: &std::result::Result<serde_json::Value, String>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match settings {
        Ok(settings) => settings.serialize(serializer),
        Err(problem) => Err(serde::ser::Error::custom(problem)),
    }
}

/// Names a file without its folders; a descriptor such as `/dev/fd/63` has another number in each run.
fn file_name_of(path: &Path) -> String {
    if path.starts_with("/dev/fd") || path.starts_with("/proc") || path == Path::new("/dev/stdin") {
        return "-".into();
    }
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Serialises a path as its file name: for the settings of a tool (`#[serde(serialize_with = "…")]`).
pub fn file_name<S: Serializer>(path: &Path, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&file_name_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_names_files_without_their_folders() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.fa");
        std::fs::write(&path, "abc").unwrap();
        let mut record = Provenance::new("crossmamba-test", &serde_json::json!({"k": 3}));
        record.input("sequences", &path).unwrap();
        record.seed(7);
        let text = serde_json::to_string(&record).unwrap();
        assert!(text.contains("ba7816bf"), "{text}");
        assert!(!text.contains(folder.path().to_str().unwrap()), "{text}");
        assert_eq!(beside(Path::new("a/p.tsv")), Path::new("a/p.tsv.provenance.json"));
    }
}
