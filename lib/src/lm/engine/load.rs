//! Packs the weights of a checkpoint.

use std::sync::Mutex;

use rayon::prelude::*;

use super::layer::{Layer, Order};
use super::linear::Linear;
use super::linear_attention::Guard;
use super::norm::Norm;
use super::row::{Machine, Product};
use super::{LanguageModel, Precision};
use crate::lm::weights::{AttentionEpsilon, Checkpoint, Family, Shape};
use crate::{Error, Result};

impl LanguageModel {
    /// Packs the weights of a checkpoint for products in `precision`; the checkpoint is not needed afterwards.
    ///
    /// # Errors
    ///
    /// A tensor that the checkpoint lacks, or sizes that no model has.
    pub fn load(checkpoint: &Checkpoint, precision: Precision) -> Result<Self> {
        let shape = checkpoint.shape().clone();
        if shape.heads == 0 || !shape.width.is_multiple_of(2 * shape.heads) {
            let problem = format!(
                "a width of {} does not divide into {} heads of even width",
                shape.width, shape.heads
            );
            return Err(Error::setting("checkpoint", problem, "use an unchanged checkpoint"));
        }
        let source = Source { checkpoint, product: precision.product() };
        let frequencies = if checkpoint.contains("inv_freq") {
            source.values("inv_freq")?
        } else {
            frequencies(shape.width / shape.heads)
        };
        let layers =
            (0..shape.layers).into_par_iter().map(|i| source.layer(&shape, i)).collect::<Result<_>>()?;
        Ok(Self {
            machine: Machine::new(),
            embedding: source.values("embedding")?,
            masked: match shape.family {
                _ if !shape.token_dropout => None,
                Family::Esm2 => Some(0.15 * 0.8),
                Family::Rinalmo => Some(0.12),
                Family::Molformer => None,
            },
            layers,
            norm: source.norm(&shape, "norm")?,
            frequencies,
            guard: match shape.attention_epsilon {
                AttentionEpsilon::Floor(least) => Guard::Floor(least),
                AttentionEpsilon::Added(more) => Guard::Added(more),
            },
            work: Mutex::default(),
            scratch: Mutex::default(),
            shape,
        })
    }
}

/// Frequencies of rotary positions for checkpoints that do not carry them: 10000^(-2j / width).
fn frequencies(head: usize) -> Vec<f32> {
    (0..head / 2).map(|j| 1.0 / 10_000_f32.powf(2.0 * j as f32 / head as f32)).collect()
}

struct Source<'a> {
    checkpoint: &'a Checkpoint,
    product: Product,
}

impl Source<'_> {
    fn values(&self, name: &str) -> Result<Vec<f32>> {
        self.checkpoint.tensor(name)?.to_f32()
    }

    fn norm(&self, shape: &Shape, name: &str) -> Result<Norm> {
        Ok(Norm {
            weight: self.values(&format!("{name}.weight"))?,
            bias: self.values(&format!("{name}.bias"))?,
            epsilon: shape.norm_epsilon,
        })
    }

    fn linear(&self, name: &str, outputs: usize, bias: bool) -> Result<Linear> {
        let bias = bias.then(|| self.values(&format!("{name}.bias"))).transpose()?;
        let weight = self.checkpoint.tensor(&format!("{name}.weight"))?;
        let linear = Linear::new(self.product, &weight, outputs, bias);
        self.checkpoint.release();
        linear
    }

    fn layer(&self, shape: &Shape, i: usize) -> Result<Layer> {
        let name = |part: &str| format!("layers.{i}.{part}");
        let (width, inner) = (shape.width, shape.feed_forward);
        let gated = shape.family == Family::Rinalmo;
        // RiNALMo's attention has no biases.
        let linear = |part: &str| self.linear(&name(part), width, !gated);
        let gate = || -> Result<_> {
            let beta = self.values(&name("beta"))?.first().copied().unwrap_or(1.0);
            Ok((self.linear(&name("gate"), inner, true)?, beta))
        };
        Ok(Layer {
            product: self.product,
            order: match shape.family {
                Family::Esm2 => Order::Before,
                Family::Rinalmo => Order::Replacing,
                Family::Molformer => Order::After,
            },
            heads: shape.heads,
            norms: [self.norm(shape, &name("norm1"))?, self.norm(shape, &name("norm2"))?],
            query: linear("query")?,
            key: linear("key")?,
            value: linear("value")?,
            out: linear("out")?,
            up: self.linear(&name("up"), inner, true)?,
            gate: gated.then(gate).transpose()?,
            down: self.linear(&name("down"), width, true)?,
            omega: (shape.random_features > 0)
                .then(|| self.values(&name("features")))
                .transpose()?
                .map(|omega| omega.into_iter().map(f32::to_bits).collect()),
        })
    }
}
