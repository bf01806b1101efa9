//! Maps a file into memory: files of weights, and the values of a store.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::{Error, Place, Result};

/// A file and its bytes.
pub(crate) struct Mapped {
    path: PathBuf,
    bytes: Bytes,
}

/// Where the bytes are.
enum Bytes {
    /// There are none.
    None,
    /// In the file.
    Mapped(Mmap),
    /// In memory alone.
    Held(Vec<u8>),
}

impl Mapped {
    /// Maps a file; only ordinary files are taken, because a pipe would block and a device never end.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let found = path.metadata().map_err(Error::io("read", path))?;
        if !found.is_file() {
            return Err(Place::file(path).error("is not an ordinary file", "name a file of tensors"));
        }
        let file = File::open(path).map_err(Error::io("read", path))?;
        if found.len() == 0 {
            return Ok(Self { path: path.to_path_buf(), bytes: Bytes::None });
        }
        #[expect(unsafe_code, reason = "a memory-mapped file")]
        // SAFETY: the map is read-only and lives as long as this value. Weights are not written while they are read;
        // files of a store only grow: bytes that an index line names never change, and a writer cuts off only what no
        // valid line names. A foreign program that truncates the file while it is read ends the process with SIGBUS,
        // as for any mapped file.
        let map = unsafe { Mmap::map(&file) }.map_err(Error::io("map", path))?;
        Ok(Self { path: path.to_path_buf(), bytes: Bytes::Mapped(map) })
    }

    /// Maps a file; one that is not there has no bytes.
    pub(crate) fn open_or_empty(path: &Path) -> Result<Self> {
        match path.try_exists() {
            Ok(false) => Ok(Self { path: path.to_path_buf(), bytes: Bytes::None }),
            _ => Self::open(path),
        }
    }

    /// Takes bytes that are in memory, as if a file of this name held them.
    pub(crate) fn of_bytes(path: &Path, bytes: Vec<u8>) -> Self {
        Self { path: path.to_path_buf(), bytes: Bytes::Held(bytes) }
    }

    /// Gives the file's name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives back the memory of what was read; it is read again when it is used again.
    #[cfg(feature = "nn")]
    pub(crate) fn release(&self) {
        let Bytes::Mapped(map) = &self.bytes else { return };
        #[expect(unsafe_code, reason = "advice about a memory-mapped file")]
        // SAFETY: the map is read-only, so its bytes stay those of the file.
        let advised = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
        // Advice that is not taken costs memory, nothing else.
        drop(advised);
    }

    /// Gives the file's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::None => &[],
            Bytes::Mapped(map) => map,
            Bytes::Held(bytes) => bytes,
        }
    }

    /// Gives the bytes from `start` to `end`, if the file reaches that far.
    pub(crate) fn range(&self, start: u64, end: u64) -> Option<&[u8]> {
        self.bytes().get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}
