//! Launches the kernels of language models on candle's stream.

mod between;

use std::ops::Range;

use candle_core::{Device, Tensor};

pub(super) use between::{activate, norm};

use super::card::attend::{Attend, tiles};
use super::card::countable;
use super::card::linear::Linear;
use super::card::turn::Turn;
use super::layer::Layer;
use super::rotary::Table;
use super::{fill, padded};
use crate::lm::weights::{AttentionEpsilon, Shape};
use crate::nn::ops::card::Number;
use crate::nn::ops::cuda::Card;
use crate::{Error, Result};

/// The sequences of a batch on a card, and the sizes of what attends within them.
#[derive(Debug)]
pub(super) struct Batch {
    /// (longest, half a head's width)
    cos: Tensor,
    sin: Tensor,
    /// Of softmax attention, the position of each token (t) and the work of each block (blocks, 3); of linear attention,
    /// where each segment begins, and the end (segments + 1).
    lists: Vec<Tensor>,
    heads: usize,
    width: usize,
    epsilon: AttentionEpsilon,
}

/// What products give of queries, keys and values, and where it lies with its biases.
struct Products {
    tensors: Vec<Tensor>,
    x: [u64; 3],
    biases: [u64; 3],
}

impl Batch {
    /// Brings it to a card; none for another device, and for what the kernels do not have.
    pub(super) fn new(
        segments: &[Range<usize>],
        table: &Table,
        shape: &Shape,
        device: &Device,
    ) -> Result<Option<Self>> {
        let (heads, width, tokens) = (shape.heads, shape.head_width(), table.positions.len());
        let Some(padded) = padded(shape).filter(|_| device.is_cuda()) else { return Ok(None) };
        if !countable(&[tokens, heads, padded]) {
            return Ok(None);
        }
        let list = |of: &[u32]| Tensor::from_slice(of, of.len(), device);
        let lists = if shape.random_features > 0 {
            let bounds: Vec<u32> = segments.iter().map(|segment| segment.start as u32).collect();
            vec![list(&[bounds, vec![tokens as u32]].concat())?]
        } else {
            vec![list(&table.positions)?, list(&tiles(segments))?]
        };
        let angles = |of: &[f32]| Tensor::from_slice(of, of.len(), device);
        let (cos, sin, epsilon) = (angles(&table.cos)?, angles(&table.sin)?, shape.attention_epsilon);
        Ok(Some(Self { cos, sin, lists, heads, width, epsilon }))
    }

    /// Attends from rounded rows (t, width): the rounded context (t, width).
    pub(super) fn attend(&self, layer: &Layer, x: &Tensor) -> Result<Tensor> {
        let card = Card::of(x)?;
        let mut from = Products { tensors: Vec::new(), x: [0; 3], biases: [0; 3] };
        for (i, linear) in [&layer.query, &layer.key, &layer.value].into_iter().enumerate() {
            let product = linear.product(x)?;
            from.x[i] = card.address_of(&product)?;
            from.biases[i] = linear.bias.as_ref().map_or(Ok(0), |bias| card.address_of(bias))?;
            from.tensors.push(product);
        }
        let (tokens, number) = (x.dim(0)?, layer.rounding.number());
        match &layer.omega {
            Some(omega) => self.linear(&card, &from, omega, tokens, number),
            None => self.softmax(&card, from, tokens, number),
        }
    }

    fn softmax(&self, card: &Card, from: Products, tokens: usize, number: Number) -> Result<Tensor> {
        let Self { heads, width, .. } = *self;
        let at = |x: &Tensor| card.address_of(x);
        let Some(padded) = fill(width) else { return Err(Error::defect("language model", "a wide head")) };
        let space = |width: usize| card.tensor(&(tokens, heads * width).into(), number.dtype());
        let turned = [space(padded)?, space(padded)?, space(padded)?];
        let to = [at(&turned[0])?, at(&turned[1])?, at(&turned[2])?];
        let (angles, positions) = ([at(&self.cos)?, at(&self.sin)?], at(&self.lists[0])?);
        let (x, biases) = (from.x, from.biases);
        let turn = Turn { x, biases, angles, positions, to, tokens, heads, width, padded };
        card.launch(&[turn.launch(number)])?;
        drop(from.tensors);
        let (out, tiles) = (space(width)?, &self.lists[1]);
        let blocks = tiles.elem_count() / 3;
        let attend = Attend { x: to, tiles: at(tiles)?, out: at(&out)?, blocks, heads, width, padded };
        card.launch(&[attend.launch(number)])?;
        Ok(out)
    }

    fn linear(
        &self,
        card: &Card,
        from: &Products,
        omega: &Tensor,
        tokens: usize,
        number: Number,
    ) -> Result<Tensor> {
        let Self { heads, width, epsilon, .. } = *self;
        let at = |x: &Tensor| card.address_of(x);
        let out = card.tensor(&(tokens, heads * width).into(), number.dtype())?;
        let (angles, bounds) = ([at(&self.cos)?, at(&self.sin)?], &self.lists[0]);
        let launch = Linear {
            x: from.x,
            biases: from.biases,
            angles,
            omega: at(omega)?,
            bounds: at(bounds)?,
            out: at(&out)?,
            segments: bounds.elem_count() - 1,
            heads,
            width,
            count: omega.dim(0)?,
            epsilon,
        };
        card.launch(&[launch.launch(number)])?;
        Ok(out)
    }
}
