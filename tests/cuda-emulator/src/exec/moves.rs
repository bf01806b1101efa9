//! Packing, selecting and comparing.

use std::cmp::Ordering;

use super::lanes::{FULL, Lanes, NOWHERE, WARP, mask_of};
use super::warp::Warp;
use crate::decode::{Combine, Comparison, Type};
use crate::ptx::Instruction;

impl Warp {
    /// Puts several registers into one, the first lowest.
    pub(super) fn pack(&mut self, i: &Instruction, mask: u32, bits: u32) {
        let part = bits / (i.args.len() as u32 - 1);
        let mut out = Lanes::all(0u64);
        for (k, &o) in i.args[1..].iter().enumerate() {
            let a = self.wide(o);
            for lane in 0..WARP {
                out.x[lane] |= (a.x[lane] & ((1 << part) - 1)) << (part * k as u32);
            }
            (out.known, out.from) = out.and(&a);
        }
        self.set_wide(i.args[0], mask, &out);
    }

    /// The reverse.
    pub(super) fn unpack(&mut self, i: &Instruction, mask: u32, bits: u32) {
        let n = i.args.len() - 1;
        let part = bits / n as u32;
        let a = self.wide(i.args[n]);
        for k in 0..n {
            self.set_wide(i.args[k], mask, &a.map(|x| x >> (part * k as u32) & ((1 << part) - 1)));
        }
    }

    /// Only the value that is chosen needs to be known.
    pub(super) fn select(&mut self, i: &Instruction, mask: u32) {
        let (a, b, p) = (self.wide(i.args[1]), self.wide(i.args[2]), self.narrow(i.args[3]));
        let first = mask_of(|lane| p.x[lane] & 1 == 1);
        let x = std::array::from_fn(|lane| if first >> lane & 1 == 1 { a.x[lane] } else { b.x[lane] });
        let known = p.known & (first & a.known | !first & b.known);
        let from = [p.from, a.from, b.from].into_iter().find(|&f| f != NOWHERE).unwrap_or(NOWHERE);
        self.set_wide(i.args[0], mask, &Lanes { x, known, from });
    }

    pub(super) fn compare(
        &mut self,
        i: &Instruction,
        mask: u32,
        (comparison, ty, combine, both): (Comparison, Type, Combine, bool),
    ) {
        let at = 1 + usize::from(both);
        let (a, b) = (self.wide(i.args[at]), self.wide(i.args[at + 1]));
        let mut out = mask_of(|lane| compare(comparison, ty, a.x[lane], b.x[lane]));
        let mut opposite = !out;
        let (mut known, from) = a.and(&b);
        if combine != Combine::No {
            let c = self.narrow(i.args[at + 2]);
            let other = mask_of(|lane| c.x[lane] & 1 == 1);
            known &= c.known;
            let join = |x: u32| match combine {
                Combine::No => x,
                Combine::And => x & other,
                Combine::Or => x | other,
                Combine::Xor => x ^ other,
            };
            (out, opposite) = (join(out), join(opposite));
        }
        let bits = |x: u32| Lanes { x: std::array::from_fn(|lane| x >> lane & 1), known, from };
        self.set_narrow(i.args[0], mask & FULL, &bits(out));
        if both {
            self.set_narrow(i.args[1], mask, &bits(opposite));
        }
    }

    /// Sets one (a float) or all bits (an integer) where a comparison holds, and zero elsewhere.
    pub(super) fn set_if(
        &mut self,
        i: &Instruction,
        mask: u32,
        comparison: Comparison,
        to: Type,
        from: Type,
    ) {
        let yes = match to.short() {
            Some(kind) => u64::from(kind.round(1.0)),
            None if to.is_integer() => u64::from(u32::MAX),
            None => u64::from(1f32.to_bits()),
        };
        self.any(i, mask, |a, b, _| if compare(comparison, from, a, b) { yes } else { 0 });
    }
}

fn compare(comparison: Comparison, ty: Type, x: u64, y: u64) -> bool {
    let order = match (ty, ty.short()) {
        (_, Some(kind)) => kind.widen(x as u16).partial_cmp(&kind.widen(y as u16)),
        (Type::Float(32), _) => f32::from_bits(x as u32).partial_cmp(&f32::from_bits(y as u32)),
        (Type::Float(_), _) => f64::from_bits(x).partial_cmp(&f64::from_bits(y)),
        _ => Some(ty.extend(x).cmp(&ty.extend(y))),
    };
    let Some(order) = order else {
        // A NaN: only what says so holds.
        return !matches!(
            comparison,
            Comparison::Equal
                | Comparison::NotEqual
                | Comparison::Less
                | Comparison::LessEqual
                | Comparison::Greater
                | Comparison::GreaterEqual
                | Comparison::Numbers
        );
    };
    match comparison {
        Comparison::Equal | Comparison::OrEqual => order == Ordering::Equal,
        Comparison::NotEqual | Comparison::OrNotEqual => order != Ordering::Equal,
        Comparison::Less | Comparison::OrLess => order == Ordering::Less,
        Comparison::LessEqual | Comparison::OrLessEqual => order != Ordering::Greater,
        Comparison::Greater | Comparison::OrGreater => order == Ordering::Greater,
        Comparison::GreaterEqual | Comparison::OrGreaterEqual => order != Ordering::Less,
        Comparison::Numbers => true,
        Comparison::AnyNan => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_satisfies_only_the_comparisons_that_say_so() {
        let (nan, one) = (u64::from(f32::NAN.to_bits()), u64::from(1f32.to_bits()));
        let ty = Type::Float(32);
        for (comparison, holds) in [
            (Comparison::NotEqual, false),
            (Comparison::OrNotEqual, true),
            (Comparison::OrLess, true),
            (Comparison::Numbers, false),
            (Comparison::AnyNan, true),
        ] {
            assert_eq!(compare(comparison, ty, nan, one), holds, "{comparison:?}");
        }
        assert!(!compare(Comparison::AnyNan, ty, one, one));
    }

    #[test]
    fn integers_compare_with_their_sign() {
        assert!(compare(Comparison::Less, Type::Signed(32), 0xffff_ffff, 0));
        assert!(compare(Comparison::Greater, Type::Unsigned(32), 0xffff_ffff, 0));
    }
}
