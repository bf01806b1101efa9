//! Says how far to trust the prediction of one pair: which molecules of training its two molecules are nearest to.
//!
//! [`Neighbours`] hold a short sketch of every molecule of training, no sequence and no label; [`Flag`] says in a word what
//! is known of a pair; [`Reliability`] tells how good predictions of such pairs were, measured on pairs that a model had not
//! seen.

mod flag;
mod neighbours;
mod reliability;
mod sketch;

pub use flag::{Flag, NEAR, Nearness};
pub use neighbours::{Kept, Nearest, Neighbours, Trained};
pub use reliability::{Bin, COVERAGE, Measured, Reliability, Told};
pub use sketch::{Scale, Sketches, WIDTH};
