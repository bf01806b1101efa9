//! Plans scans on a CUDA card: which kernels are launched with what. All memory is the caller's.
//!
//! The kernels are `lib/kernels/scan`; this is their host side, free of any driver, so that the tests run it on the
//! emulated card. Jobs of any sizes, directions and forms share launches, eight by eight. States, sums and weights of
//! the channels are f32 whatever the [`Number`] of the tokens; up to [`MOST_STATES`] states, which the kernels pad to 16 or
//! 64 by themselves. Segments of at most 16 tokens have kernels of their own, and long segments of few channels are cut into
//! [`Chunks`]. No atomics: the bits are the same from run to run.

#[cfg(feature = "cuda")]
pub(super) mod graph;
mod plan;
pub(super) mod size;
mod split;
mod words;

pub use plan::{Backward, By, Forward, Kept, Parts, backward, forward};
pub use size::{MOST_STATES, Size};
pub use split::{Chunks, Split};

use super::ScanInputs;
use crate::nn::Direction;
use crate::nn::ops::card::{Module, Number};

/// Scans of one launch; `lib/kernels/scan/job.cuh` has the same number.
const JOBS: usize = 8;

/// A scan whose tensors lie on the card, each without gaps and, if its numbers are f32, aligned to 16 bytes.
#[derive(Debug, Clone)]
pub struct OnCard {
    /// Addresses of the inputs: `u`, `delta`, `b`, `c` and `z` in the [`Number`] of the call, all else in f32.
    pub x: ScanInputs<u64>,
    /// Address of the pooling weights, which ask for a read-out, in the [`Number`] of the call.
    pub w: Option<u64>,
    /// Address of the `s + 1` offsets of the segments, u32.
    pub offsets: u64,
    /// If these segments are chunks of longer ones, how; a read-out is not split.
    pub split: Option<Split>,
    /// How large it is.
    pub size: Size,
    /// Which way it goes.
    pub direction: Direction,
}

/// Returns the kernels for a number.
pub fn module(number: Number) -> Module {
    match number {
        Number::F32 => Module { name: "scan_f32", ptx: include_str!("../../../../kernels/scan_f32.ptx") },
        Number::BF16 => Module { name: "scan_bf16", ptx: include_str!("../../../../kernels/scan_bf16.ptx") },
        Number::F16 => Module { name: "scan_f16", ptx: include_str!("../../../../kernels/scan_f16.ptx") },
    }
}
