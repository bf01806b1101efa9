//! Attends with random features within each segment: `lib/kernels/lm/linear.cuh`.

use super::launch;
use crate::lm::weights::AttentionEpsilon;
use crate::nn::ops::card::{Launch, Number};

/// Where everything lies, and its sizes; an absent bias is 0.
#[derive(Debug)]
pub(crate) struct Linear {
    /// Products of queries, keys and values, f32: (t, heads · width).
    pub(crate) x: [u64; 3],
    /// (heads · width)
    pub(crate) biases: [u64; 3],
    /// Cosines and sines: (longest, width / 2).
    pub(crate) angles: [u64; 2],
    /// (count, width)
    pub(crate) omega: u64,
    /// Where each segment begins, and the end, u32: (segments + 1).
    pub(crate) bounds: u64,
    /// (t, heads · width), in the number of the launch.
    pub(crate) out: u64,
    pub(crate) segments: usize,
    pub(crate) heads: usize,
    pub(crate) width: usize,
    pub(crate) count: usize,
    pub(crate) epsilon: AttentionEpsilon,
}

impl Linear {
    /// Writes the launch.
    pub(crate) fn launch(&self, number: Number) -> Launch {
        let (added, epsilon) = match self.epsilon {
            AttentionEpsilon::Floor(least) => (0, least),
            AttentionEpsilon::Added(more) => (1, more),
        };
        let mut words = [self.x, self.biases].concat();
        words.extend(self.angles);
        words.extend([self.omega, self.bounds, self.out]);
        words.extend([self.heads, self.width, self.count].map(|size| size as u64));
        words.extend([added, f64::from(epsilon).to_bits()]);
        launch(number, format!("linear_{}", number.name()), [self.segments, self.heads, 1], words)
    }
}
