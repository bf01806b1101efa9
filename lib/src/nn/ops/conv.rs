//! Convolves packed sequences causally, channel by channel, and applies silu.

#[cfg(any(test, feature = "cuda"))]
mod card;
mod cpu;

use std::ops::Range;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;
use crate::nn::{Direction, Indices, Segments};

/// Computes `silu(bias + Σₖ weight[·, w − 1 − k] ⊙ x[t − k])`, with zeros before the beginning of each segment; in the
/// reverse direction `t + k` and the segment's end take their place.
///
/// # Shapes
///
/// `x` (t, e), `weight` (e, w) whose last column meets the token itself, `bias` (e) → (t, e).
///
/// # Errors
///
/// If shapes or types do not fit together.
///
/// ```
/// use candle_core::Tensor;
/// use crossmamba::nn::device::Device;
/// use crossmamba::nn::ops::conv_silu;
/// use crossmamba::nn::{Direction, Segments};
///
/// # fn main() -> crossmamba::Result<()> {
/// // One channel, two sequences; each token adds twice its predecessor.
/// let x = Tensor::new(&[[1.0_f32], [2.0], [5.0]], &Device::Cpu)?;
/// let weight = Tensor::new(&[[2.0_f32, 1.0]], &Device::Cpu)?;
/// let bias = Tensor::new(&[0.0_f32], &Device::Cpu)?;
/// let segments = Segments::from_lengths([2, 1]);
/// let y = conv_silu(&x, &weight, &bias, &segments, Direction::Forward)?;
/// let silu = |x: f32| x / (1.0 + (-x).exp());
/// for (y, sum) in y.flatten_all()?.to_vec1::<f32>()?.into_iter().zip([1.0, 4.0, 5.0]) {
///     assert!((y - silu(sum)).abs() < 1e-6);
/// }
/// # Ok(())
/// # }
/// ```
pub fn conv_silu(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    segments: &Segments,
    direction: Direction,
) -> Result<Tensor> {
    let (t, e) = x.dims2()?;
    if t != segments.tokens() || weight.dim(0)? != e || bias.dims() != [e] {
        let shapes = format!("{:?}, {:?} and {:?}", x.dims(), weight.dims(), bias.dims());
        return Err(crate::Error::defect("convolution", format!("shapes {shapes} do not fit")));
    }
    apply_one(Conv { segments: segments.clone(), direction }, &[x, weight, bias])
}

pub(super) struct Conv {
    pub(super) segments: Segments,
    pub(super) direction: Direction,
}

impl Conv {
    /// Gives the token that is `back` steps before `at` in the direction of reading.
    #[inline(always)]
    fn before(&self, at: usize, back: usize, range: &Range<usize>) -> Option<usize> {
        match self.direction {
            Direction::Forward => at.checked_sub(back).filter(|&from| from >= range.start),
            Direction::Reverse => Some(at + back).filter(|&from| from < range.end),
        }
    }
}

impl Operation for Conv {
    const NAME: &'static str = "conv-silu";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let (input, weight, bias) = (x[0], x[1], x[2]);
        let ((t, e), width) = (input.dims2()?, weight.dim(1)?);
        // Behind the tokens lies a row of zeros for what is before the beginning of a segment.
        let padded = Tensor::cat(&[input, &Tensor::zeros((1, e), input.dtype(), input.device())?], 0)?;
        let mut sum = bias.broadcast_as((t, e))?;
        for back in 0..width {
            let tokens = self.segments.ranges().flat_map(|range| {
                range.clone().map(move |at| self.before(at, back, &range).unwrap_or(t) as u32)
            });
            let tokens = tokens.collect::<Indices>().tensor(input.device())?;
            let tap = weight.narrow(1, width - 1 - back, 1)?.squeeze(1)?; // (e)
            sum = (sum + padded.index_select(&tokens, 0)?.broadcast_mul(&tap)?)?;
        }
        Ok(vec![sum.silu()?])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }

    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        super::cuda::graph::apply(self, x)
    }
}
