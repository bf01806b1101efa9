//! Sums segment by segment.

use candle_core::{Result, Shape};

use super::SegmentMean;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::simd::simd;

impl SliceOp for SegmentMean {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let d = x[0].row();
        let mut out = vec![F::ZERO; self.segments.count() * d];
        simd!(|| {
            for (range, out) in self.segments.ranges().zip(out.chunks_exact_mut(d)) {
                let scale = F::ONE / F::of(range.len().max(1) as f64);
                for row in x[0].values[range.start * d..range.end * d].chunks_exact(d) {
                    for (sum, &x) in out.iter_mut().zip(row) {
                        *sum += x;
                    }
                }
                for sum in out {
                    *sum *= scale;
                }
            }
        });
        Ok(vec![(out, (self.segments.count(), d).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let d = x[0].row();
        let mut dx = vec![F::ZERO; x[0].values.len()];
        simd!(|| {
            for (range, grad) in self.segments.ranges().zip(grad.chunks_exact(d)) {
                let scale = F::ONE / F::of(range.len().max(1) as f64);
                for row in dx[range.start * d..range.end * d].chunks_exact_mut(d) {
                    for (out, &g) in row.iter_mut().zip(grad) {
                        *out = g * scale;
                    }
                }
            }
        });
        Ok(vec![Some(dx)])
    }
}
