//! Arithmetic in f64.

use super::directed::exact_sum;
use super::warp::Warp;
use crate::decode::Double;
use crate::ptx::Instruction;

impl Warp {
    pub(super) fn double(&mut self, i: &Instruction, mask: u32, op: Double) {
        self.any(i, mask, |a, b, c| {
            one(op, f64::from_bits(a), f64::from_bits(b), f64::from_bits(c)).to_bits()
        });
    }
}

fn one(op: Double, a: f64, b: f64, c: f64) -> f64 {
    match op {
        Double::Add => a + b,
        Double::Sub => a - b,
        Double::Mul => a * b,
        Double::Fma => a.mul_add(b, c),
        Double::Divide => a / b,
        Double::Min => a.min(b),
        Double::Max => a.max(b),
        Double::Abs => a.abs(),
        Double::Negate => -a,
        // The sign of the first, the value of the second.
        Double::CopySign => b.copysign(a),
        Double::Sqrt => a.sqrt(),
        Double::Reciprocal => a.recip(),
        Double::AddZero => {
            let (sum, rest) = exact_sum(a, b);
            match sum {
                _ if !sum.is_finite() => sum,
                _ if sum > 0.0 && rest < 0.0 => sum.next_down(),
                _ if sum < 0.0 && rest > 0.0 => sum.next_up(),
                _ => sum,
            }
        }
        // The manual: only the upper halves of argument and result count, and subnormals are zero.
        Double::GuessReciprocal => upper(upper(a).recip()),
    }
}

fn upper(x: f64) -> f64 {
    let x = if x.is_subnormal() { 0f64.copysign(x) } else { x };
    f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_can_round_to_zero() {
        let tiny = 2f64.powi(-100);
        assert_eq!(one(Double::AddZero, 1.0, -tiny, 0.0), 1f64.next_down());
        assert_eq!(one(Double::AddZero, 1.0, tiny, 0.0), 1.0);
        assert_eq!(one(Double::AddZero, -1.0, tiny, 0.0), (-1f64).next_up());
    }

    #[test]
    fn a_guess_of_a_reciprocal_is_good_to_twenty_bits() {
        for k in 1..100 {
            let x = f64::from(k) * 0.37;
            let guess = one(Double::GuessReciprocal, x, 0.0, 0.0);
            assert!((guess * x - 1.0).abs() < 2f64.powi(-18), "{x}");
            assert_eq!(guess.to_bits() & 0xffff_ffff, 0);
        }
        assert_eq!(one(Double::GuessReciprocal, f64::MIN_POSITIVE / 2.0, 0.0, 0.0), f64::INFINITY);
    }
}
