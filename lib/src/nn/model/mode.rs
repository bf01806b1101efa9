//! What is random while a model trains.

use candle_core::{DType, Device, Tensor};

use crate::Result;
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
        let Self::Train(rng) = self else { return Ok(x.clone()) };
        if share <= 0.0 {
            return Ok(x.clone());
        }
        let keep = 1.0 / (1.0 - share);
        let limit = (share * 4_294_967_296.0) as u32;
        let mask: Vec<f32> =
            (0..x.elem_count()).map(|_| if rng.bits() < limit { 0.0 } else { keep as f32 }).collect();
        let mask =
            Tensor::from_vec(mask, x.shape(), &Device::Cpu)?.to_dtype(x.dtype())?.to_device(x.device())?;
        Ok((x * mask)?)
    }

    /// Adds normal noise of `share` standard deviations of all values of `x`; does nothing in evaluation.
    pub(crate) fn noise(&mut self, x: &Tensor, share: f64) -> Result<Tensor> {
        let Self::Train(rng) = self else { return Ok(x.clone()) };
        let count = x.elem_count();
        if share <= 0.0 || count < 2 {
            return Ok(x.clone());
        }
        if !x.device().is_cpu() {
            return self.noise_on_card(x, share);
        }
        // One running sum over the values in order: the same bits for any number of threads.
        let values = x.detach().flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count as f64;
        let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
        let scale = (share * (squares / (count - 1) as f64).sqrt()) as f32;
        let mut noise = values;
        rng.fill_normal(&mut noise);
        for value in &mut noise {
            *value *= scale;
        }
        let noise =
            Tensor::from_vec(noise, x.shape(), &Device::Cpu)?.to_dtype(x.dtype())?.to_device(x.device())?;
        Ok((x + noise)?)
    }

    /// The same where reading the values back would make the card wait: their deviation is measured there, up to the order
    /// of the sums, and only the drawn numbers, the same as on the CPU, are sent.
    fn noise_on_card(&mut self, x: &Tensor, share: f64) -> Result<Tensor> {
        let Self::Train(rng) = self else { return Ok(x.clone()) };
        let values = x.detach().contiguous()?.to_dtype(DType::F32)?.flatten_all()?;
        let count = values.elem_count();
        let squares = values.broadcast_sub(&values.mean_all()?)?.sqr()?.sum_all()?;
        let scale = squares.affine(1.0 / (count - 1) as f64, 0.0)?.sqrt()?.affine(share, 0.0)?;
        let mut noise = vec![0.0; count];
        rng.fill_normal(&mut noise);
        let noise = Tensor::from_vec(noise, x.shape(), x.device())?.broadcast_mul(&scale)?;
        Ok((x + noise.to_dtype(x.dtype())?)?)
    }
}
