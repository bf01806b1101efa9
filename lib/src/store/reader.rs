//! Reads a store.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::fs;
use std::path::{Path, PathBuf};

use super::complete;
use super::index::{self, Location};
use super::manifest::{self, Manifest};
use super::{Embedding, Part};
use crate::record::{Digest, RecordId};
use crate::tensors::mapped::Mapped;
use crate::{Error, Place, Result};

const AGAIN: &str = "run crossmamba-embed on this store again: it verifies and computes what is missing";

/// An embedding store, open for reading by any number of threads.
pub struct Store {
    path: PathBuf,
    manifest: Manifest,
    folders: Vec<Folder>,
    entries: HashMap<Digest, Entry>,
    ids: HashMap<RecordId, Digest>,
    order: Vec<RecordId>,
}

struct Folder {
    path: PathBuf,
    /// What its values were taken from, as far as it is known.
    sources: Vec<Digest>,
    /// Those that the index names, by number.
    shards: HashMap<u32, Mapped>,
}

#[derive(Clone, Copy)]
struct Entry {
    folder: usize,
    location: Location,
}

impl Store {
    /// Opens a store, or a folder that holds all parts of one.
    ///
    /// Only the index is read; the bytes of an entry are checked when it is asked for.
    ///
    /// # Errors
    /// A folder that is no store, another format version, parts that are missing, were made with other settings or were
    /// imported from other files, a store that is not finished, a damaged index, a shard that is shorter than the index says.
    ///
    /// ```
    /// use crossmamba::store::Store;
    ///
    /// let error = Store::open("no/such/store").err().unwrap();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no/such/store: does not exist; make the store with crossmamba-embed"
    /// );
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let folders = folders(path)?;
        let manifest = Manifest::read(&folders[0])?;
        let mut store = Self {
            path: path.to_path_buf(),
            manifest,
            folders: Vec::new(),
            entries: HashMap::new(),
            ids: HashMap::new(),
            order: Vec::new(),
        };
        for folder in folders {
            store.add(folder)?;
        }
        Ok(store)
    }

    /// Takes a store that was filled in memory.
    pub(super) fn in_memory(
        path: PathBuf,
        manifest: Manifest,
        bytes: Vec<u8>,
        entries: HashMap<Digest, Location>,
        (ids, order): (HashMap<RecordId, Digest>, Vec<RecordId>),
    ) -> Self {
        let shards = HashMap::from([(0, Mapped::of_bytes(&path, bytes))]);
        let folders = vec![Folder { path: path.clone(), sources: Vec::new(), shards }];
        let entries = entries.into_iter().map(|(digest, location)| (digest, Entry { folder: 0, location }));
        Self { path, manifest, folders, entries: entries.collect(), ids, order }
    }

    fn add(&mut self, path: PathBuf) -> Result<()> {
        let manifest = Manifest::read(&path)?;
        if !manifest.fits(&self.manifest) {
            let differences = manifest.differences(&self.manifest).join(", ");
            return Err(Place::file(&path).error(
                format!("was made with other settings than its neighbour ({differences})"),
                "make all parts with the same settings",
            ));
        }
        let index_path = path.join(index::NAME);
        let bytes = fs::read(&index_path).map_err(Error::io("read", &index_path))?;
        let index = index::parse(&bytes, &index_path)?;
        complete::check(&path, &manifest, &bytes, &index)?;
        let sources = complete::sources(&path)?;
        self.check_sources(&path, &sources)?;
        let (mut own, mut order) = (HashMap::new(), Vec::new());
        let mut shards: HashMap<u32, Mapped> = HashMap::new();
        for (line, _) in index.lines {
            let location = line.location;
            let shard = match shards.entry(location.shard) {
                Occupied(opened) => opened.into_mut(),
                Vacant(free) => {
                    free.insert(Mapped::open_or_empty(&path.join(index::shard_name(location.shard)))?)
                }
            };
            if shard.range(location.offset, location.end(&manifest)).is_none() {
                return Err(Place::file(path.join(index::shard_name(location.shard)))
                    .record(&line.id)
                    .error("is shorter than the index says", AGAIN));
            }
            self.entries.entry(line.digest).or_insert(Entry { folder: self.folders.len(), location });
            // Within a folder the later line is the later write; between folders nothing tells which is.
            if own.insert(line.id.clone(), line.digest).is_none() {
                order.push(line.id);
            }
        }
        for id in order {
            let digest = own[&id];
            match self.ids.insert(id.clone(), digest) {
                Some(before) if before != digest => return Err(self.two_sequences(&path, &id, &before)),
                Some(_) => {}
                None => self.order.push(id),
            }
        }
        self.folders.push(Folder { path, sources, shards });
        Ok(())
    }

    /// Refuses a part whose values were taken from other files than those of an earlier one.
    fn check_sources(&self, part: &Path, sources: &[Digest]) -> Result<()> {
        let other = |folder: &&Folder| !folder.sources.is_empty() && folder.sources != sources;
        match self.folders.iter().find(other) {
            Some(folder) if !sources.is_empty() => Err(Place::file(part).error(
                format!("was imported from other files than {}", name_of(&folder.path)),
                "import both from the same files: give both commands again, and delete a part that is refused then",
            )),
            _ => Ok(()),
        }
    }

    /// Makes the error of an id that two parts know with different sequences.
    fn two_sequences(&self, part: &Path, id: &RecordId, before: &Digest) -> Error {
        let holder = self.entries.get(before).and_then(|entry| self.folders.get(entry.folder));
        let other = holder.map_or_else(|| "another part".to_owned(), |folder| name_of(&folder.path));
        Place::file(part).record(id).error(
            format!(
                "stands for another sequence here than in {other}: it was changed after one of them was made"
            ),
            "delete both folders and run crossmamba-embed on these parts again",
        )
    }

    /// Gives what made the rows.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Gives the folder that was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the digest of the encoder and its settings: equal for interchangeable features.
    pub fn digest(&self) -> Digest {
        self.manifest.digest
    }

    /// Gives the ids in the order in which they were first stored.
    pub fn ids(&self) -> &[RecordId] {
        &self.order
    }

    /// Gives the number of distinct sequences.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether the store holds nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives the digest of a record's sequence; an id that was stored with two sequences names the later one.
    pub fn digest_of(&self, id: &RecordId) -> Option<&Digest> {
        self.ids.get(id)
    }

    /// Gives the digest of a record's sequence, or the error that says that the store lacks the record.
    pub fn require(&self, id: &RecordId) -> Result<Digest> {
        self.digest_of(id).copied().ok_or_else(|| {
            Place::file(&self.path)
                .record(id)
                .error("is not in this embedding store", "run crossmamba-embed on the sequences that hold it")
        })
    }

    /// Gives the length and the number of rows of a sequence, without reading its values.
    pub fn shape_of(&self, digest: &Digest) -> Option<(u64, usize)> {
        self.entries.get(digest).map(|entry| (entry.location.length, entry.location.rows as usize))
    }

    /// Gives the checksum of a sequence's values, without reading them: another one where they were computed otherwise.
    pub fn checksum_of(&self, digest: &Digest) -> Option<u32> {
        self.entries.get(digest).map(|entry| entry.location.checksum)
    }

    /// Reads the embedding of a sequence; nothing when the store lacks it.
    ///
    /// # Errors
    /// Stored bytes that do not fit their checksum.
    pub fn get(&self, digest: &Digest) -> Result<Option<Embedding>> {
        let Some(Entry { folder, location }) = self.entries.get(digest).copied() else { return Ok(None) };
        let folder = &self.folders[folder];
        let bytes = folder.shards[&location.shard]
            .range(location.offset, location.end(&self.manifest))
            .filter(|bytes| index::crc(bytes) == location.checksum)
            .ok_or_else(|| {
                Place::file(folder.path.join(index::shard_name(location.shard))).error(
                    format!(
                        "the {} bytes at {} do not fit their checksum",
                        location.end(&self.manifest) - location.offset,
                        location.offset
                    ),
                    "restore the file, or delete the store and make it again with crossmamba-embed",
                )
            })?;
        let (global, values) = bytes.split_at(self.manifest.global_width * self.manifest.dtype.size());
        Ok(Some(Embedding {
            length: location.length,
            rows: location.rows as usize,
            global: self.manifest.dtype.decode(global),
            values: self.manifest.dtype.decode(values),
        }))
    }
}

/// Names a part by its folder.
fn name_of(part: &Path) -> String {
    part.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Lists the folders that make up a store: itself, or its parts.
fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    if path.join(manifest::NAME).exists() || !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut parts = Vec::new();
    for entry in fs::read_dir(path).map_err(Error::io("read", path))? {
        let entry = entry.map_err(Error::io("read", path))?;
        parts.extend(entry.file_name().to_str().and_then(Part::of_folder));
    }
    let Some(first) = parts.first() else { return Err(manifest::not_a_store(path)) };
    for part in first.siblings() {
        if !parts.contains(&part) {
            return Err(Place::file(path).error(
                format!("lacks {}", part.folder()),
                format!("run crossmamba-embed with `--shard {part}` on it"),
            ));
        }
    }
    if let Some(other) = parts.iter().find(|part| first.siblings().all(|sibling| sibling != **part)) {
        return Err(Place::file(path).error(
            format!("holds {} beside {}", other.folder(), first.folder()),
            "remove the parts of one of the two divisions",
        ));
    }
    Ok(first.siblings().map(|part| path.join(part.folder())).collect())
}
