//! Draws what is random in a step where it is needed: the same numbers on a card as on the CPU.

#[cfg(any(test, feature = "cuda"))]
pub(super) mod card;

use candle_core::{Device, Tensor};

use crate::Result;
use crate::rng::Rng;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    /// Zeros with this probability, and what makes up for them elsewhere.
    Dropout(f64),
    /// Standard normal numbers.
    Normal,
}

/// Gives a mask like `x`: 0 with a probability of `share`, below 1, else 1 / (1 - share).
pub(super) fn dropout(rng: &mut Rng, share: f64, x: &Tensor) -> Result<Tensor> {
    draw(What::Dropout(share), rng, x)
}

/// Gives standard normal numbers like `x`. On a card they are those of the CPU but for two units in the last place.
pub(super) fn normal(rng: &mut Rng, x: &Tensor) -> Result<Tensor> {
    draw(What::Normal, rng, x)
}

fn draw(what: What, rng: &mut Rng, x: &Tensor) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if let Some(drawn) = card::on_card(what, rng, x)? {
        return Ok(drawn);
    }
    let mut values = vec![0.0; x.elem_count()];
    what.fill(rng, &mut values);
    Ok(Tensor::from_vec(values, x.shape(), &Device::Cpu)?.to_dtype(x.dtype())?.to_device(x.device())?)
}

impl What {
    /// Draws on the CPU; this defines the numbers.
    pub(super) fn fill(self, rng: &mut Rng, values: &mut [f32]) {
        match self {
            Self::Dropout(share) => {
                let limit = Self::limit(share);
                let kept = (1.0 / (1.0 - share)) as f32;
                let mut bits = [0; 256];
                for values in values.chunks_mut(bits.len()) {
                    rng.fill_bits(&mut bits[..values.len()]);
                    for (value, &bits) in values.iter_mut().zip(&bits) {
                        *value = if bits < limit { 0.0 } else { kept };
                    }
                }
            }
            Self::Normal => rng.fill_normal(values),
        }
    }

    /// Words below are dropped.
    fn limit(share: f64) -> u32 {
        (share * 4_294_967_296.0) as u32
    }
}
