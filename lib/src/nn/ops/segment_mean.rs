//! Averages packed sequences.

#[cfg(feature = "cuda")]
mod card;
mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::gate::shares;
use super::slices;
use crate::Result;
use crate::nn::Segments;

/// Averages the tokens of each segment; an empty one gives zeros.
///
/// # Shapes
///
/// `x` (t, d) → (s, d).
pub(crate) fn segment_mean(x: &Tensor, segments: &Segments) -> Result<Tensor> {
    apply_one(SegmentMean { segments: segments.clone() }, &[x])
}

pub(super) struct SegmentMean {
    pub(super) segments: Segments,
}

impl Operation for SegmentMean {
    const NAME: &'static str = "segment-mean";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let sums = Tensor::zeros((self.segments.count(), x[0].dim(1)?), x[0].dtype(), x[0].device())?;
        let owners = self.segments.owners().tensor(x[0].device())?;
        Ok(vec![
            sums.index_add(&owners, &x[0].contiguous()?, 0)?.broadcast_mul(&shares(&self.segments, x[0])?)?,
        ])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }

    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let sums = apply_one(card::SegmentSum::new(&self.segments), x)?;
        Ok(vec![sums.broadcast_mul(&shares(&self.segments, x[0])?)?])
    }
}
