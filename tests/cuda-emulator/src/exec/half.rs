//! Arithmetic on 16-bit floats, single and in pairs.

use super::warp::Warp;
use crate::decode::HalfOp;
use crate::ptx::Instruction;
use crate::value::Short;

impl Warp {
    pub(super) fn half(&mut self, i: &Instruction, mask: u32, op: HalfOp, kind: Short, pair: bool) {
        self.any(i, mask, |a, b, c| {
            let low = one(op, kind, [a, b, c]);
            if pair { one(op, kind, [a >> 16, b >> 16, c >> 16]) << 16 | low } else { low }
        });
    }
}

/// Computes in f64, where products are exact, and rounds once.
fn one(op: HalfOp, kind: Short, args: [u64; 3]) -> u64 {
    // Signs are bits: they change of NaNs too.
    match op {
        HalfOp::Negate => return (args[0] ^ 0x8000) & 0xffff,
        HalfOp::Abs => return args[0] & 0x7fff,
        _ => {}
    }
    let [a, b, c] = args.map(|x| f64::from(kind.widen(x as u16)));
    let v = match op {
        HalfOp::Add => a + b,
        HalfOp::Sub => a - b,
        HalfOp::Mul => a * b,
        HalfOp::Fma => a * b + c,
        HalfOp::MinNan | HalfOp::MaxNan if a.is_nan() || b.is_nan() => f64::NAN,
        HalfOp::Min | HalfOp::MinNan => a.min(b),
        HalfOp::Max | HalfOp::MaxNan => a.max(b),
        HalfOp::Exp2 => a.exp2(),
        HalfOp::Tanh => a.tanh(),
        HalfOp::Negate | HalfOp::Abs => a,
    };
    u64::from(kind.round64(v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fused_product_is_rounded_once() {
        let bits = |x: f32| u64::from(Short::Half.round(x));
        // 1.001 squared is 1.00195 + 2^-20, which no f16 holds.
        let x = 1.0 + 1.0 / 1024.0;
        let fused = one(HalfOp::Fma, Short::Half, [bits(x), bits(x), bits(-1.0 - 2.0 / 1024.0)]);
        assert_eq!(fused, bits(2f32.powi(-20)));
        let product = one(HalfOp::Mul, Short::Half, [bits(x), bits(x), 0]);
        assert_eq!(product, bits(1.0 + 2.0 / 1024.0));
        assert_eq!(one(HalfOp::Negate, Short::Brain, [0x3f80, 0, 0]), 0xbf80);
    }
}
