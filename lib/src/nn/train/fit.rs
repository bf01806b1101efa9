//! Trains one model: one member of one fold's ensemble.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use candle_core::Tensor;

use super::ema::Ema;
use super::log::EpochRow;
use super::loss::Loss;
use super::negatives::Negatives;
use super::optimiser::AdamW;
use super::schedule::Schedule;
use super::state::State;
use crate::config::{Config, Negatives as NegativeSource, Stop};
use crate::metrics::{auroc, pearson};
use crate::nn::bundle::{Parts, Plan, Target};
use crate::nn::data::{Dataset, Standardisation, TokenBatch};
use crate::nn::model::{FusionModel, Mode};
use crate::nn::predict::scores;
use crate::pair::{Side, Sides, Task};
use crate::rng::Rng;
use crate::{Error, Result};

/// Checkpoints at the end of an epoch are written at most this often; a request to stop always writes one.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(2);

/// Sees a fit from outside.
pub trait Watch: Sync {
    /// Hears of each step.
    fn step(&self) {}
    /// Hears of steps that need not be taken: the fit goes on from a checkpoint, or has stopped early.
    fn skip(&self, _steps: usize) {}
    /// Hears of each epoch.
    fn epoch(&self, _fit: &str, _row: &EpochRow) {}
    /// Is asked after each step whether to save and stop.
    fn stopped(&self) -> bool {
        false
    }
}

/// Everything that one fit is given.
pub struct Fit<'a> {
    /// The fit's name in messages, as `fold-0, member 1`.
    pub name: String,
    /// The molecules and pairs.
    pub data: &'a Dataset,
    /// The label of each pair of the table.
    pub labels: &'a [f64],
    /// Pairs of the table, by what they are for.
    pub parts: Parts<&'a [usize]>,
    /// What the labels are, and how they are scaled.
    pub target: Target,
    /// The standardisation of both sides.
    pub standardisation: &'a Sides<Standardisation>,
    /// The model, with its initial weights.
    pub model: FusionModel,
    /// The configuration.
    pub config: &'a Config,
    /// The sizes.
    pub plan: Plan,
    /// The stream of this fit.
    pub rng: Rng,
    /// Where the state is kept between runs, and the digest of what it must belong to.
    pub checkpoint: (PathBuf, String),
}

/// The result of a fit.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The weights that are kept, by name.
    pub weights: BTreeMap<String, Tensor>,
    /// The epochs.
    pub log: Vec<EpochRow>,
}

