//! Scores pairs with trained models: each molecule is encoded once, and memory is bounded by blocks.

mod blocks;
mod ensemble;
mod scores;

pub use ensemble::{mean_scores, predict};
pub use scores::scores;
