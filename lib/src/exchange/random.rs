//! Reads pieces of a file by their place, so that only one record is in memory at a time.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::{Error, Place, Result};

/// A file that any number of threads read piece by piece.
pub(super) struct RandomFile {
    path: PathBuf,
    file: File,
    size: u64,
}

impl RandomFile {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("read", path))?;
        let size = file.metadata().map_err(Error::io("read", path))?.len();
        Ok(Self { path: path.to_path_buf(), file, size })
    }

    /// Gives the file's name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the number of bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Reads `count` bytes at `offset`.
    ///
    /// # Errors
    /// A file that ends before; nothing is allocated then.
    pub(super) fn read(&self, offset: u64, count: u64) -> Result<Vec<u8>> {
        if offset.checked_add(count).is_none_or(|end| end > self.size) {
            return Err(self
                .damaged(format!("ends at byte {}, and {count} bytes at {offset} belong to it", self.size)));
        }
        let mut bytes = vec![0; count as usize];
        self.file.read_exact_at(&mut bytes, offset).map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }

    /// Reads so many bytes at `offset` as the caller asks for.
    ///
    /// # Errors
    /// A file that ends before.
    pub(super) fn array<const N: usize>(&self, offset: u64) -> Result<[u8; N]> {
        let bytes = self.read(offset, N as u64)?;
        bytes.try_into().map_err(|_| self.damaged("changed while it was read"))
    }

    /// Makes the error of bytes that are not what they must be.
    pub(super) fn damaged(&self, problem: impl Into<String>) -> Error {
        Place::file(&self.path).error(problem, "the file is damaged or incomplete: write or fetch it again")
    }
}
