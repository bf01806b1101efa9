//! The arrays of a store: their names and shapes all at once, their values one at a time.

use std::path::Path;

use super::super::foreign::{About, GLOBAL};
use crate::record::Digest;
use crate::store::{Dtype, Embedding, Store, TokenRule};
use crate::{Error, Place, Result};

/// Which values of an entry an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Content {
    /// Its rows.
    Rows,
    /// Its global vector.
    Global,
}

/// One array.
#[derive(Debug, Clone)]
pub(super) struct Array {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) digest: Digest,
    pub(super) content: Content,
}

impl Array {
    /// Counts the values.
    pub(super) fn values(&self) -> usize {
        self.shape.iter().product()
    }
}

/// All arrays of a store, in the order of their names.
pub(super) struct Arrays<'a> {
    store: &'a Store,
    pub(super) list: Vec<Array>,
    pub(super) dtype: Dtype,
    /// The entry read last: its rows and its global vector are asked for one after the other.
    last: Option<(Digest, Embedding)>,
}

impl<'a> Arrays<'a> {
    /// Lists the arrays.
    pub(super) fn of(store: &'a Store, dtype: Dtype) -> Result<Self> {
        let manifest = store.manifest();
        let mut list = Vec::new();
        for id in store.ids() {
            let digest = store.require(id)?;
            let rows = store.shape_of(&digest).map_or(0, |(_, rows)| rows);
            let has_rows = manifest.width > 0 && rows > 0;
            if has_rows {
                let shape = match manifest.tokens {
                    TokenRule::Pooled if rows == 1 => vec![manifest.width],
                    _ => vec![rows, manifest.width],
                };
                list.push(Array { name: id.as_str().into(), shape, digest, content: Content::Rows });
            }
            if manifest.global_width > 0 {
                let name = if has_rows { format!("{id}{GLOBAL}") } else { id.as_str().into() };
                list.push(Array {
                    name,
                    shape: vec![manifest.global_width],
                    digest,
                    content: Content::Global,
                });
            }
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { store, list, dtype, last: None })
    }

    /// Gives the folder of the store.
    pub(super) fn path(&self) -> &Path {
        self.store.path()
    }

    /// Gives what made the rows, as one line of JSON.
    pub(super) fn about(&self) -> String {
        About::of(self.store.manifest()).to_json()
    }

    /// Counts the bytes of an array.
    pub(super) fn bytes(&self, array: &Array) -> u64 {
        (array.values() * self.dtype.size()) as u64
    }

    /// Reads the values of an array as they will be written, little-endian.
    pub(super) fn read(&mut self, at: usize) -> Result<Vec<u8>> {
        let Array { name, digest, content, .. } = self.list[at].clone();
        let place = || Place::file(self.store.path()).record(&name);
        if self.last.as_ref().is_none_or(|(last, _)| *last != digest) {
            let embedding = self.store.get(&digest)?;
            let embedding = embedding
                .ok_or_else(|| place().error("has no entry in the store", "make the store again"))?;
            self.last = Some((digest, embedding));
        }
        let values: &[f32] = match (&self.last, content) {
            (Some((_, embedding)), Content::Rows) => &embedding.values,
            (Some((_, embedding)), Content::Global) => &embedding.global,
            (None, _) => &[],
        };
        let mut bytes = Vec::new();
        self.dtype.encode(values, &mut bytes).map_err(|value| -> Error {
            let problem = format!("the value {value} cannot be written as {}", self.dtype.name());
            place().error(problem, "choose `--dtype f32`")
        })?;
        Ok(bytes)
    }
}
