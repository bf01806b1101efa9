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
        simd!(|| {
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
        let mut da = vec![F::ZERO; x[0].values.len()];
        let mut db = da.clone();
        simd!(|| {
            let rows = x[0].values.chunks_exact(d).zip(x[1].values.chunks_exact(d));
            let outs = da.chunks_exact_mut(d).zip(db.chunks_exact_mut(d));
            for (((a, b), grad), (da, db)) in rows.zip(grad.chunks_exact(4 * d)).zip(outs) {
                for i in 0..d {
                    let sign = if a[i] > b[i] {
                        F::ONE
                    } else if a[i] < b[i] {
                        -F::ONE
                    } else {
                        F::ZERO
                    };
                    let distance = sign * grad[3 * d + i];
                    da[i] = grad[i] + b[i] * grad[2 * d + i] + distance;
                    db[i] = grad[d + i] + a[i] * grad[2 * d + i] - distance;
                }
            }
        });
        Ok(vec![Some(da), Some(db)])
    }
}
