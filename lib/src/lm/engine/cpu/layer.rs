//! One block of a model, on a few panels of tokens at a time.

use std::ops::Range;

use super::activation::{gated_pack, gelu_pack};
use super::attention::{self, Heads, pack_values};
use super::linear::Linear;
use super::linear_attention::{Features, features, first};
use super::norm::{Norm, pack};
use super::plan::Plan;
use super::product::TILE;
use super::rotary::Angles;
use super::row::{LANES, Machine, Product, Row, Words};
use crate::lm::family::Order;

/// Steps of the feed-forward layer that are held at a time, so that they stay in the second-level cache.
const CHUNK: usize = 64 * TILE;

/// The weights of a block.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) machine: Machine,
    /// What its linear layers multiply.
    pub(super) product: Product,
    pub(super) order: Order,
    pub(super) heads: usize,
    pub(super) norms: [Norm; 2],
    pub(super) query: Linear,
    pub(super) key: Linear,
    pub(super) value: Linear,
    pub(super) out: Linear,
    pub(super) up: Linear,
    /// The gate beside `up`, and β.
    pub(super) gate: Option<(Linear, f32)>,
    pub(super) down: Linear,
    /// Random features Ω, (width of a head, features) as f32 bits; without them attention is softmax.
    pub(super) omega: Option<Vec<u32>>,
}

/// Memory of one thread.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    rows: Vec<Row>,
    words: Vec<Words>,
    hidden: Vec<Words>,
    attention: attention::Scratch,
}

/// The panels of a block of queries, keys and values.
pub(super) struct Projected<'a> {
    pub(super) queries: &'a mut [Words],
    pub(super) keys: &'a mut [Words],
    pub(super) values: &'a mut [u32],
}

/// What attention reads.
#[derive(Debug)]
pub(super) enum Attention<'a> {
    Softmax(Heads<'a>),
    Linear(Features<'a>, &'a [f32]),
}

impl Layer {
    fn width(&self) -> usize {
        self.out.outputs
    }

    fn head(&self) -> usize {
        self.width() / self.heads
    }

    /// What attention multiplies: linear attention always f32.
    pub(super) fn attention_product(&self) -> Product {
        if self.omega.is_some() { Product::F32 } else { self.product }
    }

    /// Computes queries, keys and values of the panels `x`, (panels, width).
    pub(super) fn project(
        &self,
        panels: &Range<usize>,
        angles: &Angles,
        x: &mut [Row],
        to: Projected<'_>,
        scratch: &mut Scratch,
    ) {
        let (machine, product) = (self.machine, self.product);
        let (width, head, heads) = (self.width(), self.head(), self.heads);
        let Scratch { rows, words, hidden, .. } = scratch;
        let steps = product.steps(width);
        words.resize(panels.len() * steps, Words::ZERO);
        rows.resize(panels.len() * width, Row::ZERO);
        for (x, words) in x.chunks_exact_mut(width).zip(words.chunks_exact_mut(steps)) {
            match self.order {
                Order::Before => {
                    rows[..width].copy_from_slice(x);
                    self.norms[0].apply(machine, &mut rows[..width]);
                    pack(machine, product, &rows[..width], words);
                }
                Order::Replacing => {
                    self.norms[0].apply(machine, x);
                    pack(machine, product, x, words);
                }
                Order::After => pack(machine, product, x, words),
            }
        }
        let by = self.attention_product();
        // Softmax takes powers of 2 of its scores.
        let scale = if self.omega.is_some() { 1.0 } else { std::f32::consts::LOG2_E / (head as f32).sqrt() };
        for (linear, scale, to) in [(&self.query, scale, to.queries), (&self.key, 1.0, to.keys)] {
            linear.apply(words, rows);
            let size = to.len() / (panels.len() * heads);
            let of_heads = rows.chunks_exact(head).zip(to.chunks_exact_mut(size));
            for (i, (rows, to)) in of_heads.enumerate() {
                let panel = panels.start + i / heads;
                if let Some(omega) = &self.omega {
                    let mut out = vec![Row::ZERO; size];
                    hidden.resize(head, Words::ZERO);
                    angles.turn(machine, by, panel, scale, rows, hidden);
                    features(machine, omega, hidden, &mut out, to);
                } else {
                    angles.turn(machine, by, panel, scale, rows, to);
                }
            }
        }
        self.value.apply(words, rows);
        let size = LANES / by.depth() * head;
        for (rows, to) in rows.chunks_exact(head).zip(to.values.chunks_exact_mut(size)) {
            pack_values(by, rows, to);
        }
    }

