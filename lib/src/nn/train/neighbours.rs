//! Keeps sketches of the molecules that a fold is trained on.

use super::run::{FoldRun, Run};
use crate::Result;
use crate::pair::{Side, Sides};
use crate::trust::Neighbours;

/// The most molecules of a side of which sketches are kept: all of a larger run are left out.
pub const MOST_SKETCHED: usize = 50_000;

impl Run<'_> {
    /// Gives the pairs of the table that a fold's model has seen.
    pub(super) fn seen<'a>(&self, fold: &'a FoldRun) -> &'a [usize] {
        // Other experts learn from the part by which the network is watched, too.
        if self.experts.is_some() { &fold.learnt } else { &fold.parts.train }
    }

    /// Sketches the molecules of training, unless nothing of them is to be kept, or they are too many.
    pub(super) fn neighbours(&self, fold: &FoldRun) -> Result<Option<Neighbours>> {
        let fits = |side: Side| self.data.table(side).molecules().len() <= MOST_SKETCHED;
        if !self.neighbours || !Side::BOTH.into_iter().all(fits) {
            return Ok(None);
        }
        let pairs: Vec<Sides<u32>> = self.seen(fold).iter().filter_map(|&at| self.data.pair(at)).collect();
        let name = |side: Side, molecule: u32| self.data.table(side).name(molecule).clone();
        Ok(Some(Neighbours::fit(self.data.descriptors()?, &pairs, name)))
    }
}
