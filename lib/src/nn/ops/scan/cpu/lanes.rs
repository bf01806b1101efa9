//! Abstracts over vectors of f32: one lane is one channel.
//!
//! Kernels are generic over [`Lanes`], always inlined, and instantiated inside functions that enable the
//! instruction set (see `dispatch`). Arrays of vectors go through each function stage by stage, which keeps
//! several independent chains in flight.

use crate::simd::{EXP2_ROUND, EXP2_TERMS};

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
pub(super) mod portable;

/// Exponents up to this need not be clamped, see [`Lanes::exp2_near`].
pub(super) const LARGEST_EXPONENT: f32 = 126.0;

/// Arithmetic on one vector of channels.
///
/// # Safety
///
/// Every function needs the instruction set of its type; pointers need as many values as are moved.
pub(super) trait Lanes: Copy {
    /// Values in a vector.
    const WIDTH: usize;

    unsafe fn splat(x: f32) -> Self;
    unsafe fn load(p: *const f32) -> Self;
    unsafe fn store(self, p: *mut f32);
    /// Loads the first `count` values; the others are 0.
    unsafe fn load_part(p: *const f32, count: usize) -> Self;
    /// Stores the first `count` values.
    unsafe fn store_part(self, p: *mut f32, count: usize);
    unsafe fn add(self, x: Self) -> Self;
    unsafe fn sub(self, x: Self) -> Self;
    unsafe fn mul(self, x: Self) -> Self;
    /// Computes `self · x + y`.
    unsafe fn fma(self, x: Self, y: Self) -> Self;
    unsafe fn max(self, x: Self) -> Self;
    unsafe fn abs(self) -> Self;
    /// Computes `1 / self` for values in [1, 2].
    unsafe fn recip(self) -> Self;
    /// Multiplies by `x` where `sign` is negative.
    unsafe fn mul_where_negative(self, sign: Self, x: Self) -> Self;
    /// Adds the integer in the low bits of `m` to the exponents.
    unsafe fn scale(self, m: Self) -> Self;
    unsafe fn sum(self) -> f32;
    /// Asks for a cache line before it is needed.
    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}

    /// Computes 2ˣ for x ≤ 0, never below 2⁻¹²⁶, with a relative error near 1e-7; 2⁰ is exactly 1.
    #[inline(always)]
    unsafe fn exp2<const M: usize>(mut x: [Self; M]) -> [Self; M] {
        for x in &mut x {
            *x = x.max(Self::splat(-LARGEST_EXPONENT));
        }
        Self::exp2_near(x)
    }

    /// Computes the same for x from −126 to 0.
    #[inline(always)]
    unsafe fn exp2_near<const M: usize>(mut x: [Self; M]) -> [Self; M] {
        let mut m = x;
        for k in 0..M {
            m[k] = x[k].add(Self::splat(EXP2_ROUND));
            x[k] = x[k].sub(m[k].sub(Self::splat(EXP2_ROUND)));
        }
        let mut p = [Self::splat(EXP2_TERMS[0]); M];
        for term in &EXP2_TERMS[1..] {
            for k in 0..M {
                p[k] = p[k].fma(x[k], Self::splat(*term));
            }
        }
        for k in 0..M {
            p[k] = p[k].fma(x[k], Self::splat(std::f32::consts::LN_2));
            p[k] = p[k].fma(x[k], Self::splat(1.0)).scale(m[k]);
        }
        p
    }

    /// Reads a (`WIDTH`, `n`) matrix whose first `rows` rows exist into (`n`, `WIDTH`); absent rows are 0.
    #[inline(always)]
    unsafe fn gather(from: *const f32, rows: usize, n: usize, to: *mut f32) {
        portable_gather::<Self>(from, rows, n, to);
    }

    /// Writes (`n`, `WIDTH`) as the first `rows` rows of a (`WIDTH`, `n`) matrix.
    #[inline(always)]
    unsafe fn scatter(from: *const f32, rows: usize, n: usize, to: *mut f32) {
        portable_scatter::<Self>(from, rows, n, to);
    }

    /// Finds the largest value.
    #[inline(always)]
    unsafe fn largest(self) -> f32 {
        let mut values = [0.0; 16];
        self.store(values.as_mut_ptr());
        values[..Self::WIDTH].iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }

    /// Sums each of `count` vectors into one value.
    #[inline(always)]
    unsafe fn sums(from: *const f32, count: usize, to: *mut f32) {
        for i in 0..count {
            *to.add(i) = Self::load(from.add(i * Self::WIDTH)).sum();
        }
    }
}

/// e^-|x|
#[inline(always)]
unsafe fn exp_minus_abs<S: Lanes, const M: usize>(mut x: [S; M]) -> [S; M] {
    for x in &mut x {
        *x = x.abs().mul(S::splat(-std::f32::consts::LOG2_E));
    }
    S::exp2(x)
}

/// ln(1 + eˣ)
#[inline(always)]
pub(super) unsafe fn softplus<S: Lanes, const M: usize>(x: [S; M]) -> [S; M] {
    softplus_from(x, exp_minus_abs(x))
}

/// ln(1 + eˣ) and its slope 1 / (1 + e⁻ˣ), which share the exponential.
#[inline(always)]
pub(super) unsafe fn softplus_and_slope<S: Lanes, const M: usize>(x: [S; M]) -> ([S; M], [S; M]) {
    let e = exp_minus_abs(x);
    (softplus_from(x, e), sigmoid_from(x, e))
}

/// 1 / (1 + e⁻ˣ)
#[inline(always)]
pub(super) unsafe fn sigmoid<S: Lanes, const M: usize>(x: [S; M]) -> [S; M] {
    sigmoid_from(x, exp_minus_abs(x))
}

/// max(x, 0) + ln(1 + e) for e = e^-|x|, with a polynomial for ln(1 + e)/e on [0, 1] (relative error 3e-8).
#[inline(always)]
unsafe fn softplus_from<S: Lanes, const M: usize>(x: [S; M], e: [S; M]) -> [S; M] {
    const TERMS: [f32; 9] = [
        0.999_999_97,
        -0.499_994_93,
        0.333_190_97,
        -0.248_429_83,
        0.191_060_08,
        -0.136_632_47,
        0.078_225_97,
        -0.029_505_243,
        0.005_232_694_6,
    ];
    let mut p = [S::splat(TERMS[8]); M];
    for term in TERMS[..8].iter().rev() {
        for k in 0..M {
            p[k] = p[k].fma(e[k], S::splat(*term));
        }
    }
    for k in 0..M {
        p[k] = p[k].fma(e[k], x[k].max(S::splat(0.0)));
    }
    p
}

#[inline(always)]
unsafe fn sigmoid_from<S: Lanes, const M: usize>(x: [S; M], e: [S; M]) -> [S; M] {
    let mut y = e;
    for k in 0..M {
        y[k] = S::splat(1.0).add(e[k]).recip().mul_where_negative(x[k], e[k]);
    }
    y
}

unsafe fn portable_gather<S: Lanes>(from: *const f32, rows: usize, n: usize, to: *mut f32) {
    for i in 0..n {
        for row in 0..S::WIDTH {
            *to.add(i * S::WIDTH + row) = if row < rows { *from.add(row * n + i) } else { 0.0 };
        }
    }
}

unsafe fn portable_scatter<S: Lanes>(from: *const f32, rows: usize, n: usize, to: *mut f32) {
    for row in 0..rows {
        for i in 0..n {
            *to.add(row * n + i) = *from.add(i * S::WIDTH + row);
        }
    }
}
