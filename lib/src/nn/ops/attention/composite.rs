//! Attends by matrix products over padded sequences.

use candle_core::{D, Tensor};

use super::Attention;
use crate::Result;
use crate::nn::{Indices, Segments};

/// Computes (b, d) from queries (t, d), keys and values (t′, d).
pub(super) fn attend(op: &Attention, [q, k, v]: [&Tensor; 3]) -> Result<Tensor> {
    let queries = Padded::new(&op.query, &op.pairs[0]);
    let keys = Padded::new(&op.key, &op.pairs[1]);
    let (b, d) = (op.pairs[0].len(), q.dim(1)?);
    let heads = |x: &Tensor, padded: &Padded| -> Result<Tensor> {
        let split = padded.rows(x)?.reshape((b, padded.longest, op.heads, d / op.heads))?;
        Ok(split.transpose(1, 2)?.contiguous()?) // (b, heads, longest, d / heads)
    };
    let (query, key, value) = (heads(q, &queries)?, heads(k, &keys)?, heads(v, &keys)?);
    let like = |values: Vec<f64>, shape: (usize, usize, usize, usize)| -> Result<Tensor> {
        Ok(Tensor::from_vec(values, shape, q.device())?.to_dtype(q.dtype())?)
    };
    // A pair without keys keeps the weights of its padding, whose values are zeros.
    let hidden = |length: usize, at: usize| if length > 0 && at >= length { f64::NEG_INFINITY } else { 0.0 };
    let mask = like(keys.each(hidden), (b, 1, 1, keys.longest))?;
    let share = |length: usize, at: usize| if at < length { 1.0 / length as f64 } else { 0.0 };
    let shares = like(queries.each(share), (b, 1, queries.longest, 1))?;

    let scale = 1.0 / ((d / op.heads) as f64).sqrt();
    let scores = query.matmul(&key.t()?.contiguous()?)?.affine(scale, 0.0)?.broadcast_add(&mask)?;
    let largest = scores.max_keepdim(D::Minus1)?.detach();
    let weights = scores.broadcast_sub(&largest)?.exp()?;
    let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
    let seen = weights.matmul(&value)?.broadcast_mul(&shares)?; // (b, heads, queries, d / heads)
    Ok(seen.sum(2)?.reshape((b, d))?)
}

/// The segments of some pairs, made equally long.
struct Padded {
    lengths: Vec<usize>,
    /// The greatest length, and at least 1.
    longest: usize,
    tokens: Indices,
}

impl Padded {
    fn new(segments: &Segments, pairs: &Indices) -> Self {
        let ranges: Vec<_> = pairs.positions().iter().map(|&s| segments.range(s as usize)).collect();
        let lengths: Vec<_> = ranges.iter().map(ExactSizeIterator::len).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0).max(1);
        // The row behind the last token holds zeros.
        let padding = std::iter::repeat(segments.tokens());
        let tokens = ranges.into_iter().flat_map(|range| range.chain(padding.clone()).take(longest));
        Self { tokens: tokens.map(|token| token as u32).collect(), lengths, longest }
    }

    /// Gives the rows of every pair, one pair after the other (b · longest, d).
    fn rows(&self, x: &Tensor) -> Result<Tensor> {
        let zeros = Tensor::zeros((1, x.dim(1)?), x.dtype(), x.device())?;
        Ok(Tensor::cat(&[x, &zeros], 0)?.index_select(&self.tokens.tensor(x.device())?, 0)?)
    }

    /// Lists a value for the length of each pair and each place.
    fn each(&self, value: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let value = &value;
        self.lengths.iter().flat_map(|&length| (0..self.longest).map(move |at| value(length, at))).collect()
    }
}
