//! Attends pair by pair and head by head; the gradients are sums over the pairs of each molecule.

use std::ops::Range;

use candle_core::{Result, Shape};
use rayon::prelude::*;

use super::Attention;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::nn::ops::vectors::dot;
use crate::simd::simd;

/// The slices of one pair and head, walked with the row stride `d`.
struct Block<'a, F> {
    q: &'a [F],
    k: &'a [F],
    v: &'a [F],
    d: usize,
    columns: Range<usize>,
}

impl<F: Real> Block<'_, F> {
    #[inline(always)]
    fn queries(&self) -> usize {
        self.q.len() / self.d
    }

    #[inline(always)]
    fn row<'b>(&self, x: &'b [F], at: usize) -> &'b [F] {
        &x[at * self.d + self.columns.start..at * self.d + self.columns.end]
    }

    /// Writes the attention weights of one query.
    #[inline(always)]
    fn weights(&self, query: usize, out: &mut [F]) {
        let scale = F::ONE / F::of(self.columns.len() as f64).sqrt();
        let mut largest = F::of(f64::NEG_INFINITY);
        for (key, out) in out.iter_mut().enumerate() {
            *out = dot(self.row(self.q, query), self.row(self.k, key)) * scale;
            largest = largest.larger(*out);
        }
        let mut sum = F::ZERO;
        for out in &mut *out {
            *out = (*out - largest).exp();
            sum += *out;
        }
        for out in out {
            *out /= sum;
        }
    }

    /// Turns weights into gradients of the scores before softmax and scaling, given the output's gradient.
    #[inline(always)]
    fn score_gradients(&self, weights: &[F], grad: &[F], out: &mut [F]) {
        let scale = F::ONE / F::of(self.columns.len() as f64).sqrt();
        let mut mean = F::ZERO;
        for (key, (out, &weight)) in out.iter_mut().zip(weights).enumerate() {
            *out = dot(grad, self.row(self.v, key));
            mean += *out * weight;
        }
        for (out, &weight) in out.iter_mut().zip(weights) {
            *out = weight * (*out - mean) * scale;
        }
    }
}

impl Attention {
    fn block<'a, F: Real>(&self, x: &[View<'a, F>], pair: usize, head: usize) -> Block<'a, F> {
        let d = x[0].row();
        let width = d / self.heads;
        let query = self.query.range(self.pairs[0].positions()[pair] as usize);
        let key = self.key.range(self.pairs[1].positions()[pair] as usize);
        Block {
            q: &x[0].values[query.start * d..query.end * d],
            k: &x[1].values[key.start * d..key.end * d],
            v: &x[2].values[key.start * d..key.end * d],
            d,
            columns: head * width..(head + 1) * width,
        }
    }

    fn query_gradient<F: Real>(&self, x: &[View<'_, F>], grad: &[F]) -> Vec<F> {
        let d = x[0].row();
        let mut dq = vec![F::ZERO; x[0].values.len()];
        self.query.split_mut(d, &mut dq).into_par_iter().enumerate().for_each(|(molecule, out)| {
            for &pair in self.pairs[0].users(molecule) {
                for head in 0..self.heads {
                    let block = self.block(x, pair as usize, head);
                    let keys = block.k.len() / d;
                    let (mut weights, mut scores) = (vec![F::ZERO; keys], vec![F::ZERO; keys]);
                    let share = F::ONE / F::of(block.queries() as f64);
                    let columns = block.columns.clone();
                    let grad: Vec<F> = block.row(grad, pair as usize).iter().map(|&g| g * share).collect();
                    simd!(|| {
                        for query in 0..block.queries() {
                            block.weights(query, &mut weights);
                            block.score_gradients(&weights, &grad, &mut scores);
                            let out = &mut out[query * d + columns.start..query * d + columns.end];
                            for (key, &score) in scores.iter().enumerate() {
                                for (out, &k) in out.iter_mut().zip(block.row(block.k, key)) {
                                    *out += score * k;
                                }
                            }
                        }
                    });
                }
            }
        });
        dq
    }

    fn key_and_value_gradients<F: Real>(&self, x: &[View<'_, F>], grad: &[F]) -> (Vec<F>, Vec<F>) {
        let d = x[0].row();
        let (mut dk, mut dv) = (vec![F::ZERO; x[1].values.len()], vec![F::ZERO; x[1].values.len()]);
        let outs = self.key.split_mut(d, &mut dk).into_par_iter().zip(self.key.split_mut(d, &mut dv));
        outs.enumerate().for_each(|(molecule, (dk, dv))| {
            for &pair in self.pairs[1].users(molecule) {
                for head in 0..self.heads {
                    let block = self.block(x, pair as usize, head);
                    if block.queries() == 0 {
                        continue;
                    }
                    let keys = block.k.len() / d;
                    let (mut weights, mut scores) = (vec![F::ZERO; keys], vec![F::ZERO; keys]);
                    let share = F::ONE / F::of(block.queries() as f64);
                    let columns = block.columns.clone();
                    let grad: Vec<F> = block.row(grad, pair as usize).iter().map(|&g| g * share).collect();
                    simd!(|| {
                        for query in 0..block.queries() {
                            block.weights(query, &mut weights);
                            block.score_gradients(&weights, &grad, &mut scores);
                            let q = block.row(block.q, query);
                            for key in 0..keys {
                                let at = key * d + columns.start..key * d + columns.end;
                                for (out, &q) in dk[at.clone()].iter_mut().zip(q) {
                                    *out += scores[key] * q;
                                }
                                for (out, &g) in dv[at].iter_mut().zip(&grad) {
                                    *out += weights[key] * g;
                                }
                            }
                        }
                    });
                }
            }
        });
        (dk, dv)
    }
}

impl SliceOp for Attention {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let d = x[0].row();
        let pairs = self.pairs[0].len();
        let mut out = vec![F::ZERO; pairs * d];
        out.par_chunks_mut(d).enumerate().for_each(|(pair, out)| {
            for head in 0..self.heads {
                let block = self.block(x, pair, head);
                let keys = block.k.len() / d;
                let mut weights = vec![F::ZERO; keys];
                let out = &mut out[block.columns.clone()];
                simd!(|| {
                    for query in 0..block.queries() {
                        block.weights(query, &mut weights);
                        for (key, &weight) in weights.iter().enumerate() {
                            for (out, &v) in out.iter_mut().zip(block.row(block.v, key)) {
                                *out += weight * v;
                            }
                        }
                    }
                });
                let share = F::ONE / F::of(block.queries().max(1) as f64);
                for out in out {
                    *out *= share;
                }
            }
        });
        Ok(vec![(out, (pairs, d).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; 3]) };
        let dq = self.query_gradient(x, grad);
        let (dk, dv) = self.key_and_value_gradients(x, grad);
        Ok(vec![Some(dq), Some(dk), Some(dv)])
    }
}
