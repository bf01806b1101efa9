//! What makes a launch slower than it need be, in words.

use std::fmt;

use super::Counts;
use crate::fault::Place;

/// A habit that costs time, or that makes results differ from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Habit {
    /// Lanes whose words of shared memory lie in one bank.
    BankConflict,
    /// Lanes whose bytes of global memory lie scattered: more than a tenth of the sectors too many.
    Scattered,
    /// A branch at which the lanes of a warp part.
    Divergence,
    /// Local memory.
    LocalMemory,
    /// Atomic sums of floats.
    UnorderedSum,
}

/// One habit at one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which habit.
    pub habit: Habit,
    /// Where in the code.
    pub place: Place,
    /// The first block that shows it.
    pub block: [u32; 3],
    /// The first thread of it, linear in the block.
    pub thread: u32,
    /// How often, or how many passes or sectors were taken.
    pub took: u64,
    /// How many passes or sectors would do.
    pub ideal: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: block {:?}, thread {}: ", self.place, self.block, self.thread)?;
        let (took, ideal) = (self.took, self.ideal);
        match self.habit {
            Habit::BankConflict => write!(f, "shared memory takes {took} passes where {ideal} would do"),
            Habit::Scattered => write!(f, "global memory moves {took} sectors where {ideal} would do"),
            Habit::Divergence => write!(f, "the lanes of a warp part {took} times"),
            Habit::LocalMemory => write!(f, "local memory is used {took} times"),
            Habit::UnorderedSum => {
                write!(f, "floats are summed atomically {took} times, in an order that a card does not fix")
            }
        }
    }
}

pub(super) fn of(counts: &Counts, place: impl Fn() -> Place) -> Vec<Finding> {
    let Some((block, thread)) = counts.first else { return Vec::new() };
    let found = [
        (Habit::BankConflict, counts.passes > counts.passes_ideal, counts.passes, counts.passes_ideal),
        (
            Habit::Scattered,
            counts.sectors * 10 > counts.sectors_ideal * 11,
            counts.sectors,
            counts.sectors_ideal,
        ),
        (Habit::Divergence, counts.divergent > 0, counts.divergent, 0),
        (Habit::LocalMemory, counts.local > 0, counts.local, 0),
        (Habit::UnorderedSum, counts.unordered > 0, counts.unordered, 0),
    ];
    let found = found.into_iter().filter(|(_, is, _, _)| *is);
    found
        .map(|(habit, _, took, ideal)| Finding { habit, place: place(), block, thread, took, ideal })
        .collect()
}
