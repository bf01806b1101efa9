//! Counts what a launch did, line by line: instructions, and how well memory was used.

mod counts;
mod finding;
mod usage;

use std::sync::Arc;

pub use counts::Counts;
pub use finding::{Finding, Habit};

use crate::decode::{Approximate, Float, Op};
use crate::fault::Place;
use crate::ptx::{GLOBAL, Kernel, LOCAL, SHARED, TABLES};

/// Block and linear thread of the first lane that did something.
pub(crate) type First = ([u32; 3], u32);

/// What a launch did.
#[derive(Debug, Clone)]
pub struct Report {
    kernel: Arc<Kernel>,
    lines: Vec<Counts>,
    /// Instructions that a warp executed with at least one lane.
    pub instructions: u64,
    /// Barriers that a block passed.
    pub barriers: u64,
    /// Blocks.
    pub blocks: u64,
}

impl Report {
    pub(crate) fn new(kernel: &Arc<Kernel>) -> Self {
        let lines = vec![Counts::default(); kernel.code.len()];
        Self { kernel: Arc::clone(kernel), lines, instructions: 0, barriers: 0, blocks: 0 }
    }

    /// Sums over all lines.
    pub fn total(&self) -> Counts {
        self.lines.iter().fold(Counts::default(), |sum, line| sum + *line)
    }

    /// Sums over the lines that come from a line of the CUDA source.
    pub fn at_source(&self, file: &str, line: u32) -> Counts {
        let here = |pc: &usize| {
            self.kernel.source(&self.kernel.code[*pc]).is_some_and(|s| s.0 == file && s.1 == line)
        };
        (0..self.lines.len()).filter(here).fold(Counts::default(), |sum, pc| sum + self.lines[pc])
    }

    /// Instructions that compute an exact f32.
    pub fn float(&self) -> u64 {
        let counted = |f: &Float| !matches!(f, Float::Abs | Float::Negate | Float::CopySign);
        self.executed_if(|op| matches!(op, Op::Float(f, _) if counted(f)))
    }

    /// Instructions of the unit for special functions.
    pub fn special(&self) -> u64 {
        self.executed_if(|op| matches!(op, Op::Approximate(f, _) if *f != Approximate::Divide))
    }

    /// Shuffles.
    pub fn shuffles(&self) -> u64 {
        self.executed_if(|op| matches!(op, Op::Shuffle(_)))
    }

    /// Products of tensor cores.
    pub fn products(&self) -> u64 {
        self.executed_if(|op| matches!(op, Op::Mma(_)))
    }

    fn executed_if(&self, wanted: impl Fn(&Op) -> bool) -> u64 {
        self.kernel.code.iter().zip(&self.lines).filter(|(i, _)| wanted(&i.op)).map(|(_, c)| c.executed).sum()
    }

    /// Lists what makes the launch slower than it need be, or not repeatable, in the order of the code.
    pub fn findings(&self) -> Vec<Finding> {
        let lines = self.lines.iter().enumerate().filter(|(_, counts)| counts.executed > 0);
        lines.flat_map(|(pc, counts)| finding::of(counts, || place(&self.kernel, pc as u32))).collect()
    }

    /// Asserts that nothing was wasted, and nothing summed in an order that may change: that there are no findings but
    /// branches at which lanes part.
    ///
    /// # Panics
    /// With the kernel and what it wasted.
    #[track_caller]
    pub fn assert_thrifty(&self) {
        let found = self.findings().into_iter().filter(|finding| finding.habit != Habit::Divergence);
        let found: Vec<String> = found.map(|finding| finding.to_string()).collect();
        assert!(found.is_empty(), "{}: {found:#?}", self.kernel.name);
    }

    #[inline]
    pub(crate) fn executed(&mut self, pc: u32, mask: u32) {
        let once = u64::from(mask != 0);
        self.lines[pc as usize].executed += once;
        self.instructions += once;
    }

    pub(crate) fn divergent(&mut self, pc: u32, block: [u32; 3], thread: u32) {
        let line = &mut self.lines[pc as usize];
        line.divergent += 1;
        line.first.get_or_insert((block, thread));
    }

    pub(crate) fn unordered(&mut self, pc: u32, block: [u32; 3], thread: u32) {
        let line = &mut self.lines[pc as usize];
        line.unordered += 1;
        line.first.get_or_insert((block, thread));
    }

    /// Counts an access by the lanes of `mask`, in the space that its first address lies in.
    #[inline]
    pub(crate) fn access(&mut self, pc: u32, at: &[u64; 32], mask: u32, bytes: usize, first: First) {
        let line = &mut self.lines[pc as usize];
        let address = at[mask.trailing_zeros() as usize];
        let wasted = if address >= GLOBAL {
            let (sectors, ideal) = usage::sectors(at, mask, bytes);
            line.sectors += sectors;
            line.sectors_ideal += ideal;
            sectors > ideal
        } else if address >= TABLES {
            false
        } else if address >= LOCAL {
            line.local += 1;
            true
        } else if address >= SHARED {
            let (passes, ideal) = usage::passes(at, mask, bytes);
            line.passes += passes;
            line.passes_ideal += ideal;
            passes > ideal
        } else {
            false
        };
        if wasted {
            line.first.get_or_insert(first);
        }
    }
}

/// Where in the code an instruction stands.
pub(crate) fn place(kernel: &Kernel, pc: u32) -> Place {
    let i = &kernel.code[pc as usize];
    Place {
        kernel: kernel.name.clone(),
        line: i.line,
        source: kernel.source(i),
        caller: kernel.caller(i),
        text: i.text.clone(),
    }
}
