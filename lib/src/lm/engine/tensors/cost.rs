//! Tells what a model will take of a card's memory, before its weights are read.

use super::heights::LEAST;
use super::padded;
use crate::lm::engine::Precision;
use crate::lm::weights::Shape;

/// Bytes of an f32.
const SINGLE: usize = 4;

/// What a model of some sizes takes of a card's memory.
#[derive(Debug, Clone)]
pub(super) struct CardCost {
    shape: Shape,
    /// Bytes of a number that is multiplied.
    bytes: usize,
}

impl CardCost {
    pub(super) fn new(shape: &Shape, precision: Precision) -> Self {
        let bytes = match precision {
            Precision::F32 => SINGLE,
            Precision::Bf16 => 2,
        };
        Self { shape: shape.clone(), bytes }
    }

    /// Counts the bytes of the weights.
    pub(super) fn weights(&self) -> u64 {
        let bytes = |(name, extents): (String, Vec<usize>)| {
            let multiplied = extents.len() == 2 && name.ends_with(".weight");
            extents.iter().product::<usize>() * if multiplied { self.bytes } else { SINGLE }
        };
        self.shape.tensors().into_iter().map(bytes).sum::<usize>() as u64
    }

    /// Estimates the bytes of a batch beyond the weights: the tensors that live at once where they are most, in attention
    /// or in the feed-forward part.
    pub(super) fn memory(&self, tokens: usize, longest: usize) -> u64 {
        let Shape { width, heads, feed_forward, random_features, .. } = self.shape;
        let rows = tokens.next_multiple_of(LEAST);
        let products = 3 * SINGLE * rows * width;
        let of_attention = match (padded(&self.shape), random_features) {
            // The context, and queries, keys and values as softmax attention takes them.
            (Some(_), 1..) => products + rows * width * self.bytes,
            (Some(padded), 0) => products + rows * (width + 3 * heads * padded) * self.bytes,
            // Queries, keys, values, what is turned, and the features as they come and by head.
            (None, 1..) => {
                let features = 4 * (rows * heads).next_multiple_of(LEAST) * random_features;
                SINGLE * (rows * 7 * width + features)
            }
            (None, 0) => {
                let scores = heads * longest * longest * (3 * SINGLE + self.bytes);
                rows * (8 * SINGLE + 3 * self.bytes) * width + scores
            }
        };
        let of_feed_forward = rows * (4 * SINGLE + self.bytes) * feed_forward;
        let always = rows * (3 * SINGLE + self.bytes) * width + 2 * SINGLE * tokens * width / heads;
        (always + of_attention.max(of_feed_forward)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lm::Family;

    #[test]
    fn weights_take_four_bytes_a_number_and_half_of_that_in_bf16() {
        let shape = Shape::published(Family::Esm2, 33, 1280, 5120, 33);
        let single = CardCost::new(&shape, Precision::F32);
        assert_eq!(single.weights(), 4 * shape.parameters());
        let half = CardCost::new(&shape, Precision::Bf16);
        assert!(half.weights() > 2 * shape.parameters());
        assert!(half.weights() < 2 * shape.parameters() + (1 << 21));
        assert!(half.memory(1 << 14, 1024) < single.memory(1 << 14, 1024));
    }
}
