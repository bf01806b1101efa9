//! Normalises blocks of rows in parallel.

use candle_core::{Result, Shape};

use super::{EPSILON, Norm};
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::nn::ops::vectors::{dot, fill_and_sum, fill_rows};
use crate::simd::simd;

impl Norm {
    /// Gives a row's mean (0 if not centred) and one over its deviation.
    #[inline(always)]
    fn moments<F: Real>(&self, row: &[F]) -> (F, F) {
        let count = F::of(row.len() as f64);
        let mut mean = F::ZERO;
        if self.centred {
            for &x in row {
                mean += x;
            }
            mean /= count;
        }
        let mut squares = F::ZERO;
        for &x in row {
            squares += (x - mean) * (x - mean);
        }
        (mean, F::ONE / (squares / count + F::of(EPSILON)).sqrt())
    }
}

impl SliceOp for Norm {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let d = x[0].row();
        let weight = x[1].values;
        let mut out = vec![F::ZERO; x[0].values.len()];
        fill_rows(&mut out, d, |first, block| {
            let input = &x[0].values[first * d..first * d + block.len()];
            simd!(|| {
                for (row, out) in input.chunks_exact(d).zip(block.chunks_exact_mut(d)) {
                    let (mean, scale) = self.moments(row);
                    for ((out, &x), &w) in out.iter_mut().zip(row).zip(weight) {
                        *out = (x - mean) * scale * w;
                    }
                    if let Some(bias) = x.get(2) {
                        for (out, &b) in out.iter_mut().zip(bias.values) {
                            *out += b;
                        }
                    }
                }
            });
        });
        Ok(vec![(out, x[0].dims.into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; x.len()]) };
        let d = x[0].row();
        let weight = x[1].values;
        let count = F::of(d as f64);
        let mut dx = vec![F::ZERO; grad.len()];
        // Sums of one block: by the weight, then by the bias.
        let sums = fill_and_sum(&mut dx, d, 2 * d, |first, block, sums| {
            let range = first * d..first * d + block.len();
            let (dweight, dbias) = sums.split_at_mut(d);
            let mut unit = vec![F::ZERO; d];
            let mut dunit = vec![F::ZERO; d];
            simd!(|| {
                let (values, grad) = (&x[0].values[range.clone()], &grad[range.clone()]);
                let rows = values.chunks_exact(d).zip(grad.chunks_exact(d));
                for ((row, grad), out) in rows.zip(block.chunks_exact_mut(d)) {
                    let (mean, scale) = self.moments(row);
                    let mut total = F::ZERO;
                    for i in 0..d {
                        unit[i] = (row[i] - mean) * scale;
                        dunit[i] = grad[i] * weight[i];
                        dweight[i] += grad[i] * unit[i];
                        dbias[i] += grad[i];
                    }
                    if self.centred {
                        for &g in &dunit {
                            total += g;
                        }
                    }
                    let mean_grad = total / count;
                    let along = dot(&unit, &dunit) / count;
                    for i in 0..d {
                        out[i] = (dunit[i] - mean_grad - unit[i] * along) * scale;
                    }
                }
            });
        });
        let mut all = vec![Some(dx), Some(sums[..d].to_vec())];
        if x.len() > 2 {
            all.push(Some(sums[d..].to_vec()));
        }
        Ok(all)
    }
}
