//! A warp: its registers, and where its lanes are.

use super::copy::Copies;
use super::lanes::{FULL, Lanes, NOWHERE, WARP, mask_of};
use crate::launch::Launch;
use crate::ptx::{Kernel, Operand, Relation, Special};

/// What lanes wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Nothing,
    Warp,
    Block,
}

/// Lanes that are at the same instruction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) pc: u32,
    pub(super) mask: u32,
    pub(super) wait: Wait,
}

/// A predicate: one bit per lane.
#[derive(Debug, Clone, Copy)]
struct Predicate {
    bits: u32,
    known: u32,
    from: u32,
}

/// A warp of a block.
#[derive(Debug)]
pub(crate) struct Warp {
    pub(crate) index: u32,
    narrow: Vec<Lanes<u32>>,
    wide: Vec<Lanes<u64>>,
    predicates: Vec<Predicate>,
    pub(super) groups: Vec<Group>,
    /// Lanes that exist, and those that have not ended.
    pub(super) born: u32,
    pub(super) alive: u32,
    /// Warp barriers passed.
    pub(super) epoch: u32,
    pub(super) copies: Copies,
    /// Index of the thread, size of the block, index of the block, size of the grid.
    thread: [[u32; WARP]; 3],
    block: [u32; 3],
    at: [u32; 3],
    grid: [u32; 3],
}

impl Warp {
    pub(super) fn new(index: u32, kernel: &Kernel, launch: &Launch, at: [u32; 3]) -> Self {
        let (threads, [bx, by, _]) = (launch.block_threads(), launch.block);
        let linear: [u32; WARP] = std::array::from_fn(|lane| index * WARP as u32 + lane as u32);
        let born = mask_of(|lane| linear[lane] < threads);
        let thread = [linear.map(|t| t % bx), linear.map(|t| t / bx % by), linear.map(|t| t / (bx * by))];
        // What nobody set reads as NaN, and is known as such.
        let unset = |x| Lanes { x: [x; WARP], known: 0, from: NOWHERE };
        let wide = Lanes { x: [u64::MAX; WARP], known: 0, from: NOWHERE };
        Self {
            index,
            narrow: vec![unset(u32::MAX); kernel.narrow],
            wide: vec![wide; kernel.wide],
            predicates: vec![Predicate { bits: 0, known: 0, from: NOWHERE }; kernel.predicates],
            groups: vec![Group { pc: 0, mask: born, wait: Wait::Nothing }],
            born,
            alive: born,
            epoch: 0,
            copies: Copies::default(),
            thread,
            block: launch.block,
            at,
            grid: launch.grid,
        }
    }

    /// Bits of a predicate and what is known of them.
    #[inline]
    pub(super) fn predicate(&self, p: u32) -> (u32, u32, u32) {
        let p = &self.predicates[p as usize];
        (p.bits, p.known, p.from)
    }

    /// Reads an operand as 32 bits per lane.
    #[inline]
    pub(super) fn narrow(&self, o: Operand) -> Lanes<u32> {
        match o {
            Operand::Narrow(r) => self.narrow[r as usize],
            Operand::Number(v) => Lanes::all(v as u32),
            Operand::Wide(r) => self.wide[r as usize].map(|x| x as u32),
            Operand::Special(s) => Lanes::of(self.special(s)),
            Operand::Predicate(p) => self.bits(p, 0),
            Operand::Not(p) => self.bits(p, FULL),
            Operand::Sink => Lanes::all(0),
        }
    }

    /// Reads an operand as 64 bits per lane.
    #[inline]
    pub(super) fn wide(&self, o: Operand) -> Lanes<u64> {
        match o {
            Operand::Wide(r) => self.wide[r as usize],
            Operand::Number(v) => Lanes::all(v),
            _ => self.narrow(o).map(u64::from),
        }
    }

    fn bits(&self, p: u32, flip: u32) -> Lanes<u32> {
        let (bits, known, from) = self.predicate(p);
        Lanes { x: std::array::from_fn(|lane| (bits ^ flip) >> lane & 1), known, from }
    }

    fn special(&self, s: Special) -> [u32; WARP] {
        match s {
            Special::Thread(axis) => self.thread[usize::from(axis)],
            Special::Threads(axis) => [self.block[usize::from(axis)]; WARP],
            Special::Block(axis) => [self.at[usize::from(axis)]; WARP],
            Special::Blocks(axis) => [self.grid[usize::from(axis)]; WARP],
            Special::Lane => std::array::from_fn(|lane| lane as u32),
            Special::Warp => [self.index; WARP],
            Special::Mask(relation) => std::array::from_fn(|own| {
                mask_of(|lane| match relation {
                    Relation::Less => lane < own,
                    Relation::LessEqual => lane <= own,
                    Relation::Equal => lane == own,
                    Relation::GreaterEqual => lane >= own,
                    Relation::Greater => lane > own,
                })
            }),
        }
    }

    /// Writes a register in the lanes of `mask`.
    #[inline]
    pub(super) fn set_narrow(&mut self, o: Operand, mask: u32, new: &Lanes<u32>) {
        match o {
            Operand::Narrow(r) => self.narrow[r as usize].blend(mask, new),
            Operand::Wide(r) => self.wide[r as usize].blend(mask, &new.map(u64::from)),
            Operand::Predicate(p) => {
                let bits = mask_of(|lane| new.x[lane] & 1 == 1);
                let p = &mut self.predicates[p as usize];
                p.bits = p.bits & !mask | bits & mask;
                p.known = p.known & !mask | new.known & mask;
                if new.known & mask != mask {
                    p.from = new.from;
                }
            }
            _ => {}
        }
    }

    /// Writes a register of any width in the lanes of `mask`.
    #[inline]
    pub(super) fn set_wide(&mut self, o: Operand, mask: u32, new: &Lanes<u64>) {
        match o {
            Operand::Wide(r) => self.wide[r as usize].blend(mask, new),
            _ => self.set_narrow(o, mask, &new.map(|x| x as u32)),
        }
    }
}
