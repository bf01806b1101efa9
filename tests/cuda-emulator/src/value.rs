//! Conversions between f32 and the two kinds of 16-bit floats, as PTX rounds them.

/// The kind of a 16-bit float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short {
    /// `bf16`: eight bits of exponent, seven of fraction.
    Brain,
    /// `f16`: five bits of exponent, ten of fraction.
    Half,
}

/// The NaN that PTX makes, for both kinds.
const NAN: u16 = 0x7fff;

impl Short {
    /// Widens exactly.
    pub fn widen(self, bits: u16) -> f32 {
        match self {
            Self::Brain => half::bf16::from_bits(bits).to_f32(),
            Self::Half => half::f16::from_bits(bits).to_f32(),
        }
    }

    /// Rounds an f64 to the nearest, ties to even, as if there were no f32 on the way.
    pub fn round64(self, x: f64) -> u16 {
        self.round(odd(x))
    }

    /// Rounds to the nearest, ties to even.
    pub fn round(self, x: f32) -> u16 {
        match self {
            _ if x.is_nan() => NAN,
            Self::Brain => half::bf16::from_f32(x).to_bits(),
            Self::Half => half::f16::from_f32(x).to_bits(),
        }
    }
}

/// Rounds an f64 to an f32 whose last bit is one wherever bits are lost: a second rounding then goes the right way.
fn odd(x: f64) -> f32 {
    let near = x as f32;
    let (bits, back) = (near.to_bits(), f64::from(near));
    if back == x || x.is_nan() || bits & 1 == 1 {
        return near;
    }
    f32::from_bits(if back.abs() > x.abs() { bits - 1 } else { bits + 1 })
}

/// Flushes a subnormal number to zero, keeping its sign.
#[inline(always)]
pub(crate) fn flush(x: f32) -> f32 {
    let bits = x.to_bits();
    if bits & 0x7f80_0000 == 0 { f32::from_bits(bits & 0x8000_0000) } else { x }
}

/// Keeps the sign, the exponent and the upper ten bits of the fraction, as the tensor cores read `tf32`.
pub(crate) fn tf32(bits: u32) -> f32 {
    f32::from_bits(bits & 0xffff_e000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_to_the_nearest_and_ties_go_to_even() {
        assert_eq!(Short::Brain.round(1.0 + 1.0 / 256.0), 0x3f80);
        assert_eq!(Short::Brain.round(1.0 + 3.0 / 256.0), 0x3f82);
        assert_eq!(Short::Half.round(65_519.0), 0x7bff);
        assert_eq!(Short::Half.round(65_520.0), 0x7c00);
        assert_eq!(Short::Half.round(f32::NAN), NAN);
        assert_eq!(Short::Half.round(2f32.powi(-25)), 0);
        assert_eq!(Short::Half.round(1.5 * 2f32.powi(-25)), 1);
    }

    #[test]
    fn rounding_from_f64_happens_once() {
        // A hair above a tie, which an f32 would not see.
        let x = 1.0 + 2f64.powi(-11) + 2f64.powi(-40);
        assert_eq!(Short::Half.round(x as f32), 0x3c00);
        assert_eq!(Short::Half.round64(x), 0x3c01);
        assert_eq!(Short::Half.round64(-x), 0xbc01);
        assert_eq!(Short::Half.round64(1.0 + 2f64.powi(-11) - 2f64.powi(-40)), 0x3c00);
        assert_eq!(Short::Brain.round64(1e300), 0x7f80);
    }

    #[test]
    fn every_short_float_survives_the_way_there_and_back() {
        for kind in [Short::Brain, Short::Half] {
            for bits in 0..=u16::MAX {
                let x = kind.widen(bits);
                assert!(x.is_nan() || kind.round(x) == bits, "{kind:?} {bits:#x}");
            }
        }
    }

    #[test]
    fn flushing_keeps_the_sign_of_what_it_removes() {
        assert_eq!(flush(-1e-40).to_bits(), 0x8000_0000);
        assert_eq!(flush(f32::MIN_POSITIVE), f32::MIN_POSITIVE);
    }
}
