//! Normalises each token over its features.

use candle_core::{D, Tensor};

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

impl Norm {
    /// Normalises rows (t, width).
    pub(super) fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let scale = variance.affine(1.0, f64::from(self.epsilon))?.sqrt()?;
        let scaled = centred.broadcast_div(&scale)?.broadcast_mul(&self.weight)?;
        Ok(scaled.broadcast_add(&self.bias)?)
    }
}
