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
