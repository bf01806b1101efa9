//! Cuts a matrix into groups of columns.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply};
use super::slices;
use crate::Result;

/// Cuts the columns into consecutive groups of the given widths.
///
/// # Shapes
///
/// `x` (t, Σ widths) → one (t, width) for each width.
pub(crate) fn split_columns<const K: usize>(x: &Tensor, widths: [usize; K]) -> Result<[Tensor; K]> {
    let outputs = apply(Split(widths), &[x])?;
    outputs.try_into().map_err(|_| crate::Error::defect("split-columns", "the number of outputs is wrong"))
}

pub(super) struct Split<const K: usize>(pub(super) [usize; K]);

impl<const K: usize> Operation for Split<K> {
    const NAME: &'static str = "split-columns";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let mut first = 0;
        let columns = |width: usize| {
            let columns = x[0].narrow(1, first, width)?.contiguous()?;
            first += width;
            Ok(columns)
        };
        self.0.into_iter().map(columns).collect()
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }
}
