//! Reads files of named tensors: safetensors and what `torch.save` writes, whole or in shards.
//!
//! Files are memory-mapped; a tensor is a view of them. They come from the internet, so nothing in them is
//! executed, and every size is checked before memory is taken.

pub(crate) mod archive;
mod element;
mod fault;
mod folder;
pub(crate) mod mapped;
mod pickle;
mod safetensors;
mod sharded;
mod slot;
mod torch;
mod value;
mod view;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use element::ElementType;
pub(crate) use element::Float;
pub use value::Value;
pub use view::TensorView;

use fault::Fault;
pub(crate) use fault::short;
use mapped::Mapped;
use slot::Slot;
use torch::Torch;

use crate::{Place, Result};

/// More tensors than any model has.
const MOST_TENSORS: usize = 100_000;

/// One opened file of tensors, or a set of shards.
pub struct TensorFile {
    path: PathBuf,
    files: Vec<PathBuf>,
    shards: Vec<Shard>,
    index: BTreeMap<String, (usize, Slot)>,
}

/// One file of the set.
struct Shard {
    map: Mapped,
    torch: Option<Torch>,
}

impl Shard {
    fn open(path: &Path) -> Result<(Self, BTreeMap<String, Slot>)> {
        let map = Mapped::open(path)?;
        let bytes = map.bytes();
        if archive::is_archive(bytes) {
            let torch = torch::read(bytes).map_err(|fault| fault.at(path))?;
            let slots = torch.names().map_err(|fault| fault.at(path))?;
            return Ok((Self { map, torch: Some(torch) }, slots));
        }
        if safetensors::is_safetensors(bytes) {
            let slots = safetensors::read(bytes).map_err(|fault| fault.at(path))?;
            return Ok((Self { map, torch: None }, slots));
        }
        Err(unknown(bytes).at(path))
    }

    fn check(&self, slot: &Slot) -> Result<()> {
        let stored = slot.storage.and_then(|at| self.torch.as_ref()?.storages.get(at));
        stored.map_or(Ok(()), |stored| {
            stored.check(self.map.bytes()).map_err(|fault| fault.at(self.map.path()))
        })
    }
}

/// Says what a file is that holds no tensors.
fn unknown(bytes: &[u8]) -> Fault {
    if bytes.is_empty() {
        return Fault::damaged("is empty");
    }
    if torch::is_legacy(bytes) {
        return Fault::new(
            "has the format of torch before 1.6, which is not read",
            "load it in Python with weights_only=True and save it again with torch.save",
        );
    }
    if bytes.starts_with(b"version https://git-lfs") {
        return Fault::new("is a git-lfs pointer, not the file itself", "fetch it with `git lfs pull`");
    }
    if bytes.trim_ascii_start().starts_with(b"<") {
        return Fault::new("is a web page, not a file of weights", "download the file itself");
    }
    Fault::new(
        "is neither safetensors nor a torch file",
        "name a file of weights; if it is one, copy or download it again",
    )
}

fn view_of<'a>(shard: &'a Shard, slot: &Slot, place: Place) -> TensorView<'a> {
    TensorView { shape: slot.shape.clone(), dtype: slot.dtype, bytes: slot.values(shard.map.bytes()), place }
}

impl TensorFile {
    /// Opens a file, an index of shards (`*.index.json`), or a folder that holds one of them; formats are told by
    /// their bytes.
    ///
    /// Of a torch file the tensors of its state dict are named; this is the whole, or what stands under `model` or
    /// `state_dict`. Where there is no state dict, tensors are named by the keys that lead to them.
    ///
    /// # Errors
    /// A missing, damaged or foreign file, in one sentence; a file without tensors; a pickle that needs more than
    /// data.
    ///
    /// ```
    /// use crossmamba::tensors::TensorFile;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("model.safetensors");
    /// let header = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    /// let values = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
    /// std::fs::write(&path, [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &values].concat())?;
    ///
    /// let file = TensorFile::open(&path)?;
    /// assert_eq!(file.names().collect::<Vec<_>>(), ["w"]);
    /// assert_eq!(file.tensor("w")?.to_f32()?, [1.5, -2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let path = if path.is_dir() { folder::weights(path)? } else { path.to_path_buf() };
        let is_index = path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".index.json"));
        let (files, names) = if is_index {
            let index = sharded::Index::read(&path)?;
            (index.files(&path)?, Some(index))
        } else {
            (vec![path.clone()], None)
        };
        let mut shards = Vec::with_capacity(files.len());
        let mut index = BTreeMap::new();
        for file in &files {
            let (shard, slots) = Shard::open(file)?;
            for (name, slot) in slots {
                if index.insert(name.clone(), (shards.len(), slot)).is_some() {
                    let problem = format!("holds `{}`, as another shard does", short(&name));
                    return Err(Fault::damaged(problem).at(file));
                }
            }
            shards.push(shard);
        }
        if let Some(names) = names {
            names.check(&path, |name| index.get(name).map(|(shard, _)| files[*shard].as_path()))?;
        }
        if index.is_empty() {
            return Err(Place::file(&path).error("holds no tensors", "name a file of weights"));
        }
        if index.len() > MOST_TENSORS {
            let problem = format!("holds {} tensors, more than {MOST_TENSORS}", index.len());
            return Err(Fault::damaged(problem).at(&path));
        }
        Ok(Self { path, files, shards, index })
    }

    /// Gives the file or index that was opened; where a folder was named, the file that was found in it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the files that hold the tensors, in the order of their names.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Gives the bytes of each of [`TensorFile::files`].
    pub fn contents(&self) -> impl Iterator<Item = &[u8]> {
        self.shards.iter().map(|shard| shard.map.bytes())
    }

    /// Gives back the memory of what was read of the files; what is used again is read again.
    #[cfg(feature = "nn")]
    pub(crate) fn release(&self) {
        self.shards.iter().for_each(|shard| shard.map.release());
    }

    /// Gives the names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index.keys().map(String::as_str)
    }

    /// Gives the type and shape of a tensor without touching its values.
    pub fn describe(&self, name: &str) -> Option<(ElementType, &[usize])> {
        self.index.get(name).map(|(_, slot)| (slot.dtype, slot.shape.as_slice()))
    }

    /// Gives a tensor as it lies in the file.
    pub fn get(&self, name: &str) -> Option<TensorView<'_>> {
        let (shard, slot) = self.index.get(name)?;
        let shard = &self.shards[*shard];
        Some(view_of(shard, slot, Place::file(shard.map.path()).record(name)))
    }

    /// Gives a tensor after comparing it with the checksum that torch files keep of each storage.
    ///
    /// # Errors
    /// A name that the file does not hold, or values that are not those that were written.
    pub fn tensor(&self, name: &str) -> Result<TensorView<'_>> {
        let found = self.index.get(name).zip(self.get(name));
        let Some(((shard, slot), view)) = found else {
            let problem = format!("holds no tensor `{}`", short(name));
            return Err(Place::file(&self.path).error(problem, "use the file that was published"));
        };
        self.shards[*shard].check(slot)?;
        Ok(view)
    }

    /// Gives the whole structure of a torch file; none for safetensors and shards.
    pub fn object(&self) -> Option<Value<'_>> {
        match self.shards.as_slice() {
            [shard] => Value::root(shard),
            _ => None,
        }
    }
}
