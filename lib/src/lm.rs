//! Language models of proteins, RNA and small molecules, from the files that their authors published.

mod engine;
mod weights;

pub use engine::{LanguageModel, Precision};
pub use weights::{
    AttentionEpsilon, Checkpoint, Family, KnownFile, Layout, Shape, known_digest, known_files,
};
