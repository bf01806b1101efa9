//! Convolves groups of segments in parallel.

use std::ops::Range;

use candle_core::{Result, Shape};
use rayon::prelude::*;

use super::Conv;
use crate::nn::Direction;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::simd::simd;

/// Tokens of a group of segments, at least.
const TOKENS: usize = 128;

impl Conv {
    /// Gives the token that is `on` steps after `at` in the direction of reading.
    #[inline(always)]
    fn after(&self, at: usize, on: usize, range: &Range<usize>) -> Option<usize> {
        match self.direction {
            Direction::Forward => Some(at + on).filter(|&to| to < range.end),
            Direction::Reverse => at.checked_sub(on).filter(|&to| to >= range.start),
        }
    }

    /// Writes the values before silu of one token.
    #[inline(always)]
    fn sum<F: Real>(&self, x: &[F], taps: &[F], bias: &[F], at: usize, range: &Range<usize>, out: &mut [F]) {
        let e = bias.len();
        out.copy_from_slice(bias);
        for (back, tap) in taps.chunks_exact(e).enumerate() {
            let Some(from) = self.before(at, back, range) else { break };
            let x = &x[from * e..(from + 1) * e];
            for ((out, &x), &w) in out.iter_mut().zip(x).zip(tap) {
                *out += x * w;
            }
        }
    }
}

/// Turns the weight (e, w) into one row per step back: (w, e).
fn taps<F: Real>(weight: &View<'_, F>) -> Vec<F> {
    let (e, w) = (weight.dims[0], weight.dims[1]);
    (0..w).flat_map(|back| (0..e).map(move |c| weight.values[c * w + w - 1 - back])).collect()
}

impl SliceOp for Conv {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let (input, bias) = (x[0].values, x[2].values);
        let (e, taps) = (bias.len(), taps(&x[1]));
        let mut out = vec![F::ZERO; input.len()];
        self.segments.split_groups_mut(e, TOKENS, &mut out).into_par_iter().for_each(|(segments, out)| {
            let first = self.segments.range(segments.start).start;
            simd!(|| {
                for segment in segments.clone() {
                    let range = self.segments.range(segment);
                    for at in range.clone() {
                        let out = &mut out[(at - first) * e..(at - first + 1) * e];
                        self.sum(input, &taps, bias, at, &range, out);
                        for out in out {
                            *out = out.silu();
                        }
                    }
                }
            });
        });
        Ok(vec![(out, x[0].dims.into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; 3]) };
        let (input, bias) = (x[0].values, x[2].values);
        let (e, w, taps) = (bias.len(), x[1].dims[1], taps(&x[1]));
        let mut dx = vec![F::ZERO; input.len()];
        let sums: Vec<Vec<F>> = self
            .segments
            .split_groups_mut(e, TOKENS, &mut dx)
            .into_par_iter()
            .map(|(segments, dx)| {
                let first = self.segments.range(segments.start).start;
                // By the taps (w, e), then by the bias (e).
                let mut sums = vec![F::ZERO; (w + 1) * e];
                let mut dsum = vec![F::ZERO; dx.len()];
                simd!(|| {
                    for segment in segments.clone() {
                        let range = self.segments.range(segment);
                        for at in range.clone() {
                            let row = &mut dsum[(at - first) * e..(at - first + 1) * e];
                            self.sum(input, &taps, bias, at, &range, row);
                            let (dtaps, dbias) = sums.split_at_mut(w * e);
                            let grad = &grad[at * e..(at + 1) * e];
                            for ((out, &g), dbias) in row.iter_mut().zip(grad).zip(dbias) {
                                *out = g * out.silu_slope();
                                *dbias += *out;
                            }
                            for (back, dtap) in dtaps.chunks_exact_mut(e).enumerate() {
                                let Some(from) = self.before(at, back, &range) else { break };
                                let x = &input[from * e..(from + 1) * e];
                                for ((sum, &x), &g) in dtap.iter_mut().zip(x).zip(&*row) {
                                    *sum += x * g;
                                }
                            }
                        }
                        for at in range.clone() {
                            let out = &mut dx[(at - first) * e..(at - first + 1) * e];
                            for (on, tap) in taps.chunks_exact(e).enumerate() {
                                let Some(to) = self.after(at, on, &range) else { break };
                                let g = &dsum[(to - first) * e..(to - first + 1) * e];
                                for ((out, &g), &w) in out.iter_mut().zip(g).zip(tap) {
                                    *out += g * w;
                                }
                            }
                        }
                    }
                });
                sums
            })
            .collect();
        let mut total = vec![F::ZERO; (w + 1) * e];
        for part in sums {
            total.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
        let dweight =
            (0..e).flat_map(|c| (0..w).map(move |k| (c, w - 1 - k))).map(|(c, back)| total[back * e + c]);
        Ok(vec![Some(dx), Some(dweight.collect()), Some(total[w * e..].to_vec())])
    }
}
