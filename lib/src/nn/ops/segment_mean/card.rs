//! Averages packed sequences on a card: sums are what the gradient of a gather is, and its kernels compute both ways.

use candle_core::{Result, Tensor};

use crate::nn::Segments;
use crate::nn::ops::card::desk::{CardOp, Desk, Lies};
use crate::nn::ops::dispatch::Operation;
use crate::nn::ops::gather::Gather;

/// Adds up the rows of each segment, in their order.
pub(crate) struct SegmentSum(Gather);

impl SegmentSum {
    pub(crate) fn new(segments: &Segments) -> Self {
        Self(Gather::of_rows(segments.count(), segments.owners()))
    }
}

impl Operation for SegmentSum {
    const NAME: &'static str = "segment-sum";

    fn composite(&self, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
        let sums = Tensor::zeros((self.0.segments.count(), x[0].dim(1)?), x[0].dtype(), x[0].device())?;
        Ok(vec![sums.index_add(&self.0.at.tensor(x[0].device())?, &x[0].contiguous()?, 0)?])
    }

    fn cpu(self, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
        self.composite(x)
    }

    fn cuda(self, x: &[&Tensor]) -> crate::Result<Vec<Tensor>> {
        crate::nn::ops::cuda::graph::apply(self, x)
    }
}

impl CardOp for SegmentSum {
    fn fits(&self, dims: &[&[usize]]) -> bool {
        self.0.fits(dims)
    }

    fn forward(&self, desk: &mut dyn Desk, x: &[Lies]) -> Result<Vec<Lies>> {
        let mut dims = x[0].dims.clone();
        dims[0] = self.0.segments.count();
        let out = desk.output(&dims)?;
        self.0.sum(desk, x[0].at, &out)?;
        Ok(vec![out])
    }

    fn backward(&self, desk: &mut dyn Desk, x: &[Lies], grads: &[Option<u64>]) -> Result<Vec<Option<u64>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let dx = desk.output(&x[0].dims)?;
        self.0.copy(desk, grad, &dx)?;
        Ok(vec![Some(dx.at)])
    }
}
