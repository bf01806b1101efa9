//! Sends an instruction to what executes it.

use super::block::Block;
use super::warp::{Wait, Warp};
use crate::decode::Op;
use crate::fault::{Kind, Trap};
use crate::ptx::Instruction;

/// What lanes do after an instruction.
pub(super) enum Step {
    Next,
    Wait(Wait),
}

impl Block<'_> {
    /// Executes one instruction in the lanes of `mask`.
    #[inline]
    pub(super) fn step(&mut self, w: &mut Warp, i: &Instruction, pc: u32, mask: u32) -> Result<Step, Trap> {
        match i.op {
            Op::Float(op, flush) => self.float(w, i, mask, op, flush),
            Op::Approximate(op, flush) => self.approximate(w, i, mask, op, flush),
            Op::Directed(op, direction, flush) => w.directed(i, mask, op, direction, flush),
            Op::Set(comparison, to, from) => w.set_if(i, mask, comparison, to, from),
            Op::Integer(op, ty) => self.integer(w, i, mask, op, ty)?,
            Op::Bits(op, ty) => self.bit_operation(w, i, mask, op, ty),
            Op::Load(space, ty, count) => self.load(w, i, pc, mask, (space, ty, count))?,
            Op::Store(space, ty, count) => self.store(w, i, pc, mask, (space, ty, count))?,
            Op::Move => moved(w, i, mask),
            Op::Pack(bits) => w.pack(i, mask, bits),
            Op::Unpack(bits) => w.unpack(i, mask, bits),
            Op::Select => w.select(i, mask),
            Op::Compare(comparison, ty, combine, both) => w.compare(i, mask, (comparison, ty, combine, both)),
            Op::Convert(to, from, rounding) => w.convert(i, mask, to, from, rounding),
            Op::ConvertPair(kind, relu) => w.convert_pair(i, mask, kind, relu),
            Op::ConvertTf32 => self.one(w, i, mask, super::convert::to_tf32),
            Op::ToSpace(space) => w.any(i, mask, |x, _, _| super::address::to_space(space, x)),
            Op::FromSpace(space) => w.any(i, mask, |x, _, _| super::address::window(space, x)),
            Op::Double(op) => w.double(i, mask, op),
            Op::Half(op, kind, pair) => w.half(i, mask, op, kind, pair),
            Op::Shuffle(kind) => return self.shuffle(w, i, mask, kind),
            Op::Vote(kind) => return self.vote(w, i, mask, kind),
            Op::Reduce(op, ty) => return self.reduce(w, i, mask, op, ty),
            Op::ActiveMask => w.set_narrow(i.args[0], mask, &super::lanes::Lanes::all(mask)),
            Op::Barrier => return Ok(Step::Wait(Wait::Block)),
            Op::WarpBarrier => return self.warp_barrier(w, i, mask),
            Op::Atomic(space, op, ty, wanted) => self.atomic(w, i, pc, mask, (space, op, ty, wanted))?,
            Op::CopyAsync => self.copy_async(w, i, pc, mask)?,
            Op::CopyCommit => w.copies.commit(),
            Op::CopyWait => {
                let keep = w.wide(i.args[0]).x[0] as usize;
                self.land(w, keep)?;
            }
            Op::CopyWaitAll => {
                w.copies.commit();
                self.land(w, 0)?;
            }
            Op::LoadMatrix(count, transposed) => {
                return self.load_matrix(w, i, pc, mask, usize::from(count), transposed);
            }
            Op::Mma(kind) => return Ok(w.mma(i, mask, kind)),
            Op::Nothing | Op::Branch | Op::Exit => {}
            Op::Unsupported(ref why) => return Err(Trap::new(Kind::Unsupported, why.to_string())),
        }
        Ok(Step::Next)
    }
}

fn moved(w: &mut Warp, i: &Instruction, mask: u32) {
    if matches!(i.args[0], crate::ptx::Operand::Wide(_)) {
        let x = w.wide(i.args[1]);
        w.set_wide(i.args[0], mask, &x);
    } else {
        let x = w.narrow(i.args[1]);
        w.set_narrow(i.args[0], mask, &x);
    }
}
