//! Attention within each sequence, one after the other.

use std::ops::Range;

use candle_core::{D, Tensor};

use super::linear::Rounding;
use super::product::{each, rows};
use crate::Result;
use crate::lm::weights::AttentionEpsilon;

/// Computes softmax(q·kᵀ / √width)·v head by head: (t, heads, width of a head) each.
pub(super) fn softmax(
    segments: &[Range<usize>],
    [q, k, v]: [&Tensor; 3],
    rounding: Rounding,
) -> Result<Tensor> {
    let scale = 1.0 / (q.dim(2)? as f64).sqrt();
    let by_head = |x: &Tensor| -> Result<Tensor> { rounding.apply(&x.transpose(0, 1)?.contiguous()?) };
    let (q, k, v) = (by_head(&q.affine(scale, 0.0)?)?, by_head(k)?, by_head(v)?);
    let attend = |segment: &Range<usize>| -> Result<Tensor> {
        let part = |x: &Tensor| x.narrow(1, segment.start, segment.len());
        let (q, k, v) = (part(&q)?, part(&k)?, part(&v)?);
        let scores = each(&q, &k.t()?)?;
        let shares = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
        drop(scores);
        let sum = shares.sum_keepdim(D::Minus1)?;
        Ok(each(&rounding.apply(&shares)?, &v)?.broadcast_div(&sum)?)
    };
    joined(segments, attend)
}

/// Computes φ(q)·Σ φ(k)vᵀ / φ(q)·Σ φ(k) with φ(x) = relu(Ωᵀ·x), head by head, in f32; `omega` is (features, width of a
/// head).
pub(super) fn linear(
    segments: &[Range<usize>],
    [q, k, v]: [&Tensor; 3],
    omega: &Tensor,
    epsilon: AttentionEpsilon,
) -> Result<Tensor> {
    let (t, heads, width) = q.dims3()?;
    let features = |x: &Tensor| -> Result<Tensor> {
        let features = rows(&x.reshape((t * heads, width))?, omega, None)?.relu()?;
        Ok(features.reshape((t, heads, omega.dim(0)?))?.transpose(0, 1)?.contiguous()?)
    };
    let (q, k, v) = (features(q)?, features(k)?, v.transpose(0, 1)?.contiguous()?);
    let attend = |segment: &Range<usize>| -> Result<Tensor> {
        let part = |x: &Tensor| x.narrow(1, segment.start, segment.len());
        let (q, k, v) = (part(&q)?, part(&k)?, part(&v)?);
        let sums = each(&k.t()?, &v)?; // (heads, features, width)
        let below = q.broadcast_mul(&k.sum_keepdim(1)?)?.sum_keepdim(D::Minus1)?; // (heads, length, 1)
        let below = match epsilon {
            AttentionEpsilon::Floor(least) => below.maximum(f64::from(least))?,
            AttentionEpsilon::Added(more) => below.affine(1.0, f64::from(more))?,
        };
        Ok(each(&q, &sums)?.broadcast_div(&below)?)
    };
    joined(segments, attend)
}

/// Joins (heads, length, width) of the segments into (t, heads · width).
fn joined(segments: &[Range<usize>], attend: impl FnMut(&Range<usize>) -> Result<Tensor>) -> Result<Tensor> {
    let parts = segments.iter().map(attend).collect::<Result<Vec<_>>>()?;
    Ok(Tensor::cat(&parts, 1)?.transpose(0, 1)?.contiguous()?.flatten_from(1)?)
}
