//! Brings the weights of a checkpoint to a device.

use candle_core::{Device, Tensor};

use super::TensorModel;
use super::heights::Heights;
use super::layer::Layer;
use super::linear::{Linear, Rounding};
use super::norm::Norm;
use crate::Result;
use crate::lm::engine::{Precision, check_heads, frequencies};
use crate::lm::family::FeedForward;
use crate::lm::weights::{Checkpoint, Shape};
use crate::nn::device::Landing;

impl TensorModel {
    /// Brings the weights of a checkpoint to a device, for products in `precision`; the checkpoint is not needed
    /// afterwards.
    ///
    /// # Errors
    ///
    /// A tensor that the checkpoint lacks, sizes that no model has, or a card whose memory is too small.
    pub fn load(checkpoint: &Checkpoint, precision: Precision, device: &Device) -> Result<Self> {
        let shape = checkpoint.shape().clone();
        check_heads(&shape)?;
        let rounding = Rounding::new(precision, device);
        let source = Source { checkpoint, device, rounding, heights: Heights::default() };
        let layers = (0..shape.layers).map(|i| source.layer(&shape, i)).collect::<Result<_>>()?;
        Ok(Self {
            device: device.clone(),
            embedding: source.tensor("embedding")?,
            masked: shape.family.facts().masked.filter(|_| shape.token_dropout),
            layers,
            norm: source.norm(&shape, "norm")?,
            frequencies: frequencies(checkpoint)?,
            shape,
            landing: Landing::default(),
        })
    }
}

struct Source<'a> {
    checkpoint: &'a Checkpoint,
    device: &'a Device,
    rounding: Rounding,
    heights: Heights,
}

impl Source<'_> {
    fn tensor(&self, name: &str) -> Result<Tensor> {
        let view = self.checkpoint.tensor(name)?;
        let tensor = Tensor::from_vec(view.to_f32()?, view.shape.as_slice(), self.device)?;
        self.checkpoint.release();
        Ok(tensor)
    }

    fn norm(&self, shape: &Shape, name: &str) -> Result<Norm> {
        Ok(Norm {
            weight: self.tensor(&format!("{name}.weight"))?,
            bias: self.tensor(&format!("{name}.bias"))?,
            epsilon: shape.norm_epsilon,
        })
    }

    fn linear(&self, name: &str, bias: bool) -> Result<Linear> {
        let weight = self.rounding.apply(&self.tensor(&format!("{name}.weight"))?)?;
        let bias = bias.then(|| self.tensor(&format!("{name}.bias"))).transpose()?;
        Ok(Linear { weight, bias, heights: self.heights.clone() })
    }

    fn layer(&self, shape: &Shape, i: usize) -> Result<Layer> {
        let name = |part: &str| format!("layers.{i}.{part}");
        let facts = shape.family.facts();
        let linear = |part: &str| self.linear(&name(part), facts.attention_biases);
        let gate = || -> Result<_> {
            let beta = self.checkpoint.tensor(&name("beta"))?.to_f32()?;
            Ok((self.linear(&name("gate"), true)?, beta.first().copied().unwrap_or(1.0)))
        };
        let omega = || -> Result<_> { Ok(self.tensor(&name("features"))?.t()?.contiguous()?) };
        Ok(Layer {
            rounding: self.rounding,
            order: facts.order,
            heads: shape.heads,
            norms: [self.norm(shape, &name("norm1"))?, self.norm(shape, &name("norm2"))?],
            query: linear("query")?,
            key: linear("key")?,
            value: linear("value")?,
            out: linear("out")?,
            up: self.linear(&name("up"), true)?,
            gate: (facts.feed_forward == FeedForward::SwiGlu).then(gate).transpose()?,
            down: self.linear(&name("down"), true)?,
            omega: (shape.random_features > 0).then(omega).transpose()?,
        })
    }
}
