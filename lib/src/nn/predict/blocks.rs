//! Divides molecules into blocks that fit into memory.

use crate::nn::data::Dataset;
use crate::pair::Side;

/// A block of molecules is encoded together: at most this many tokens and molecules.
pub(crate) const BLOCK_TOKENS: usize = 16_384;
pub(crate) const BLOCK_MOLECULES: usize = 1024;

/// Consecutive distinct molecules that are encoded together.
pub(super) struct Blocks {
    /// Where each block starts, and the end.
    starts: Vec<usize>,
}

impl Blocks {
    pub(super) fn new(data: &Dataset, side: Side, molecules: &[u32]) -> Self {
        let mut starts = vec![0];
        let (mut tokens, mut count) = (0, 0);
        for (at, &molecule) in molecules.iter().enumerate() {
            let more = data.table(side).tokens(molecule);
            if count > 0 && (tokens + more > BLOCK_TOKENS || count == BLOCK_MOLECULES) {
                starts.push(at);
                (tokens, count) = (0, 0);
            }
            tokens += more;
            count += 1;
        }
        starts.push(molecules.len());
        Self { starts }
    }

    pub(super) fn block_of(&self, position: usize) -> usize {
        self.starts.partition_point(|&start| start <= position) - 1
    }

    pub(super) fn range(&self, block: usize) -> std::ops::Range<usize> {
        self.starts[block]..self.starts[block + 1]
    }
}
