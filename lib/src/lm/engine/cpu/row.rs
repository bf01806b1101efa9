//! The layout of everything: 32 tokens lie side by side, so that every operation works on whole vectors.
//!
//! A *panel* holds the values of 32 consecutive token slots as rows, one row per feature. Norms, softmax and rotary
//! positions then run down the rows without any sum across a vector, a product's output is the next product's input
//! without a transposition, and what a token gets does not depend on the tokens beside it.

use pulp::{Simd, WithSimd};

use crate::lm::engine::Precision;
use crate::simd;

/// Tokens in a panel.
pub(super) const LANES: usize = 32;

/// One feature of the 32 tokens of a panel.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Row(pub(super) [f32; LANES]);

impl Row {
    pub(super) const ZERO: Self = Self([0.0; LANES]);
}

/// One step of a product's right operand for 32 tokens; see [`Product`].
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Words(pub(super) [u32; LANES]);

impl Words {
    pub(super) const ZERO: Self = Self([0; LANES]);
}

/// What one word of an operand holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    /// One f32.
    F32,
    /// Two consecutive features as bf16, the first in the low half.
    Bf16,
}

impl Product {
    /// Gives the product of a precision.
    pub(super) const fn of(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::Bf16,
        }
    }

    /// Features in a word.
    pub(super) fn depth(self) -> usize {
        match self {
            Self::F32 => 1,
            Self::Bf16 => 2,
        }
    }

    /// Words that `features` need.
    pub(super) fn steps(self, features: usize) -> usize {
        features.div_ceil(self.depth())
    }
}

/// Rounds to the nearest bf16, ties to even.
pub(super) fn bf16(x: f32) -> u32 {
    half::bf16::from_f32(x).to_bits() as u32
}

/// Makes a word of one or two features.
pub(super) fn word(product: Product, first: f32, second: f32) -> u32 {
    match product {
        Product::F32 => first.to_bits(),
        Product::Bf16 => bf16(first) | bf16(second) << 16,
    }
}

/// The chosen vector instructions, looked up once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    pub(super) arch: pulp::Arch,
    /// Whether the processor multiplies bf16 pairs itself, and may.
    pub(super) bf16: bool,
}

impl Machine {
    /// Looks up the choice.
    pub(super) fn new() -> Self {
        Self { arch: simd::arch(), bf16: simd::multiplies_bf16() }
    }

    /// Returns the same without instructions for bf16, for comparison.
    #[cfg(test)]
    pub(super) fn without_bf16(self) -> Self {
        Self { bf16: false, ..self }
    }
}

/// An operation on vectors of any width.
pub(super) trait Kernel {
    fn run<S: Simd>(self, simd: S);
}

struct Enter<K>(K);

impl<K: Kernel> WithSimd for Enter<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(simd);
    }
}

impl Machine {
    /// Runs a kernel, whose `run` must be `#[inline(always)]`, with the widest vectors.
    pub(super) fn run(self, kernel: impl Kernel) {
        self.arch.dispatch(Enter(kernel));
    }
}

/// Views rows as vectors.
#[inline(always)]
pub(super) fn vectors<S: Simd>(row: &Row) -> &[S::f32s] {
    S::as_simd_f32s(&row.0).0
}

/// Views rows as vectors.
#[inline(always)]
pub(super) fn vectors_mut<S: Simd>(row: &mut Row) -> &mut [S::f32s] {
    S::as_mut_simd_f32s(&mut row.0).0
}

/// Views words as vectors.
#[inline(always)]
pub(super) fn words_mut<S: Simd>(row: &mut Words) -> &mut [S::u32s] {
    S::as_mut_simd_u32s(&mut row.0).0
}
