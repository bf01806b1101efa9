//! Computes hidden states by candle's tensor operations, on a card; on the CPU they show that the operations are right.
//!
//! On a card, kernels of our own take the place of the operations between the products: `card` plans their launches, which
//! tests do on the emulated one, and `on_card` makes them. What they lack, wide heads, is composed there, too.
//!
//! Sequences lie packed without padding. Numbers are as the processor's engine has them: with [`Precision::Bf16`] the
//! inputs of products are rounded to bf16, and sums, norms, softmax and residuals are f32; linear attention is f32
//! throughout. What a sequence gets does not depend on the sequences it is packed with: every product has a shape that
//! depends on the model and on the sequence alone, so that the library of the card has no reason to sum another way, and
//! a block of a kernel computes what depends on one sequence alone.

mod attention;
#[cfg(any(test, feature = "cuda"))]
mod card;
mod cost;
mod heights;
mod layer;
mod linear;
mod load;
mod norm;
#[cfg(feature = "cuda")]
mod on_card;
mod packed;
mod product;
mod rotary;
mod rows;
#[cfg(test)]
mod tests;

use std::ops::Range;

use candle_core::{Device, Tensor};

use self::cost::CardCost;
use self::layer::Layer;
use self::linear::Rounding;
use self::norm::{Keep, Norm};
use self::packed::Packed;
use self::rows::Rows;
use super::lazy::{Means, Model};
use super::{AtOnce, Precision, check};
use crate::Result;
use crate::lm::weights::Shape;
use crate::nn::device::{Landing, OnHost, free_memory};

/// Says how a device of candle's loads a model, and what that takes.
pub(super) fn means(shape: &Shape, precision: Precision, device: &Device) -> Means {
    let cost = CardCost::new(shape, precision);
    let (device, card) = (device.clone(), device.clone());
    Means {
        load: Box::new(move |checkpoint| Ok(Box::new(TensorModel::load(checkpoint, precision, &device)?))),
        weights: cost.weights(),
        memory: Box::new(move |tokens, longest| cost.memory(tokens, longest)),
        available: Box::new(move || free_memory(&card)),
        can_reserve: |_| true,
        at_once: AtOnce::CARD,
    }
}

impl Model for TensorModel {
    fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost> {
        Self::forward(self, ids, offsets, layer)
    }
}

/// A language model whose weights are tensors of a device.
#[derive(Debug)]
pub struct TensorModel {
    shape: Shape,
    device: Device,
    /// (vocabulary, width)
    embedding: Tensor,
    /// Share of masked tokens in training, to which embeddings are scaled; `None` where the model does not.
    masked: Option<f32>,
    layers: Vec<Layer>,
    norm: Norm,
    /// (half a head's width)
    frequencies: Vec<f32>,
    landing: Landing,
}

/// Widths of a head that the kernels of a card have, and the most random features.
const WIDTHS: [usize; 3] = [16, 32, 64];
const FEATURES: usize = 32;

/// Gives the width to which a card's kernels fill a head up with zeros; none for a wider one.
fn fill(width: usize) -> Option<usize> {
    WIDTHS.into_iter().find(|most| width <= *most)
}

/// Gives the width of a head as it lies on a card; none where attention is composed of tensor operations there, too.
fn padded(shape: &Shape) -> Option<usize> {
    let width = shape.head_width();
    match shape.random_features {
        0 => fill(width),
        count => fill(width).filter(|_| count <= FEATURES).map(|_| width),
    }
}

impl TensorModel {
    /// Returns the sizes of the model.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Computes hidden states, as [`LanguageModel::forward`](super::LanguageModel::forward) does.
    ///
    /// # Shapes
    ///
    /// `ids` (t) and `offsets` (s + 1) → (t, width).
    ///
    /// # Errors
    ///
    /// A token outside the vocabulary, offsets that do not divide the tokens, a layer that the model lacks, and what a
    /// card answers: [`Error::Card`](crate::Error::Card) tells whether its memory was too small.
    ///
    /// ```
    /// use crossmamba::lm::{Checkpoint, LanguageModel, Precision, TensorModel};
    /// use crossmamba::nn::device::Device;
    ///
    /// let checkpoint = Checkpoint::open("../tests/data/lm/esm2/esm2_tiny.pt")?;
    /// let model = TensorModel::load(&checkpoint, Precision::F32, &Device::Cpu)?;
    /// let rows = model.forward(&[0, 20, 15, 2], &[0, 4], None)?;
    /// let expected = LanguageModel::load(&checkpoint, Precision::F32)?.forward(&[0, 20, 15, 2], &[0, 4], None)?;
    /// assert!(rows.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4));
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost> {
        if ids.is_empty() {
            check(&self.shape, ids, offsets, layer)?;
            return Ok(Vec::new().into());
        }
        self.landing.bring(&self.on_device(ids, offsets, layer)?)
    }

    /// Computes hidden states (t, width) of at least one token and leaves them where the weights are: what
    /// [`TensorModel::forward`] brings to the host.
    ///
    /// # Errors
    ///
    /// What a card answers.
    pub fn on_device(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<Tensor> {
        check(&self.shape, ids, offsets, layer)?;
        let segments: Vec<Range<usize>> =
            offsets.windows(2).map(|pair| pair[0]..pair[1]).filter(|segment| !segment.is_empty()).collect();
        let mut rows = Rows::new(self.embed(ids, &segments)?);
        let depth = layer.unwrap_or(self.layers.len());
        if depth > 0 {
            let packed = Packed::new(&segments, &self.frequencies, &self.shape, &self.device)?;
            for layer in &self.layers[..depth] {
                rows = layer.apply(rows, &packed)?;
            }
        }
        if depth == self.layers.len() {
            let exact = Rounding::new(Precision::F32, &self.device);
            Ok(self.norm.apply(rows, Keep::Normalised, exact)?.0)
        } else {
            rows.settled()
        }
    }

    /// Looks the tokens up: (t, width).
    fn embed(&self, ids: &[u32], segments: &[Range<usize>]) -> Result<Tensor> {
        let x = self.embedding.index_select(&Tensor::new(ids, &self.device)?, 0)?;
        let Some(share) = self.masked else { return Ok(x) };
        let is_mask = |id: &u32| *id == self.shape.mask_token;
        let mut scales = Vec::with_capacity(ids.len());
        for segment in segments {
            let ids = &ids[segment.clone()];
            let masks = ids.iter().filter(|id| is_mask(id)).count();
            let scale = (1.0 - share) / (1.0 - masks as f32 / ids.len() as f32);
            scales.extend(ids.iter().map(|id| if is_mask(id) { 0.0 } else { scale }));
        }
        Ok(x.broadcast_mul(&Tensor::from_vec(scales, (ids.len(), 1), &self.device)?)?)
    }
}
