//! Builds what the head sees of a pair.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;

/// Joins `a`, `b`, `a ⊙ b` and `|a − b|`.
///
/// # Shapes
///
/// `a` (b, d), `b` (b, d) → (b, 4 d).
pub(crate) fn product_features(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    apply_one(Features, &[a, b])
}

pub(super) struct Features;

impl Operation for Features {
    const NAME: &'static str = "product-features";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let (a, b) = (x[0], x[1]);
        // Not `abs`, whose gradient at 0 is 1.
        let distance = ((a - b)?.relu()? + (b - a)?.relu()?)?;
        Ok(vec![Tensor::cat(&[a, b, &(a * b)?, &distance], 1)?])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }
}
