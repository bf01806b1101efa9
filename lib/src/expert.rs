//! Learns beside the network: boosted trees over descriptors of whole molecules and over what similar molecules are known
//! to do, for affinities a Gaussian process, and the choice among them and the network.
//!
//! On molecules that training has not seen the network reads the chemistry of a partner well and misses how often an RNA
//! binds at all; trees over [transfer numbers](crate::transfer) find just that. Which of them to trust, or which mean, is
//! chosen by inner folds drawn like the split.

mod choice;
mod descriptors;
mod distinct;
mod draw;
mod fitted;
mod gaussian;
mod kind;
mod traits;

pub use choice::{BLEND, Candidate, Choice, Inner, better, choose, figure};
pub use descriptors::{Descriptors, Named};
pub(crate) use distinct::Distinct;
pub use fitted::{Experts, Kin, Known, Learn, World};
pub use gaussian::{Gaussian, MOST};
pub use kind::{ExpertChoice, Kind, Weights};
