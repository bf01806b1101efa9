//! Small layers whose gradients are complete.

use candle_core::{DType, Tensor};

use crate::Result;
use crate::nn::ops;
use crate::nn::params::{Builder, Init};

/// Multiplies rows by a matrix and adds a bias: (t, in) → (t, out), in the numbers of the weights, whichever it computes in.
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
    compute: DType,
}

impl Linear {
    pub(crate) fn new(mut params: Builder<'_>, input: usize, output: usize) -> Result<Self> {
        let bound = 1.0 / (input as f64).sqrt();
        Ok(Self {
            compute: params.compute(),
            weight: params.weight("weight", &[output, input], Init::Uniform(bound))?,
            bias: Some(params.free("bias", &[output], Init::Uniform(bound))?),
        })
    }

    pub(crate) fn without_bias(mut params: Builder<'_>, input: usize, output: usize) -> Result<Self> {
        let bound = 1.0 / (input as f64).sqrt();
        let weight = params.weight("weight", &[output, input], Init::Uniform(bound))?;
        Ok(Self { weight, bias: None, compute: params.compute() })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let cast = |x: &Tensor| x.to_dtype(self.compute);
        let bias = self.bias.as_ref().map(cast).transpose()?;
        Ok(ops::linear(&cast(x)?, &cast(&self.weight)?, bias.as_ref())?.to_dtype(self.weight.dtype())?)
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
