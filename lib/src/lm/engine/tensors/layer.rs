//! One block of a model.

use candle_core::Tensor;

use super::linear::{Linear, Rounding};
use super::norm::{Keep, Norm};
use super::packed::Packed;
use super::rows::Rows;
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
    pub(super) fn apply(&self, rows: Rows, packed: &Packed<'_>) -> Result<Rows> {
        let rounding = self.rounding;
        if self.order == Order::After {
            let rounded = rows.rounded(rounding)?;
            let seen = packed.attend(self, &rounded)?;
            let rows = Rows::sum(rows.settled()?, &self.out, &seen)?;
            let (x, rounded) = self.norms[0].apply(rows, Keep::Normalised, rounding)?;
            let rows = Rows::sum(x, &self.down, &self.activate(&rounded)?)?;
            let (x, rounded) = self.norms[1].apply(rows, Keep::Normalised, rounding)?;
            return Ok(Rows::normalised(x, rounded));
        }
        let keep = if self.order == Order::Replacing { Keep::Normalised } else { Keep::Sum };
        let (x, rounded) = self.norms[0].apply(rows, keep, rounding)?;
        let rows = Rows::sum(x, &self.out, &packed.attend(self, &rounded)?)?;
        let (x, rounded) = self.norms[1].apply(rows, Keep::Sum, rounding)?;
        Rows::sum(x, &self.down, &self.activate(&rounded)?)
    }

    /// Computes what lies between the products of the feed-forward part from rounded rows (t, width), rounded as well.
    fn activate(&self, x: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if let Some(inner) = super::on_card::activate(self, x)? {
            return Ok(inner);
        }
        let up = self.up.apply(x)?;
        let inner = match &self.gate {
            None => up.gelu_erf()?,
            // up / (1 + e^(-β·up)) · gate
            Some((gate, beta)) => {
                let below = up.affine(-f64::from(*beta), 0.0)?.exp()?.affine(1.0, 1.0)?;
                ((up / below)? * gate.apply(x)?)?
            }
        };
        self.rounding.apply(&inner)
    }
}
