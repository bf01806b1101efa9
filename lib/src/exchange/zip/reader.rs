//! Reads the entries of a ZIP archive, one at a time.

use std::io::Read as _;
use std::path::Path;

use flate2::read::DeflateDecoder;

use crate::tensors::archive::{self, Entry, Method};
use crate::tensors::mapped::Mapped;
use crate::{Error, Place, Result};

/// Deflate packs at most 1032 bytes into one.
const MOST_PACKED: u64 = 1032;

/// An archive, open for reading.
pub(crate) struct ZipReader {
    file: Mapped,
    entries: Vec<(String, Entry)>,
}

impl ZipReader {
    /// Opens an archive and reads its directory.
    ///
    /// # Errors
    /// A file that is no archive, is cut off, or whose directory does not fit it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = Mapped::open(path)?;
        let entries = archive::read(file.bytes()).map_err(|fault| fault.at(path))?;
        Ok(Self { file, entries: entries.into_iter().collect() })
    }

    /// Gives the archive's name.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the entries by their names, sorted.
    pub(crate) fn entries(&self) -> &[(String, Entry)] {
        &self.entries
    }

    /// Unpacks the first bytes of an entry, `most` of them or fewer if it is shorter; no checksum is checked.
    pub(crate) fn head(&self, at: usize, most: u64) -> Result<Vec<u8>> {
        let (name, entry) = &self.entries[at];
        let packed = &self.file.bytes()[entry.bytes.clone()];
        let mut out = Vec::new();
        match entry.method {
            Method::Stored => packed.take(most).read_to_end(&mut out),
            Method::Deflated if entry.size <= MOST_PACKED.saturating_mul(packed.len() as u64) => {
                DeflateDecoder::new(packed).take(most.min(entry.size)).read_to_end(&mut out)
            }
            Method::Deflated => return Err(self.fault(name, "has another size than the archive can hold")),
            Method::Other(method) => {
                return Err(Place::file(self.path()).record(name).error(
                    format!("is packed by method {method}"),
                    "write the archive with numpy.savez or numpy.savez_compressed",
                ));
            }
        }
        .map_err(|_| self.fault(name, "cannot be unpacked"))?;
        Ok(out)
    }

    /// Unpacks an entry whole and checks its checksum.
    pub(crate) fn read(&self, at: usize) -> Result<Vec<u8>> {
        let (name, entry) = &self.entries[at];
        let bytes = self.head(at, entry.size)?;
        let mut crc = flate2::Crc::new();
        crc.update(&bytes);
        if bytes.len() as u64 != entry.size || crc.sum() != entry.crc {
            return Err(self.fault(name, "does not fit its checksum"));
        }
        Ok(bytes)
    }

    fn fault(&self, name: &str, problem: &str) -> Error {
        Place::file(self.path())
            .record(name)
            .error(problem, "the file is damaged or incomplete: write or fetch it again")
    }
}
