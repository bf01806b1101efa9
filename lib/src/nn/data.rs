//! What a model reads: the molecules of the embedding stores as tokens, and the pairs among them.

mod batch;
mod dataset;
mod spans;
mod standardise;
mod tokens;

pub(crate) use batch::DUPLEX_VALUES;
pub use batch::{PairIndex, TokenBatch, Widths};
pub use dataset::Dataset;
pub use standardise::{Columns, Measure, Standardisation};
pub use tokens::{TokenTable, Tokens};
