//! Resolves what `auto` leaves open, for one fold.

use serde::{Deserialize, Serialize};

use crate::config::Config;

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
    /// Applies the rules to a number of training pairs: 20 epochs of batches of 64 below 1000 pairs, else 15 of 256.
    /// [`Config::resolved`] has set the batch between RNAs.
    ///
    /// ```
    /// use crossmamba::config::Config;
    /// use crossmamba::nn::bundle::Plan;
    ///
    /// let plan = Plan::new(&Config::default(), 2102);
    /// assert_eq!((plan.epochs, plan.steps_per_epoch, plan.batch), (15, 8, 263));
    /// ```
    pub fn new(config: &Config, pairs: usize) -> Self {
        let (epochs, batch) = if pairs < SMALL { (20, 64) } else { (15, 256) };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_go_by_size() {
        let plan = |pairs| Plan::new(&Config::default(), pairs);
        let sizes = |p: Plan| (p.epochs, p.steps_per_epoch, p.batch);
        assert_eq!(sizes(plan(520)), (20, 8, 65));
        assert_eq!(sizes(plan(2102)), (15, 8, 263));
        assert_eq!(sizes(plan(1034)), (15, 4, 259));
        assert_eq!(sizes(plan(3)), (20, 1, 3));
    }
}
