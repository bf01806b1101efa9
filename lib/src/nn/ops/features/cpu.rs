//! Joins the features row by row.

use candle_core::{Result, Shape};

use super::Features;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::simd::simd;

impl SliceOp for Features {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let d = x[0].row();
        let mut out = vec![F::ZERO; 4 * x[0].values.len()];
        simd(|| {
            let rows = x[0].values.chunks_exact(d).zip(x[1].values.chunks_exact(d));
            for ((a, b), out) in rows.zip(out.chunks_exact_mut(4 * d)) {
                for i in 0..d {
                    out[i] = a[i];
                    out[d + i] = b[i];
                    out[2 * d + i] = a[i] * b[i];
                    out[3 * d + i] = (a[i] - b[i]).abs();
                }
            }
        });
        Ok(vec![(out, (x[0].dims[0], 4 * d).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None, None]) };
        let d = x[0].row();
        let mut by_a = vec![F::ZERO; x[0].values.len()];
        let mut by_b = by_a.clone();
        simd(|| {
            let rows = x[0].values.chunks_exact(d).zip(x[1].values.chunks_exact(d));
            let outs = by_a.chunks_exact_mut(d).zip(by_b.chunks_exact_mut(d));
            for (((a, b), grad), (by_a, by_b)) in rows.zip(grad.chunks_exact(4 * d)).zip(outs) {
                for i in 0..d {
                    let sign = if a[i] > b[i] {
                        F::ONE
                    } else if a[i] < b[i] {
                        -F::ONE
                    } else {
                        F::ZERO
                    };
                    let distance = sign * grad[3 * d + i];
                    by_a[i] = grad[i] + b[i] * grad[2 * d + i] + distance;
                    by_b[i] = grad[d + i] + a[i] * grad[2 * d + i] - distance;
                }
            }
        });
        Ok(vec![Some(by_a), Some(by_b)])
    }
}
