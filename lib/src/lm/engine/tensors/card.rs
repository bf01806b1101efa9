//! Says what the kernels of language models are launched with, whoever launches them: candle's stream on a card, or a test
//! on the emulated one. `lib/kernels/lm` holds the kernels.

pub(crate) mod activate;
pub(crate) mod attend;
pub(crate) mod linear;
pub(crate) mod norm;
pub(crate) mod turn;

use crate::nn::ops::card::{Launch, Module, Number};

/// Threads of a block; `lib/kernels/lm.cu` has the same number.
const THREADS: usize = 128;

#[cfg(feature = "cuda")]
/// Says whether the kernels can count so many threads, in 31 bits.
pub(crate) fn countable(factors: &[usize]) -> bool {
    let product = factors.iter().try_fold(1_usize, |product, factor| product.checked_mul(*factor));
    product.is_some_and(|product| product < (1 << 31) - THREADS)
}

/// Returns the kernels for a number; there are none for f16.
pub(crate) fn module(number: Number) -> Module {
    match number {
        Number::F32 => Module { name: "lm_f32", ptx: include_str!("../../../../kernels/lm_f32.ptx") },
        Number::BF16 | Number::F16 => {
            Module { name: "lm_bf16", ptx: include_str!("../../../../kernels/lm_bf16.ptx") }
        }
    }
}

fn launch(number: Number, kernel: String, grid: [usize; 3], words: Vec<u64>) -> Launch {
    let grid = grid.map(|blocks| blocks as u32);
    Launch { module: module(number), kernel, grid, threads: THREADS as u32, shared: 0, words }
}
