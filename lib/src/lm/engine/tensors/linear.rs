//! Linear layers, and the numbers that products take.

use candle_core::{DType, Tensor};

use crate::Result;
use crate::lm::engine::Precision;

/// Makes a tensor of f32 an input of products: f32, rounded to bf16 if that is asked for.
pub(super) fn rounded(precision: Precision, x: &Tensor) -> Result<Tensor> {
    Ok(match precision {
        Precision::F32 => x.clone(),
        Precision::Bf16 => x.to_dtype(DType::BF16)?.to_dtype(DType::F32)?,
    })
}

/// y = W·x + b.
#[derive(Debug)]
pub(super) struct Linear {
    /// (outputs, inputs), an input of products.
    pub(super) weight: Tensor,
    /// (outputs)
    pub(super) bias: Option<Tensor>,
}

impl Linear {
    /// Computes (t, outputs) in f32 from rounded rows (t, inputs).
    pub(super) fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let out = x.matmul(&self.weight.t()?)?;
        Ok(match &self.bias {
            Some(bias) => out.broadcast_add(bias)?,
            None => out,
        })
    }
}
