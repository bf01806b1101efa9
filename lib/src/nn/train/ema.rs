//! Averages the weights over the steps.

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::Result;
use crate::nn::checkpoint::{Array, Arrays};
use crate::nn::params::ParamStore;

/// An exponential moving average of the weights; with a decay of 0 it is off.
pub(super) struct Ema {
    decay: f64,
    average: Vec<Array>,
}

impl Ema {
    /// Starts at the initial weights.
    pub(super) fn new(decay: f64, params: &ParamStore) -> Result<Self> {
        let mut average = Vec::new();
        if decay > 0.0 {
            for param in params {
                average.push(Array::from_tensor(param.var().as_tensor())?);
            }
        }
        Ok(Self { decay, average })
    }

    /// Takes in the weights after a step; early steps weigh more, so that the start is soon forgotten.
    pub(super) fn update(&mut self, step: usize, params: &ParamStore) -> Result<()> {
        let decay = self.decay.min((step as f64 + 1.0) / (step as f64 + 10.0)) as f32;
        for (average, param) in self.average.iter_mut().zip(params) {
            let now = Array::from_tensor(param.var().as_tensor())?;
            for (a, w) in average.values.iter_mut().zip(now.values) {
                *a += (1.0 - decay) * (w - *a);
            }
        }
        Ok(())
    }

    /// Gives the averaged weights, or the weights themselves when it is off.
    pub(super) fn weights(&self, params: &ParamStore) -> Result<BTreeMap<String, Tensor>> {
        if self.average.is_empty() {
            return params.snapshot();
        }
        let pairs = params.iter().zip(&self.average);
        pairs.map(|(param, average)| Ok((param.name().to_owned(), average.to_tensor()?))).collect()
    }

    /// Puts the average in place of the weights and gives the weights, or nothing when it is off.
    pub(super) fn swap_in(&self, params: &ParamStore) -> Result<Option<BTreeMap<String, Tensor>>> {
        if self.average.is_empty() {
            return Ok(None);
        }
        let weights = params.snapshot()?;
        params.restore(&self.weights(params)?)?;
        Ok(Some(weights))
    }

    /// Adds the average to a checkpoint.
    pub(super) fn save(&self, params: &ParamStore, arrays: &mut Arrays) {
        for (param, average) in params.iter().zip(&self.average) {
            arrays.insert(format!("average.{}", param.name()), average.clone());
        }
    }

    /// Takes the average from a checkpoint; `false` if it is not there.
    pub(super) fn load(&mut self, params: &ParamStore, arrays: &mut Arrays) -> bool {
        for (param, average) in params.iter().zip(&mut self.average) {
            match arrays.remove(&format!("average.{}", param.name())) {
                Some(saved) if saved.shape == average.shape => *average = saved,
                _ => return false,
            }
        }
        true
    }
}
