//! Reads embeddings from `.npz` files, stored or compressed, and single `.npy` files.

use std::path::Path;

use super::foreign::{ABOUT, About, Foreign, Key, squeeze, unusable};
use super::npy::{Header, LONGEST_HEADER};
use super::random::RandomFile;
use super::zip::ZipReader;
use crate::Result;

/// Our own description is short.
const LONGEST_ABOUT: u64 = 1 << 20;

/// An `.npz` file: one array per entry, named by it.
pub(super) struct Npz {
    archive: ZipReader,
    /// The entry of each key.
    entries: Vec<usize>,
    keys: Vec<Key>,
    about: Option<About>,
}

impl Npz {
    /// Lists the arrays of an archive.
    ///
    /// # Errors
    /// An archive that is damaged.
    pub(super) fn open(archive: ZipReader) -> Result<Self> {
        let (mut entries, mut keys, mut about) = (Vec::new(), Vec::new(), None);
        for (at, (name, entry)) in archive.entries().iter().enumerate() {
            let Some(name) = name.strip_suffix(".npy") else { continue };
            if name == ABOUT && entry.size < LONGEST_ABOUT {
                about = About::parse(&text_of(&archive.read(at)?));
            } else {
                keys.push(Key::of_name(name));
                entries.push(at);
            }
        }
        Ok(Self { archive, entries, keys, about })
    }

    fn header(&self, at: usize) -> Result<Header> {
        let at = self.entries[at];
        let (name, entry) = &self.archive.entries()[at];
        let header = Header::parse(&self.archive.head(at, LONGEST_HEADER)?);
        let header = header.map_err(|problem| unusable(self.path(), name, problem))?;
        if header.total() != Some(entry.size) {
            let problem = "has another size than its shape says";
            return Err(unusable(self.path(), name, problem));
        }
        Ok(header)
    }
}

impl Foreign for Npz {
    fn path(&self) -> &Path {
        self.archive.path()
    }

    fn keys(&self) -> &[Key] {
        &self.keys
    }

    fn shape(&self, at: usize) -> Result<Vec<usize>> {
        Ok(squeeze(self.header(at)?.shape))
    }

    fn read(&self, at: usize) -> Result<Vec<f32>> {
        Ok(self.header(at)?.decode(&mut self.archive.read(self.entries[at])?))
    }

    fn about(&self) -> Option<&About> {
        self.about.as_ref()
    }
}

/// Reads an array of one text: UTF-32, behind the header.
fn text_of(bytes: &[u8]) -> String {
    let start = bytes.iter().position(|&b| b == b'\n').map_or(bytes.len(), |at| at + 1);
    let letters = bytes[start..].as_chunks().0.iter().map(|&b| u32::from_le_bytes(b));
    letters.filter_map(char::from_u32).filter(|&c| c != '\0').collect()
}

/// A single array: the embedding of the record that the file is named after.
pub(super) struct Npy {
    file: RandomFile,
    keys: Vec<Key>,
}

impl Npy {
    /// Opens a file.
    pub(super) fn open(file: RandomFile) -> Self {
        let name = file.path().file_stem().unwrap_or_default().to_string_lossy();
        let keys = vec![Key::of_name(&name)];
        Self { file, keys }
    }

    fn header(&self) -> Result<Header> {
        let head = self.file.read(0, self.file.size().min(LONGEST_HEADER))?;
        let header = Header::parse(&head).map_err(|problem| self.file.damaged(problem))?;
        if header.total() == Some(self.file.size()) {
            Ok(header)
        } else {
            Err(self.file.damaged("has another size than its shape says"))
        }
    }
}

impl Foreign for Npy {
    fn path(&self) -> &Path {
        self.file.path()
    }

    fn keys(&self) -> &[Key] {
        &self.keys
    }

    fn shape(&self, _at: usize) -> Result<Vec<usize>> {
        Ok(squeeze(self.header()?.shape))
    }

    fn read(&self, _at: usize) -> Result<Vec<f32>> {
        Ok(self.header()?.decode(&mut self.file.read(0, self.file.size())?))
    }
}
