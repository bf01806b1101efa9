//! Exchanges between the lanes of a warp: shuffles, votes, reductions, warp barriers.

use super::block::Block;
use super::integer::integer;
use super::lanes::{FULL, Lanes, NOWHERE, WARP, has, lanes, mask_of};
use super::step::Step;
use super::warp::{Wait, Warp};
use crate::decode::{IntegerOp, Shuffle, Type, Vote};
use crate::fault::{Kind, Trap};
use crate::ptx::{Instruction, Operand};

impl Block<'_> {
    /// Reads the mask of the lanes that take part; none if some of them are not there yet.
    fn members(&self, w: &Warp, mask: u32, operand: Operand) -> Result<Option<u32>, Trap> {
        let value = w.narrow(operand);
        if value.known & mask != mask {
            return Err(self.unknown(
                "the mask of the lanes that take part",
                mask & !value.known,
                value.from,
            ));
        }
        let members = value.x[mask.trailing_zeros() as usize];
        if let Some(lane) = lanes(mask).find(|&lane| value.x[lane] != members) {
            return Err(Trap::new(Kind::Lanes, "the lanes that take part name different masks").at(lane));
        }
        if let Some(lane) = lanes(mask & !members).next() {
            return Err(Trap::new(Kind::Lanes, "this lane takes part and is not named by the mask").at(lane));
        }
        Ok((members & mask == members).then_some(members))
    }

    pub(super) fn warp_barrier(&self, w: &mut Warp, i: &Instruction, mask: u32) -> Result<Step, Trap> {
        if self.members(w, mask, i.args[0])?.is_none() {
            return Ok(Step::Wait(Wait::Warp));
        }
        w.epoch += 1;
        Ok(Step::Next)
    }

    pub(super) fn shuffle(
        &self,
        w: &mut Warp,
        i: &Instruction,
        mask: u32,
        kind: Shuffle,
    ) -> Result<Step, Trap> {
        let k = i.args.len() - 4;
        if self.members(w, mask, i.args[k + 3])?.is_none() {
            return Ok(Step::Wait(Wait::Warp));
        }
        let (value, by, limit) = (w.narrow(i.args[k]), w.narrow(i.args[k + 1]), w.narrow(i.args[k + 2]));
        let (mut out, mut inside) = (Lanes { known: 0, from: value.from, ..Lanes::all(0) }, 0);
        for lane in lanes(mask) {
            let (from, valid) = source(kind, lane, by.x[lane], limit.x[lane]);
            if !has(mask, from) {
                let what = format!("it reads lane {from}, which takes no part");
                return Err(Trap::new(Kind::Lanes, what).at(lane));
            }
            out.x[lane] = value.x[from];
            out.known |= (value.known >> from & by.known >> lane & limit.known >> lane & 1) << lane;
            inside |= u32::from(valid) << lane;
        }
        w.set_narrow(i.args[0], mask, &out);
        if k == 2 {
            w.set_narrow(i.args[1], mask, &Lanes::of(std::array::from_fn(|lane| inside >> lane & 1)));
        }
        Ok(Step::Next)
    }

    pub(super) fn vote(&self, w: &mut Warp, i: &Instruction, mask: u32, kind: Vote) -> Result<Step, Trap> {
        if self.members(w, mask, i.args[2])?.is_none() {
            return Ok(Step::Wait(Wait::Warp));
        }
        let p = w.narrow(i.args[1]);
        if p.known & mask != mask {
            return Err(self.unknown("a vote on a value that", mask & !p.known, p.from));
        }
        let bits = mask_of(|lane| p.x[lane] & 1 == 1) & mask;
        let result = match kind {
            Vote::All => u32::from(bits == mask),
            Vote::Any => u32::from(bits != 0),
            Vote::Uniform => u32::from(bits == mask || bits == 0),
            Vote::Ballot => bits,
        };
        w.set_narrow(i.args[0], mask, &Lanes::all(result));
        Ok(Step::Next)
    }

    pub(super) fn reduce(
        &self,
        w: &mut Warp,
        i: &Instruction,
        mask: u32,
        op: IntegerOp,
        ty: Type,
    ) -> Result<Step, Trap> {
        if self.members(w, mask, i.args[2])?.is_none() {
            return Ok(Step::Wait(Wait::Warp));
        }
        let value = w.narrow(i.args[1]);
        let all = lanes(mask).map(|lane| u64::from(value.x[lane])).reduce(|a, b| integer(op, ty, a, b, 0));
        let known = if value.known & mask == mask { FULL } else { 0 };
        let from = if known == FULL { NOWHERE } else { value.from };
        w.set_narrow(i.args[0], mask, &Lanes { known, from, ..Lanes::all(all.unwrap_or(0) as u32) });
        Ok(Step::Next)
    }
}

/// The lane that a lane reads, and whether it lies inside of the lane's segment (PTX manual, `shfl.sync`).
fn source(kind: Shuffle, lane: usize, by: u32, limit: u32) -> (usize, bool) {
    let (own, by, clamp, segment) =
        (lane as i32, (by & 31) as i32, (limit & 31) as i32, (limit >> 8 & 31) as i32);
    let (least, most) = (own & segment, own & segment | clamp & !segment);
    let from = match kind {
        Shuffle::Up => own - by,
        Shuffle::Down => own + by,
        Shuffle::Butterfly => own ^ by,
        Shuffle::Index => least | by & !segment,
    };
    let inside = if kind == Shuffle::Up { from >= most } else { from <= most };
    (if inside { from as usize & (WARP - 1) } else { lane }, inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_stays_in_its_segment() {
        // `__shfl_up_sync` with width 32 passes 0, the others 31; width 8 adds a segment mask of 24.
        assert_eq!(source(Shuffle::Up, 5, 2, 0), (3, true));
        assert_eq!(source(Shuffle::Up, 1, 2, 0), (1, false));
        assert_eq!(source(Shuffle::Down, 30, 2, 31), (30, false));
        assert_eq!(source(Shuffle::Butterfly, 6, 1, 31), (7, true));
        assert_eq!(source(Shuffle::Index, 13, 2, 24 << 8 | 31), (10, true));
        assert_eq!(source(Shuffle::Down, 14, 2, 24 << 8 | 31), (14, false));
    }
}
