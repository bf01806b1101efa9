//! Trains fusion models: folds, ensembles, schedules, checkpoints.

mod batches;
mod compare;
mod ema;
mod epoch;
mod experts;
mod finish;
mod fit;
mod forecast;
mod gradients;
mod inner;
mod jobs;
mod log;
mod loss;
mod negatives;
mod neighbours;
mod optimiser;
mod prepare;
mod run;
mod schedule;
mod state;
mod step;

pub use experts::Beside;
pub use fit::{Fit, Fitted, Watch};
pub use forecast::Forecast;
pub use inner::{inner_fraction, inner_part};
pub use log::{EpochRow, log_table};
pub use loss::Loss;
pub use neighbours::MOST_SKETCHED;
pub use optimiser::AdamW;
pub use prepare::finished;
pub use run::{FoldRun, Run};
pub use schedule::Schedule;
