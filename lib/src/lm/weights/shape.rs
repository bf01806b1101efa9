//! The sizes and constants of a model.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// ESM-2, proteins (Lin et al. 2023, doi 10.1126/science.ade2574).
    Esm2,
    /// RiNALMo, RNA (Penić et al. 2025, doi 10.1038/s41467-025-60872-5).
    Rinalmo,
    /// MoLFormer-XL, small molecules (Ross et al. 2022, doi 10.1038/s42256-022-00580-7).
    Molformer,
}

impl Family {
    /// Gives the name used on command lines and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Esm2 => "esm2",
            Self::Rinalmo => "rinalmo",
            Self::Molformer => "molformer",
        }
    }

    /// Gives the name as its authors spell it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Esm2 => "ESM-2",
            Self::Rinalmo => "RiNALMo",
            Self::Molformer => "MoLFormer",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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
        let (width, inner) = (self.width, self.feed_forward);
        let mut list = vec![("embedding".to_owned(), vec![self.vocabulary, width])];
        for layer in 0..self.layers {
            let mut add =
                |name: &str, shape: &[usize]| list.push((format!("layers.{layer}.{name}"), shape.to_vec()));
            for name in ["query", "key", "value", "out"] {
                add(&format!("{name}.weight"), &[width, width]);
                if self.family != Family::Rinalmo {
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
            match self.family {
                Family::Esm2 => (),
                Family::Rinalmo => {
                    add("gate.weight", &[inner, width]);
                    add("gate.bias", &[inner]);
                    add("beta", &[1]);
                }
                Family::Molformer => add("features", &[self.head_width(), self.random_features]),
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
    fn published_sizes_have_their_published_numbers_of_parameters() {
        assert_eq!(Shape::published(Family::Esm2, 6, 320, 1280, 33).parameters(), 7_408_960);
        assert_eq!(Shape::published(Family::Esm2, 33, 1280, 5120, 33).parameters(), 649_400_320);
        assert_eq!(Shape::published(Family::Rinalmo, 12, 480, 1280, 22).parameters(), 33_248_652);
        assert_eq!(Shape::published(Family::Rinalmo, 33, 1280, 3413, 22).parameters(), 649_231_371);
        assert_eq!(Shape::published(Family::Molformer, 12, 768, 768, 2362).parameters(), 44_375_040 + 24_576);
    }
}
