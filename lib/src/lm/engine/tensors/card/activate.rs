//! Activates what the first product of the feed-forward part gives: `lib/kernels/lm/activate.cuh`.

use super::{THREADS, launch};
use crate::nn::ops::card::{Launch, Number};

/// Where everything lies, and its sizes.
#[derive(Debug, Default)]
pub(crate) struct Activate {
    /// (t, width) and (width)
    pub(crate) up: [u64; 2],
    /// The gate beside it, and β; none for GELU.
    pub(crate) gate: Option<([u64; 2], f32)>,
    /// (t, width), in the number of the launch.
    pub(crate) out: u64,
    pub(crate) tokens: usize,
    pub(crate) width: usize,
}

impl Activate {
    /// Writes the launch.
    pub(crate) fn launch(&self, number: Number) -> Launch {
        let (gate, beta) = self.gate.unwrap_or_default();
        let mut words = [self.up, gate].concat();
        words.extend([self.out, self.tokens as u64, self.width as u64, f64::from(beta).to_bits()]);
        let blocks = (self.tokens * self.width.div_ceil(4)).div_ceil(THREADS);
        launch(number, format!("activate_{}", number.name()), [blocks, 1, 1], words)
    }
}
