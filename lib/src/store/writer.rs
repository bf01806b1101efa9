//! Writes a store so that it can be interrupted at any byte.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::complete;
use super::index::{self, Line, Location};
use super::{Embedding, Manifest, manifest, recover};
use crate::io::AtomicFile;
use crate::record::{Digest, RecordId};
use crate::{Error, Place, Result};

/// A shard is closed before it grows beyond this many bytes.
const SHARD_BYTES: u64 = 1 << 30;
/// Entries reach the disk when this many bytes wait, or after this time.
const GROUP_BYTES: usize = 4 << 20;
const GROUP_TIME: Duration = Duration::from_secs(2);

/// Appends to a store; only one writer at a time can hold a store.
///
/// Values reach the disk before the index lines that name them, so an interruption at any byte leaves a sound store
/// with a torn tail, which the next writer cuts off. The bytes of the store depend on the order of the calls alone.
///
/// ```
/// use crossmamba::record::{Digest, Molecule, RecordId};
/// use crossmamba::store::{Dtype, Embedding, Manifest, Store, StoreWriter, TokenRule};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("rna.store");
/// let rule = TokenRule::Residue;
/// let manifest = Manifest::new(Molecule::Rna, "mine", serde_json::json!({}), rule, (2, 0), Dtype::F32);
/// let embedding = Embedding { length: 1, rows: 1, global: Vec::new(), values: vec![0.5, 2.0] };
/// let (id, digest) = (RecordId::new("r1")?, Digest::of(b"A"));
/// let mut writer = StoreWriter::open_or_create(&path, &manifest)?;
/// writer.append(&digest, &id, &embedding)?;
/// writer.finish()?;
///
/// let store = Store::open(&path)?;
/// assert_eq!(store.get(&store.require(&id)?)?, Some(embedding));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct StoreWriter {
    folder: PathBuf,
    manifest: Manifest,
    index: File,
    entries: HashMap<Digest, Location>,
    ids: HashMap<RecordId, Digest>,
    /// What the values were taken from, as far as it is known.
    sources: Vec<Digest>,
    discarded: usize,
    shard_bytes: u64,
    /// Where the next entry goes.
    next: (u32, u64),
    shard: Option<File>,
    /// Bytes for the open shard, and index lines, that wait to be written.
    values: Vec<u8>,
    lines: String,
    written: Instant,
    /// Whether the store says that it is being written.
    begun: bool,
    /// Whether this run made the folder, and the store.
    made: (bool, bool),
    /// A failed write leaves half an entry: nothing may follow it.
    failed: bool,
}

impl StoreWriter {
    /// Makes a store, or goes on with one: verifies every entry and discards what an interrupted run left half-written.
    ///
    /// # Errors
    /// A folder that is no store, a store made with other settings (the error says what differs), a store that
    /// another program is writing, damage that no interruption explains.
    pub fn open_or_create(folder: impl AsRef<Path>, manifest: &Manifest) -> Result<Self> {
        Self::with_shards_of(SHARD_BYTES, folder.as_ref(), manifest)
    }

    fn with_shards_of(shard_bytes: u64, folder: &Path, manifest: &Manifest) -> Result<Self> {
        let made = (!folder.exists(), !folder.join(manifest::NAME).exists());
        let mut index = recover::lock(folder)?;
        recover::settle_manifest(folder, manifest)?;
        let sources = complete::sources(folder)?;
        let recovered = recover::recover(folder, &mut index, manifest)?;
        let next = recover::last_end(&recovered.lines, manifest);
        let mut writer = Self {
            folder: folder.to_path_buf(),
            manifest: manifest.clone(),
            index,
            entries: HashMap::new(),
            ids: HashMap::new(),
            sources,
            discarded: recovered.discarded,
            shard_bytes,
            next,
            shard: None,
            values: Vec::new(),
            lines: String::new(),
            written: Instant::now(),
            begun: false,
            made,
            failed: false,
        };
        for line in recovered.lines {
            writer.entries.entry(line.digest).or_insert(line.location);
            writer.ids.insert(line.id, line.digest);
        }
        Ok(writer)
    }

    /// Gives the number of index lines that were discarded because an earlier run was interrupted.
    pub fn discarded(&self) -> usize {
        self.discarded
    }

    /// Gives the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives the number of distinct sequences.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether the store holds nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells whether the store holds the embedding of a sequence.
    pub fn contains(&self, digest: &Digest) -> bool {
        self.entries.contains_key(digest)
    }

    /// Tells whether a sequence is stored with just these values.
    ///
    /// # Errors
    /// A value that cannot be stored as the number format asks.
    pub fn holds(&self, digest: &Digest, id: &RecordId, embedding: &Embedding) -> Result<bool> {
        let mut bytes = Vec::new();
        encode(&self.manifest, &self.folder, id, embedding, &mut bytes)?;
        Ok(self.entries.get(digest).is_some_and(|location| {
            (location.length, location.rows) == (embedding.length, embedding.rows as u64)
                && location.checksum == index::crc(&bytes)
        }))
    }

    /// Notes what the values are taken from from here on, so that parts that were taken from different files can be told.
    ///
    /// `compared` is the number of stored sequences whose values are also those of this source: where that is all of
    /// them, nothing is left of earlier ones.
    pub fn taken_from(&mut self, source: Digest, compared: usize) {
        if compared == self.len() {
            self.sources = vec![source];
        } else if !self.sources.is_empty() && !self.sources.contains(&source) {
            self.sources.push(source);
            self.sources.sort_unstable();
        }
    }

    /// Gives the sequence that an id names.
    pub fn digest_of(&self, id: &RecordId) -> Option<&Digest> {
        self.ids.get(id)
    }

