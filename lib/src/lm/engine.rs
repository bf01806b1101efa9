//! Computes the hidden states of language models: what every engine offers, the processor's, and a card's.
//!
//! `tensors` is the same model by candle's tensor operations: its definition in few lines, and what a card computes with. An
//! engine for another device stands beside both, says its means, is chosen in [`engine`], and is held to the same golden
//! states.

mod cpu;
mod lazy;
mod tensors;

use std::sync::Arc;

use candle_core::Device;
pub use cpu::{Cost, LanguageModel};
pub use tensors::TensorModel;

use self::lazy::Lazy;
use super::weights::{Checkpoint, Shape};
use crate::nn::device::OnHost;
use crate::{Error, Result};

/// In what numbers a model multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Weights, activations and sums in f32.
    F32,
    /// Weights and the inputs of products rounded to bf16, sums in f32; norms, softmax and residuals in f32. Half the
    /// memory. Uses AVX-512 BF16 where the processor has it; elsewhere the same products are computed in f32.
    Bf16,
}

/// How much is worth computing at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtOnce {
    /// Tokens beyond which nothing becomes faster.
    pub tokens: usize,
    /// Operations of a few seconds, so that a run that is asked to end does so soon.
    pub work: f64,
}

impl AtOnce {
    /// Of two cores.
    pub const CPU: Self = Self { tokens: 4096, work: 2e12 };
    /// Of a card.
    pub const CARD: Self = Self { tokens: 1 << 15, work: 1e14 };
}

/// Computes the hidden states of one model on one device, and tells beforehand what that takes.
///
/// Nothing of the weights need be read before [`Engine::prepare`] or the first [`Engine::forward`].
pub trait Engine: Send + Sync {
    /// Gives the sizes of the model.
    fn shape(&self) -> &Shape;

    /// Counts the bytes of the weights as the engine keeps them.
    fn weights(&self) -> u64;

    /// Estimates the bytes that [`Engine::forward`] needs beyond the weights for a batch of `tokens` tokens, its result
    /// included, when its longest sequence has `longest`.
    fn memory(&self, tokens: usize, longest: usize) -> u64;

    /// Gives the bytes that can still be had on the device; nothing where it does not say.
    fn available(&self) -> Option<u64>;

    /// Tells whether this many bytes can be had now.
    fn can_take(&self, bytes: u64) -> bool;

    /// Says how much is worth computing at once.
    fn at_once(&self) -> AtOnce {
        AtOnce::CPU
    }

    /// Reads the weights, if that was not done.
    ///
    /// # Errors
    /// Weights that cannot be read, or sizes that no model has.
    fn prepare(&self) -> Result<()>;

    /// Computes hidden states; what a sequence gets does not depend on the sequences it is packed with.
    ///
    /// # Shapes
    ///
    /// `ids` (t) holds the tokens of all sequences one after the other, special tokens included; sequence i is
    /// `offsets[i]..offsets[i + 1]` (s + 1). The result is (t, width), in the order of the tokens. `layer` is as in
    /// [`LanguageModel::forward`].
    ///
    /// # Errors
    ///
    /// A token outside the vocabulary, a layer that the model lacks, [`Error::Defect`] for offsets that do not divide the
    /// tokens, and [`Error::Card`] for what a card answers.
    fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost>;
}

/// Chooses the engine of a checkpoint on a device.
pub(super) fn engine(checkpoint: &Arc<Checkpoint>, precision: Precision, device: &Device) -> Box<dyn Engine> {
    let shape = checkpoint.shape();
    let means =
        if device.is_cpu() { cpu::means(shape, precision) } else { tensors::means(shape, precision, device) };
    Box::new(Lazy::new(checkpoint, means))
}

/// Gives the frequencies of rotary positions (half a head's width): those of the checkpoint, or base^(-2j / width).
fn frequencies(checkpoint: &Checkpoint) -> Result<Vec<f32>> {
    if checkpoint.contains("inv_freq") {
        return checkpoint.tensor("inv_freq")?.to_f32();
    }
    let (base, head) = (checkpoint.shape().family.facts().rotary_base, checkpoint.shape().head_width());
    Ok((0..head / 2).map(|j| 1.0 / base.powf(2.0 * j as f32 / head as f32)).collect())
}

/// Refuses a width that does not divide into heads.
fn check_heads(shape: &Shape) -> Result<()> {
    if shape.heads > 0 && shape.width.is_multiple_of(2 * shape.heads) {
        return Ok(());
    }
    let problem =
        format!("a width of {} does not divide into {} heads of even width", shape.width, shape.heads);
    Err(Error::setting("checkpoint", problem, "use an unchanged checkpoint"))
}

/// Checks what every engine is given.
fn check(shape: &Shape, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<()> {
    if let Some(id) = ids.iter().find(|id| **id as usize >= shape.vocabulary) {
        let problem = format!("token {id} is outside the vocabulary of {} tokens", shape.vocabulary);
        let remedy = "use the vocabulary that belongs to the checkpoint";
        return Err(Error::setting("checkpoint", problem, remedy));
    }
    let divide = offsets.first() == Some(&0)
        && offsets.last() == Some(&ids.len())
        && offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    if !divide {
        let problem = format!("the offsets do not divide {} tokens into sequences", ids.len());
        return Err(Error::defect("language model", problem));
    }
    if let Some(layer) = layer.filter(|layer| *layer > shape.layers) {
        let problem = format!("the model has {} layers, so there is no layer {layer}", shape.layers);
        return Err(Error::setting("layer", problem, format!("choose 0 to {}", shape.layers)));
    }
    Ok(())
}
