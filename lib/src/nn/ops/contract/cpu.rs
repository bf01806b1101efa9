//! Contracts pair by pair; the gradients are sums over the pairs of each molecule.

use candle_core::{Result, Shape};
use rayon::prelude::*;

use super::Contract;
use crate::nn::Indices;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};

/// Adds `Σₙ k[·, n] h[·, n]` to each channel.
fn add_dots<F: Real>(out: &mut [F], k: &[F], h: &[F], n: usize) {
    if n == 16 {
        F::add_dots_of_16(out, k, h);
    } else {
        for ((out, k), h) in out.iter_mut().zip(k.chunks_exact(n)).zip(h.chunks_exact(n)) {
            for (&k, &h) in k.iter().zip(h) {
                *out += k * h;
            }
        }
    }
}

/// Adds `g[·] other[·, n]` to each channel and state.
fn add_products<F: Real>(out: &mut [F], g: &[F], other: &[F], n: usize) {
    if n == 16 {
        F::add_products_of_16(out, g, other);
    } else {
        for ((out, other), &g) in out.chunks_exact_mut(n).zip(other.chunks_exact(n)).zip(g) {
            for (out, &other) in out.iter_mut().zip(other) {
                *out += g * other;
            }
        }
    }
}

/// Computes the gradient by one factor: for each of its molecules, over the pairs that use it, in order.
fn factor_gradient<F: Real>(
    own: &Indices,
    molecules: usize,
    other: &View<'_, F>,
    at_other: &Indices,
    grad: &[F],
) -> Vec<F> {
    let (e, n) = (other.dims[1], other.dims[2]);
    let mut out = vec![F::ZERO; molecules * e * n];
    out.par_chunks_mut(e * n).enumerate().for_each(|(molecule, out)| {
        for &pair in own.users(molecule) {
            let pair = pair as usize;
            let start = at_other.positions()[pair] as usize * e * n;
            add_products(out, &grad[pair * e..(pair + 1) * e], &other.values[start..start + e * n], n);
        }
    });
    out
}

impl SliceOp for Contract {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let (k, h) = x.split_at(x.len() / 2);
        let (e, n) = (k[0].dims[1], k[0].dims[2]);
        let mut out = vec![F::ZERO; self.taker.len() * e];
        out.par_chunks_mut(e).enumerate().with_min_len(8).for_each(|(pair, out)| {
            let taker = self.taker.positions()[pair] as usize * e * n;
            let giver = self.giver.positions()[pair] as usize * e * n;
            for (k, h) in k.iter().zip(h) {
                add_dots(out, &k.values[taker..taker + e * n], &h.values[giver..giver + e * n], n);
            }
        });
        Ok(vec![(out, (self.taker.len(), e).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; x.len()]) };
        let (k, h) = x.split_at(x.len() / 2);
        let dk = k.iter().zip(h).map(|(k, h)| factor_gradient(&self.taker, k.dims[0], h, &self.giver, grad));
        let dh = h.iter().zip(k).map(|(h, k)| factor_gradient(&self.giver, h.dims[0], k, &self.taker, grad));
        Ok(dk.chain(dh).map(Some).collect())
    }
}
