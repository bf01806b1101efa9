//! Turns gates into pooling weights.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;
use crate::nn::Segments;

/// Computes `silu(z) / length` for each token, where length is that of its segment: the weights under which the sum
/// of a scan's outputs is the mean of its gated outputs.
///
/// # Shapes
///
/// `z` (t, e) → (t, e).
pub(crate) fn mean_gate(z: &Tensor, segments: &Segments) -> Result<Tensor> {
    apply_one(MeanGate { segments: segments.clone() }, &[z])
}

pub(super) struct MeanGate {
    pub(super) segments: Segments,
}

impl Operation for MeanGate {
    const NAME: &'static str = "mean-gate";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let shares =
            shares(&self.segments, x[0])?.index_select(&self.segments.owners().tensor(x[0].device())?, 0)?;
        Ok(vec![x[0].silu()?.broadcast_mul(&shares)?])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }
}

/// Gives one over the number of tokens of each segment (s, 1), in the numbers of `like`.
pub(super) fn shares(segments: &Segments, like: &Tensor) -> Result<Tensor> {
    let shares: Vec<f64> = segments.ranges().map(|range| 1.0 / range.len().max(1) as f64).collect();
    Ok(Tensor::from_vec(shares, (segments.count(), 1), like.device())?.to_dtype(like.dtype())?)
}
