//! Asynchronous copies into shared memory: until they are waited for, their target holds nothing.

use super::access::Bytes;
use super::block::Block;
use super::lanes::lanes;
use super::warp::Warp;
use crate::decode::Space;
use crate::fault::{Kind, Trap};
use crate::ptx::{Instruction, Operand};

/// A copy that has begun.
#[derive(Debug)]
struct Copy {
    lane: usize,
    to: u64,
    n: usize,
    data: [u8; 16],
    known: [bool; 16],
}

/// Copies of a warp: those of the open group, and those of closed groups, oldest first.
#[derive(Debug, Default)]
pub(super) struct Copies {
    open: Vec<Copy>,
    closed: Vec<Vec<Copy>>,
}

impl Copies {
    pub(super) fn commit(&mut self) {
        self.closed.push(std::mem::take(&mut self.open));
    }
}

impl Block<'_> {
    /// `cp.async [to], [from], n {, take}`: what is beyond `take` becomes zero.
    pub(super) fn copy_async(
        &mut self,
        w: &mut Warp,
        i: &Instruction,
        pc: u32,
        mask: u32,
    ) -> Result<(), Trap> {
        let to = self.addresses(w, i, 0, mask, Space::Shared)?;
        let from = self.addresses(w, i, 2, mask, Space::Global)?;
        let (Operand::Number(n @ (4 | 8 | 16)), None | Some(Operand::Narrow(_) | Operand::Number(_))) =
            (i.args[4], i.args.get(5))
        else {
            return Err(Trap::new(Kind::Unsupported, "this form of cp.async is not emulated"));
        };
        let n = n as usize;
        let take = i.args.get(5).map(|&o| w.narrow(o));
        if let Some(take) = take.filter(|t| t.known & mask != mask) {
            return Err(self.unknown(
                "the size of a copy depends on a value that",
                mask & !take.known,
                take.from,
            ));
        }
        let taken = |lane: usize| take.map_or(n, |t| t.x[lane] as usize).min(n);
        let reads = lanes(mask).filter(|&lane| taken(lane) > 0).fold(0, |m, lane| m | 1 << lane);
        self.count(w, pc, &from, reads, n);
        for lane in lanes(mask) {
            let mut bytes = Bytes { data: [0; 16], known: [true; 16] };
            if taken(lane) > 0 {
                self.fetch(w, lane, from[lane], n, &mut bytes)?;
                bytes.data[taken(lane)..n].fill(0);
                bytes.known[taken(lane)..n].fill(true);
            }
            self.put(w, lane, to[lane], n, &Bytes::new())?;
            w.copies.open.push(Copy { lane, to: to[lane], n, data: bytes.data, known: bytes.known });
        }
        Ok(())
    }

    /// Lets the oldest copies arrive, until `keep` groups are on their way.
    pub(super) fn land(&mut self, w: &mut Warp, keep: usize) -> Result<(), Trap> {
        let landing = w.copies.closed.len().saturating_sub(keep);
        let groups: Vec<Vec<Copy>> = w.copies.closed.drain(..landing).collect();
        for copy in groups.into_iter().flatten() {
            self.put(w, copy.lane, copy.to, copy.n, &Bytes { data: copy.data, known: copy.known })?;
        }
        Ok(())
    }
}
