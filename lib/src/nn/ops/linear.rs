//! Multiplies by a matrix and adds a bias in one pass.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::nary;
use crate::Result;

/// Computes `x Wᵀ + b`.
///
/// # Shapes
///
/// `x` (t, i), `weight` (o, i), `bias` (o) → (t, o).
pub(crate) fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (rows, input) = x.dims2()?;
    let (output, expected) = weight.dims2()?;
    if input != expected {
        return Err(crate::Error::defect("linear", format!("{input} columns where {expected} are expected")));
    }
    // Inputs of the model need no gradient, and the product that would give it is as large as the forward one.
    let op = Linear { rows, input, output, needs_x: x.track_op() };
    let inputs: Vec<&Tensor> = [Some(x), Some(weight), bias].into_iter().flatten().collect();
    apply_one(op, &inputs)
}

pub(super) struct Linear {
    pub(super) rows: usize,
    pub(super) input: usize,
    pub(super) output: usize,
    pub(super) needs_x: bool,
}

impl Operation for Linear {
    const NAME: &'static str = "linear";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let product = x[0].matmul(&x[1].t()?)?;
        Ok(vec![match x.get(2) {
            Some(bias) => product.broadcast_add(bias)?,
            None => product,
        }])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let rows = x[0].contiguous()?;
        let inputs: Vec<&Tensor> = std::iter::once(&rows).chain(x[1..].iter().copied()).collect();
        Ok(nary::apply(self, &inputs)?)
    }
}
