//! Scales labels for training and scores back for people.

use serde::{Deserialize, Serialize};

use crate::pair::Task;

/// What the labels are, with mean and standard deviation of the training labels (0 and 1 for classification).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What the labels are.
    pub task: Task,
    /// What is subtracted from a label.
    pub mean: f64,
    /// What it is then divided by.
    pub deviation: f64,
}

impl Target {
    /// Measures the training labels of an affinity; leaves those of a classification as they are.
    ///
    /// ```
    /// use crossmamba::nn::bundle::Target;
    /// use crossmamba::pair::Task;
    ///
    /// let target = Target::new(Task::Affinity, [5.0, 7.0].into_iter());
    /// assert_eq!((target.scaled(8.0), target.unscaled(2.0)), (2.0, 8.0));
    /// ```
    pub fn new(task: Task, labels: impl Iterator<Item = f64> + Clone) -> Self {
        let (mut mean, mut deviation) = (0.0, 1.0);
        if task == Task::Affinity {
            let count = labels.clone().count().max(1) as f64;
            mean = labels.clone().sum::<f64>() / count;
            deviation = (labels.map(|y| (y - mean).powi(2)).sum::<f64>() / count).sqrt();
            if deviation < 1e-9 {
                deviation = 1.0;
            }
        }
        Self { task, mean, deviation }
    }

    /// Turns a label into what a model learns.
    pub fn scaled(&self, label: f64) -> f64 {
        (label - self.mean) / self.deviation
    }

    /// Turns a score into the unit of the labels.
    pub fn unscaled(&self, score: f64) -> f64 {
        score * self.deviation + self.mean
    }
}
