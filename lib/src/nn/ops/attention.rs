//! Lets the tokens of one molecule attend to those of the other, pair by pair, and averages what they saw.

mod composite;
mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;
use crate::nn::{Indices, Segments};

/// Computes for each pair the mean over its queries of `softmax(q kᵀ / √(d / heads)) v`, head by head.
///
/// # Shapes
///
/// `q` (t, d) in s segments, `k` and `v` (t′, d) in s′ segments, `pairs` b positions of each → (b, d). A side without
/// tokens gives zeros.
pub(crate) fn cross_attention(
    [q, k, v]: [&Tensor; 3],
    [query, key]: [&Segments; 2],
    pairs: [&Indices; 2],
    heads: usize,
) -> Result<Tensor> {
    let op = Attention { query: query.clone(), key: key.clone(), pairs: pairs.map(Indices::clone), heads };
    apply_one(op, &[q, k, v])
}

pub(super) struct Attention {
    pub(super) query: Segments,
    pub(super) key: Segments,
    pub(super) pairs: [Indices; 2],
    pub(super) heads: usize,
}

impl Operation for Attention {
    const NAME: &'static str = "cross-attention";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        Ok(vec![composite::attend(self, [x[0], x[1], x[2]])?])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }
}
