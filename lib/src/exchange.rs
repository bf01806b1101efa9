//! Exchanges embeddings with other programs: takes theirs into a store, and writes a store for them.
//!
//! Each array has the name of its record: rows of shape `(rows, width)`, or one vector of shape `(width)`; a vector
//! beside the rows is named `<identifier> global`, as no identifier holds a blank.
//!
//! - [`Import`]: an [`Encoder`](crate::encoder::Encoder) whose embeddings come from HDF5, `.npz`, `.npy`, safetensors
//!   and torch files, checked against the sequences.
//! - [`export`]: a store as safetensors, `.npz` or HDF5.

mod export;
mod foreign;
mod hdf5;
mod import;
mod npy;
mod npz;
mod pt;
mod random;
mod safetensors;
mod sources;
mod zip;

pub use export::{ExportFormat, Exported, Prepared, export, prepare_export};
pub use import::{Import, ImportSettings, Rejected, SpecialRows};
