//! Holds embeddings in memory, for work that needs no store on disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::index::{self, Location};
use super::writer::encode;
use super::{Embedding, Manifest, Store, StoreWriter};
use crate::record::{Digest, RecordId};
use crate::{Error, Result};

/// What embeddings are put into: a store on disk, or one in memory.
pub trait Destination {
    /// Tells whether the embedding of a sequence is there.
    fn contains(&self, digest: &Digest) -> bool;

    /// Adds the embedding of a new sequence under its first id.
    ///
    /// # Errors
    /// Values that are not finite in the number format, a shape that is not the manifest's, a full disk.
    fn append(&mut self, digest: &Digest, id: &RecordId, embedding: &Embedding) -> Result<()>;

    /// Names a sequence that is there by a further id.
    ///
    /// # Errors
    /// A sequence that is not there.
    fn add_id(&mut self, id: &RecordId, digest: &Digest) -> Result<()>;
}

impl Destination for StoreWriter {
    fn contains(&self, digest: &Digest) -> bool {
        self.contains(digest)
    }

    fn append(&mut self, digest: &Digest, id: &RecordId, embedding: &Embedding) -> Result<()> {
        self.append(digest, id, embedding)
    }

    fn add_id(&mut self, id: &RecordId, digest: &Digest) -> Result<()> {
        self.add_id(id, digest)
    }
}

/// A store that is filled in memory; its values are those that a store on disk would hold, to the bit.
///
/// ```
/// use std::path::Path;
///
/// use crossmamba::encoder::built_in;
/// use crossmamba::record::{Molecule, Record, RecordId};
/// use crossmamba::store::{Destination as _, Dtype, MemoryStore, TokenRule};
///
/// let encoder = built_in("kmer", Molecule::Rna, TokenRule::Pooled)?;
/// let record = Record { id: RecordId::new("r1")?, sequence: b"GGCACU".to_vec() };
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// let mut filled = MemoryStore::new(encoder.manifest(Dtype::F32), Path::new("rna.fa"));
/// filled.append(&record.digest(Molecule::Rna), &record.id, &embedding)?;
/// let store = filled.finish();
/// assert_eq!(store.get(&store.require(&record.id)?)?, Some(embedding));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MemoryStore {
    name: PathBuf,
    manifest: Manifest,
    bytes: Vec<u8>,
    entries: HashMap<Digest, Location>,
    ids: HashMap<RecordId, Digest>,
    order: Vec<RecordId>,
}

impl MemoryStore {
    /// Starts with nothing; errors call the store by the name.
    pub fn new(manifest: Manifest, name: &Path) -> Self {
        Self {
            name: name.to_path_buf(),
            manifest,
            bytes: Vec::new(),
            entries: HashMap::new(),
            ids: HashMap::new(),
            order: Vec::new(),
        }
    }

    /// Gives what was filled, to be read.
    pub fn finish(self) -> Store {
        Store::in_memory(self.name, self.manifest, self.bytes, self.entries, (self.ids, self.order))
    }

    fn put_id(&mut self, id: &RecordId, digest: &Digest) {
        if self.ids.insert(id.clone(), *digest).is_none() {
            self.order.push(id.clone());
        }
    }
}

impl Destination for MemoryStore {
    fn contains(&self, digest: &Digest) -> bool {
        self.entries.contains_key(digest)
    }

    fn append(&mut self, digest: &Digest, id: &RecordId, embedding: &Embedding) -> Result<()> {
        if !self.contains(digest) {
            let start = self.bytes.len();
            encode(&self.manifest, &self.name, id, embedding, &mut self.bytes)?;
            let location = Location {
                length: embedding.length,
                rows: embedding.rows as u64,
                shard: 0,
                offset: start as u64,
                checksum: index::crc(&self.bytes[start..]),
            };
            self.entries.insert(*digest, location);
        }
        self.put_id(id, digest);
        Ok(())
    }

    fn add_id(&mut self, id: &RecordId, digest: &Digest) -> Result<()> {
        if !self.contains(digest) {
            let problem = format!("`{id}` names a sequence that is not in memory");
            return Err(Error::defect("embeddings", problem));
        }
        self.put_id(id, digest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::built_in;
    use crate::record::{Molecule, Record};
    use crate::store::{Dtype, TokenRule};

    #[test]
    fn a_store_in_memory_is_the_store_on_disk_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rna.store");
        let encoder = built_in("kmer", Molecule::Rna, TokenRule::Window { size: 4, cap: 3 }).unwrap();
        for dtype in [Dtype::F32, Dtype::F16] {
            let manifest = encoder.manifest(dtype);
            let path = path.with_extension(dtype.name());
            let mut on_disk = StoreWriter::open_or_create(&path, &manifest).unwrap();
            let mut in_memory = MemoryStore::new(manifest, Path::new("rna.fa"));
            let records =
                [("b", "GGCACUACGGA"), ("a", "ACGU"), ("c", "GGCACUACGGA"), ("d", "NNACGUNAGCUAGC")];
            for (id, sequence) in records {
                let record =
                    Record { id: RecordId::new(id).unwrap(), sequence: sequence.as_bytes().to_vec() };
                let digest = record.digest(Molecule::Rna);
                let embedding = encoder.encode(&[&record]).unwrap().remove(0).embedding;
                for filled in [&mut on_disk as &mut dyn Destination, &mut in_memory] {
                    if filled.contains(&digest) {
                        filled.add_id(&record.id, &digest).unwrap();
                    } else {
                        filled.append(&digest, &record.id, &embedding).unwrap();
                    }
                }
            }
            on_disk.finish().unwrap();
            let (on_disk, in_memory) = (Store::open(&path).unwrap(), in_memory.finish());
            assert_eq!((on_disk.ids(), on_disk.len()), (in_memory.ids(), 3));
            for id in on_disk.ids() {
                let digest = on_disk.require(id).unwrap();
                assert_eq!(in_memory.require(id).unwrap(), digest);
                assert_eq!(in_memory.checksum_of(&digest), on_disk.checksum_of(&digest));
                assert_eq!(in_memory.get(&digest).unwrap(), on_disk.get(&digest).unwrap());
            }
        }
    }

    #[test]
    fn values_that_are_no_numbers_are_refused_and_leave_nothing() {
        let encoder = built_in("onehot", Molecule::Rna, TokenRule::Residue).unwrap();
        let mut filled = MemoryStore::new(encoder.manifest(Dtype::F32), Path::new("rna.fa"));
        let (id, digest) = (RecordId::new("r").unwrap(), Digest::of(b"r"));
        let bad = Embedding { length: 1, rows: 1, global: Vec::new(), values: vec![0.0, f32::NAN, 0.0, 0.0] };
        let message = filled.append(&digest, &id, &bad).unwrap_err().to_string();
        assert!(message.starts_with("rna.fa, record `r`: the value NaN cannot be stored"), "{message}");
        assert!(filled.add_id(&id, &digest).is_err());
        assert!(filled.bytes.is_empty());
    }
}
