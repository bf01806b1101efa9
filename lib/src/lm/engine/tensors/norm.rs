//! Normalises each token over its features.

use candle_core::{D, Tensor};

use super::linear::Rounding;
use super::rows::Rows;
use crate::Result;

/// Scale and shift of a layer norm with biased variance.
#[derive(Debug)]
pub(super) struct Norm {
    /// (width)
    pub(super) weight: Tensor,
    /// (width)
    pub(super) bias: Tensor,
    pub(super) epsilon: f32,
}

/// Which rows go on in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Those that the norm was given, with what was to be added.
    Sum,
    /// The normalised ones.
    Normalised,
}

impl Norm {
    /// Normalises rows (t, width): those that are kept, and the normalised ones as an input of products.
    pub(super) fn apply(&self, rows: Rows, keep: Keep, rounding: Rounding) -> Result<(Tensor, Tensor)> {
        #[cfg(feature = "cuda")]
        if rows.x.device().is_cuda() {
            return super::on_card::norm(self, &rows, keep, rounding);
        }
        let x = rows.settled()?;
        let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let scale = variance.affine(1.0, f64::from(self.epsilon))?.sqrt()?;
        let scaled = centred.broadcast_div(&scale)?.broadcast_mul(&self.weight)?;
        let out = scaled.broadcast_add(&self.bias)?;
        let rounded = rounding.apply(&out)?;
        Ok((if keep == Keep::Sum { x } else { out }, rounded))
    }
}