    /// Appends the embedding of a new sequence under its first id.
    ///
    /// # Errors
    /// Values that are not finite in the store's number format, a full disk, and [`Error::Defect`] for a shape that is not
    /// the manifest's.
    pub fn append(&mut self, digest: &Digest, id: &RecordId, embedding: &Embedding) -> Result<()> {
        if self.contains(digest) {
            return self.add_id(id, digest);
        }
        let size = self.manifest.entry_bytes(embedding.rows);
        if self.next.1 > 0 && self.next.1 + size > self.shard_bytes {
            self.flush()?;
            self.shard = None;
            self.next = (self.next.0 + 1, 0);
        }
        let start = self.values.len();
        encode(&self.manifest, &self.folder, id, embedding, &mut self.values)?;
        let location = Location {
            length: embedding.length,
            rows: embedding.rows as u64,
            shard: self.next.0,
            offset: self.next.1,
            checksum: index::crc(&self.values[start..]),
        };
        self.next.1 += size;
        self.entries.insert(*digest, location);
        self.put_line(id, digest, location);
        if self.values.len() >= GROUP_BYTES || self.written.elapsed() >= GROUP_TIME {
            self.flush()?;
        }
        Ok(())
    }

    /// Names a sequence that the store holds by a further id; nothing happens when it has that name already.
    ///
    /// # Errors
    /// A sequence that the store does not hold.
    pub fn add_id(&mut self, id: &RecordId, digest: &Digest) -> Result<()> {
        let Some(location) = self.entries.get(digest).copied() else {
            return Err(Place::file(&self.folder)
                .record(id)
                .error("names a sequence that the store does not hold", "append its embedding first"));
        };
        if self.ids.get(id) != Some(digest) {
            self.put_line(id, digest, location);
        }
        Ok(())
    }

    fn put_line(&mut self, id: &RecordId, digest: &Digest, location: Location) {
        self.lines.push_str(&Line { digest: *digest, id: id.clone(), location }.to_text());
        self.ids.insert(id.clone(), *digest);
    }

    /// Brings everything appended so far to the disk: values first, then the lines that name them.
    pub fn flush(&mut self) -> Result<()> {
        if self.failed {
            return Ok(());
        }
        self.failed = true;
        if !self.begun && !self.lines.is_empty() {
            complete::begin(&self.folder, &self.manifest)?;
            self.begun = true;
        }
        if !self.values.is_empty() {
            let path = self.folder.join(index::shard_name(self.next.0));
            let shard = match &mut self.shard {
                Some(shard) => shard,
                none => none.insert(
                    OpenOptions::new()
                        .create(true)
                        .append(true)
                        .open(&path)
                        .map_err(Error::io("write", &path))?,
                ),
            };
            shard
                .write_all(&self.values)
                .and_then(|()| shard.sync_data())
                .map_err(Error::io("write", &path))?;
            self.values.clear();
        }
        if !self.lines.is_empty() {
            let path = self.folder.join(index::NAME);
            let lines = self.lines.as_bytes();
            self.index
                .write_all(lines)
                .and_then(|()| self.index.sync_data())
                .map_err(Error::io("write", &path))?;
            self.lines.clear();
        }
        self.failed = false;
        self.written = Instant::now();
        Ok(())
    }

    /// Brings everything to the disk, says that the store is complete, and releases it.
    pub fn finish(self) -> Result<()> {
        let folder = self.folder.clone();
        AtomicFile::commit_all(self.ready()?)?;
        sync(&folder)
    }

    /// Brings everything to the disk and releases the store; it is complete when the files given back are committed,
    /// which may be done together with other outputs.
    ///
    /// # Errors
    /// A full disk.
    pub fn ready(mut self) -> Result<Vec<AtomicFile>> {
        self.flush()?;
        let files = complete::end(&self.folder, &self.manifest, &self.sources)?;
        self.made = (false, false);
        sync(&self.folder)?;
        Ok(files)
    }

    /// Brings everything to the disk and releases the store, which another run is to finish.
    pub fn pause(mut self) -> Result<()> {
        self.flush()?;
        sync(&self.folder)
    }
}

fn sync(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("write", folder))
}

/// Appends the values of an entry as they are stored; bytes are left as they were if there is an error, which calls the store
/// by its name.
pub(super) fn encode(
    manifest: &Manifest,
    name: &Path,
    id: &RecordId,
    embedding: &Embedding,
    bytes: &mut Vec<u8>,
) -> Result<()> {
    let shape = (embedding.global.len(), embedding.values.len());
    let wanted = (manifest.global_width, embedding.rows * manifest.width);
    if shape != wanted {
        let problem = format!(
            "the record `{id}` has {} global and {} row values, not {} and {}",
            shape.0, shape.1, wanted.0, wanted.1
        );
        return Err(Error::defect("encoder", problem));
    }
    let start = bytes.len();
    let encoded = [&embedding.global, &embedding.values].into_iter().try_for_each(|values| {
        manifest.dtype.encode(values, bytes).map_err(|value| {
            Place::file(name).record(id).error(
                format!("the value {value} cannot be stored as {}", manifest.dtype.name()),
                "choose `--dtype f32`, or leave the record out if the value is not a number",
            )
        })
    });
    if encoded.is_err() {
        bytes.truncate(start);
    }
    encoded
}

impl Drop for StoreWriter {
    /// Keeps what was computed when the work ends early, and removes a new store for which nothing was; a failure here
    /// is found by the next writer.
    fn drop(&mut self) {
        let _ = self.flush();
        let (folder, store) = self.made;
        if store && self.entries.is_empty() {
            for name in [manifest::NAME, index::NAME] {
                let _ = fs::remove_file(self.folder.join(name));
            }
            if folder {
                let _ = fs::remove_dir(&self.folder);
            }
        }
    }
}

#[cfg(test)]
mod tests;
