//! Lays the sequences of a batch out for attention, once for all blocks of a model.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::attention;
use super::layer::Layer;
use super::linear::Linear;
use super::rotary::{Angles, Table};
use crate::Result;
use crate::lm::weights::{AttentionEpsilon, Shape};

/// Packed sequences without empty ones, and how attention within them is computed.
#[derive(Debug)]
pub(super) struct Packed<'a> {
    segments: &'a [Range<usize>],
    epsilon: AttentionEpsilon,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// By tensor operations.
    Composed(Angles),
    /// By the kernels of a card.
    #[cfg(feature = "cuda")]
    Kernels(super::on_card::Batch),
}

impl<'a> Packed<'a> {
    /// Brings to a device what attention needs beside queries, keys and values.
    pub(super) fn new(
        segments: &'a [Range<usize>],
        frequencies: &[f32],
        shape: &Shape,
        device: &Device,
    ) -> Result<Self> {
        let (table, epsilon) = (Table::new(segments, frequencies), shape.attention_epsilon);
        #[cfg(feature = "cuda")]
        if let Some(batch) = super::on_card::Batch::new(segments, &table, shape, device)? {
            return Ok(Self { segments, epsilon, way: Way::Kernels(batch) });
        }
        Ok(Self { segments, epsilon, way: Way::Composed(Angles::new(&table, device)?) })
    }

    /// Attends from rounded rows (t, width): the rounded context (t, width) before the last product.
    pub(super) fn attend(&self, layer: &Layer, x: &Tensor) -> Result<Tensor> {
        match &self.way {
            #[cfg(feature = "cuda")]
            Way::Kernels(batch) => batch.attend(layer, x),
            Way::Composed(angles) => {
                let (t, width) = (x.dim(0)?, layer.query.weight.dim(0)?);
                let heads = |of: &Linear| -> Result<Tensor> {
                    Ok(of.apply(x)?.reshape((t, layer.heads, width / layer.heads))?)
                };
                let (q, k) = (angles.turn(&heads(&layer.query)?)?, angles.turn(&heads(&layer.key)?)?);
                let qkv = [&q, &k, &heads(&layer.value)?];
                let seen = match &layer.omega {
                    Some(omega) => attention::linear(self.segments, qkv, omega, self.epsilon)?,
                    None => attention::softmax(self.segments, qkv, layer.rounding)?,
                };
                layer.rounding.apply(&seen)
            }
        }
    }
}
