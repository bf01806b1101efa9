//! Lets a kernel be written once for f32 and f64.

use candle_core::WithDType;

/// A floating-point number of an operation.
pub(crate) trait Real: WithDType + std::ops::Neg<Output = Self> + Send + Sync {
    const ZERO: Self;
    const ONE: Self;
    fn exp(self) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn larger(self, other: Self) -> Self;

    /// Adds the sum of 16 products to each value; all have the order of [`sum_of_16`], in whatever vectors.
    fn add_dots_of_16(out: &mut [Self], a: &[Self], b: &[Self]) {
        dots_of_16(out, a, b);
    }

    /// Adds to 16 values of `out` for each of `by` so many times the values of `a`.
    fn add_products_of_16(out: &mut [Self], by: &[Self], a: &[Self]) {
        for ((out, a), &by) in out.chunks_exact_mut(16).zip(a.chunks_exact(16)).zip(by) {
            for (out, &a) in out.iter_mut().zip(a) {
                *out += by * a;
            }
        }
    }

    #[inline(always)]
    fn of(x: f64) -> Self {
        Self::from_f64(x)
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exp())
    }

    /// Gives `x · sigmoid(x)`.
    #[inline(always)]
    fn silu(self) -> Self {
        self * self.sigmoid()
    }

    /// Gives the derivative of [`Real::silu`].
    #[inline(always)]
    fn silu_slope(self) -> Self {
        let s = self.sigmoid();
        s * (Self::ONE + self * (Self::ONE - s))
    }
}

#[inline(always)]
fn dots_of_16<F: Real>(out: &mut [F], a: &[F], b: &[F]) {
    for ((out, a), b) in out.iter_mut().zip(a.as_chunks().0).zip(b.as_chunks().0) {
        *out += sum_of_16(a, b);
    }
}

/// Adds up products by halves, which vector units do without leaving a register.
#[inline(always)]
fn sum_of_16<F: Real>(a: &[F; 16], b: &[F; 16]) -> F {
    let mut lanes = [F::ZERO; 16];
    for i in 0..16 {
        lanes[i] = a[i] * b[i];
    }
    let mut eight = [F::ZERO; 8];
    for i in 0..8 {
        eight[i] = lanes[i] + lanes[i + 8];
    }
    let four = [eight[0] + eight[4], eight[1] + eight[5], eight[2] + eight[6], eight[3] + eight[7]];
    (four[0] + four[2]) + (four[1] + four[3])
}

/// [`Real::add_dots_of_16`] in explicit vectors: compilers find none of them in the order of [`sum_of_16`].
struct Dots<'a> {
    out: &'a mut [f32],
    a: &'a [f32],
    b: &'a [f32],
}

impl pulp::WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let Self { out, a, b } = self;
        let (a_vectors, b_vectors) = (S::as_simd_f32s(a).0, S::as_simd_f32s(b).0);
        match S::F32_LANES {
            16 => {
                for ((out, &a), &b) in out.iter_mut().zip(a_vectors).zip(b_vectors) {
                    *out += simd.reduce_sum_f32s(simd.mul_f32s(a, b));
                }
            }
            8 => {
                let vectors = a_vectors.as_chunks::<2>().0.iter().zip(b_vectors.as_chunks::<2>().0);
                for (out, (a, b)) in out.iter_mut().zip(vectors) {
                    let products = [simd.mul_f32s(a[0], b[0]), simd.mul_f32s(a[1], b[1])];
                    *out += simd.reduce_sum_f32s(simd.add_f32s(products[0], products[1]));
                }
            }
            _ => dots_of_16(out, a, b),
        }
    }
}

/// [`Real::add_products_of_16`] in explicit vectors: compilers take them along `by`, and gather.
struct Products<'a> {
    out: &'a mut [f32],
    by: &'a [f32],
    a: &'a [f32],
}

impl pulp::WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        // All vectors have a power of two of at most 16 lanes.
        let vectors = 16 / S::F32_LANES;
        let out = S::as_mut_simd_f32s(self.out).0.chunks_exact_mut(vectors);
        for ((out, a), &by) in out.zip(S::as_simd_f32s(self.a).0.chunks_exact(vectors)).zip(self.by) {
            let by = simd.splat_f32s(by);
            for (out, &a) in out.iter_mut().zip(a) {
                *out = simd.add_f32s(*out, simd.mul_f32s(by, a));
            }
        }
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn exp(self) -> Self {
        self.exp()
    }
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    fn abs(self) -> Self {
        self.abs()
    }
    fn larger(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn add_dots_of_16(out: &mut [Self], a: &[Self], b: &[Self]) {
        crate::simd::arch().dispatch(Dots { out, a, b });
    }
    fn add_products_of_16(out: &mut [Self], by: &[Self], a: &[Self]) {
        crate::simd::arch().dispatch(Products { out, by, a });
    }

    /// Without branches or calls, so that loops over it become vector code: powers of two by their bits, the rest by
    /// the polynomial of Cephes' `expf` (Moshier); at most 2 units in the last place wrong in ±87.
    #[inline(always)]
    fn exp(self) -> Self {
        const MAGIC: f32 = 12_582_912.0;
        let x = self.clamp(-87.3, 88.3);
        let shifted = x * std::f32::consts::LOG2_E + MAGIC;
        let whole = shifted - MAGIC;
        let r = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
        let mut p = 1.987_569_1e-4_f32;
        p = p * r + 1.398_199_9e-3;
        p = p * r + 8.333_452e-3;
        p = p * r + 4.166_579_6e-2;
        p = p * r + 0.166_666_65;
        p = p * r + 0.5;
        let p = p * r * r + r + 1.0;
        // The low bits of `shifted` hold the whole number plus 2²² · 3.
        let power = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127) << 23;
        p * f32::from_bits(power)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::normal;

    #[test]
    fn sums_of_products_have_the_same_bits_in_all_vectors() {
        let (a, b) = (normal(37, 16), normal(37, 17));
        let plain: Vec<u32> =
            a.as_chunks().0.iter().zip(b.as_chunks().0).map(|(a, b)| sum_of_16(a, b).to_bits()).collect();
        let archs = [Some(pulp::Arch::new()), Some(pulp::Arch::Scalar)];
        #[cfg(target_arch = "x86_64")]
        let archs = archs.into_iter().chain([pulp::x86::V3::try_new().map(pulp::Arch::V3)]);
        for arch in archs.into_iter().flatten() {
            let mut out = vec![0.0; 37];
            arch.dispatch(Dots { out: &mut out, a: &a, b: &b });
            assert_eq!(out.into_iter().map(f32::to_bits).collect::<Vec<_>>(), plain);
            let mut out = b.clone();
            arch.dispatch(Products { out: &mut out, by: &a[..37], a: &a });
            let products = (0..37 * 16).map(|at| b[at] + a[at / 16] * a[at]);
            assert!(out.iter().zip(products).all(|(found, expected)| found.to_bits() == expected.to_bits()));
        }
    }

    #[test]
    fn the_vector_exponential_is_close_to_the_exact_one() {
        for step in -870..=880 {
            let x = step as f32 * 0.1 + 0.013;
            let exact = f64::from(x.min(88.3)).exp();
            assert!((f64::from(Real::exp(x)) / exact - 1.0).abs() < 2.5e-7, "{x}");
        }
        assert_eq!(Real::exp(0.0_f32), 1.0);
        assert!(Real::exp(-1e30_f32) < 1e-37 && Real::exp(f32::NAN).is_nan());
        assert_eq!(1e30_f32.sigmoid(), 1.0);
    }
}
