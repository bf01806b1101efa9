//! Tells what a model will take, before its weights are read.

use super::row::{LANES, Product};
use super::{BLOCK, product};
use crate::lm::engine::Precision;
use crate::lm::weights::Shape;

/// What a model of some sizes takes of the processor's memory.
///
/// ```
/// use crossmamba::lm::{Checkpoint, Cost, Precision};
///
/// let checkpoint = Checkpoint::open("../tests/data/lm/esm2/esm2_tiny.pt")?;
/// let [single, half] = [Precision::F32, Precision::Bf16].map(|p| Cost::new(checkpoint.shape(), p).weights());
/// assert!(half < single);
/// # Ok::<(), crossmamba::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cost {
    shape: Shape,
    product: Product,
}

impl Cost {
    /// Takes the sizes of a model and the precision of its products.
    pub fn new(shape: &Shape, precision: Precision) -> Self {
        Self { shape: shape.clone(), product: Product::of(precision) }
    }

    /// Estimates the bytes that [`LanguageModel::forward`](super::LanguageModel::forward) needs beyond the weights for
    /// a batch of `tokens` tokens, its result included, when its longest sequence has `longest`.
    pub fn memory(&self, tokens: usize, longest: usize) -> u64 {
        let Shape { width, heads, random_features, .. } = self.shape;
        // Each sequence may waste one slot; sequences have at least two tokens.
        let slots = (tokens + tokens / 2).next_multiple_of(LANES).min(tokens.next_multiple_of(LANES) * 2);
        let by = if random_features > 0 { Product::F32 } else { self.product };
        let of_attention = if random_features > 0 {
            2 * heads * random_features + width + heads * random_features * (width / heads + 1) / 2
        } else {
            3 * width / by.depth()
        };
        let shared = slots * 4 * (width + of_attention + width / heads) + 4 * tokens * width;
        let block = 4 * BLOCK * LANES * (width + width / self.product.depth() + 64 * product::TILE);
        let of_scores =
            4 * longest.next_multiple_of(LANES) * (LANES + LANES / by.depth() + width / heads / by.depth());
        (shared + (block + of_scores) * rayon::current_num_threads()) as u64
    }

    /// Counts the bytes of the weights as [`LanguageModel::load`](super::LanguageModel::load) packs them; the few that
    /// fill the last tile of a layer are left out.
    pub fn weights(&self) -> u64 {
        let bytes = |(name, extents): (String, Vec<usize>)| {
            let (outputs, inputs) = (extents[0], extents.get(1).copied().unwrap_or(1));
            let packed = extents.len() == 2 && name.ends_with(".weight");
            4 * outputs as u64 * (if packed { self.product.steps(inputs) } else { inputs }) as u64
        };
        self.shape.tensors().into_iter().map(bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lm::Family;

    #[test]
    fn weights_take_four_bytes_a_number_and_half_of_that_in_bf16() {
        let shape = Shape::published(Family::Esm2, 33, 1280, 5120, 33);
        let single = Cost::new(&shape, Precision::F32);
        assert_eq!(single.weights(), 4 * shape.parameters());
        let half = Cost::new(&shape, Precision::Bf16).weights();
        assert!(half > 2 * shape.parameters() && half < 2 * shape.parameters() + (1 << 21));
    }
}
