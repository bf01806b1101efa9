//! Copies rows or whole segments to where pairs need them; the gradients come back in a fixed order.

#[cfg(any(test, feature = "cuda"))]
mod card;
mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;
use crate::nn::{Indices, Segments};

/// Copies one row per position.
///
/// # Shapes
///
/// `x` (s, …), `at` b positions below s → (b, …).
pub(crate) fn gather_rows(x: &Tensor, at: &Indices) -> Result<Tensor> {
    apply_one(Gather::of_rows(x.dims()[0], at), &[x])
}

/// Copies one whole segment per position; returns the new segments as well.
///
/// # Shapes
///
/// `x` (t, d) in s segments, `at` b positions below s → (t′, d) in b segments.
pub(crate) fn gather_tokens(x: &Tensor, segments: &Segments, at: &Indices) -> Result<(Tensor, Segments)> {
    let taken = Segments::from_lengths(at.positions().iter().map(|&s| segments.range(s as usize).len()));
    let op = Gather { segments: segments.clone(), taken: taken.clone(), at: at.clone() };
    Ok((apply_one(op, &[x])?, taken))
}

pub(super) struct Gather {
    pub(super) segments: Segments,
    /// Where the copies lie.
    pub(super) taken: Segments,
    pub(super) at: Indices,
}

impl Gather {
    /// Takes rows by themselves, of so many.
    pub(super) fn of_rows(count: usize, at: &Indices) -> Self {
        let alone = |count: usize| Segments::from_lengths(std::iter::repeat_n(1, count));
        Self { segments: alone(count), taken: alone(at.len()), at: at.clone() }
    }
}

impl Operation for Gather {
    const NAME: &'static str = "gather";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let tokens = self.at.positions().iter().flat_map(|&s| self.segments.range(s as usize));
        let tokens: Indices = tokens.map(|token| token as u32).collect();
        Ok(vec![x[0].index_select(&tokens.tensor(x[0].device())?, 0)?])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }

    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        super::cuda::graph::apply(self, x)
    }
}
