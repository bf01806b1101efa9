//! What is random while a model trains.

use candle_core::{DType, Tensor};

use crate::Result;
use crate::nn::ops::{dropout, normal};
use crate::rng::Rng;

/// Says whether a forward pass trains (dropout and noise, drawn from the generator) or evaluates.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one per step")]
pub enum Mode {
    /// Training; the generator moves on.
    Train(Rng),
    /// Evaluation: nothing is random.
    Eval,
}

impl Mode {
    /// Gives the mode after so many draws of 32 bits, as dropout and noise draw them.
    pub(crate) fn after(&self, draws: u64) -> Self {
        let mut later = self.clone();
        if let Self::Train(rng) = &mut later {
            rng.pass(draws);
        }
        later
    }

    /// Counts what [`Mode::dropout`] draws for so many values.
    pub(crate) fn dropout_draws(values: usize, share: f64) -> u64 {
        if share > 0.0 { values as u64 } else { 0 }
    }

    /// Counts what [`Mode::noise`] draws for so many values.
    pub(crate) fn noise_draws(values: usize, share: f64) -> u64 {
        // Normal numbers come in pairs, of two draws each.
        if share > 0.0 && values > 1 { values.next_multiple_of(2) as u64 } else { 0 }
    }

    /// Drops a share of the values and scales up the others; does nothing in evaluation.
    pub(crate) fn dropout(&mut self, x: &Tensor, share: f64) -> Result<Tensor> {
        match self {
            Self::Train(rng) if share > 0.0 => Ok((x * dropout(rng, share, x)?)?),
            _ => Ok(x.clone()),
        }
    }

    /// Adds normal noise of `share` standard deviations of all values of `x`; does nothing in evaluation.
    pub(crate) fn noise(&mut self, x: &Tensor, share: f64) -> Result<Tensor> {
        let Self::Train(rng) = self else { return Ok(x.clone()) };
        let count = x.elem_count();
        if share <= 0.0 || count < 2 {
            return Ok(x.clone());
        }
        let values = x.detach().flatten_all()?.to_dtype(DType::F32)?;
        let noise = normal(rng, &values)?;
        let noise = if x.device().is_cpu() {
            (noise * f64::from(scale(&values.to_vec1::<f32>()?, share)))?
        } else {
            // The same, up to the order of the sums, without waiting for the card.
            let squares = values.broadcast_sub(&values.mean_all()?)?.sqr()?.sum_all()?;
            let scale = squares.affine(1.0 / (count - 1) as f64, 0.0)?.sqrt()?.affine(share, 0.0)?;
            noise.broadcast_mul(&scale)?
        };
        Ok((x + noise.reshape(x.shape())?.to_dtype(x.dtype())?)?)
    }
}

/// Measures the standard deviation by one running sum over the values in order: the same bits for any number of threads.
fn scale(values: &[f32], share: f64) -> f32 {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
    (share * (squares / (count - 1.0)).sqrt()) as f32
}
