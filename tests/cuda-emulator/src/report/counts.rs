//! What is counted of each line.

use std::ops::Add;

use super::First;

/// Counts of one instruction, or sums of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Times that a warp executed it with at least one lane.
    pub executed: u64,
    /// Passes that shared memory took: one serves 32 banks of four bytes.
    pub passes: u64,
    /// Passes that it would take without conflicts.
    pub passes_ideal: u64,
    /// Sectors of 32 bytes of global memory that were touched.
    pub sectors: u64,
    /// Sectors that the bytes would fill.
    pub sectors_ideal: u64,
    /// Accesses to local memory: spilled registers, or arrays with an index known only at run time.
    pub local: u64,
    /// Branches at which the lanes of a warp parted.
    pub divergent: u64,
    /// Atomic sums of floats, whose order a card does not fix.
    pub unordered: u64,
    /// The first lane that wasted something.
    pub(super) first: Option<First>,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            executed: self.executed + other.executed,
            passes: self.passes + other.passes,
            passes_ideal: self.passes_ideal + other.passes_ideal,
            sectors: self.sectors + other.sectors,
            sectors_ideal: self.sectors_ideal + other.sectors_ideal,
            local: self.local + other.local,
            divergent: self.divergent + other.divergent,
            unordered: self.unordered + other.unordered,
            first: self.first.or(other.first),
        }
    }
}
