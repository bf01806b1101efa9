//! Operations on bits.

use super::block::Block;
use super::lanes::{Lanes, WARP};
use super::warp::Warp;
use crate::decode::{BitOp, Type};
use crate::ptx::Instruction;

impl Block<'_> {
    pub(super) fn bit_operation(&self, w: &mut Warp, i: &Instruction, mask: u32, op: BitOp, ty: Type) {
        let bits = u64::from(ty.bits());
        match op {
            BitOp::And if bits == 32 => self.two(w, i, mask, |a, b| a & b),
            BitOp::Or if bits == 32 => self.two(w, i, mask, |a, b| a | b),
            BitOp::And => w.any(i, mask, |a, b, _| a & b),
            BitOp::Or => w.any(i, mask, |a, b, _| a | b),
            BitOp::Xor => w.any(i, mask, |a, b, _| a ^ b),
            BitOp::Not => w.any(i, mask, |a, _, _| ty.trim(!a)),
            BitOp::ShiftLeft => w.any(i, mask, |a, n, _| if n >= bits { 0 } else { ty.trim(a << n) }),
            BitOp::ShiftRight => {
                w.any(i, mask, |a, n, _| ty.trim((ty.extend(a) >> (n & 0xffff_ffff).min(bits)) as u64));
            }
            BitOp::Funnel(left, wrap) => w.any(i, mask, |low, high, n| funnel(left, wrap, low, high, n)),
            BitOp::Count => w.any(i, mask, |a, _, _| u64::from(ty.trim(a).count_ones())),
            BitOp::LeadingZeros => {
                w.any(i, mask, |a, _, _| u64::from(ty.trim(a).leading_zeros()) - (64 - bits));
            }
            BitOp::Reverse => w.any(i, mask, |a, _, _| a.reverse_bits() >> (64 - bits)),
            BitOp::Extract => w.any(i, mask, |a, at, n| extract(ty, a, at, n)),
            BitOp::Permute => self.three(w, i, mask, permute),
            BitOp::Lookup => {
                let table = w.narrow(i.args[4]).x[0];
                self.three(w, i, mask, |a, b, c| lookup(table, a, b, c));
            }
            BitOp::Insert => {
                let (a, b) = (w.wide(i.args[1]), w.wide(i.args[2]));
                let (at, n) = (w.narrow(i.args[3]), w.narrow(i.args[4]));
                let x: [u64; WARP] = std::array::from_fn(|l| insert(ty, a.x[l], b.x[l], at.x[l], n.x[l]));
                let (known, from) = a.and(&b);
                w.set_wide(i.args[0], mask, &Lanes { x, known: known & at.known & n.known, from });
            }
        }
    }
}

/// Shifts two registers as one and keeps the upper (left) or the lower (right) half.
fn funnel(left: bool, wrap: bool, low: u64, high: u64, n: u64) -> u64 {
    let n = if wrap { n & 31 } else { (n & 0xffff_ffff).min(32) };
    let both = high << 32 | low;
    if left { (both << n) >> 32 } else { both >> n & 0xffff_ffff }
}

/// Takes `n` bits from bit `at` on, with their sign if the type has one.
fn extract(ty: Type, a: u64, at: u64, n: u64) -> u64 {
    let (at, n, bits) = (at & 0xff, n & 0xff, u64::from(ty.bits()));
    if n == 0 {
        return 0;
    }
    let signed = matches!(ty, Type::Signed(_));
    let last = (at + n - 1).min(bits - 1);
    let sign = signed && a >> last & 1 == 1;
    if at >= bits {
        return if sign { ty.trim(u64::MAX) } else { 0 };
    }
    let n = n.min(bits - at);
    let value = a >> at & (u64::MAX >> (64 - n));
    if sign && n < 64 { ty.trim(value | u64::MAX << n) } else { value }
}

/// Puts the lower `n` bits of `a` into `b` from bit `at` on.
fn insert(ty: Type, a: u64, b: u64, at: u32, n: u32) -> u64 {
    let (at, n) = ((at & 0xff).min(ty.bits()), (n & 0xff).min(ty.bits()));
    let mask = ((1u128 << n) - 1) << at;
    ty.trim((u128::from(a) << at & mask | u128::from(b) & !mask) as u64)
}

/// Picks four bytes of two registers.
fn permute(a: u32, b: u32, selector: u32) -> u32 {
    let bytes = (u64::from(b) << 32 | u64::from(a)).to_le_bytes();
    u32::from_le_bytes(std::array::from_fn(|k| {
        let pick = selector >> (4 * k) & 0xf;
        let byte = bytes[(pick & 7) as usize];
        match pick & 8 {
            0 => byte,
            _ if byte >> 7 == 1 => 0xff,
            _ => 0,
        }
    }))
}

/// Any function of three bits, given as a table of eight.
fn lookup(table: u32, a: u32, b: u32, c: u32) -> u32 {
    let of = |x: u32, bit: u32| if bit == 1 { x } else { !x };
    let row = |k: u32| of(a, k >> 2 & 1) & of(b, k >> 1 & 1) & of(c, k & 1);
    (0..8).filter(|k| table >> k & 1 == 1).fold(0, |v, k| v | row(k))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_go_in_and_come_out() {
        assert_eq!(insert(Type::Unsigned(32), 0b101, 0xffff_ffff, 4, 3), 0xffff_ffdf);
        assert_eq!(extract(Type::Unsigned(32), 0xffff_ffdf, 4, 3), 0b101);
        assert_eq!(extract(Type::Signed(32), 0xffff_ffdf, 4, 3), u64::from((-3i32) as u32));
        assert_eq!(extract(Type::Signed(32), 0x8000_0000, 40, 3), 0xffff_ffff);
        assert_eq!(extract(Type::Unsigned(64), u64::MAX, 0, 64), u64::MAX);
    }

    #[test]
    fn bytes_are_permuted_and_funnels_shift() {
        assert_eq!(permute(0x4433_2211, 0x8877_6655, 0x7610), 0x8877_2211);
        assert_eq!(permute(0x8000_0000, 0, 0xb), 0xff);
        assert_eq!(funnel(true, true, 0x8000_0000, 0x1, 1), 0x3);
        assert_eq!(funnel(false, false, 0x2, 0x1, 40), 0x1);
    }

    #[test]
    fn a_table_gives_any_function_of_three_bits() {
        assert_eq!(lookup(0x96, 0b1100, 0b1010, 0b1111) & 0xf, 0b1100 ^ 0b1010 ^ 0b1111);
        assert_eq!(lookup(0xca, 0b1100, 0b1010, 0b0110) & 0xf, 0b1100 & 0b1010 | !0b1100 & 0b0110 & 0xf);
    }
}
