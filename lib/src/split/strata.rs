//! Orders pairs at random within classes or tenths, a pair together with its mirror.

use crate::Result;
use crate::identity::Identity;
use crate::pair::{PairTable, Task};
use crate::rng::Rng;

/// Bins of equally many affinities, each of which is divided for itself.
const BINS: usize = 10;

/// Whether the parts get the same mix of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Stratify {
    /// Labels are not looked at.
    None,
    /// Each label, or each tenth of the affinities, is divided for itself.
    Label,
}

/// Pairs that must play one part: those of the same two molecules, in either order. Each stands in the stratum of its
/// first.
pub(super) struct Units {
    /// The unit of each pair; units are numbered by their first pairs.
    unit: Vec<u32>,
    /// The pairs of one unit after the other, each ascending, and where each unit begins; the end follows.
    members: Vec<usize>,
    starts: Vec<usize>,
}

impl Units {
    pub(super) fn of(molecules: &Identity) -> Self {
        let unit = molecules.pairs();
        let count = unit.iter().max().map_or(0, |&last| last as usize + 1);
        let mut starts = vec![0; count + 1];
        for &unit in &unit {
            starts[unit as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let (mut next, mut members) = (starts.clone(), vec![0; unit.len()]);
        for (pair, &unit) in unit.iter().enumerate() {
            members[next[unit as usize]] = pair;
            next[unit as usize] += 1;
        }
        Self { unit, members, starts }
    }

    /// Gives the pairs of a pair's unit.
    fn of_pair(&self, pair: usize) -> &[usize] {
        let unit = self.unit[pair] as usize;
        &self.members[self.starts[unit]..self.starts[unit + 1]]
    }

    /// Gives how many there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Gives the units of each stratum in random order.
    ///
    /// # Errors
    /// A pair without a label that is needed.
    pub(super) fn strata(
        &self,
        pairs: &PairTable,
        stratify: Stratify,
        rng: &mut Rng,
    ) -> Result<Vec<Vec<&[usize]>>> {
        let mut order = rng.permutation(pairs.pairs.len());
        order.retain(|&pair| self.of_pair(pair)[0] == pair);
        let whole = |stratum: &[usize]| stratum.iter().map(|&pair| self.of_pair(pair)).collect();
        if stratify == Stratify::None {
            return Ok(vec![whole(&order)]);
        }
        let (task, labels) = pairs.require_labels()?;
        // The sort keeps the random order of equal labels.
        order.sort_by(|&a, &b| labels[a].total_cmp(&labels[b]));
        Ok(match task {
            Task::Classification => {
                let (negatives, positives) =
                    order.split_at(order.partition_point(|&pair| labels[pair] == 0.0));
                vec![whole(negatives), whole(positives)]
            }
            Task::Affinity => {
                let size = order.len().div_ceil(BINS).max(1);
                let shuffled = |bin: &mut [usize]| {
                    rng.shuffle(bin);
                    whole(bin)
                };
                order.chunks_mut(size).map(shuffled).collect()
            }
        })
    }
}
