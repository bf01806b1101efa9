//! Small layers whose gradients are complete.

use candle_core::Tensor;

use crate::Result;
use crate::nn::ops;
use crate::nn::params::{Builder, Init};

/// Multiplies rows by a matrix and adds a bias: (t, in) → (t, out).
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub(crate) fn new(mut params: Builder<'_>, input: usize, output: usize) -> Result<Self> {
        let bound = 1.0 / (input as f64).sqrt();
        Ok(Self {
            weight: params.weight("weight", &[output, input], Init::Uniform(bound))?,
            bias: Some(params.free("bias", &[output], Init::Uniform(bound))?),
        })
    }

    pub(crate) fn without_bias(mut params: Builder<'_>, input: usize, output: usize) -> Result<Self> {
        let bound = 1.0 / (input as f64).sqrt();
        Ok(Self { weight: params.weight("weight", &[output, input], Init::Uniform(bound))?, bias: None })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::linear(x, &self.weight, self.bias.as_ref())
    }
}

/// Normalises each row to mean 0 and variance 1, then scales and shifts it: (t, d) → (t, d).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
}

impl LayerNorm {
    pub(crate) fn new(mut params: Builder<'_>, width: usize) -> Result<Self> {
        Ok(Self {
            weight: params.free("weight", &[width], Init::Constant(1.0))?,
            bias: params.free("bias", &[width], Init::Constant(0.0))?,
        })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::layer_norm(x, &self.weight, &self.bias)
    }
}

/// Divides each row by its root mean square, then scales it: (t, d) → (t, d).
#[derive(Debug)]
pub(crate) struct RmsNorm {
    weight: Tensor,
}

impl RmsNorm {
    pub(crate) fn new(mut params: Builder<'_>, width: usize) -> Result<Self> {
        Ok(Self { weight: params.free("weight", &[width], Init::Constant(1.0))? })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::rms_norm(x, &self.weight)
    }
}
