//! Makes queries, keys and values ready for softmax attention: `lib/kernels/lm/turn.cuh`.

use super::{THREADS, launch};
use crate::nn::ops::card::{Launch, Number};

/// Where everything lies, and its sizes; an absent bias is 0.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Products of queries, keys and values, f32: (t, heads · width).
    pub(crate) x: [u64; 3],
    /// (heads · width)
    pub(crate) biases: [u64; 3],
    /// Cosines and sines: (longest, width / 2).
    pub(crate) angles: [u64; 2],
    /// Positions, u32: (t).
    pub(crate) positions: u64,
    /// (t, heads, padded width), in the number of the launch.
    pub(crate) to: [u64; 3],
    pub(crate) tokens: usize,
    pub(crate) heads: usize,
    pub(crate) width: usize,
    pub(crate) padded: usize,
}

impl Turn {
    /// Writes the launch. Queries are scaled so that scores are powers of 2: by log₂e / √width.
    pub(crate) fn launch(&self, number: Number) -> Launch {
        let scale = std::f64::consts::LOG2_E / (self.width as f64).sqrt();
        let mut words = [self.x, self.biases].concat();
        words.extend(self.angles);
        words.push(self.positions);
        words.extend(self.to);
        words.extend([self.tokens, self.heads, self.width, self.padded].map(|size| size as u64));
        words.push(scale.to_bits());
        let blocks = (self.tokens * self.heads * (self.width / 2).div_ceil(4)).div_ceil(THREADS);
        launch(number, format!("turn_{}", number.name()), [blocks, 1, 3], words)
    }
}
