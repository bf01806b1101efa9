//! Says of a pair what pairs of similar molecules are known to do: thirteen numbers, sums over labels that are weighted by
//! how near both molecules are.
//!
//! [`Distances`] tell how far molecules are from those of training, [`Transfer`] sums their labels. The numbers of a
//! training pair must come from other pairs than those that it is drawn together with, as a test pair's do: from the
//! other [inner folds](crate::split::Regime::inner). To leave out only the pair itself, or its own cluster, gives its label
//! away to whoever sees the sequences beside the numbers.

mod distance;
mod kin;
mod numbers;
mod sums;

pub use distance::{Block, Distances, Standardised};
pub use kin::Relatives;
pub use numbers::{Asked, NAMES, Query, Transfer};
