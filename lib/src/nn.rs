//! Computes with tensors: layers, the fusion model, its training and its use.
//!
//! A [`FusionModel`] reads [`TokenBatch`]es of distinct molecules and scores the pairs of a [`PairIndex`]. It is made
//! of [`MambaBlock`]s and of the operations in [`ops`], whose gradients are written by hand.

mod batch;
pub mod bundle;
pub mod checkpoint;
mod config;
pub mod device;
mod fusion;
mod head;
mod layers;
pub mod loss;
mod mamba;
mod model;
pub mod ops;
pub mod optimiser;
mod params;
pub mod predict;
mod projection;
pub mod schedule;
pub mod standardise;
pub mod tokens;
pub mod train;

pub use batch::{Mode, PairIndex, Side, TokenBatch, Widths};
pub use config::{Crosstalk, DuplexInput, Fusion, Head, ModelConfig, Reading, Selectivity};
pub use fusion::{CrosstalkShare, Profiles};
pub use mamba::{BlockShape, MambaBlock, Readout};
pub use model::FusionModel;
pub use params::{Param, ParamStore};