impl Fit<'_> {
    /// Trains to the end, going on from the checkpoint if there is one; `None` when it was asked to stop, after
    /// the state has been saved.
    ///
    /// The numbers drawn in a step depend on the seed and the step alone, so a fit that was stopped anywhere gives
    /// the same bytes as one that was not.
    ///
    /// # Errors
    /// A diverging training, a damaged store or checkpoint, a folder that cannot be written.
    pub fn run(&self, watch: &dyn Watch) -> Result<Option<Fitted>> {
        let model = &self.model;
        let mut optimiser = AdamW::new(model.params(), &self.config.training);
        let mut ema = Ema::new(self.config.training.ema, model.params())?;
        let mut state = State::default();
        let (path, key) = (&self.checkpoint.0, &self.checkpoint.1);
        if path.exists() {
            state = State::load(path, key, model.params(), &mut optimiser, &mut ema)?;
        }
        watch.skip(state.step);
        let pairs = self.training_pairs();
        let negatives = (self.config.training.negatives == NegativeSource::Balanced
            && self.target.task == Task::Classification)
            .then(|| Negatives::new(pairs.iter().map(|&(pair, y)| (pair, y > 0.5))));
        let positive = pairs.iter().filter(|p| p.1 > 0.5).count() as f64 / pairs.len().max(1) as f64;
        let loss = Loss::new(&self.config.loss, self.target.task, positive);
        let schedule = Schedule::new(&self.config.training, self.plan.steps());
        let per_epoch = self.plan.steps_per_epoch;
        let mut saved = Instant::now();
        let mut order = Vec::new();
        let mut share = None;
        while state.step < self.plan.steps() && !state.done {
            let (epoch, at) = (state.step / per_epoch, state.step % per_epoch);
            if order.is_empty() || at == 0 {
                order = self.rng.fork(&format!("order {epoch}")).permutation(pairs.len());
            }
            let bound = |i: usize| i * pairs.len() / per_epoch;
            let batch: Vec<_> = order[bound(at)..bound(at + 1)].iter().map(|&i| pairs[i]).collect();
            let rng = self.rng.fork(&format!("step {}", state.step));
            let batch = with_negatives(batch, negatives.as_ref(), &rng);
            let (value, gradient) = {
                let (distinct, index) = self.data.index(&batch.iter().map(|b| b.0).collect::<Vec<_>>())?;
                let Sides { rna, partner } = self.tokens(&distinct)?;
                let mut mode = Mode::Train(rng);
                let rna = model.encode(Side::Rna, &rna, &mut mode)?;
                let partner = model.encode(Side::Partner, &partner, &mut mode)?;
                let scores = model.score(&rna, &partner, &index, &mut mode)?;
                if (at + 1) == per_epoch {
                    share = model.crosstalk_share(&rna, &partner, &index)?;
                }
                let targets: Vec<f32> = batch.iter().map(|b| b.1).collect();
                let mean = loss.mean(&scores, &targets)?;
                let gradients = mean.backward()?;
                let rate = schedule.rate(state.step);
                (f64::from(mean.to_scalar::<f32>()?), optimiser.step(model.params(), &gradients, rate)?)
            };
            ema.update(state.step, model.params())?;
            state.add(value, gradient);
            watch.step();
            if state.step.is_multiple_of(per_epoch) {
                self.end_epoch(&loss, schedule.rate(state.step - 1), share, &ema, &mut state)?;
                if let Some(row) = state.log.last() {
                    watch.epoch(&self.name, row);
                }
                if state.done {
                    watch.skip(self.plan.steps() - state.step);
                }
                if saved.elapsed() >= BETWEEN_CHECKPOINTS || state.done {
                    state.save(path, key, model.params(), &optimiser, &ema)?;
                    saved = Instant::now();
                }
            }
            if watch.stopped() {
                state.save(path, key, model.params(), &optimiser, &ema)?;
                return Ok(None);
            }
        }
        let weights = match state.best.take() {
            Some(best) => best.weights,
            None => ema.weights(model.params())?,
        };
        Ok(Some(Fitted { weights, log: state.log }))
    }

    /// Gives the training pairs with their targets, in the order of the table.
    fn training_pairs(&self) -> Vec<(Sides<u32>, f32)> {
        let target = |at: usize| self.target.scaled(self.labels[at]) as f32;
        self.parts.train.iter().filter_map(|&at| Some((self.data.pair(at)?, target(at)))).collect()
    }

    fn tokens(&self, distinct: &Sides<Vec<u32>>) -> Result<Sides<TokenBatch>> {
        Sides::try_of(|side| self.data.tables[side].batch(&distinct[side], &self.standardisation[side]))
    }

    /// Looks at the validation part, writes the epoch's row and decides about early stopping.
    fn end_epoch(
        &self,
        loss: &Loss,
        rate: f64,
        share: Option<Sides<f64>>,
        ema: &Ema,
        state: &mut State,
    ) -> Result<()> {
        let model = &self.model;
        let (mean, gradient) = state.means();
        let mut row = EpochRow {
            epoch: state.log.len() + 1,
            step: state.step,
            rate,
            loss: mean,
            gradient,
            validation_loss: None,
            metric: None,
            crosstalk: share,
        };
        let last = row.epoch == self.plan.epochs;
        if !self.parts.validation.is_empty() {
            let raw = ema.swap_in(model.params())?;
            let watched: Vec<Sides<u32>> =
                self.parts.validation.iter().filter_map(|&at| self.data.pair(at)).collect();
            let labels: Vec<f64> = self
                .parts
                .validation
                .iter()
                .filter(|&&at| self.data.pair(at).is_some())
                .map(|&at| self.target.scaled(self.labels[at]))
                .collect();
            let found = scores(model, self.data, self.standardisation, &watched)?;
            let value = loss.mean_of(&found, &labels);
            let metric = match self.target.task {
                Task::Classification => auroc(&found, &labels.iter().map(|&y| y > 0.5).collect::<Vec<_>>()),
                Task::Affinity => pearson(&found, &labels),
            };
            row.validation_loss = value.is_finite().then_some(value);
            row.metric = metric.is_finite().then_some(metric);
            if self.config.training.stop == Stop::Early {
                let merit = match self.target.task {
                    // Ranking decides; the loss only breaks ties between epochs that rank alike.
                    Task::Classification => row.metric.unwrap_or(0.0) - 0.1 * value,
                    Task::Affinity => -value,
                };
                state.consider(row.epoch, merit, model.params())?;
                state.done = state.since_best(row.epoch) >= self.config.training.patience.get();
            }
            if let Some(raw) = raw {
                model.params().restore(&raw)?;
            }
        }
        state.done |= last;
        state.log.push(row);
        Ok(())
    }
}

/// Says that a run was stopped on request.
pub(super) fn interrupted(output: &Path) -> Error {
    Error::Stopped {
        done: format!("{}: the training was asked to stop, and its state is saved", output.display()),
        remedy: "run the same command with --resume to go on".into(),
    }
}

/// Replaces the negative pairs of a batch by drawn ones, if negatives are drawn.
fn with_negatives(
    batch: Vec<(Sides<u32>, f32)>,
    negatives: Option<&Negatives>,
    rng: &Rng,
) -> Vec<(Sides<u32>, f32)> {
    let Some(negatives) = negatives else { return batch };
    let positives: Vec<Sides<u32>> = batch.iter().filter(|b| b.1 > 0.5).map(|b| b.0).collect();
    if positives.is_empty() {
        return batch;
    }
    let drawn = negatives.draw(&positives, &mut rng.fork("negatives"));
    let both = [(positives, 1.0), (drawn, 0.0)];
    both.into_iter().flat_map(|(pairs, y)| pairs.into_iter().map(move |pair| (pair, y))).collect()
}
