//! Arithmetic in f32, exact and approximate.

use super::block::Block;
use super::warp::Warp;
use crate::decode::{Approximate, Float};
use crate::ptx::Instruction;
use crate::value::flush;

impl Block<'_> {
    pub(super) fn float(&self, w: &mut Warp, i: &Instruction, mask: u32, op: Float, ftz: bool) {
        match op {
            Float::Add => self.float2(w, i, mask, ftz, |a, b| a + b),
            Float::Sub => self.float2(w, i, mask, ftz, |a, b| a - b),
            Float::Mul => self.float2(w, i, mask, ftz, |a, b| a * b),
            Float::Divide => self.float2(w, i, mask, ftz, |a, b| a / b),
            Float::Min => self.float2(w, i, mask, ftz, min),
            Float::Max => self.float2(w, i, mask, ftz, |a, b| -min(-a, -b)),
            Float::MinNan => self
                .float2(w, i, mask, ftz, |a, b| if a.is_nan() || b.is_nan() { f32::NAN } else { min(a, b) }),
            Float::MaxNan => {
                self.float2(
                    w,
                    i,
                    mask,
                    ftz,
                    |a, b| if a.is_nan() || b.is_nan() { f32::NAN } else { -min(-a, -b) },
                );
            }
            Float::CopySign => self.two(w, i, mask, |a, b| a & 0x8000_0000 | b & 0x7fff_ffff),
            Float::Abs => self.float1(w, i, mask, ftz, f32::abs),
            Float::Negate => self.float1(w, i, mask, ftz, |a| -a),
            Float::Sqrt => self.float1(w, i, mask, ftz, f32::sqrt),
            Float::Reciprocal => self.float1(w, i, mask, ftz, |a| 1.0 / a),
            Float::Fma if ftz => self.three(w, i, mask, |a, b, c| {
                let v = |x| flush(f32::from_bits(x));
                flush(v(a).mul_add(v(b), v(c))).to_bits()
            }),
            Float::Fma => self.three(w, i, mask, |a, b, c| {
                f32::from_bits(a).mul_add(f32::from_bits(b), f32::from_bits(c)).to_bits()
            }),
        }
    }

    /// Functions that a card approximates: the exact value, or one as wrong as the manual allows.
    pub(super) fn approximate(&self, w: &mut Warp, i: &Instruction, mask: u32, op: Approximate, ftz: bool) {
        let noise = self.settings.noise;
        if op == Approximate::Divide {
            // Two units in the last place.
            return self.float2(w, i, mask, ftz, |a, b| {
                near(f64::from(a) / f64::from(b), a, Bound::Relative(2f64.powi(-22)), noise)
            });
        }
        self.float1(w, i, mask, ftz, |a| {
            let x = f64::from(a);
            let (exact, bound) = match op {
                Approximate::Exp2 => (x.exp2(), Bound::Relative(2f64.powi(-22))),
                Approximate::Log2 => (x.log2(), Bound::Absolute(2f64.powi(-22))),
                Approximate::Reciprocal | Approximate::Divide => (x.recip(), Bound::Relative(2f64.powi(-23))),
                Approximate::ReciprocalSqrt => (x.sqrt().recip(), Bound::Relative(2f64.powf(-22.4))),
                Approximate::Sqrt => (x.sqrt(), Bound::Relative(2f64.powi(-22))),
                Approximate::Sin => (x.sin(), Bound::Absolute(2f64.powf(-20.5))),
                Approximate::Cos => (x.cos(), Bound::Absolute(2f64.powf(-20.5))),
                Approximate::Tanh => (x.tanh(), Bound::Relative(2f64.powi(-11))),
            };
            near(exact, a, bound, noise)
        });
    }

    #[inline(always)]
    fn float1(&self, w: &mut Warp, i: &Instruction, mask: u32, ftz: bool, f: impl Fn(f32) -> f32) {
        if ftz {
            self.one(w, i, mask, |a| flush(f(flush(f32::from_bits(a)))).to_bits());
        } else {
            self.one(w, i, mask, |a| f(f32::from_bits(a)).to_bits());
        }
    }

    #[inline(always)]
    fn float2(&self, w: &mut Warp, i: &Instruction, mask: u32, ftz: bool, f: impl Fn(f32, f32) -> f32) {
        if ftz {
            self.two(w, i, mask, |a, b| {
                flush(f(flush(f32::from_bits(a)), flush(f32::from_bits(b)))).to_bits()
            });
        } else {
            self.two(w, i, mask, |a, b| f(f32::from_bits(a), f32::from_bits(b)).to_bits());
        }
    }
}

/// The lesser number; of a number and a NaN the number, of two zeros the negative one.
#[inline(always)]
fn min(a: f32, b: f32) -> f32 {
    if a.is_nan() {
        b
    } else if b.is_nan() || a < b || (a == b && a.is_sign_negative()) {
        a
    } else {
        b
    }
}

/// How far an approximate function may be off, by the PTX manual.
#[derive(Clone, Copy)]
enum Bound {
    Relative(f64),
    Absolute(f64),
}

/// Rounds a value after moving it by the whole bound, up or down as a hash of the argument says.
fn near(exact: f64, argument: f32, bound: Bound, noise: bool) -> f32 {
    if !noise || !exact.is_finite() {
        return exact as f32;
    }
    let sign = if argument.to_bits().wrapping_mul(2_654_435_761) >> 31 == 1 { 1.0 } else { -1.0 };
    match bound {
        Bound::Relative(e) => (exact * (1.0 + sign * e)) as f32,
        Bound::Absolute(e) => (exact + sign * e) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minima_prefer_numbers_and_negative_zeros() {
        assert_eq!(min(f32::NAN, 2.0), 2.0);
        assert_eq!(min(2.0, f32::NAN), 2.0);
        assert_eq!(min(0.0, -0.0).to_bits(), (-0.0f32).to_bits());
        assert_eq!(min(-0.0, 0.0).to_bits(), (-0.0f32).to_bits());
        assert_eq!(min(3.0, -1.0), -1.0);
    }

    #[test]
    fn noise_moves_a_value_by_its_bound_and_no_further() {
        let (mut up, mut down) = (0, 0);
        for k in 1..1000 {
            let x = k as f32 * 0.01;
            let exact = f64::from(x).exp2();
            let off = f64::from(near(exact, x, Bound::Relative(2f64.powi(-22)), true)) / exact - 1.0;
            assert!((1.5e-7..3.1e-7).contains(&off.abs()), "{off:e}");
            if off > 0.0 { up += 1 } else { down += 1 }
        }
        assert!(up > 300 && down > 300, "{up} {down}");
        assert_eq!(near(2.0, 1.0, Bound::Absolute(1.0), false), 2.0);
        assert_eq!(near(f64::INFINITY, 1.0, Bound::Absolute(1.0), true), f32::INFINITY);
    }
}
