//! Arithmetic on integers.

use super::block::Block;
use super::lanes::lanes;
use super::warp::Warp;
use crate::decode::{IntegerOp, Type};
use crate::fault::{Kind, Trap};
use crate::ptx::Instruction;

impl Block<'_> {
    pub(super) fn integer(
        &self,
        w: &mut Warp,
        i: &Instruction,
        mask: u32,
        op: IntegerOp,
        ty: Type,
    ) -> Result<(), Trap> {
        let narrow = ty.bits() == 32;
        match op {
            IntegerOp::Add if narrow => self.two(w, i, mask, u32::wrapping_add),
            IntegerOp::Sub if narrow => self.two(w, i, mask, u32::wrapping_sub),
            IntegerOp::MulLow if narrow => self.two(w, i, mask, u32::wrapping_mul),
            IntegerOp::MadLow if narrow => {
                self.three(w, i, mask, |a, b, c| a.wrapping_mul(b).wrapping_add(c));
            }
            IntegerOp::Add => w.any(i, mask, |a, b, _| ty.trim(a.wrapping_add(b))),
            IntegerOp::Divide | IntegerOp::Remainder => {
                let divisor = w.wide(i.args[2]);
                if let Some(lane) = lanes(mask).find(|&lane| ty.trim(divisor.x[lane]) == 0) {
                    return Err(Trap::new(Kind::Division, "an integer is divided by zero").at(lane));
                }
                w.any(i, mask, |a, b, c| integer(op, ty, a, b, c));
            }
            _ => w.any(i, mask, |a, b, c| integer(op, ty, a, b, c)),
        }
        Ok(())
    }
}

/// One operation with operands and result in the bits of `ty` (wide products: twice the bits).
pub(super) fn integer(op: IntegerOp, ty: Type, a: u64, b: u64, c: u64) -> u64 {
    let (x, y) = (ty.extend(a), ty.extend(b));
    let high = || (x * y) >> ty.bits();
    let v = match op {
        IntegerOp::Add => x + y,
        IntegerOp::Sub => x - y,
        IntegerOp::MulLow => return ty.trim(a.wrapping_mul(b)),
        IntegerOp::MadLow => return ty.trim(a.wrapping_mul(b).wrapping_add(c)),
        IntegerOp::MulHigh => high(),
        IntegerOp::MadHigh => high() + ty.extend(c),
        IntegerOp::MulWide => return widest(ty, x * y),
        IntegerOp::MadWide => return widest(ty, (x * y).wrapping_add(i128::from(c))),
        IntegerOp::Divide => x / y,
        IntegerOp::Remainder => x % y,
        IntegerOp::Min => x.min(y),
        IntegerOp::Max => x.max(y),
        IntegerOp::Negate => -x,
        IntegerOp::Abs => x.abs(),
        IntegerOp::Distance => (x - y).abs() + ty.extend(c),
        IntegerOp::And => return ty.trim(a & b),
        IntegerOp::Or => return ty.trim(a | b),
        IntegerOp::Xor => return ty.trim(a ^ b),
    };
    ty.trim(v as u64)
}

/// Cuts a product to twice the bits of its factors.
fn widest(ty: Type, x: i128) -> u64 {
    if ty.bits() == 16 { x as u64 & 0xffff_ffff } else { x as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_widths_are_those_of_the_type() {
        let (u32_, s32, s16, u64_) =
            (Type::Unsigned(32), Type::Signed(32), Type::Signed(16), Type::Unsigned(64));
        let minus = u64::from((-7i32) as u32);
        assert_eq!(integer(IntegerOp::Divide, s32, minus, 2, 0), u64::from((-3i32) as u32));
        assert_eq!(integer(IntegerOp::Remainder, s32, minus, 2, 0), u64::from((-1i32) as u32));
        assert_eq!(integer(IntegerOp::Divide, u32_, minus, 2, 0), 0x7fff_fffc);
        assert_eq!(integer(IntegerOp::MulWide, s32, minus, 2, 0), (-14i64) as u64);
        assert_eq!(integer(IntegerOp::MulWide, s16, 0xffff, 2, 0), 0xffff_fffe);
        assert_eq!(integer(IntegerOp::MadWide, s32, minus, 2, 20), 6);
        assert_eq!(integer(IntegerOp::MulHigh, u64_, u64::MAX, u64::MAX, 0), u64::MAX - 1);
        assert_eq!(integer(IntegerOp::Max, s16, 0xffff, 1, 0), 1);
        assert_eq!(integer(IntegerOp::Distance, s32, minus, 1, 5), 13);
    }
}
