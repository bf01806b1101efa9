//! Lets the host side of a card's kernels be written once, for candle's card and for the emulated one of the tests.

use candle_core::Result;

use super::super::dispatch::Operation;
use super::{Launch, Module, Number};
use crate::nn::Indices;

/// Threads of a block of the smaller operations; `lib/kernels/ops.cu` has the same number.
const THREADS: usize = 128;

/// Where a tensor lies on the card, without gaps, and how large it is.
#[derive(Debug, Clone)]
pub(crate) struct Lies {
    pub(crate) at: u64,
    pub(crate) dims: Vec<usize>,
}

impl Lies {
    /// Counts its numbers.
    pub(crate) fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// Returns the product of all dimensions but the first.
    pub(crate) fn row(&self) -> usize {
        self.dims[1..].iter().product()
    }
}

/// An operation whose kernels are in `lib/kernels/ops`: what is launched, in which order, with which memory.
pub(crate) trait CardOp: Operation {
    /// Says whether the kernels can count inputs of such shapes.
    fn fits(&self, dims: &[&[usize]]) -> bool;

    /// Computes all outputs, in the number of the call.
    fn forward(&self, desk: &mut dyn Desk, x: &[Lies]) -> Result<Vec<Lies>>;

    /// Computes one gradient per input, shaped as it, from those of the outputs (`None`: zero).
    fn backward(&self, desk: &mut dyn Desk, x: &[Lies], grads: &[Option<u64>]) -> Result<Vec<Option<u64>>>;
}

/// A card at work: gives memory and takes launches, which are done in order.
pub(crate) trait Desk {
    /// Gives the numbers of the call.
    fn number(&self) -> Number;

    /// Gives memory for so many numbers; what it holds is not set.
    fn alloc(&mut self, number: Number, count: usize) -> Result<u64>;

    /// Gives the address of positions, u32.
    fn positions(&mut self, of: &Indices) -> Result<u64>;

    /// Takes a launch.
    fn launch(&mut self, launch: Launch) -> Result<()>;
}

impl dyn Desk + '_ {
    /// Gives memory of a shape in the number of the call.
    pub(crate) fn output(&mut self, dims: &[usize]) -> Result<Lies> {
        let (number, count) = (self.number(), dims.iter().product());
        Ok(Lies { at: self.alloc(number, count)?, dims: dims.to_vec() })
    }

    /// Launches a kernel of the smaller operations on as many threads as asked for, in whole blocks; none for no thread.
    pub(crate) fn run(&mut self, kernel: &str, threads: usize, words: Vec<u64>) -> Result<()> {
        self.run_beside(kernel, threads, 1, words)
    }

    /// The same with several jobs side by side.
    pub(crate) fn run_beside(
        &mut self,
        kernel: &str,
        threads: usize,
        jobs: usize,
        words: Vec<u64>,
    ) -> Result<()> {
        if threads == 0 || jobs == 0 {
            return Ok(());
        }
        let number = self.number();
        self.launch(Launch {
            module: module(number),
            kernel: format!("{kernel}_{}", number.name()),
            grid: [blocks(threads) as u32, 1, jobs as u32],
            threads: THREADS as u32,
            shared: 0,
            words,
        })
    }
}

/// Rounds threads up to whole blocks.
pub(crate) fn whole(threads: usize) -> usize {
    blocks(threads) * THREADS
}

fn blocks(threads: usize) -> usize {
    threads.div_ceil(THREADS)
}

/// Says whether numbers can be counted by the kernels, in 31 bits.
pub(crate) fn countable(factors: &[usize]) -> bool {
    let product = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor.max(1)));
    // Whole blocks are counted, too.
    product.is_some_and(|product| product < (1 << 31) - THREADS)
}

/// Returns the kernels for a number.
pub(crate) fn module(number: Number) -> Module {
    match number {
        Number::F32 => Module { name: "ops_f32", ptx: include_str!("../../../../kernels/ops_f32.ptx") },
        Number::BF16 => Module { name: "ops_bf16", ptx: include_str!("../../../../kernels/ops_bf16.ptx") },
        Number::F16 => Module { name: "ops_f16", ptx: include_str!("../../../../kernels/ops_f16.ptx") },
    }
}
