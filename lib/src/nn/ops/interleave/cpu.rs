//! Copies tokens one by one.

use candle_core::{Result, Shape};

use super::Interleave;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};

impl SliceOp for Interleave {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let modality = x[0].values;
        let d = modality.len();
        let global = if self.global { x[1].values } else { &[] };
        let rows = if self.rows { x[x.len() - 1].values } else { &[] };
        let t = self.segments.tokens();
        let mut out = Vec::with_capacity(t * d);
        self.each(|_, is_global, at| {
            let source = if is_global { global } else { rows };
            out.extend(source[at * d..(at + 1) * d].iter().zip(modality).map(|(&x, &m)| x + m));
        });
        Ok(vec![(out, (t, d).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; x.len()]) };
        let d = x[0].values.len();
        let mut global = Vec::with_capacity(if self.global { x[1].values.len() } else { 0 });
        let mut rows = Vec::with_capacity(if self.rows { x[x.len() - 1].values.len() } else { 0 });
        let mut modality = vec![F::ZERO; d];
        self.each(|token, is_global, _| {
            let grad = &grad[token * d..(token + 1) * d];
            modality.iter_mut().zip(grad).for_each(|(sum, &g)| *sum += g);
            if is_global { global.extend_from_slice(grad) } else { rows.extend_from_slice(grad) }
        });
        let mut all = vec![Some(modality)];
        if self.global {
            all.push(Some(global));
        }
        if self.rows {
            all.push(Some(rows));
        }
        Ok(all)
    }
}
