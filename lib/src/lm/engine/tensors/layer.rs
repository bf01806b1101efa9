//! One block of a model.

use candle_core::{D, Tensor};

use super::linear::{Linear, Rounding};
use super::norm::Norm;
use super::packed::Packed;
use crate::Result;
use crate::lm::family::Order;

/// The weights of a block.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) rounding: Rounding,
    pub(super) order: Order,
    pub(super) heads: usize,
    pub(super) norms: [Norm; 2],
    pub(super) query: Linear,
    pub(super) key: Linear,
    pub(super) value: Linear,
    pub(super) out: Linear,
    pub(super) up: Linear,
    /// The gate beside `up`, and β.
    pub(super) gate: Option<(Linear, f32)>,
    pub(super) down: Linear,
    /// Random features (features, width of a head); without them attention is softmax.
    pub(super) omega: Option<Tensor>,
}

impl Layer {
    /// Applies the block to rows (t, width).
    pub(super) fn apply(&self, x: Tensor, packed: &Packed<'_>) -> Result<Tensor> {
        let (x, seen) = match self.order {
            Order::Before => {
                let seen = self.attend(&self.norms[0].apply(&x)?, packed)?;
                (x, seen)
            }
            Order::Replacing => {
                let x = self.norms[0].apply(&x)?;
                let seen = self.attend(&x, packed)?;
                (x, seen)
            }
            Order::After => {
                let seen = self.attend(&x, packed)?;
                (x, seen)
            }
        };
        let x = (x + seen)?;
        if self.order == Order::After {
            let x = self.norms[0].apply(&x)?;
            let inner = self.feed_forward(&x)?;
            return self.norms[1].apply(&(x + inner)?);
        }
        let inner = self.feed_forward(&self.norms[1].apply(&x)?)?;
        Ok((x + inner)?)
    }

    fn attend(&self, x: &Tensor, packed: &Packed<'_>) -> Result<Tensor> {
        let x = self.rounding.apply(x)?;
        self.out.apply(&packed.attend(self, &x)?)
    }

    fn feed_forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.rounding.apply(x)?;
        let up = self.up.apply(&x)?;
        let inner = match &self.gate {
            None => up.gelu_erf()?,
            // up / (1 + e^(-β·up)) · gate
            Some((gate, beta)) => {
                let below = up.affine(-f64::from(*beta), 0.0)?.exp()?.affine(1.0, 1.0)?;
                ((up / below)? * gate.apply(&x)?)?
            }
        };
        debug_assert_eq!(inner.dim(D::Minus1)?, self.down.weight.dim(1)?);
        self.down.apply(&self.rounding.apply(&inner)?)
    }
}
