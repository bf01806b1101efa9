//! Computes with tensors: layers, the fusion model, its training and its use.
//!
//! A [`FusionModel`] reads [`TokenBatch`]es of distinct molecules and scores the pairs of a [`PairIndex`]. It is made
//! of [`MambaBlock`]s and of the operations in [`ops`], whose gradients are written by hand.
//!
//! The modules form layers, too; each imports only what stands before it:
//!
//! - [`device`], `indices`, `segments`: where tensors live, who uses which position, where packed sequences lie,
//! - [`ops`]: operations with hand-written gradients,
//! - [`data`]: molecules of the embedding stores, as batches of tokens and of pairs,
//! - `params`, `model`: trainable tensors, and the network that they make,
//! - [`checkpoint`], [`bundle`]: tensors in files, and trained models in folders,
//! - [`threads`], [`predict`]: work side by side, and the scores of pairs,
//! - [`train`]: fits, folds and ensembles.

pub mod bundle;
pub mod checkpoint;
pub mod data;
pub mod device;
mod indices;
mod model;
pub mod ops;
mod params;
pub mod predict;
mod segments;
pub mod threads;
pub mod train;

pub use crate::config::{Crosstalk, DuplexInput, Fusion, Head, ModelConfig, Reading, Selectivity};
pub use crate::pair::{Side, Sides};
pub use data::{Dataset, PairIndex, Standardisation, TokenBatch, TokenTable, Widths};
pub use indices::Indices;
pub use model::{BlockShape, FusionModel, MambaBlock, Mode, Numbers, Profiles, Readout};
pub use params::{Param, ParamStore};
pub use segments::{Direction, Segments};
