//! Linear attention with random features, in f32 throughout: its denominators are too small for less.

use std::ops::Range;

use super::attention::lanes;
use super::plan::{Plan, Segment};
use super::product::{Left, multiply};
use super::row::{LANES, Machine, Product, Row, Words};
use crate::lm::weights::AttentionEpsilon;

/// Random features of queries and keys, and values, panel by panel.
#[derive(Debug)]
pub(super) struct Features<'a> {
    pub(super) machine: Machine,
    pub(super) heads: usize,
    /// Features of a head.
    pub(super) width: usize,
    /// Random features of a head.
    pub(super) count: usize,
    pub(super) epsilon: AttentionEpsilon,
    /// (panels, heads, count)
    pub(super) queries: &'a [Words],
    /// (panels, heads, count)
    pub(super) keys: &'a [Words],
    /// (panels, heads, 32 tokens, width)
    pub(super) values: &'a [u32],
}

/// Computes relu(Ωᵀ·x) for a head's rows; `omega` is (width, count) as f32 bits.
pub(super) fn features(machine: Machine, omega: &[u32], head: &[Words], out: &mut [Row], to: &mut [Words]) {
    multiply(machine, Product::F32, Left { words: omega, stride: to.len() }, None, head, out);
    for (to, row) in to.iter_mut().zip(out) {
        to.0 = row.0.map(|x| x.max(0.0).to_bits());
    }
}

impl Features<'_> {
    /// Values that a segment's sums need.
    pub(super) fn state(&self) -> usize {
        self.heads * self.count * (self.width + 1)
    }

    /// Sums kᵀ·v, (heads, count, width), and k, (heads, count), over the tokens of a segment, in their order.
    pub(super) fn sum(&self, segment: &Segment, state: &mut [f32]) {
        let (sums, totals) = state.split_at_mut(self.heads * self.count * self.width);
        let of_heads =
            sums.chunks_exact_mut(self.count * self.width).zip(totals.chunks_exact_mut(self.count));
        for (head, (sums, totals)) in of_heads.enumerate() {
            for panel in segment.panels() {
                let keys = &self.keys[(panel * self.heads + head) * self.count..][..self.count];
                let values =
                    &self.values[(panel * self.heads + head) * LANES * self.width..][..LANES * self.width];
                for lane in lanes(segment, panel) {
                    let value = &values[lane * self.width..][..self.width];
                    for ((key, sums), total) in
                        keys.iter().zip(sums.chunks_exact_mut(self.width)).zip(totals.iter_mut())
                    {
                        let key = f32::from_bits(key.0[lane]);
                        if key > 0.0 {
                            *total += key;
                            for (sum, value) in sums.iter_mut().zip(value) {
                                *sum += key * f32::from_bits(*value);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Computes φ(q)·Σ φ(k)vᵀ / φ(q)·Σ φ(k) for the queries of `segment` within `panels`; writes its lanes of `context`,
    /// (panels, heads · width).
    pub(super) fn attend(
        &self,
        segment: &Segment,
        state: &[f32],
        panels: &Range<usize>,
        out: &mut [Row],
        context: &mut [Row],
    ) {
        let (sums, totals) = state.split_at(self.heads * self.count * self.width);
        let mut words = vec![0; self.count * self.width];
        for head in 0..self.heads {
            for (word, sum) in words.iter_mut().zip(&sums[head * self.count * self.width..]) {
                *word = sum.to_bits();
            }
            let totals = &totals[head * self.count..][..self.count];
            for panel in segment.panels().start.max(panels.start)..segment.panels().end.min(panels.end) {
                let queries = &self.queries[(panel * self.heads + head) * self.count..][..self.count];
                let left = Left { words: &words, stride: self.width };
                multiply(self.machine, Product::F32, left, None, queries, out);
                let to =
                    &mut context[((panel - panels.start) * self.heads + head) * self.width..][..self.width];
                for lane in lanes(segment, panel) {
                    let below: f32 =
                        queries.iter().zip(totals).map(|(q, z)| f32::from_bits(q.0[lane]) * z).sum();
                    let below = match self.epsilon {
                        AttentionEpsilon::Floor(least) => below.max(least),
                        AttentionEpsilon::Added(more) => below + more,
                    };
                    for (to, from) in to.iter_mut().zip(&*out) {
                        to.0[lane] = from.0[lane] / below;
                    }
                }
            }
        }
    }
}

/// Says which of the plan's segments comes first in a block.
pub(super) fn first(plan: &Plan, panels: &Range<usize>) -> usize {
    plan.segments.partition_point(|segment| segment.slots.end <= panels.start * LANES)
}
