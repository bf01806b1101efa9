//! Where a fit stands, and how it is saved.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::ema::Ema;
use super::log::EpochRow;
use super::optimiser::AdamW;
use crate::config::TrainingConfig;
use crate::nn::checkpoint::{self, Array, Arrays};
use crate::nn::params::ParamStore;
use crate::pair::Sides;
use crate::{Error, Place, Result};

/// Where a fit stands, beside its weights. The random streams are not in it: they follow from the seed and the step.
pub(super) struct State {
    pub(super) optimiser: AdamW,
    pub(super) ema: Ema,
    pub(super) step: usize,
    pub(super) done: bool,
    pub(super) log: Vec<EpochRow>,
    /// Sums of loss and gradient norm over the steps of the current epoch.
    sums: [f64; 2],
    counted: usize,
    pub(super) best: Option<Best>,
}

/// The best epoch so far, when stopping early.
#[derive(Debug, Clone)]
pub(super) struct Best {
    epoch: usize,
    merit: f64,
    pub(super) weights: BTreeMap<String, Tensor>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    kind: String,
    key: String,
    step: usize,
    done: bool,
    optimiser_steps: u64,
    sums: [f64; 2],
    counted: usize,
    best: Option<(usize, f64)>,
    log: Vec<EpochRow>,
}

const KIND: &str = "checkpoint";

fn other(path: &Path) -> Error {
    Place::file(path)
        .error("is the checkpoint of another run", "use the same inputs and settings, or delete it")
}

impl State {
    /// Starts before the first step.
    pub(super) fn new(params: &ParamStore, config: &TrainingConfig) -> Result<Self> {
        Ok(Self {
            optimiser: AdamW::new(params, config)?,
            ema: Ema::new(config.ema, params)?,
            step: 0,
            done: false,
            log: Vec::new(),
            sums: [0.0; 2],
            counted: 0,
            best: None,
        })
    }

    /// Gives the weights that are kept at the end: of the best epoch when stopping early, else the average or the last.
    pub(super) fn kept(&mut self, params: &ParamStore) -> Result<BTreeMap<String, Tensor>> {
        match self.best.take() {
            Some(best) => Ok(best.weights),
            None => self.ema.weights(params),
        }
    }

    /// Counts a step.
    pub(super) fn add(&mut self, loss: f64, gradient: f64) {
        self.step += 1;
        self.counted += 1;
        self.sums[0] += loss;
        self.sums[1] += gradient;
    }

    /// Gives the row of the epoch that ends, without what the validation part says, and starts the next epoch.
    pub(super) fn row(&mut self, rate: f64, crosstalk: Option<Sides<f64>>) -> EpochRow {
        let count = self.counted.max(1) as f64;
        let [loss, gradient] = self.sums.map(|sum| sum / count);
        (self.sums, self.counted) = ([0.0; 2], 0);
        let (epoch, step) = (self.log.len() + 1, self.step);
        EpochRow { epoch, step, rate, loss, gradient, validation_loss: None, metric: None, crosstalk }
    }

    /// Keeps the weights of an epoch if it is the best so far.
    pub(super) fn consider(&mut self, epoch: usize, merit: f64, params: &ParamStore) -> Result<()> {
        if self.best.as_ref().is_none_or(|best| merit > best.merit) {
            self.best = Some(Best { epoch, merit, weights: params.snapshot()? });
        }
        Ok(())
    }

    /// Gives the number of epochs since the best one.
    pub(super) fn since_best(&self, epoch: usize) -> usize {
        self.best.as_ref().map_or(0, |best| epoch - best.epoch)
    }

    /// Writes the state and the weights.
    pub(super) fn save(&self, path: &Path, key: &str, params: &ParamStore) -> Result<()> {
        let (optimiser_steps, moments) = self.optimiser.state()?;
        let mut arrays = Arrays::new();
        for (param, moments) in params.iter().zip(moments) {
            let name = param.name();
            arrays.insert(format!("weight.{name}"), Array::from_tensor(param.var().as_tensor())?);
            let [first, second] = moments;
            arrays.insert(format!("first.{name}"), Array::vector(first));
            arrays.insert(format!("second.{name}"), Array::vector(second));
        }
        self.ema.save(params, &mut arrays)?;
        for (name, weight) in self.best.iter().flat_map(|best| &best.weights) {
            arrays.insert(format!("best.{name}"), Array::from_tensor(weight)?);
        }
        let about = About {
            kind: KIND.into(),
            key: key.into(),
            step: self.step,
            done: self.done,
            optimiser_steps,
            sums: self.sums,
            counted: self.counted,
            best: self.best.as_ref().map(|best| (best.epoch, best.merit)),
            log: self.log.clone(),
        };
        checkpoint::write(path, &about, &arrays).map(|_| ())
    }

    /// Checks that a saved state is whole, and one of this run.
    ///
    /// # Errors
    /// A damaged file, or the state of another run.
    pub(super) fn check(path: &Path, key: &str) -> Result<()> {
        Self::read(path, key).map(drop)
    }

    fn read(path: &Path, key: &str) -> Result<(About, Arrays)> {
        let (about, arrays, _): (About, Arrays, _) = checkpoint::read(path)?;
        if about.kind == KIND && about.key == key { Ok((about, arrays)) } else { Err(other(path)) }
    }

    /// Goes on from a saved state and its weights.
    ///
    /// # Errors
    /// A damaged file, or the state of another run.
    pub(super) fn load(&mut self, path: &Path, key: &str, params: &ParamStore) -> Result<()> {
        let (about, mut arrays) = Self::read(path, key)?;
        let other = || other(path);
        let mut take = |prefix: &str| -> Result<BTreeMap<String, Array>> {
            let names = params.iter().map(|p| p.name().to_owned());
            names
                .map(|name| {
                    let array = arrays.remove(&format!("{prefix}.{name}")).ok_or_else(other)?;
                    Ok((name, array))
                })
                .collect()
        };
        let tensors = |arrays: BTreeMap<String, Array>| -> Result<BTreeMap<String, Tensor>> {
            arrays.into_iter().map(|(name, array)| Ok((name, array.to_tensor()?))).collect()
        };
        params.restore(&tensors(take("weight")?)?)?;
        let (first, second) = (take("first")?, take("second")?);
        let moments = first.into_values().zip(second.into_values()).map(|(m, v)| [m.values, v.values]);
        self.best = match about.best {
            Some((epoch, merit)) => Some(Best { epoch, merit, weights: tensors(take("best")?)? }),
            None => None,
        };
        let optimiser = self.optimiser.restore(about.optimiser_steps, moments.collect())?;
        if !optimiser || !self.ema.load(params, &mut arrays)? {
            return Err(other());
        }
        (self.step, self.done, self.log) = (about.step, about.done, about.log);
        (self.sums, self.counted) = (about.sums, about.counted);
        Ok(())
    }
}
