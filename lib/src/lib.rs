//! Predicts RNA–protein, RNA–small molecule and RNA–RNA interactions from sequence.
//!
//! Embeddings of each molecule are aligned by bidirectional Mamba encoders whose hidden state passes from one
//! molecule to the other (CrossLLM-Mamba, Sadia, Ye and Cheng 2026, arXiv 2602.22236).
//!
//! The modules form layers; each imports only what stands before it:
//!
//! - [`error`], [`record`], [`alphabet`], [`words`], [`io`]: identifiers, digests, letters, quantities and files,
//! - [`normalise`]: the one form of sequences that every tool reads,
//! - [`simd`]: the vector instructions of all that computes,
//! - [`rng`]: seeded random numbers,
//! - [`tensors`]: files of named tensors,
//! - [`store`], [`encoder`]: embeddings on disk, and what computes them,
//! - [`cluster`]: which molecules are relatives,
//! - [`pair`], [`identity`], [`split`]: pairs of molecules, which of them are the same, and their division into folds,
//! - [`provenance`]: what made an output,
//! - [`simulate`]: sets with planted binding rules,
//! - [`exchange`]: embeddings from and for other programs,
//! - [`duplex`]: how well two RNAs pair,
//! - [`gp`]: affinity by what molecules have in common,
//! - [`metrics`], [`calibrate`]: how good predictions are, and what they mean,
//! - [`trees`], [`transfer`]: boosted trees over columns of numbers, and numbers from what similar molecules do,
//! - [`expert`]: trees beside the network, and the choice among them,
//! - [`trust`], [`prediction`]: how well training knows the molecules of a pair, and the tables of predictions,
//! - [`baseline`], [`report`], [`audit`]: what any claim must beat, and what a set gives away,
//! - `config`, `nn`: settings and tensors (feature `nn`),
//! - `lm`: language models, from their published files to embeddings (feature `nn`),
//! - `memory`: what this process may still take (feature `nn`).
pub mod alphabet;
pub mod audit;
pub mod baseline;
pub mod calibrate;
pub mod cluster;
#[cfg(feature = "nn")]
pub mod config;
pub mod duplex;
pub mod encoder;
pub mod error;
pub mod exchange;
pub mod expert;
pub mod gp;
pub mod homology;
pub mod identity;
pub mod io;
#[cfg(feature = "nn")]
pub mod lm;
#[cfg(feature = "nn")]
pub mod memory;
pub mod metrics;
#[cfg(feature = "nn")]
pub mod nn;
pub mod normalise;
pub mod pair;
pub mod prediction;
pub mod provenance;
pub mod record;
pub mod report;
pub mod rng;
pub mod simd;
pub mod simulate;
pub mod split;
pub mod store;
pub mod tensors;
pub mod text;
pub mod transfer;
pub mod trees;
pub mod trust;
pub mod words;

pub use error::{Error, Place, Result};
