//! Normalises rows; candle's own layers have no gradient for this.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;

const EPSILON: f64 = 1e-5;

/// Normalises each row to mean 0 and variance 1 (ε = 1e-5), scales and shifts it (Ba et al. 2016).
///
/// # Shapes
///
/// `x` (t, d), `weight` (d), `bias` (d) → (t, d).
pub(crate) fn layer_norm(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    apply_one(Norm { centred: true }, &[x, weight, bias])
}

/// Divides each row by its root mean square (ε = 1e-5) and scales it (Zhang and Sennrich 2019).
///
/// # Shapes
///
/// `x` (t, d), `weight` (d) → (t, d).
pub(crate) fn rms_norm(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    apply_one(Norm { centred: false }, &[x, weight])
}

pub(super) struct Norm {
    pub(super) centred: bool,
}

impl Operation for Norm {
    const NAME: &'static str = "norm";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let centred = if self.centred { x[0].broadcast_sub(&x[0].mean_keepdim(1)?)? } else { x[0].clone() }; // (t, d)
        let deviation = centred.sqr()?.mean_keepdim(1)?.affine(1.0, EPSILON)?.sqrt()?; // (t, 1)
        let scaled = centred.broadcast_div(&deviation)?.broadcast_mul(x[1])?;
        Ok(vec![match x.get(2) {
            Some(bias) => scaled.broadcast_add(bias)?,
            None => scaled,
        }])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }
}