    /// Attends and applies the rest of the block to the panels `x`, (panels, width).
    pub(super) fn finish(
        &self,
        plan: &Plan,
        panels: &Range<usize>,
        attention: &Attention<'_>,
        x: &mut [Row],
        scratch: &mut Scratch,
    ) {
        let (machine, product, width) = (self.machine, self.product, self.width());
        let Scratch { rows, words, hidden, attention: of_attention } = scratch;
        rows.clear();
        rows.resize(panels.len() * width, Row::ZERO);
        match attention {
            Attention::Softmax(heads) => {
                for segment in plan.within(panels) {
                    for head in 0..self.heads {
                        heads.attend(segment, head, panels, of_attention, rows);
                    }
                }
            }
            Attention::Linear(features, states) => {
                let mut out = vec![Row::ZERO; self.head()];
                let states = states.chunks_exact(features.state()).skip(first(plan, panels));
                for (segment, state) in plan.within(panels).iter().zip(states) {
                    features.attend(segment, state, panels, &mut out, rows);
                }
            }
        }
        let steps = product.steps(width);
        words.resize(panels.len() * steps, Words::ZERO);
        for (rows, words) in rows.chunks_exact(width).zip(words.chunks_exact_mut(steps)) {
            pack(machine, product, rows, words);
        }
        self.out.add(0..steps, true, words, steps, x);
        for (x, words) in x.chunks_exact_mut(width).zip(words.chunks_exact_mut(steps)) {
            if self.order == Order::After {
                self.norms[0].apply(machine, x);
                pack(machine, product, x, words);
            } else {
                rows[..width].copy_from_slice(x);
                self.norms[1].apply(machine, &mut rows[..width]);
                pack(machine, product, &rows[..width], words);
            }
        }
        self.feed_forward(words, steps, hidden, x);
        if self.order == Order::After {
            for x in x.chunks_exact_mut(width) {
                self.norms[1].apply(machine, x);
            }
        }
    }

    /// Adds the feed-forward layer of `words`, (panels, steps), to `x`, in chunks of its inner features.
    fn feed_forward(&self, words: &[Words], steps: usize, hidden: &mut Vec<Words>, x: &mut [Row]) {
        let (machine, product) = (self.machine, self.product);
        let step = TILE / product.depth();
        let (mut out, mut gates) = ([Row::ZERO; TILE], [Row::ZERO; TILE]);
        let tiles = self.up.tiles();
        for from in tiles.clone().step_by(CHUNK / step) {
            let chunk = from..tiles.end.min(from + CHUNK / step);
            let size = chunk.len() * step;
            hidden.resize(words.len() / steps * size, Words::ZERO);
            for tile in chunk.clone() {
                for (words, hidden) in words.chunks_exact(steps).zip(hidden.chunks_exact_mut(size)) {
                    let to = &mut hidden[(tile - from) * step..][..step];
                    self.up.tile(tile, 0..steps, true, words, &mut out);
                    match &self.gate {
                        None => gelu_pack(machine, product, &out, to),
                        Some((gate, beta)) => {
                            gate.tile(tile, 0..steps, true, words, &mut gates);
                            gated_pack(machine, product, *beta, &out, &gates, to);
                        }
                    }
                }
            }
            let inner = from * step..(chunk.end * step).min(self.down.steps());
            self.down.add(inner, from == 0, hidden, size, x);
        }
    }
}
