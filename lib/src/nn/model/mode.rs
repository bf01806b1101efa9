//! What is random while a model trains.

use candle_core::Tensor;

use crate::Result;
use crate::nn::ops::{add_noise, drop_values};
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
            Self::Train(rng) if share > 0.0 => drop_values(x, share, rng),
            _ => Ok(x.clone()),
        }
    }

    /// Adds normal noise of `share` standard deviations of all values of `x`; does nothing in evaluation.
    pub(crate) fn noise(&mut self, x: &Tensor, share: f64) -> Result<Tensor> {
        match self {
            Self::Train(rng) if share > 0.0 && x.elem_count() > 1 => add_noise(x, share, rng),
            _ => Ok(x.clone()),
        }
    }
}
