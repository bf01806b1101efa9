//! Averages the weights over the steps.

use std::collections::BTreeMap;

use candle_core::{DType, Tensor};

use crate::Result;
use crate::nn::checkpoint::{Array, Arrays};
use crate::nn::params::ParamStore;

/// An exponential moving average of the weights; with a decay of 0 it is off. It lies where the weights do.
pub(super) struct Ema {
    decay: f64,
    average: Average,
}

enum Average {
    Off,
    Host(Vec<Array>),
    Card(Vec<Tensor>),
}

impl Ema {
    /// Starts at the initial weights.
    pub(super) fn new(decay: f64, params: &ParamStore) -> Result<Self> {
        let tensors = || params.iter().map(|param| param.var().as_tensor());
        let average = match tensors().next() {
            Some(first) if decay > 0.0 && first.device().is_cpu() => {
                Average::Host(tensors().map(Array::from_tensor).collect::<Result<_>>()?)
            }
            Some(_) if decay > 0.0 => Average::Card(tensors().map(copy).collect::<Result<_>>()?),
            _ => Average::Off,
        };
        Ok(Self { decay, average })
    }

    /// Takes in the weights after a step; early steps weigh more, so that the start is soon forgotten.
    pub(super) fn update(&mut self, step: usize, params: &ParamStore) -> Result<()> {
        let decay = self.decay.min((step as f64 + 1.0) / (step as f64 + 10.0)) as f32;
        match &mut self.average {
            Average::Off => {}
            Average::Host(all) => {
                for (average, param) in all.iter_mut().zip(params) {
                    let now = Array::from_tensor(param.var().as_tensor())?;
                    for (a, w) in average.values.iter_mut().zip(now.values) {
                        *a += (1.0 - decay) * (w - *a);
                    }
                }
            }
            Average::Card(all) => {
                for (average, param) in all.iter_mut().zip(params) {
                    let now = param.var().as_tensor().detach().to_dtype(DType::F32)?;
                    *average = (&*average + (now - &*average)?.affine(f64::from(1.0 - decay), 0.0)?)?;
                }
            }
        }
        Ok(())
    }

    /// Gives the averaged weights, or the weights themselves when it is off.
    pub(super) fn weights(&self, params: &ParamStore) -> Result<BTreeMap<String, Tensor>> {
        let names = params.iter().map(|param| param.name().to_owned());
        match &self.average {
            Average::Off => params.snapshot(),
            Average::Host(all) => names.zip(all).map(|(name, a)| Ok((name, a.to_tensor()?))).collect(),
            Average::Card(all) => Ok(names.zip(all.iter().cloned()).collect()),
        }
    }

    /// Puts the average in place of the weights and gives the weights, or nothing when it is off.
    pub(super) fn swap_in(&self, params: &ParamStore) -> Result<Option<BTreeMap<String, Tensor>>> {
        if let Average::Off = self.average {
            return Ok(None);
        }
        let weights = params.snapshot()?;
        params.restore(&self.weights(params)?)?;
        Ok(Some(weights))
    }

    /// Adds the average to a checkpoint.
    pub(super) fn save(&self, params: &ParamStore, arrays: &mut Arrays) -> Result<()> {
        if let Average::Off = self.average {
            return Ok(());
        }
        for (name, average) in self.weights(params)? {
            arrays.insert(format!("average.{name}"), Array::from_tensor(&average)?);
        }
        Ok(())
    }

    /// Takes the average from a checkpoint, whichever device it comes from; `false` if it is not there.
    pub(super) fn load(&mut self, params: &ParamStore, arrays: &mut Arrays) -> Result<bool> {
        let mut take = |at: usize, shape: &[usize]| {
            let name = params.iter().nth(at).map(|param| format!("average.{}", param.name()))?;
            arrays.remove(&name).filter(|saved| saved.shape == shape)
        };
        match &mut self.average {
            Average::Off => {}
            Average::Host(all) => {
                for (at, average) in all.iter_mut().enumerate() {
                    let Some(saved) = take(at, &average.shape) else { return Ok(false) };
                    *average = saved;
                }
            }
            Average::Card(all) => {
                for (at, average) in all.iter_mut().enumerate() {
                    let Some(saved) = take(at, average.dims()) else { return Ok(false) };
                    *average = saved.to_tensor()?.to_device(average.device())?;
                }
            }
        }
        Ok(true)
    }
}

fn copy(tensor: &Tensor) -> Result<Tensor> {
    Ok(tensor.detach().to_dtype(DType::F32)?.copy()?)
}
