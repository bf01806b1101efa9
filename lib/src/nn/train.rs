//! Trains fusion models: folds, ensembles, schedules, checkpoints.

mod dataset;
mod ema;
mod fit;
mod inner;
mod lanes;
mod log;
mod negatives;
mod plan;
mod run;
mod state;
mod target;

pub use dataset::Dataset;
pub use fit::{Fit, Fitted, Watch};
pub use inner::inner_part;
pub use lanes::in_lanes;
pub use log::{EpochRow, log_table};
pub use plan::{Plan, inner_fraction};
pub use run::{FoldRun, Run};
pub use target::Target;
