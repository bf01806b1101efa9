//! Copies rows or whole segments to where pairs need them; the gradients come back in a fixed order.

use std::sync::Arc;

use candle_core::{Result, Shape, Tensor};
use rayon::prelude::*;

use super::real::Real;
use super::slices::{SliceOp, View, apply_one};
use crate::nn::Segments;

/// Copies one row per position.
///
/// # Shapes
///
/// `x` (s, …), `at` b positions below s → (b, …).
pub(crate) fn gather_rows(x: &Tensor, at: Arc<[u32]>) -> crate::Result<Tensor> {
    let segments = Segments::from_lengths(std::iter::repeat_n(1, x.dims()[0]));
    apply_one(Gather { segments, at }, &[x])
}

/// Copies one whole segment per position; returns the new segments as well.
///
/// # Shapes
///
/// `x` (t, d) in s segments, `at` b positions below s → (t′, d) in b segments.
pub(crate) fn gather_tokens(
    x: &Tensor,
    segments: &Segments,
    at: Arc<[u32]>,
) -> crate::Result<(Tensor, Segments)> {
    let taken = Segments::from_lengths(at.iter().map(|&s| segments.range(s as usize).len()));
    Ok((apply_one(Gather { segments: segments.clone(), at }, &[x])?, taken))
}

struct Gather {
    segments: Segments,
    at: Arc<[u32]>,
}

impl SliceOp for Gather {
    const NAME: &'static str = "gather";

    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let width = x[0].row();
        let rows: usize = self.at.iter().map(|&s| self.segments.range(s as usize).len()).sum();
        let mut out = Vec::with_capacity(rows * width);
        for &s in &*self.at {
            let range = self.segments.range(s as usize);
            out.extend_from_slice(&x[0].values[range.start * width..range.end * width]);
        }
        let mut dims = x[0].dims.to_vec();
        dims[0] = rows;
        Ok(vec![(out, dims.into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let width = x[0].row();
        let mut from = 0;
        let starts: Vec<usize> = self
            .at
            .iter()
            .map(|&s| {
                let start = from;
                from += self.segments.range(s as usize).len() * width;
                start
            })
            .collect();
        let users = Users::new(&self.at, self.segments.count());
        let mut by_x = vec![F::ZERO; x[0].values.len()];
        let mut rest: &mut [F] = &mut by_x;
        let mut outs = Vec::with_capacity(self.segments.count());
        for range in self.segments.ranges() {
            let (out, next) = rest.split_at_mut(range.len() * width);
            outs.push(out);
            rest = next;
        }
        outs.into_par_iter().enumerate().for_each(|(s, out)| {
            for &pair in users.of(s) {
                let start = starts[pair as usize];
                let grad = &grad[start..start + out.len()];
                out.iter_mut().zip(grad).for_each(|(sum, &g)| *sum += g);
            }
        });
        Ok(vec![Some(by_x)])
    }
}

/// Lists, for each molecule, the pairs that use it, in rising order.
pub(super) struct Users {
    offsets: Vec<u32>,
    pairs: Vec<u32>,
}

impl Users {
    pub(super) fn new(at: &[u32], molecules: usize) -> Self {
        let mut offsets = vec![0_u32; molecules + 1];
        for &s in at {
            offsets[s as usize + 1] += 1;
        }
        for s in 0..molecules {
            offsets[s + 1] += offsets[s];
        }
        let mut next = offsets.clone();
        let mut pairs = vec![0; at.len()];
        for (pair, &s) in at.iter().enumerate() {
            pairs[next[s as usize] as usize] = pair as u32;
            next[s as usize] += 1;
        }
        Self { offsets, pairs }
    }

    pub(super) fn of(&self, molecule: usize) -> &[u32] {
        &self.pairs[self.offsets[molecule] as usize..self.offsets[molecule + 1] as usize]
    }
}
