//! Copies segment by segment.

use candle_core::{Result, Shape};
use rayon::prelude::*;

use super::Gather;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};

impl SliceOp for Gather {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let width = x[0].row();
        let mut out = Vec::with_capacity(self.taken.tokens() * width);
        for &s in self.at.positions() {
            let range = self.segments.range(s as usize);
            out.extend_from_slice(&x[0].values[range.start * width..range.end * width]);
        }
        let mut dims = x[0].dims.to_vec();
        dims[0] = self.taken.tokens();
        Ok(vec![(out, dims.into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let width = x[0].row();
        let starts = self.taken.offsets();
        let mut dx = vec![F::ZERO; x[0].values.len()];
        self.segments.split_mut(width, &mut dx).into_par_iter().enumerate().for_each(|(s, out)| {
            for &pair in self.at.users(s) {
                let start = starts[pair as usize] * width;
                let grad = &grad[start..start + out.len()];
                out.iter_mut().zip(grad).for_each(|(sum, &g)| *sum += g);
            }
        });
        Ok(vec![Some(dx)])
    }
}
