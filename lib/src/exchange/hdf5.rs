//! Reads embeddings from HDF5: one data set per record, as `bio_embeddings`, biotrainer and `UniProt` downloads have it.

use std::path::Path;

use hdf5_reader::group::Group;
use hdf5_reader::{ByteOrder, Dataset, Datatype, Hdf5File, OpenOptions};

use super::foreign::{ABOUT, About, Foreign, GLOBAL, Key, Role, squeeze, unusable};
use crate::tensors::Float;
use crate::{Error, Place, Result};

/// The attribute that names the record of a data set whose own name is a number or a hash.
const ORIGINAL_ID: &str = "original_id";
/// Groups inside groups are followed this far; names with `/` make such groups.
const DEEPEST: usize = 16;
/// The largest array that is read: far beyond the longest protein in the widest model.
const LARGEST: usize = 1 << 32;

/// An HDF5 file.
pub(super) struct Hdf5 {
    path: std::path::PathBuf,
    file: Hdf5File,
    names: Vec<String>,
    keys: Vec<Key>,
    about: Option<About>,
}

impl Hdf5 {
    /// Lists the data sets of a file.
    ///
    /// # Errors
    /// A file that is damaged, or that uses a part of the format that is not read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        // Every chunk is asked for once: nothing is kept.
        let options = OpenOptions::default().with_chunk_cache_bytes(0).with_max_read_bytes(LARGEST);
        let file = Hdf5File::open_with_options(path, options).map_err(|e| unreadable(path, &e))?;
        let mut found = Self { path: path.into(), file, names: Vec::new(), keys: Vec::new(), about: None };
        let root = found.file.root_group().map_err(|e| unreadable(path, &e))?;
        found.about = root.attribute(ABOUT).ok().and_then(|about| About::parse(&about.read_string().ok()?));
        found.list(&root, "", 0)?;
        Ok(found)
    }

    fn list(&mut self, group: &Group, prefix: &str, depth: usize) -> Result<()> {
        let path = self.path.clone();
        let unreadable = |e| unreadable(&path, &e);
        if depth > DEEPEST {
            let problem = "has groups inside groups without end";
            return Err(Place::file(path).error(problem, "write one data set for each record"));
        }
        let (groups, sets) = group.members().map_err(unreadable)?;
        for set in sets {
            let name = format!("{prefix}{}", set.name());
            let key = match set.attribute(ORIGINAL_ID) {
                Ok(id) => {
                    let mut key = Key::of_title(&id.read_string().map_err(unreadable)?);
                    if name.ends_with(GLOBAL) {
                        key.role = Role::Global;
                    }
                    key
                }
                Err(_) => Key::of_name(&name),
            };
            self.names.push(name);
            self.keys.push(key);
        }
        for inner in groups {
            self.list(&inner, &format!("{prefix}{}/", inner.name()), depth + 1)?;
        }
        Ok(())
    }

    fn dataset(&self, at: usize) -> Result<(Dataset, Float)> {
        let set = self.file.dataset(&self.names[at]).map_err(|e| unreadable(&self.path, &e))?;
        // The widths of exponent and mantissa: two bytes may also be something else than IEEE half precision.
        let raw = set.raw_datatype().map_err(|e| unreadable(&self.path, &e))?;
        let float = match (set.dtype(), raw.get(13), raw.get(15)) {
            (Datatype::FloatingPoint { size: 2, .. }, Some(5), Some(10)) => Float::F16,
            (Datatype::FloatingPoint { size: 2, .. }, Some(8), Some(7)) => Float::Bf16,
            (Datatype::FloatingPoint { size: 4, .. }, Some(8), Some(23)) => Float::F32,
            (Datatype::FloatingPoint { size: 8, .. }, Some(11), Some(52)) => Float::F64,
            _ => {
                let problem = "holds no floating-point numbers of 2, 4 or 8 bytes";
                return Err(unusable(&self.path, &self.keys[at].id, problem));
            }
        };
        Ok((set, float))
    }
}

impl Foreign for Hdf5 {
    fn path(&self) -> &Path {
        &self.path
    }

    fn keys(&self) -> &[Key] {
        &self.keys
    }

    fn shape(&self, at: usize) -> Result<Vec<usize>> {
        let (set, _) = self.dataset(at)?;
        Ok(squeeze(set.shape().iter().map(|&n| n as usize).collect()))
    }

    fn read(&self, at: usize) -> Result<Vec<f32>> {
        let (set, float) = self.dataset(at)?;
        let mut bytes = set.read_raw_bytes().map_err(|e| unreadable(&self.path, &e))?;
        let big = matches!(set.dtype(), Datatype::FloatingPoint { byte_order: ByteOrder::BigEndian, .. });
        if big {
            float.swap(&mut bytes);
        }
        Ok(float.decode(&bytes))
    }

    fn about(&self) -> Option<&About> {
        self.about.as_ref()
    }
}

fn unreadable(path: &Path, error: &hdf5_reader::error::Error) -> Error {
    let reason = error.to_string().replace(['\n', '\t'], " ");
    Place::file(path).error(
        format!("cannot be read as HDF5 ({reason})"),
        "write or fetch it again, if possible without `libver='latest'`, or convert it to `.npz`",
    )
}
