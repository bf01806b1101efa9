//! Maps a shard into memory for reading.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::{Error, Result};

/// The bytes of one shard.
pub(super) struct Shard(Option<Mmap>);

impl Shard {
    /// Maps a shard; a missing one is empty.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self(None)),
            Err(e) => return Err(Error::io("read", path)(e)),
        };
        if file.metadata().map_err(Error::io("read", path))?.len() == 0 {
            return Ok(Self(None));
        }
        #[expect(unsafe_code, reason = "a memory-mapped file")]
        // SAFETY: shards are append-only: bytes that an index line names never change, and a writer cuts off
        // only what no valid line names. A foreign program that truncates the file while it is read ends the
        // process with SIGBUS, as for any mapped file.
        let map = unsafe { Mmap::map(&file) }.map_err(Error::io("map", path))?;
        Ok(Self(Some(map)))
    }

    /// Gives the bytes from `start` to `end`, if the shard reaches that far.
    pub(super) fn bytes(&self, start: u64, end: u64) -> Option<&[u8]> {
        let all: &[u8] = self.0.as_deref().unwrap_or_default();
        all.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}
