//! Copies the groups row by row.

use candle_core::{Result, Shape};

use super::Split;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};

impl<const K: usize> SliceOp for Split<K> {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let (rows, total) = (x[0].dims[0], x[0].row());
        let mut first = 0;
        let mut all = Vec::with_capacity(K);
        for width in self.0 {
            let mut out = Vec::with_capacity(rows * width);
            for row in x[0].values.chunks_exact(total) {
                out.extend_from_slice(&row[first..first + width]);
            }
            all.push((out, (rows, width).into()));
            first += width;
        }
        Ok(all)
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let total = x[0].row();
        let mut dx = vec![F::ZERO; x[0].values.len()];
        let mut first = 0;
        for (width, grad) in self.0.into_iter().zip(grads) {
            if let Some(grad) = grad {
                for (row, grad) in dx.chunks_exact_mut(total).zip(grad.chunks_exact(width)) {
                    row[first..first + width].copy_from_slice(grad);
                }
            }
            first += width;
        }
        Ok(vec![Some(dx)])
    }
}
