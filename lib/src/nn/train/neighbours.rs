//! Keeps sketches of the molecules that a fold is trained on, and tells by them how well inner folds knew their pairs.

use std::collections::HashMap;

use super::run::{FoldRun, Run};
use crate::Result;
use crate::expert::Distinct;
use crate::pair::{Side, Sides};
use crate::trust::{Flag, Kept, Nearest, Neighbours, Trained};

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
        if self.kept == Kept::Nothing || self.too_many() {
            return Ok(None);
        }
        let pairs: Vec<Sides<u32>> = self.seen(fold).iter().filter_map(|&at| self.data.pair(at)).collect();
        let name = |side: Side, molecule: u32| self.data.table(side).name(molecule).clone();
        Ok(Some(Neighbours::fit(self.data.descriptors()?, &pairs, name, self.kept)))
    }

    /// Tells whether a side of which sketches are to be kept has more than [`MOST_SKETCHED`] molecules.
    pub fn too_many(&self) -> bool {
        Side::BOTH
            .into_iter()
            .any(|side| self.kept.has(side) && self.data.table(side).molecules().len() > MOST_SKETCHED)
    }

    /// Says how well training knows some pairs; `train` are the pairs of the fold that were trained on, or all.
    pub(super) fn flags(
        &self,
        known: &Neighbours,
        fold: &FoldRun,
        train: Option<&[usize]>,
        asked: &[usize],
    ) -> Result<Vec<Flag>> {
        let of_table = |pairs: &[usize]| -> Vec<Sides<u32>> {
            pairs.iter().filter_map(|&at| self.data.pair(at)).collect()
        };
        let part: Trained = match train {
            Some(train) => {
                let places = Distinct::of(&of_table(self.seen(fold))).molecules;
                let place = |pair: Sides<u32>| {
                    Sides::of(|side: Side| places[side].partition_point(|&one| one < pair[side]) as u32)
                };
                known.part(of_table(train).into_iter().map(place))
            }
            None => known.whole().clone(),
        };
        let asked = of_table(asked);
        let nearest = Sides::try_of(|side: Side| -> Result<HashMap<u32, Nearest>> {
            let mut molecules: Vec<u32> = asked.iter().map(|pair| pair[side]).collect();
            molecules.sort_unstable();
            molecules.dedup();
            let found = known.nearest(side, &self.data.descriptors()?[side], &molecules, &part)?;
            Ok(molecules
                .into_iter()
                .zip(found)
                .filter_map(|(molecule, nearest)| Some((molecule, nearest?)))
                .collect())
        })?;
        let flag =
            |pair: &Sides<u32>| part.flag(Sides::of(|side: Side| nearest[side].get(&pair[side]).copied()));
        Ok(asked.iter().map(flag).collect())
    }
}
