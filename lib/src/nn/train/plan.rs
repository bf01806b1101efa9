//! Resolves what `auto` leaves open, for one fold.

use serde::{Deserialize, Serialize};

use crate::config::{Config, Stop};
use crate::pair::Task;

/// The sizes of one fit, after every rule has been applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Passes over the training pairs.
    pub epochs: usize,
    /// Steps in each.
    pub steps_per_epoch: usize,
    /// Pairs per step, at most.
    pub batch: usize,
}

/// Below this many training pairs the rules for small sets hold.
const SMALL: usize = 1000;

impl Plan {
    /// Applies the rules to a number of training pairs: 20 epochs of batches of 64 below 1000 pairs, else 15 of 256;
    /// affinities take twice the epochs, in batches of 64. [`Config::resolved`] has set the batch between RNAs.
    pub fn new(config: &Config, task: Task, pairs: usize) -> Self {
        let small = pairs < SMALL;
        let (epochs, batch) = match task {
            Task::Classification => (if small { 20 } else { 15 }, if small { 64 } else { 256 }),
            Task::Affinity => (if small { 40 } else { 30 }, 64),
        };
        let batch = config.training.batch.or(batch).min(pairs.max(1));
        // All pairs are used in every epoch: the batches are evenly filled, not the last one less.
        let steps_per_epoch = ((pairs as f64 / batch as f64).round() as usize).max(1);
        Self {
            epochs: config.training.epochs.or(epochs),
            steps_per_epoch,
            batch: pairs.div_ceil(steps_per_epoch),
        }
    }

    /// Gives the number of steps of the whole schedule.
    pub fn steps(&self) -> usize {
        self.epochs * self.steps_per_epoch
    }
}

/// Gives the size of the inner validation part as a fraction of the training pairs.
pub fn inner_fraction(config: &Config) -> f64 {
    config.validation.fraction.or(match config.training.stop {
        Stop::Early => 0.12,
        Stop::Fixed => 0.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_go_by_size_and_task() {
        let plan = |task, pairs| Plan::new(&Config::default(), task, pairs);
        let sizes = |p: Plan| (p.epochs, p.steps_per_epoch, p.batch);
        assert_eq!(sizes(plan(Task::Classification, 520)), (20, 8, 65));
        assert_eq!(sizes(plan(Task::Classification, 2102)), (15, 8, 263));
        assert_eq!(sizes(plan(Task::Affinity, 1034)), (30, 16, 65));
        assert_eq!(sizes(plan(Task::Classification, 3)), (20, 1, 3));
    }
}
