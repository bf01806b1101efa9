//! Ends an epoch: looks at the inner validation part, and decides whether to stop.

use super::log::EpochRow;
use super::loss::Loss;
use super::state::State;
use crate::Result;
use crate::config::{Stop, TrainingConfig};
use crate::metrics::{auroc, pearson};
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::model::FusionModel;
use crate::nn::predict::scores;
use crate::pair::{Sides, Task};

/// The inner validation part of a fit, which may be empty.
pub(super) struct Validation<'a> {
    pub(super) data: &'a Dataset,
    pub(super) standardisation: &'a Sides<Standardisation>,
    pub(super) training: &'a TrainingConfig,
    pub(super) task: Task,
    pub(super) loss: Loss,
    pub(super) pairs: Vec<Sides<u32>>,
    /// Labels as a model learns them.
    pub(super) labels: Vec<f64>,
}

impl Validation<'_> {
    /// Adds to an epoch's row how the model does here; when stopping early, keeps the weights of the best epoch and says
    /// when there has been none for too long.
    pub(super) fn look(&self, model: &FusionModel, row: &mut EpochRow, state: &mut State) -> Result<()> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        let raw = state.ema.swap_in(model.params())?;
        let (loss, metric) = self.measure(model)?;
        row.validation_loss = loss.is_finite().then_some(loss);
        row.metric = metric.is_finite().then_some(metric);
        if self.training.stop == Stop::Early {
            let merit = match self.task {
                // Ranking decides; the loss only breaks ties between epochs that rank alike.
                Task::Classification => row.metric.unwrap_or(0.0) - 0.1 * loss,
                Task::Affinity => -loss,
            };
            state.consider(row.epoch, merit, model.params())?;
            state.done = state.since_best(row.epoch) >= self.training.patience.get();
        }
        if let Some(raw) = raw {
            model.params().restore(&raw)?;
        }
        Ok(())
    }

    /// Gives the mean loss, and AUROC or Pearson's r.
    fn measure(&self, model: &FusionModel) -> Result<(f64, f64)> {
        let found = scores(model, self.data, self.standardisation, &self.pairs)?;
        let metric = match self.task {
            Task::Classification => auroc(&found, &self.labels.iter().map(|&y| y > 0.5).collect::<Vec<_>>()),
            Task::Affinity => pearson(&found, &self.labels),
        };
        Ok((self.loss.mean_of(&found, &self.labels), metric))
    }
}
