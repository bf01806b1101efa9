//! Computes the weights segment by segment.

use candle_core::{Result, Shape};
use rayon::prelude::*;

use super::MeanGate;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::simd::simd;

impl MeanGate {
    fn each<F: Real>(&self, width: usize, out: &mut [F], f: impl Fn(F, usize, &mut [F]) + Sync) {
        let parts = self.segments.split_mut(width, out);
        parts.into_par_iter().zip(self.segments.offsets()).for_each(|(part, start)| {
            let tokens = part.len() / width.max(1);
            f(F::ONE / F::of(tokens.max(1) as f64), start * width, part);
        });
    }
}

impl SliceOp for MeanGate {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let z = x[0].values;
        let mut out = vec![F::ZERO; z.len()];
        self.each(x[0].row(), &mut out, |scale, start, out| {
            simd!(|| {
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
        let mut dz = vec![F::ZERO; z.len()];
        self.each(x[0].row(), &mut dz, |scale, start, out| {
            simd!(|| {
                for ((out, &z), &g) in out.iter_mut().zip(&z[start..]).zip(&grad[start..]) {
                    *out = g * z.silu_slope() * scale;
                }
            });
        });
        Ok(vec![Some(dz)])
    }
}
