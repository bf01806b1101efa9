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
    /// For each pair, the first of its unit.
    first: Vec<usize>,
    /// For the first pair of each unit, all of it.
    members: Vec<Vec<usize>>,
}

impl Units {
    pub(super) fn of(molecules: &Identity) -> Self {
        let mut first_of: Vec<usize> = Vec::new();
        let numbers = molecules.pairs();
        let mut members = vec![Vec::new(); numbers.len()];
        let mut first = Vec::with_capacity(numbers.len());
        for (pair, number) in numbers.into_iter().enumerate() {
            if number as usize == first_of.len() {
                first_of.push(pair);
            }
            first.push(first_of[number as usize]);
            members[first_of[number as usize]].push(pair);
        }
        Self { first, members }
    }

    /// Gives how many there are.
    pub(super) fn count(&self) -> usize {
        self.members.iter().filter(|members| !members.is_empty()).count()
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
        order.retain(|&pair| self.first[pair] == pair);
        let whole = |stratum: &[usize]| stratum.iter().map(|&pair| &self.members[pair][..]).collect();
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
