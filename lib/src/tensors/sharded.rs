//! Reads the index of a set of shards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::MOST_TENSORS;
use super::fault::{Fault, short};
use crate::{Error, Place, Result};

/// Far beyond any real index.
const LONGEST: u64 = 1 << 23;
const MOST_SHARDS: usize = 1000;

/// Which shard holds each tensor.
#[derive(Deserialize)]
pub(super) struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Index {
    /// Reads the index.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = read_json(path)?;
        let index: Self = serde_json::from_str(&text).map_err(|e| {
            let line = e.line() as u64;
            Place::file(path).line(line).error(
                format!("is not an index of shards: {}", short(&e.to_string())),
                "copy or download it again",
            )
        })?;
        if index.weight_map.len() > MOST_TENSORS {
            return Err(Fault::damaged(format!("names more than {MOST_TENSORS} tensors")).at(path));
        }
        Ok(index)
    }

    /// Gives the shards, sorted by name, all in the folder of the index.
    pub(super) fn files(&self, path: &Path) -> Result<Vec<PathBuf>> {
        let names: BTreeSet<_> = self.weight_map.values().collect();
        if names.is_empty() || names.len() > MOST_SHARDS {
            return Err(Fault::damaged(format!("names {} shards", names.len())).at(path));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let shard = |name: &&String| {
            if name.is_empty() || name.contains(['/', '\\', '\0']) || *name == "." || *name == ".." {
                let problem = format!("names the shard `{}`, which is not a file beside it", short(name));
                return Err(Place::file(path).error(problem, "copy or download it again"));
            }
            let file = folder.join(name);
            if !file.is_file() {
                let problem = format!("names the shard `{}`, which is missing", short(name));
                return Err(Place::file(path).error(problem, "copy or download it, too"));
            }
            Ok(file)
        };
        names.iter().map(shard).collect()
    }

    /// Checks that every tensor is in the shard that the index names.
    pub(super) fn check<'f>(&self, path: &Path, found: impl Fn(&str) -> Option<&'f Path>) -> Result<()> {
        for (name, shard) in &self.weight_map {
            if found(name).and_then(Path::file_name).is_none_or(|file| file != shard.as_str()) {
                let problem = format!("names the tensor `{}`, which {} lacks", short(name), short(shard));
                return Err(Place::file(path).error(problem, "copy or download both again"));
            }
        }
        Ok(())
    }
}

/// Reads a short text file.
pub(crate) fn read_json(path: &Path) -> Result<String> {
    let found = path.metadata().map_err(Error::io("read", path))?;
    if !found.is_file() || found.len() > LONGEST {
        let problem = format!("has {} bytes, more than such a file needs", found.len());
        return Err(Place::file(path).error(problem, "copy or download it again"));
    }
    std::fs::read_to_string(path).map_err(Error::io("read", path))
}
