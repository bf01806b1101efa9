//! How the weights are found, and what is held out while they are.

use std::num::NonZero;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AutoCount, AutoFraction, within};
use crate::pair::{Task, Unit};
use crate::{Error, Result};

/// What the labels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskChoice {
    /// Classification when every label is 0 or 1, else affinity.
    #[default]
    Auto,
    /// Labels 0 and 1.
    Classification,
    /// Labels are measured numbers, such as pKd.
    Affinity,
}

/// How the weights are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrainingConfig {
    /// Passes over the training pairs; auto: 20 below 1000 pairs, else 15.
    pub epochs: AutoCount,
    /// Pairs per step; auto: 64 below 1000 pairs and between RNAs, else 256. A step by blocks takes about 16 times as many.
    pub batch: AutoCount,
    /// Which pairs make a step.
    pub batches: Batches,
    /// The highest learning rate of `AdamW`.
    pub learning_rate: f64,
    /// The learning rate at the end of the cosine, as a fraction of the highest.
    pub final_rate: f64,
    /// The fraction of the steps in which the learning rate rises linearly.
    pub warm_up: f64,
    /// Decoupled weight decay; never on biases, norms, `A_log`, D and Γ.
    pub weight_decay: f64,
    /// Gradients are scaled down to this Euclidean norm; 0 leaves them alone.
    pub clip_norm: f64,
    /// Which weights are kept.
    pub stop: Stop,
    /// Early stopping: epochs without a better validation metric before training ends.
    pub patience: NonZero<usize>,
    /// Decay per step of an exponential moving average of the weights, which is then what is kept; 0 is off.
    pub ema: f64,
    /// Where the negative pairs of a batch come from.
    pub negatives: Negatives,
    /// At most this many of the table's negative pairs are drawn for each positive one, anew for every epoch, and weigh as
    /// much as all of them would: the loss keeps its expected value. Null takes all; the validation part always has all.
    pub negatives_per_positive: Option<NonZero<usize>>,
    /// The unit of affinities, for the outputs; that of the pairs, where they name one.
    pub unit: String,
}

/// Which weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Those of the last step of a schedule fixed beforehand.
    Fixed,
    /// Those of the epoch with the best metric on the inner validation part.
    Early,
}

/// Which pairs make a step. Either way each epoch takes every pair once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Batches {
    /// Blocks from 20 000 training pairs on, where they encode at most a quarter of the molecules; else pairs.
    #[default]
    Auto,
    /// Pairs drawn one by one.
    Pairs,
    /// All pairs between some RNAs and some partners, each of which is encoded once.
    Blocks,
}

/// Where the negative pairs of a batch come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Negatives {
    /// The table of pairs.
    Given,
    /// Each positive pair brings its own: the same RNA or the same partner with another training molecule that
    /// it is not known to bind. The table's negative pairs are not trained on.
    Balanced,
}

/// The inner part of the training pairs that is watched but never trained on.
///
/// A split with a `validation` part is used as it is; else the part is drawn from each fold's training pairs, by
/// whole groups when the split has them. The fold that is reported on is never looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ValidationConfig {
    /// Its size as a fraction of the training pairs; auto: 0.12 with early stopping, 0.1 with a fixed schedule
    /// (then it only calibrates and is logged); 0 trains on everything, without calibration.
    pub fraction: AutoFraction,
}

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationConfig {
    /// One temperature, fitted on the inner validation part.
    #[default]
    Temperature,
    /// None: the probability is the logistic function of the score.
    None,
}

impl TaskChoice {
    /// Gives the task, given what the labels look like.
    ///
    /// # Errors
    /// Classification of labels other than 0 and 1.
    pub fn resolve(self, labels: Task) -> Result<Task> {
        match (self, labels) {
            (Self::Auto, task) => Ok(task),
            (Self::Affinity, _) => Ok(Task::Affinity),
            (Self::Classification, Task::Classification) => Ok(Task::Classification),
            (Self::Classification, Task::Affinity) => Err(Error::setting(
                "task",
                "the labels are not all 0 or 1, so they are no classes",
                "use `task: affinity`, or make the labels 0 and 1",
            )),
        }
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: AutoCount::Auto,
            batch: AutoCount::Auto,
            batches: Batches::Auto,
            learning_rate: 2e-3,
            final_rate: 0.02,
            warm_up: 0.1,
            weight_decay: 0.01,
            clip_norm: 1.0,
            stop: Stop::Fixed,
            patience: NonZero::new(5).unwrap_or(NonZero::<usize>::MIN),
            ema: 0.0,
            negatives: Negatives::Given,
            negatives_per_positive: None,
            unit: Unit::UNSTATED.into(),
        }
    }
}

impl TrainingConfig {
    pub(super) fn check(&self) -> Result<()> {
        within("training.learning-rate", self.learning_rate, 1e-8..=1.0)?;
        within("training.final-rate", self.final_rate, 0.0..=1.0)?;
        within("training.warm-up", self.warm_up, 0.0..=1.0)?;
        within("training.weight-decay", self.weight_decay, 0.0..=10.0)?;
        within("training.clip-norm", self.clip_norm, 0.0..=1e6)?;
        within("training.ema", self.ema, 0.0..=0.99999)?;
        if self.negatives == Negatives::Given {
            return Ok(());
        }
        let drawn = "with `training.negatives: balanced` every step draws its own negative pairs";
        if self.batches == Batches::Blocks {
            let remedy = "leave out one of the two: blocks hold the table's pairs";
            return Err(Error::setting("training.batches", drawn, remedy));
        }
        if self.negatives_per_positive.is_some() {
            return Err(Error::setting("training.negatives-per-positive", drawn, "leave out one of the two"));
        }
        Ok(())
    }
}

impl ValidationConfig {
    pub(super) fn check(&self) -> Result<()> {
        within("validation.fraction", self.fraction.or(0.1), 0.0..=0.5)
    }
}
