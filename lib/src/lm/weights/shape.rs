//! The sizes and constants of a model.

use serde::{Deserialize, Serialize};

use crate::lm::family::{Attention, Family, FeedForward};

/// How linear attention keeps its denominator from zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttentionEpsilon {
    /// The denominator is at least this (the port to transformers).
    Floor(f32),
    /// This is added to the denominator (the original program).
    Added(f32),
}

/// The sizes and constants of a model: all that its forward pass needs beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The family.
    pub family: Family,
    /// Number of blocks.
    pub layers: usize,
    /// Width of a row.
    pub width: usize,
    /// Number of attention heads.
    pub heads: usize,
    /// Inner width of the feed-forward part.
    pub feed_forward: usize,
    /// Number of tokens.
    pub vocabulary: usize,
    /// What layer normalisation adds to the variance.
    pub norm_epsilon: f32,
    /// Whether embeddings are rescaled as in training with masked tokens.
    pub token_dropout: bool,
    /// The token of a masked position.
    pub mask_token: u32,
    /// Number of random features of linear attention; 0 means softmax attention.
    pub random_features: usize,
    /// How linear attention keeps its denominator from zero; softmax attention does not use it.
    pub attention_epsilon: AttentionEpsilon,
}

impl Shape {
    /// Gives the width of one attention head.
    pub const fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Lists the canonical tensors with their shapes, in the order of the forward pass; without `inv_freq`.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let (width, inner, facts) = (self.width, self.feed_forward, self.family.facts());
        let mut list = vec![("embedding".to_owned(), vec![self.vocabulary, width])];
        for layer in 0..self.layers {
            let mut add =
                |name: &str, shape: &[usize]| list.push((format!("layers.{layer}.{name}"), shape.to_vec()));
            for name in ["query", "key", "value", "out"] {
                add(&format!("{name}.weight"), &[width, width]);
                if facts.attention_biases {
                    add(&format!("{name}.bias"), &[width]);
                }
            }
            for name in ["norm1", "norm2"] {
                add(&format!("{name}.weight"), &[width]);
                add(&format!("{name}.bias"), &[width]);
            }
            add("up.weight", &[inner, width]);
            add("up.bias", &[inner]);
            add("down.weight", &[width, inner]);
            add("down.bias", &[width]);
            if facts.feed_forward == FeedForward::SwiGlu {
                add("gate.weight", &[inner, width]);
                add("gate.bias", &[inner]);
                add("beta", &[1]);
            }
            if facts.attention == Attention::Linear {
                add("features", &[self.head_width(), self.random_features]);
            }
        }
        list.push(("norm.weight".to_owned(), vec![width]));
        list.push(("norm.bias".to_owned(), vec![width]));
        list
    }

    /// Counts the encoder's parameters, stored random features included.
    pub fn parameters(&self) -> u64 {
        let count = |shape: &[usize]| shape.iter().map(|&extent| extent as u64).product::<u64>();
        self.tensors().iter().map(|(_, shape)| count(shape)).sum()
    }

    /// Counts the floating-point operations in the products of a forward pass, for sequences of these lengths, special
    /// tokens included.
    pub fn flops(&self, lengths: &[usize]) -> f64 {
        let Self { family, layers, width, heads, feed_forward, random_features, .. } = *self;
        let inner = if family.facts().feed_forward == FeedForward::SwiGlu { 3 } else { 2 };
        let of_linears = (4 * width * width + inner * width * feed_forward) as f64;
        let features = (2 * width * random_features * 2 + heads * random_features) as f64;
        lengths
            .iter()
            .map(|length| {
                let length = *length as f64;
                let of_attention = if random_features > 0 {
                    features * length
                } else {
                    2.0 * width as f64 * length * length
                };
                2.0 * layers as f64 * (of_linears * length + of_attention)
            })
            .sum()
    }
}

#[cfg(test)]
impl Shape {
    /// Makes the shape of a published model, for tests.
    pub(in crate::lm) fn published(
        family: Family,
        layers: usize,
        width: usize,
        inner: usize,
        vocabulary: usize,
    ) -> Self {
        Self {
            family,
            layers,
            width,
            heads: if family == Family::Molformer { 12 } else { 20 },
            feed_forward: inner,
            vocabulary,
            norm_epsilon: 1e-5,
            token_dropout: true,
            mask_token: 32,
            random_features: if family == Family::Molformer { 32 } else { 0 },
            attention_epsilon: AttentionEpsilon::Floor(1e-6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_takes_two_operations_a_parameter_and_those_of_attention() {
        let shape = Shape::published(Family::Esm2, 33, 1280, 5120, 33);
        let linear = 2.0 * shape.parameters() as f64 * 512.0;
        assert!((1.0..1.2).contains(&(shape.flops(&[512]) / linear)));
    }

    #[test]
    fn published_sizes_have_their_published_numbers_of_parameters() {
        assert_eq!(Shape::published(Family::Esm2, 6, 320, 1280, 33).parameters(), 7_408_960);
        assert_eq!(Shape::published(Family::Esm2, 33, 1280, 5120, 33).parameters(), 649_400_320);
        assert_eq!(Shape::published(Family::Rinalmo, 12, 480, 1280, 22).parameters(), 33_248_652);
        assert_eq!(Shape::published(Family::Rinalmo, 33, 1280, 3413, 22).parameters(), 649_231_371);
        assert_eq!(Shape::published(Family::Molformer, 12, 768, 768, 2362).parameters(), 44_375_040 + 24_576);
    }
}
