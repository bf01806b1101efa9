//! Records what made an output: version, settings, digests of the inputs, seed, device and vector instructions.
//!
//! The record holds neither times, host names, folders nor thread counts: the same inputs, settings and seed give
//! the same bytes on every machine whose vector instructions are the same.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::record::Digest;
use crate::{Error, Result, io};

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
    settings: serde_json::Value,
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
    pub fn new(tool: &'static str, settings: &impl Serialize) -> Self {
        let settings = serde_json::to_value(settings).unwrap_or(serde_json::Value::Null);
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

    /// Digests a file and adds it under the role it has for the tool; standard input has no digest.
    pub fn input(&mut self, role: &str, path: &Path) -> Result<()> {
        let digest = if path.as_os_str() == "-" {
            None
        } else {
            let file = File::open(path).map_err(Error::io("read", path))?;
            Some(Digest::of_reader(file).map_err(Error::io("read", path))?)
        };
        self.input_digest(role, path, digest);
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

    /// Adds the device, as `cpu` or `cuda`.
    pub fn device(&mut self, device: impl Into<String>) {
        self.device = Some(device.into());
    }

    /// Adds the vector instructions that computed on the CPU: the last bits of sums depend on them.
    pub fn instructions(&mut self, instructions: impl Into<String>) {
        self.instructions = Some(instructions.into());
    }

    /// Gives the record as indented JSON with a final newline.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Writes the record beside an output, as `<output>.provenance.json`; nothing for standard output or a device.
    pub fn write_beside(&self, output: &Path) -> Result<()> {
        if io::is_stream(output) {
            return Ok(());
        }
        io::write_atomic(beside(output), self.to_json().as_bytes())
    }
}

/// Names the record of an output: `predictions.tsv` → `predictions.tsv.provenance.json`.
pub fn beside(output: &Path) -> PathBuf {
    let mut name = OsString::from(output);
    name.push(".provenance.json");
    name.into()
}

fn file_name_of(path: &Path) -> String {
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
        let text = record.to_json();
        assert!(text.contains("ba7816bf"), "{text}");
        assert!(!text.contains(folder.path().to_str().unwrap()), "{text}");
        assert_eq!(beside(Path::new("a/p.tsv")), Path::new("a/p.tsv.provenance.json"));
    }
}
