//! Linear layers, and the numbers that products take.

use candle_core::{DType, Device, Tensor};

use super::heights::Heights;
use super::product;
use crate::Result;
use crate::lm::engine::Precision;

/// Rounds what is multiplied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounding {
    precision: Precision,
    /// Whether the device multiplies bf16 with sums in f32; elsewhere the rounded numbers are f32 again.
    short: bool,
}

impl Rounding {
    pub(super) fn new(precision: Precision, device: &Device) -> Self {
        Self { precision, short: device.is_cuda() }
    }

    /// Makes a tensor of f32 an input of products.
    pub(super) fn apply(self, x: &Tensor) -> Result<Tensor> {
        Ok(match self.precision {
            Precision::F32 => x.clone(),
            Precision::Bf16 if self.short => x.to_dtype(DType::BF16)?,
            Precision::Bf16 => x.to_dtype(DType::BF16)?.to_dtype(DType::F32)?,
        })
    }
}

#[cfg(feature = "cuda")]
impl Rounding {
    /// Names what a card multiplies.
    pub(super) fn number(self) -> crate::nn::ops::card::Number {
        use crate::nn::ops::card::Number;
        match self.precision {
            Precision::F32 => Number::F32,
            Precision::Bf16 => Number::BF16,
        }
    }
}

/// y = W·x + b.
#[derive(Debug)]
pub(super) struct Linear {
    /// (outputs, inputs), an input of products.
    pub(super) weight: Tensor,
    /// (outputs)
    pub(super) bias: Option<Tensor>,
    pub(super) heights: Heights,
}

impl Linear {
    /// Computes (t, outputs) in f32 from rounded rows (t, inputs).
    pub(super) fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let out = self.product(x)?;
        Ok(match &self.bias {
            Some(bias) => out.broadcast_add(bias)?,
            None => out,
        })
    }

    /// Computes W·x.
    pub(super) fn product(&self, x: &Tensor) -> Result<Tensor> {
        product::rows(x, &self.weight, Some(&self.heights))
    }
}
