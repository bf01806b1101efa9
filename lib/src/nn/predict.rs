//! Scores pairs with trained models: each molecule is encoded once, and memory is bounded by blocks.

mod blocks;
mod encoded;
mod ensemble;
mod met;
mod scores;
mod sink;
mod source;

pub(crate) use blocks::{BLOCK_MOLECULES, BLOCK_TOKENS};
pub use ensemble::{mean_scores, predict, predict_each, predict_into};
pub use scores::scores;
pub use sink::{AtLeast, AtPrior, Best, Sink};
pub use source::Source;
