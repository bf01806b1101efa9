//! Computes hidden states on the processor.
//!
//! Sequences lie packed without padding; attention stays within each of them. What a sequence gets depends neither
//! on the sequences it is packed with nor on the number of threads, to the last bit.

#![expect(unsafe_code, reason = "products by vector instructions, and words seen as plain numbers")]
#![expect(unsafe_op_in_unsafe_fn, reason = "the products consist of such operations throughout")]

mod activation;
mod attention;
mod cost;
mod layer;
mod linear;
mod linear_attention;
mod load;
mod maths;
mod norm;
mod plan;
mod product;
mod rotary;
mod row;

use std::sync::Mutex;

use rayon::prelude::*;

use self::attention::Heads;
pub use self::cost::Cost;
use self::layer::{Attention, Layer, Projected, Scratch};
use self::linear_attention::Features;
use self::norm::Norm;
use self::plan::Plan;
use self::rotary::Angles;
use self::row::{LANES, Machine, Row, Words};
use super::lazy::{Means, Model};
use super::{AtOnce, Precision, check};
use crate::Result;
use crate::lm::weights::{AttentionEpsilon, Shape};
use crate::nn::device::OnHost;

/// Panels that one task computes: enough to read each weight rarely, few enough for the second-level cache.
const BLOCK: usize = 4;

/// Says how the processor loads a model, and what that takes.
pub(super) fn means(shape: &Shape, precision: Precision) -> Means {
    let cost = Cost::new(shape, precision);
    Means {
        load: Box::new(move |checkpoint| Ok(Box::new(LanguageModel::load(checkpoint, precision)?))),
        weights: cost.weights(),
        memory: Box::new(move |tokens, longest| cost.memory(tokens, longest)),
        available: Box::new(crate::memory::available),
        can_reserve: crate::memory::can_reserve,
        at_once: AtOnce::CPU,
    }
}

impl Model for LanguageModel {
    fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<OnHost> {
        Ok(Self::forward(self, ids, offsets, layer)?.into())
    }
}

/// A language model with weights packed for its products.
#[derive(Debug)]
pub struct LanguageModel {
    shape: Shape,
    machine: Machine,
    /// (vocabulary, width)
    embedding: Vec<f32>,
    /// Share of masked tokens in training, to which embeddings are scaled; `None` where the model does not.
    masked: Option<f32>,
    layers: Vec<Layer>,
    norm: Norm,
    /// (half a head's width)
    frequencies: Vec<f32>,
    epsilon: AttentionEpsilon,
    work: Mutex<Vec<Work>>,
    scratch: Mutex<Vec<Scratch>>,
}

/// Memory of one call.
#[derive(Debug, Default)]
struct Work {
    /// (panels, width)
    x: Vec<Row>,
    queries: Vec<Words>,
    keys: Vec<Words>,
    values: Vec<u32>,
    states: Vec<f32>,
    angles: Angles,
}

impl LanguageModel {
    /// Returns the sizes of the model.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Computes hidden states.
    ///
    /// # Shapes
    ///
    /// `ids` (t) holds the tokens of all sequences one after the other, special tokens included; sequence i is
    /// `offsets[i]..offsets[i + 1]` (s + 1). The result is (t, width), in the order of the tokens.
    ///
    /// `layer` chooses as fair-esm's `representations` do: 0 is the embedding, k the output of block k; the last block's
    /// output, which is also what `None` asks for, is normalised.
    ///
    /// # Errors
    ///
    /// A token outside the vocabulary, offsets that do not divide the tokens, or a layer that the model lacks.
    ///
    /// ```
    /// use crossmamba::lm::{Checkpoint, LanguageModel, Precision, Tokenizer};
    ///
    /// let checkpoint = Checkpoint::open("../tests/data/lm/esm2/esm2_tiny.pt")?;
    /// let (model, tokenizer) = (LanguageModel::load(&checkpoint, Precision::F32)?, Tokenizer::esm2());
    /// let (mut ids, mut offsets) = (Vec::new(), vec![0]);
    /// for sequence in ["MKTVRQ", "GLD"] {
    ///     tokenizer.frame(&tokenizer.encode(sequence.as_bytes()).ids, &mut ids);
    ///     offsets.push(ids.len());
    /// }
    /// let rows = model.forward(&ids, &offsets, None)?;
    /// assert_eq!(rows.len(), (6 + 2 + 3 + 2) * model.shape().width);
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    pub fn forward(&self, ids: &[u32], offsets: &[usize], layer: Option<usize>) -> Result<Vec<f32>> {
        check(&self.shape, ids, offsets, layer)?;
        let plan = Plan::new(offsets);
        let mut work = take(&self.work);
        self.embed(ids, &plan, &mut work.x);
        let depth = layer.unwrap_or(self.layers.len());
        if depth > 0 && plan.panels > 0 {
            work.angles.fill(&plan, &self.frequencies);
            for layer in &self.layers[..depth] {
                self.apply(layer, &plan, &mut work);
            }
        }
        let out = self.rows(ids.len(), &plan, &mut work.x, depth == self.layers.len());
        give_back(&self.work, work);
        Ok(out)
    }

