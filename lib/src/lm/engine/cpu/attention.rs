//! Softmax attention within each sequence.

use std::ops::Range;

use pulp::Simd;

use super::maths::{bf16_pairs, exp2};
use super::plan::Segment;
use super::product::{Left, multiply};
use super::row::{Kernel, LANES, Machine, Product, Row, Words, vectors, vectors_mut, word, words_mut};

/// Queries, keys and values of a batch, panel by panel.
#[derive(Debug)]
pub(super) struct Heads<'a> {
    pub(super) machine: Machine,
    pub(super) product: Product,
    #[expect(clippy::struct_field_names, reason = "the number of heads is what the field's name says")]
    pub(super) heads: usize,
    /// Features of a head.
    pub(super) width: usize,
    /// (panels, heads, steps of the width), scaled so that scores are powers of 2.
    pub(super) queries: &'a [Words],
    /// (panels, heads, steps of the width)
    pub(super) keys: &'a [Words],
    /// (panels, heads, steps of the 32 tokens, width)
    pub(super) values: &'a [u32],
}

/// Memory of one thread.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    values: Vec<u32>,
    scores: Vec<Row>,
    shares: Vec<Words>,
    out: Vec<Row>,
}

impl Heads<'_> {
    /// Computes softmax(q·kᵀ)·v of one head for the queries of `segment` within `panels`; writes the head's rows of
    /// `context`, (panels, heads · width).
    pub(super) fn attend(
        &self,
        segment: &Segment,
        head: usize,
        panels: &Range<usize>,
        scratch: &mut Scratch,
        context: &mut [Row],
    ) {
        let machine = self.machine;
        let (steps, pairs) = (self.product.steps(self.width), LANES / self.product.depth());
        let Scratch { values, scores, shares, out } = scratch;
        values.clear();
        for panel in segment.panels() {
            let at = (panel * self.heads + head) * pairs * self.width;
            values.extend_from_slice(&self.values[at..at + pairs * self.width]);
        }
        let skipped = segment.slots.start % LANES / self.product.depth();
        let values = Left { words: &values[skipped * self.width..], stride: self.width };
        scores.resize(segment.len(), Row::ZERO);
        shares.resize(self.product.steps(segment.len()), Words::ZERO);
        out.resize(self.width, Row::ZERO);
        let within = segment.panels().start.max(panels.start)..segment.panels().end.min(panels.end);
        for panel in within {
            let queries = &self.queries[(panel * self.heads + head) * steps..][..steps];
            let mut rest = &mut scores[..];
            for panel in segment.panels() {
                let lanes = lanes(segment, panel);
                let (now, later) = rest.split_at_mut(lanes.len());
                let words = &self.keys[(panel * self.heads + head) * steps..][..steps].as_flattened_words()
                    [lanes.start..];
                multiply(machine, self.product, Left { words, stride: LANES }, None, queries, now);
                rest = later;
            }
            let mut scale = Row::ZERO;
            machine.run(Softmax { product: self.product, scores, shares, scale: &mut scale });
            multiply(machine, self.product, values, None, shares, out);
            let rows =
                &mut context[((panel - panels.start) * self.heads + head) * self.width..][..self.width];
            for (to, from) in rows.iter_mut().zip(&*out) {
                for lane in lanes(segment, panel) {
                    to.0[lane] = from.0[lane] * scale.0[lane];
                }
            }
        }
    }
}

/// The lanes of a panel that a segment fills.
pub(super) fn lanes(segment: &Segment, panel: usize) -> Range<usize> {
    let start = panel * LANES;
    segment.slots.start.max(start) - start..segment.slots.end.min(start + LANES) - start
}

trait Flat {
    fn as_flattened_words(&self) -> &[u32];
}

impl Flat for [Words] {
    fn as_flattened_words(&self) -> &[u32] {
        // SAFETY: `Words` is 32 consecutive u32 without padding.
        unsafe { std::slice::from_raw_parts(self.as_ptr().cast(), self.len() * LANES) }
    }
}

/// Turns a panel's scores, one row a key, into e^(score - highest), packed, and the reciprocal of their sum.
struct Softmax<'a> {
    product: Product,
    scores: &'a [Row],
    shares: &'a mut [Words],
    scale: &'a mut Row,
}

#[inline(always)]
fn share<S: Simd>(simd: S, row: &Row, v: usize, highest: S::f32s) -> S::f32s {
    exp2(simd, simd.sub_f32s(vectors::<S>(row)[v], highest))
}

impl Kernel for Softmax<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for v in 0..LANES / S::F32_LANES {
            let mut highest = vectors::<S>(&self.scores[0])[v];
            for row in self.scores {
                highest = simd.max_f32s(highest, vectors::<S>(row)[v]);
            }
            let mut sum = simd.splat_f32s(0.0);
            match self.product {
                Product::F32 => {
                    for (to, row) in self.shares.iter_mut().zip(self.scores) {
                        let x = share(simd, row, v, highest);
                        sum = simd.add_f32s(sum, x);
                        words_mut::<S>(to)[v] = simd.transmute_u32s_f32s(x);
                    }
                }
                Product::Bf16 => {
                    for (to, rows) in self.shares.iter_mut().zip(self.scores.chunks(2)) {
                        let first = share(simd, &rows[0], v, highest);
                        let second = match rows.get(1) {
                            Some(row) => share(simd, row, v, highest),
                            None => simd.splat_f32s(0.0),
                        };
                        sum = simd.add_f32s(sum, simd.add_f32s(first, second));
                        words_mut::<S>(to)[v] = bf16_pairs(simd, first, second);
                    }
                }
            }
            vectors_mut::<S>(self.scale)[v] = simd.div_f32s(simd.splat_f32s(1.0), sum);
        }
    }
}

/// Packs the values of one head of a panel: (steps of the 32 tokens, width) from (width) rows.
pub(super) fn pack_values(product: Product, rows: &[Row], to: &mut [u32]) {
    let depth = product.depth();
    for (step, to) in to.chunks_exact_mut(rows.len()).enumerate() {
        for (to, row) in to.iter_mut().zip(rows) {
            let pair = &row.0[step * depth..][..depth];
            *to = word(product, pair[0], pair.get(1).copied().unwrap_or(0.0));
        }
    }
}
