//! Adds and normalises rows: `lib/kernels/lm/norm.cuh`.

use super::{THREADS, launch};
use crate::nn::ops::card::{Launch, Number};

/// Rows of a block.
const ROWS: usize = THREADS / 32;

/// Where everything lies, and its sizes; what is absent is 0.
#[derive(Debug, Default)]
pub(crate) struct Norm {
    /// (t, width)
    pub(crate) x: u64,
    /// What is added: (t, width) and (width).
    pub(crate) product: u64,
    pub(crate) bias: u64,
    /// (width)
    pub(crate) weight: u64,
    pub(crate) shift: u64,
    /// `x` with what is added: (t, width).
    pub(crate) sum: u64,
    /// The normalised rows, f32 and in the number of the launch: (t, width).
    pub(crate) out: u64,
    pub(crate) rounded: u64,
    pub(crate) tokens: usize,
    pub(crate) width: usize,
    pub(crate) epsilon: f32,
}

impl Norm {
    /// Writes the launch.
    pub(crate) fn launch(&self, number: Number) -> Launch {
        let words = vec![
            self.x,
            self.product,
            self.bias,
            self.weight,
            self.shift,
            self.sum,
            self.out,
            self.rounded,
            self.tokens as u64,
            self.width as u64,
            f64::from(self.epsilon).to_bits(),
        ];
        let kernel = format!("norm_{}", number.name());
        let launch = launch(number, kernel, [self.tokens.div_ceil(ROWS), 1, 1], words);
        Launch { shared: (ROWS * self.width.next_multiple_of(4) * size_of::<f32>()) as u32, ..launch }
    }
}