    /// Panels that one task takes, so that all threads have some.
    fn block(plan: &Plan) -> usize {
        plan.panels.div_ceil(2 * rayon::current_num_threads()).clamp(1, BLOCK)
    }

    /// Looks the tokens up; slots without a token are 0.
    fn embed(&self, ids: &[u32], plan: &Plan, x: &mut Vec<Row>) {
        let width = self.shape.width;
        x.clear();
        x.resize(plan.panels * width, Row::ZERO);
        for segment in &plan.segments {
            let ids = &ids[segment.token..segment.token + segment.len()];
            let masks = ids.iter().filter(|id| **id == self.shape.mask_token).count();
            let scale =
                self.masked.map_or(1.0, |share| (1.0 - share) / (1.0 - masks as f32 / ids.len() as f32));
            for (slot, id) in segment.slots.clone().zip(ids) {
                if self.masked.is_some() && *id == self.shape.mask_token {
                    continue;
                }
                let rows = &mut x[slot / LANES * width..][..width];
                for (row, e) in rows.iter_mut().zip(&self.embedding[*id as usize * width..]) {
                    row.0[slot % LANES] = e * scale;
                }
            }
        }
    }

    /// Applies one block to all panels.
    fn apply(&self, layer: &Layer, plan: &Plan, work: &mut Work) {
        let Shape { width, heads, .. } = self.shape;
        let (head, by) = (width / heads, layer.attention_product());
        let count = self.shape.random_features;
        // A panel's words in queries and keys, and in values.
        let words = heads * if layer.omega.is_some() { count } else { by.steps(head) };
        let values = width * LANES / by.depth();
        let Work { x, queries, keys, values: all_values, states, angles } = work;
        queries.resize(plan.panels * words, Words::ZERO);
        keys.resize(plan.panels * words, Words::ZERO);
        all_values.resize(plan.panels * values, 0);
        let block = Self::block(plan);
        let panels = |i: usize| i * block..plan.panels.min((i + 1) * block);
        x.par_chunks_mut(block * width)
            .zip(queries.par_chunks_mut(block * words))
            .zip(keys.par_chunks_mut(block * words))
            .zip(all_values.par_chunks_mut(block * values))
            .enumerate()
            .for_each(|(i, (((x, queries), keys), values))| {
                let mut scratch = take(&self.scratch);
                let to = Projected { queries, keys, values };
                layer.project(&panels(i), angles, x, to, &mut scratch);
                give_back(&self.scratch, scratch);
            });
        let attention = if layer.omega.is_some() {
            let epsilon = self.epsilon;
            let machine = self.machine;
            let features =
                Features { machine, heads, width: head, count, epsilon, queries, keys, values: all_values };
            states.clear();
            states.resize(plan.segments.len() * features.state(), 0.0);
            let of_segments = states.par_chunks_mut(features.state()).zip(&plan.segments);
            of_segments.for_each(|(state, segment)| features.sum(segment, state));
            Attention::Linear(features, states)
        } else {
            Attention::Softmax(Heads {
                machine: self.machine,
                product: by,
                heads,
                width: head,
                queries,
                keys,
                values: all_values,
            })
        };
        x.par_chunks_mut(block * width).enumerate().for_each(|(i, x)| {
            let mut scratch = take(&self.scratch);
            layer.finish(plan, &panels(i), &attention, x, &mut scratch);
            give_back(&self.scratch, scratch);
        });
    }

    /// Writes a row for each token, normalised if `last`.
    fn rows(&self, tokens: usize, plan: &Plan, x: &mut [Row], last: bool) -> Vec<f32> {
        let width = self.shape.width;
        if last {
            x.par_chunks_mut(width).for_each(|panel| self.norm.apply(self.machine, panel));
        }
        let mut out = vec![0.0; tokens * width];
        let mut rest = &mut out[..];
        let mut of_segments = Vec::new();
        for segment in &plan.segments {
            let (now, later) = rest.split_at_mut(segment.len() * width);
            of_segments.push((segment, now));
            rest = later;
        }
        of_segments.into_par_iter().for_each(|(segment, out)| {
            for (slot, out) in segment.slots.clone().zip(out.chunks_exact_mut(width)) {
                let rows = &x[slot / LANES * width..][..width];
                for (out, row) in out.iter_mut().zip(rows) {
                    *out = row.0[slot % LANES];
                }
            }
        });
        out
    }
}

fn take<T: Default>(pool: &Mutex<Vec<T>>) -> T {
    pool.lock().map_or_else(|_| T::default(), |mut pool| pool.pop().unwrap_or_default())
}

fn give_back<T>(pool: &Mutex<Vec<T>>, item: T) {
    if let Ok(mut pool) = pool.lock() {
        pool.push(item);
    }
}
