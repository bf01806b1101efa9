//! Applies a function to the operands of an instruction, lane by lane.

use super::block::Block;
use super::lanes::{Lanes, WARP, lanes};
use super::warp::Warp;
use crate::ptx::Instruction;

impl Block<'_> {
    /// One operand of 32 bits.
    #[inline(always)]
    pub(super) fn one(&self, w: &mut Warp, i: &Instruction, mask: u32, f: impl Fn(u32) -> u32) {
        let a = w.narrow(i.args[1]);
        let mut out = a;
        self.arch.dispatch(|| {
            for (out, &a) in out.x.iter_mut().zip(&a.x) {
                *out = f(a);
            }
        });
        w.set_narrow(i.args[0], mask, &out);
    }

    /// Two operands of 32 bits.
    #[inline(always)]
    pub(super) fn two(&self, w: &mut Warp, i: &Instruction, mask: u32, f: impl Fn(u32, u32) -> u32) {
        let (a, b) = (w.narrow(i.args[1]), w.narrow(i.args[2]));
        let (known, from) = a.and(&b);
        let mut x = [0; WARP];
        self.arch.dispatch(|| {
            for (lane, x) in x.iter_mut().enumerate() {
                *x = f(a.x[lane], b.x[lane]);
            }
        });
        w.set_narrow(i.args[0], mask, &Lanes { x, known, from });
    }

    /// Three operands of 32 bits.
    #[inline(always)]
    pub(super) fn three(&self, w: &mut Warp, i: &Instruction, mask: u32, f: impl Fn(u32, u32, u32) -> u32) {
        let (a, b, c) = (w.narrow(i.args[1]), w.narrow(i.args[2]), w.narrow(i.args[3]));
        let (known, from) = a.and(&b);
        let (known, from) = Lanes { known, from, ..a }.and(&c);
        let mut x = [0; WARP];
        self.arch.dispatch(|| {
            for (lane, x) in x.iter_mut().enumerate() {
                *x = f(a.x[lane], b.x[lane], c.x[lane]);
            }
        });
        w.set_narrow(i.args[0], mask, &Lanes { x, known, from });
    }
}

impl Warp {
    /// Up to three operands of any width, in the lanes of `mask` only.
    #[inline(never)]
    pub(super) fn any(&mut self, i: &Instruction, mask: u32, f: impl Fn(u64, u64, u64) -> u64) {
        let arg = |n: usize| i.args.get(n).map_or_else(|| Lanes::all(0), |&o| self.wide(o));
        let (a, b, c) = (arg(1), arg(2), arg(3));
        let (known, from) = a.and(&b);
        let (known, from) = Lanes { known, from, ..a }.and(&c);
        let mut x = [0; WARP];
        for lane in lanes(mask) {
            x[lane] = f(a.x[lane], b.x[lane], c.x[lane]);
        }
        self.set_wide(i.args[0], mask, &Lanes { x, known, from });
    }
}
