//! Finds the files of foreign embeddings, tells their formats by content and joins their names into one index.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::foreign::{About, Foreign, Role};
use super::hdf5::Hdf5;
use super::npz::{Npy, Npz};
use super::pt;
use super::random::RandomFile;
use super::safetensors::SafetensorsFile;
use super::zip::ZipReader;
use crate::io::Source;
use crate::record::Digest;
use crate::{Error, Place, Result};

/// What can be read, as the errors say it.
const FORMATS: &str = "give HDF5, `.npz`, `.npy`, safetensors or torch files";
/// Suffixes that are looked for in folders; elsewhere the content alone counts.
const SUFFIXES: [&str; 7] = ["h5", "hdf5", "npy", "npz", "pt", "pth", "safetensors"];
/// What HDF5 begins with, at the start of the file or behind a block of the user's own.
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";
const USER_BLOCKS: [u64; 4] = [0, 512, 1024, 2048];

/// Where an array is: the file and its number in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: u32,
    pub(super) at: u32,
}

/// The arrays of one molecule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Arrays {
    pub(super) main: Option<Spot>,
    pub(super) global: Option<Spot>,
}

/// What the files hold, as digests.
pub(super) struct Digests {
    /// Of everything, whatever the names of the files and their order, but for names that are those of records.
    pub(super) whole: Digest,
    /// Of each file and folder that was given, in their order.
    pub(super) given: Vec<Digest>,
}

/// All foreign embeddings of a run.
pub(super) struct Sources {
    /// What was given, each with the number of its files.
    given: Vec<(PathBuf, usize)>,
    files: Vec<Box<dyn Foreign>>,
    index: HashMap<String, Arrays>,
    about: Option<About>,
    layer: Option<i64>,
}

impl Sources {
    /// Opens files, and all files below folders; `layer` chooses one where files hold several.
    ///
    /// # Errors
    /// A path that is missing, a file of another kind or that is damaged, a folder without such files, and a record
    /// that two arrays are named after.
    pub(super) fn open(paths: &[PathBuf], layer: Option<usize>) -> Result<Self> {
        let (mut files, mut given) = (Vec::new(), Vec::new());
        for path in paths {
            let before = files.len();
            if path.is_dir() {
                let mut found = Vec::new();
                walk(path, &mut found)?;
                if found.is_empty() {
                    return Err(Place::file(path).error("is a folder without embeddings", FORMATS));
                }
                files.extend(found);
            } else {
                files.push(path.clone());
            }
            given.push((path.clone(), files.len() - before));
        }
        let files = files.iter().map(|path| open(path, layer)).collect::<Result<Vec<_>>>()?;
        let mut sources = Self { given, files, index: HashMap::new(), about: None, layer: None };
        sources.join()?;
        Ok(sources)
    }

    fn join(&mut self) -> Result<()> {
        for (number, file) in self.files.iter().enumerate() {
            for (at, key) in file.keys().iter().enumerate() {
                let arrays = self.index.entry(key.id.clone()).or_default();
                let slot = match key.role {
                    Role::Main => &mut arrays.main,
                    Role::Global => &mut arrays.global,
                };
                if let Some(first) = slot {
                    let first = self.files[first.file as usize].path().display();
                    return Err(Place::file(file.path()).record(&key.id).error(
                        format!("has this name a second time: another array of {first} has it too"),
                        "keep one array for each record",
                    ));
                }
                *slot = Some(Spot { file: number as u32, at: at as u32 });
            }
        }
        let mut abouts = self.files.iter().map(|file| (file.path(), file.about()));
        let Some((first, about)) = abouts.next() else { return Ok(()) };
        if let Some((other, _)) = abouts.find(|(_, other)| *other != about) {
            return Err(Place::file(other).error(
                format!("was not exported from the same kind of store as {}", first.display()),
                "import the two into stores of their own",
            ));
        }
        self.about = about.cloned();
        let mut layers = self.files.iter().filter_map(|file| Some((file.path(), file.layer()?)));
        let Some((first, layer)) = layers.next() else { return Ok(()) };
        if let Some((other, another)) = layers.find(|(_, another)| *another != layer) {
            return Err(Place::file(other).error(
                format!("holds layer {another} where {} holds layer {layer}", first.display()),
                "import embeddings of one layer at a time",
            ));
        }
        self.layer = Some(layer);
        Ok(())
    }

