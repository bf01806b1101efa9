//! Language models of proteins, RNA and small molecules, from their published files to embeddings.

mod budget;
mod encoder;
mod engine;
mod family;
mod pool;
mod published;
mod self_check;
mod tokens;
mod weights;
mod windows;

pub use encoder::{LmEncoder, LmSettings, Long};
pub use engine::{AtOnce, Cost, Engine, LanguageModel, Precision, TensorModel};
pub use family::Family;
pub use self_check::{SelfCheck, Verdict, self_check};
pub use tokens::{Tokenizer, Tokens, Vocabulary};
pub use weights::{AttentionEpsilon, Checkpoint, KnownFile, Layout, Shape, known_digest, known_files};
pub use windows::{Stitcher, contexts, weight};
