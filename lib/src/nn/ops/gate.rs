//! Turns gates into pooling weights.

use candle_core::{Result, Shape, Tensor};
use rayon::prelude::*;

use super::real::Real;
use super::slices::{SliceOp, View, apply_one};
use super::vectors::simd;
use crate::nn::Segments;

/// Computes `silu(z) / length` for each token, where length is that of its segment: the weights under which the sum
/// of a scan's outputs is the mean of its gated outputs.
///
/// # Shapes
///
/// `z` (t, e) → (t, e).
pub(crate) fn mean_gate(z: &Tensor, segments: &Segments) -> crate::Result<Tensor> {
    apply_one(MeanGate { segments: segments.clone() }, &[z])
}

struct MeanGate {
    segments: Segments,
}

impl MeanGate {
    fn each<F: Real>(&self, width: usize, out: &mut [F], f: impl Fn(F, usize, &mut [F]) + Sync) {
        let mut rest = out;
        let mut parts = Vec::with_capacity(self.segments.count());
        for range in self.segments.ranges() {
            let (part, next) = rest.split_at_mut(range.len() * width);
            parts.push((range.start * width, part));
            rest = next;
        }
        parts.into_par_iter().for_each(|(start, part)| {
            let tokens = part.len() / width.max(1);
            f(F::ONE / F::of(tokens.max(1) as f64), start, part);
        });
    }
}

impl SliceOp for MeanGate {
    const NAME: &'static str = "mean-gate";

    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let z = x[0].values;
        let mut out = vec![F::ZERO; z.len()];
        self.each(x[0].row(), &mut out, |scale, start, out| {
            simd(|| {
                for (out, &z) in out.iter_mut().zip(&z[start..]) {
                    *out = z.silu() * scale;
                }
            });
        });
        Ok(vec![(out, x[0].dims.into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let z = x[0].values;
        let mut by_z = vec![F::ZERO; z.len()];
        self.each(x[0].row(), &mut by_z, |scale, start, out| {
            simd(|| {
                for ((out, &z), &g) in out.iter_mut().zip(&z[start..]).zip(&grad[start..]) {
                    *out = g * z.silu_slope() * scale;
                }
            });
        });
        Ok(vec![Some(by_z)])
    }
}
