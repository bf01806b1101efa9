//! Keeps embeddings on disk: computed once per distinct sequence, memory-mapped, safe to interrupt.
//!
//! A store is a folder:
//!
//! - `manifest.json`: what made the rows ([`Manifest`]),
//! - `index.tsv`: one line per record: digest of the sequence, id, length, rows, shard, offset, checksums,
//! - `complete.json`: size and digest of the finished index, and of imported values a digest of what they were taken from;
//!   missing while the store is written,
//! - `shard-00000.bin`, …: flat, append-only values, little-endian, in the manifest's [`Dtype`].
//!
//! The entry of one sequence is its global vector (`global_width` values) followed by `rows` rows of `width` values.
//! A folder that holds `part-1-of-3`, `part-2-of-3` and `part-3-of-3`, each a store, is read as one store.
//!
//! A *shard* is one of the files of values, as of a checkpoint; a *part* is a share of the work, which several runs
//! divide among them ([`Part`]).

mod complete;
mod dtype;
mod index;
mod manifest;
mod mean;
mod memory;
mod part;
mod reader;
mod recover;
mod tokens;
mod writer;

pub use dtype::Dtype;
pub use manifest::{FORMAT, Manifest};
#[cfg(feature = "nn")]
pub(crate) use mean::RowMean;
pub use mean::mean_rows;
pub use memory::{Destination, MemoryStore};
pub use part::Part;
pub use reader::Store;
pub use tokens::{TokenRule, windows};
pub use writer::StoreWriter;

/// The embedding of one molecule.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Embedding {
    /// Length of the sequence, in residues (SMILES: in tokens).
    pub length: u64,
    /// Number of rows.
    pub rows: usize,
    /// The global vector: `global_width` values, none when the encoder has no global vector.
    pub global: Vec<f32>,
    /// The rows one after another: `rows * width` values.
    pub values: Vec<f32>,
}
