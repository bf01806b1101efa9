//! Atomic operations, the lanes of a warp in order. Sums of floats are counted: on a card their order is not fixed.

use super::block::Block;
use super::integer::integer;
use super::lanes::{Lanes, lanes};
use super::warp::Warp;
use crate::decode::{AtomicOp, IntegerOp, Space, Type};
use crate::fault::{Kind, Trap};
use crate::ptx::{GLOBAL, Instruction, LOCAL, SHARED};

impl Block<'_> {
    pub(super) fn atomic(
        &mut self,
        w: &mut Warp,
        i: &Instruction,
        pc: u32,
        mask: u32,
        (space, op, ty, wanted): (Space, AtomicOp, Type, bool),
    ) -> Result<(), Trap> {
        let first = usize::from(wanted);
        let at = self.addresses(w, i, first, mask, space)?;
        let a = w.wide(i.args[first + 2]);
        let b = i.args.get(first + 3).map_or(a, |&o| w.wide(o));
        let (known, from) = a.and(&b);
        if known & mask != mask {
            return Err(self.unknown("an atomic operation depends on a value that", mask & !known, from));
        }
        let n = ty.bytes();
        self.count(w, pc, &at, mask, n);
        if !ty.is_integer() {
            self.report.unordered(pc, self.place.at, w.index * 32 + mask.trailing_zeros());
        }
        let mut old = Lanes::all(0u64);
        for lane in lanes(mask) {
            let address = at[lane];
            let who = self.who(w, lane, (SHARED..LOCAL).contains(&address));
            let region = if address >= GLOBAL {
                self.memory.at(address).map_err(|trap| trap.at(lane))?
            } else if (SHARED..LOCAL).contains(&address) {
                &mut *self.shared
            } else {
                let what = format!("address {address:#x} is neither global nor shared");
                return Err(Trap::new(Kind::OutOfBounds, what).at(lane));
            };
            let name = region.name.clone();
            let (place, known) = region.exchange(address, n, who).map_err(|trap| trap.at(lane))?;
            if !known {
                let what = format!("an atomic operation reads what nobody wrote, in {name}");
                return Err(Trap::new(Kind::Uninitialised, what).at(lane));
            }
            let mut word = [0; 8];
            word[..n].copy_from_slice(place);
            old.x[lane] = u64::from_le_bytes(word);
            let new = apply(op, ty, old.x[lane], a.x[lane], b.x[lane]);
            place.copy_from_slice(&new.to_le_bytes()[..n]);
        }
        if wanted {
            w.set_wide(i.args[0], mask, &old);
        }
        Ok(())
    }
}

fn apply(op: AtomicOp, ty: Type, old: u64, a: u64, b: u64) -> u64 {
    if let (AtomicOp::Add, Some(kind)) = (op, ty.short()) {
        return u64::from(kind.round64(f64::from(kind.widen(old as u16)) + f64::from(kind.widen(a as u16))));
    }
    let whole = |op| integer(op, ty, old, a, 0);
    match (op, ty) {
        (AtomicOp::Add, Type::Float(32)) => {
            u64::from((f32::from_bits(old as u32) + f32::from_bits(a as u32)).to_bits())
        }
        (AtomicOp::Add, Type::Float(_)) => (f64::from_bits(old) + f64::from_bits(a)).to_bits(),
        (AtomicOp::Add, _) => whole(IntegerOp::Add),
        (AtomicOp::Min, _) => whole(IntegerOp::Min),
        (AtomicOp::Max, _) => whole(IntegerOp::Max),
        (AtomicOp::And, _) => whole(IntegerOp::And),
        (AtomicOp::Or, _) => whole(IntegerOp::Or),
        (AtomicOp::Xor, _) => whole(IntegerOp::Xor),
        (AtomicOp::Exchange, _) => a,
        (AtomicOp::CompareExchange, _) => {
            if ty.trim(old) == ty.trim(a) {
                b
            } else {
                old
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_leaves_what_it_should() {
        let (s32, f32_) = (Type::Signed(32), Type::Float(32));
        let bits = |x: f32| u64::from(x.to_bits());
        assert_eq!(apply(AtomicOp::Add, s32, 0xffff_ffff, 2, 2), 1);
        assert_eq!(apply(AtomicOp::Max, s32, 0xffff_ffff, 2, 2), 2);
        assert_eq!(apply(AtomicOp::Add, f32_, bits(1.5), bits(2.0), 0), bits(3.5));
        assert_eq!(apply(AtomicOp::CompareExchange, s32, 7, 7, 9), 9);
        assert_eq!(apply(AtomicOp::CompareExchange, s32, 7, 8, 9), 7);
    }
}