    /// Reads all files and digests what they hold.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn digests(&self) -> Result<Digests> {
        let contents: Vec<Digest> =
            self.files.par_iter().map(|file| Source::new(file.path()).digest()).collect::<Result<_>>()?;
        let named = self.files.iter().zip(&contents).map(|(file, content)| {
            let names = file.keys().iter().fold(content.to_string(), |text, key| text + "\n" + &key.id);
            Digest::of(names.as_bytes())
        });
        let mut named: Vec<Digest> = named.collect();
        named.sort_unstable();
        let (mut at, mut given) = (0, Vec::new());
        for (path, count) in &self.given {
            let of_file = |at: usize| {
                let name = self.files[at].path().strip_prefix(path).unwrap_or(path);
                format!("{}  {}\n", contents[at], name.display())
            };
            let files = at..at + count;
            at = files.end;
            given.push(match (path.is_dir(), contents.get(files.start)) {
                (false, Some(content)) => *content,
                _ => Digest::of(files.map(of_file).collect::<String>().as_bytes()),
            });
        }
        let whole = named.iter().flat_map(|digest| *digest.as_bytes()).collect::<Vec<u8>>();
        Ok(Digests { whole: Digest::of(&whole), given })
    }

    /// Gives what our own export says of the rows.
    pub(super) fn about(&self) -> Option<&About> {
        self.about.as_ref()
    }

    /// Gives the layer that was read, where the files say it.
    pub(super) fn layer(&self) -> Option<i64> {
        self.layer
    }

    /// Gives the number of names.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Finds the arrays of a record.
    pub(super) fn find(&self, id: &str) -> Option<Arrays> {
        self.index.get(id).copied()
    }

    /// Gives a few names, the first in the order of the alphabet, to show what the files call their records.
    pub(super) fn examples(&self, count: usize) -> Vec<&str> {
        let mut names: Vec<&str> = self.index.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.truncate(count);
        names
    }

    /// Gives the file that holds an array.
    pub(super) fn file(&self, spot: Spot) -> &Path {
        self.files[spot.file as usize].path()
    }

    /// Gives the shape of an array.
    pub(super) fn shape(&self, spot: Spot) -> Result<Vec<usize>> {
        self.files[spot.file as usize].shape(spot.at as usize)
    }

    /// Reads an array.
    pub(super) fn read(&self, spot: Spot) -> Result<Vec<f32>> {
        self.files[spot.file as usize].read(spot.at as usize)
    }
}

/// Lists the files of embeddings below a folder, in the order of their names.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(Error::io("read", folder))?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|suffix| SUFFIXES.iter().any(|known| suffix == *known)) {
            found.push(path);
        }
    }
    Ok(())
}

/// Opens a file by what its first bytes say.
fn open(path: &Path, layer: Option<usize>) -> Result<Box<dyn Foreign>> {
    let file = RandomFile::open(path)?;
    for start in USER_BLOCKS.into_iter().filter(|start| start + HDF5.len() as u64 <= file.size()) {
        if file.read(start, HDF5.len() as u64)? == HDF5 {
            return Ok(Box::new(Hdf5::open(path)?));
        }
    }
    let head = file.read(0, file.size().min(16))?;
    let problem = match &head[..] {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => {
            let archive = ZipReader::open(path)?;
            let torch = archive.entries().iter().any(|(name, _)| name.ends_with("data.pkl"));
            return if torch { pt::open(path, layer) } else { Ok(Box::new(Npz::open(archive)?)) };
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => return Ok(Box::new(Npy::open(file))),
        [_, _, _, _, _, 0, 0, 0, b'{', ..] => return Ok(Box::new(SafetensorsFile::open(file)?)),
        [0x1f, 0x8b, ..] => "is compressed with gzip: unpack it first",
        [0x80, ..] => return pt::open(path, layer),
        [] => "is empty",
        _ => "is not a file of embeddings",
    };
    Err(Place::file(path).error(problem, FORMATS))
}
