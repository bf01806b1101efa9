//! Arithmetic in f64.

use super::warp::Warp;
use crate::decode::Double;
use crate::ptx::Instruction;

impl Warp {
    pub(super) fn double(&mut self, i: &Instruction, mask: u32, op: Double) {
        self.any(i, mask, |a, b, c| {
            let (a, b, c) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
            let v = match op {
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
            };
            v.to_bits()
        });
    }
}
