//! Says that a store is complete: the file that names what its index must be, and where imported values came from.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::index::{self, Index};
use super::manifest::{self, Manifest};
use crate::io::AtomicFile;
use crate::record::Digest;
use crate::{Error, Place, Result, io};

/// The name of the file inside the store.
pub(super) const NAME: &str = "complete.json";

/// The first version of the format that has the file.
const SINCE: u32 = 2;

const GO_ON: &str = "run crossmamba-embed on this store again: it verifies and computes what is missing";

/// What the index of a complete store is; its lines hold the checksums of all values.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Complete {
    bytes: u64,
    sha256: Digest,
    /// What the values were taken from, where they were not computed; in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Digest>,
}

impl Complete {
    fn of(index: &[u8], sources: &[Digest]) -> Self {
        Self { bytes: index.len() as u64, sha256: Digest::of(index), sources: sources.to_vec() }
    }

    fn fits(&self, index: &[u8]) -> bool {
        (self.bytes, self.sha256) == (index.len() as u64, Digest::of(index))
    }
}

/// Gives what the values of a finished store were taken from; nothing where they were computed, or nobody knows.
pub(super) fn sources(folder: &Path) -> Result<Vec<Digest>> {
    Ok(read(folder)?.map(|said| said.sources).unwrap_or_default())
}

/// Says from here on that the store is being written; the manifest of an earlier format becomes one of this.
pub(super) fn begin(folder: &Path, manifest: &Manifest) -> Result<()> {
    let path = folder.join(NAME);
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io("remove", &path)(error)),
    }
    if Manifest::read(folder)?.format < SINCE {
        io::write_atomic(folder.join(manifest::NAME), manifest.to_json().as_bytes())?;
    }
    Ok(())
}

/// Writes what says that the store is complete, to be committed.
pub(super) fn end(folder: &Path, manifest: &Manifest, sources: &[Digest]) -> Result<Vec<AtomicFile>> {
    let path = folder.join(index::NAME);
    let found = Complete::of(&fs::read(&path).map_err(Error::io("read", &path))?, sources);
    let mut files = Vec::new();
    if read(folder)?.is_none_or(|said| said != found) {
        let mut file = AtomicFile::create(folder.join(NAME))?;
        file.write_json(&found)?;
        files.push(file);
    }
    if Manifest::read(folder)?.format < SINCE {
        let path = folder.join(manifest::NAME);
        let mut file = AtomicFile::create(&path)?;
        file.write_all(manifest.to_json().as_bytes()).map_err(Error::io("write", path))?;
        files.push(file);
    }
    Ok(files)
}

/// Checks that a store is complete, as far as its format says it.
///
/// # Errors
/// A store that is being written or was not finished; an index that is not the one that was finished.
pub(super) fn check(folder: &Path, manifest: &Manifest, index: &[u8], lines: &Index) -> Result<()> {
    let cut = || {
        Place::file(folder.join(index::NAME))
            .error("is damaged, or was left unfinished: it does not end as it was written", GO_ON)
    };
    if manifest.format < SINCE {
        // An earlier format says nothing; but what an interrupted run leaves can be seen.
        let whole = lines.end == index.len() as u64 && !index.is_empty();
        return if whole && !has_more(folder, manifest, lines) { Ok(()) } else { Err(cut()) };
    }
    match read(folder)? {
        None => Err(Place::file(folder)
            .error("is not finished: an earlier run was interrupted, or one is at work", GO_ON)),
        Some(said) if said.fits(index) => Ok(()),
        Some(_) => Err(cut()),
    }
}

/// Tells whether there are more values than the index names: its end is missing then.
fn has_more(folder: &Path, manifest: &Manifest, index: &Index) -> bool {
    let ends = index.lines.iter().map(|(line, _)| (line.location.shard, line.location.end(manifest)));
    let (last, end) = ends.max().unwrap_or((0, 0));
    let length =
        |shard: u32| fs::metadata(folder.join(index::shard_name(shard))).map_or(0, |file| file.len());
    length(last) > end || length(last.saturating_add(1)) > 0
}

fn read(folder: &Path) -> Result<Option<Complete>> {
    let path = folder.join(NAME);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    // One that cannot be read says nothing: the next run of crossmamba-embed writes it again.
    Ok(serde_json::from_slice(&bytes).ok())
}
