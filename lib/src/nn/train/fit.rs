//! Trains one model: one member of one fold's ensemble.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use candle_core::Tensor;

use super::batches::Batches;
use super::epoch::Validation;
use super::log::EpochRow;
use super::loss::Loss;
use super::negatives::Negatives;
use super::schedule::Schedule;
use super::state::State;
use super::step::{Course, Sum};
use crate::config::{Config, Negatives as NegativeSource};
use crate::nn::bundle::{Parts, Plan, Target};
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::model::FusionModel;
use crate::pair::{Sides, Task};
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
        let params = self.model.params();
        let mut state = State::new(params, &self.config.training)?;
        let (path, key) = (&self.checkpoint.0, &self.checkpoint.1);
        if path.exists() {
            state.load(path, key, params)?;
        }
        watch.skip(state.step);
        let course = self.course();
        let validation = self.validation(course.loss);
        let mut saved = Instant::now();
        let batches = Batches::new(&self.plan, &self.rng, &course.pairs);
        let mut drawn = None;
        while state.step < self.plan.steps() && !state.done {
            let at = state.step % self.plan.steps_per_epoch;
            let epoch = match drawn.take() {
                Some(epoch) if at > 0 => epoch,
                _ => batches.epoch(state.step / self.plan.steps_per_epoch),
            };
            let last = at + 1 == self.plan.steps_per_epoch;
            let share = course.step(drawn.insert(epoch).step(at), last, &mut state)?;
            watch.step();
            if last {
                let mut row = state.row(course.schedule.rate(state.step - 1), share);
                validation.look(&self.model, &mut row, &mut state)?;
                state.done |= row.epoch == self.plan.epochs;
                watch.epoch(&self.name, &row);
                state.log.push(row);
                if state.done {
                    watch.skip(self.plan.steps() - state.step);
                }
                if saved.elapsed() >= BETWEEN_CHECKPOINTS || state.done {
                    state.save(path, key, params)?;
                    saved = Instant::now();
                }
            }
            if watch.stopped() {
                state.save(path, key, params)?;
                return Ok(None);
            }
        }
        Ok(Some(Fitted { weights: state.kept(params)?, log: state.log }))
    }

    /// Gives what stays the same over the steps.
    fn course(&self) -> Course<'_> {
        let target = |at: usize| self.target.scaled(self.labels[at]) as f32;
        let known = self.parts.train.iter().filter_map(|&at| Some((self.data.pair(at)?, target(at))));
        let pairs: Vec<(Sides<u32>, f32)> = known.collect();
        let training = &self.config.training;
        let drawn =
            training.negatives == NegativeSource::Balanced && self.target.task == Task::Classification;
        let positive = pairs.iter().filter(|p| p.1 > 0.5).count() as f64 / pairs.len().max(1) as f64;
        Course {
            model: &self.model,
            data: self.data,
            standardisation: self.standardisation,
            rng: &self.rng,
            negatives: drawn.then(|| Negatives::new(pairs.iter().map(|&(pair, y)| (pair, y > 0.5)))),
            loss: Loss::new(&self.config.loss, self.target.task, positive),
            sum: Sum::new(&self.plan, &pairs),
            schedule: Schedule::new(training, self.plan.steps()),
            pairs,
        }
    }

    /// Gives what is watched at the end of each epoch.
    fn validation(&self, loss: Loss) -> Validation<'_> {
        let known = self.parts.validation.iter().filter_map(|&at| Some((self.data.pair(at)?, at)));
        let (pairs, labels) = known.map(|(pair, at)| (pair, self.target.scaled(self.labels[at]))).unzip();
        Validation {
            data: self.data,
            standardisation: self.standardisation,
            training: &self.config.training,
            task: self.target.task,
            loss,
            pairs,
            labels,
        }
    }
}

/// Says that a run was stopped on request.
pub(super) fn interrupted(output: &Path) -> Error {
    Error::Stopped {
        done: format!("{}: the training was asked to stop, and its state is saved", output.display()),
        remedy: "run the same command with --resume to go on".into(),
    }
}
