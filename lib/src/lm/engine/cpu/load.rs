//! Packs the weights of a checkpoint.

use std::sync::Mutex;

use rayon::prelude::*;

use super::LanguageModel;
use super::layer::Layer;
use super::linear::Linear;
use super::norm::Norm;
use super::row::{Machine, Product};
use crate::Result;
use crate::lm::engine::{Precision, check_heads, frequencies};
use crate::lm::family::FeedForward;
use crate::lm::weights::{Checkpoint, Shape};

impl LanguageModel {
    /// Packs the weights of a checkpoint for products in `precision`; the checkpoint is not needed afterwards.
    ///
    /// # Errors
    ///
    /// A tensor that the checkpoint lacks, or sizes that no model has.
    pub fn load(checkpoint: &Checkpoint, precision: Precision) -> Result<Self> {
        let shape = checkpoint.shape().clone();
        check_heads(&shape)?;
        let machine = Machine::new();
        let source = Source { checkpoint, machine, product: Product::of(precision) };
        let frequencies = frequencies(checkpoint)?;
        let layers =
            (0..shape.layers).into_par_iter().map(|i| source.layer(&shape, i)).collect::<Result<_>>()?;
        Ok(Self {
            machine,
            embedding: source.values("embedding")?,
            masked: shape.family.facts().masked.filter(|_| shape.token_dropout),
            layers,
            norm: source.norm(&shape, "norm")?,
            frequencies,
            epsilon: shape.attention_epsilon,
            work: Mutex::default(),
            scratch: Mutex::default(),
            shape,
        })
    }
}

struct Source<'a> {
    checkpoint: &'a Checkpoint,
    machine: Machine,
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
        let linear = Linear::new(self.machine, self.product, &weight, outputs, bias);
        self.checkpoint.release();
        linear
    }

    fn layer(&self, shape: &Shape, i: usize) -> Result<Layer> {
        let name = |part: &str| format!("layers.{i}.{part}");
        let (width, inner) = (shape.width, shape.feed_forward);
        let facts = shape.family.facts();
        let linear = |part: &str| self.linear(&name(part), width, facts.attention_biases);
        let gate = || -> Result<_> {
            let beta = self.values(&name("beta"))?.first().copied().unwrap_or(1.0);
            Ok((self.linear(&name("gate"), inner, true)?, beta))
        };
        Ok(Layer {
            machine: self.machine,
            product: self.product,
            order: facts.order,
            heads: shape.heads,
            norms: [self.norm(shape, &name("norm1"))?, self.norm(shape, &name("norm2"))?],
            query: linear("query")?,
            key: linear("key")?,
            value: linear("value")?,
            out: linear("out")?,
            up: self.linear(&name("up"), inner, true)?,
            gate: (facts.feed_forward == FeedForward::SwiGlu).then(gate).transpose()?,
            down: self.linear(&name("down"), width, true)?,
            omega: (shape.random_features > 0)
                .then(|| self.values(&name("features")))
                .transpose()?
                .map(|omega| omega.into_iter().map(f32::to_bits).collect()),
        })
    }
}
