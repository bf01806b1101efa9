//! Draws negative pairs to go with positive ones.

use std::collections::HashSet;

use crate::pair::{Side, Sides};
use crate::rng::Rng;

const TRIES: usize = 8;

/// Draws one negative pair for each positive one: it keeps one of the two molecules and replaces the other by a
/// random training molecule of that side, never making a known positive pair.
///
/// A positive for which no negative is found in a few tries gets none.
pub(super) struct Negatives {
    positives: HashSet<Sides<u32>>,
    molecules: Sides<Vec<u32>>,
}

impl Negatives {
    /// Learns the positive pairs and the molecules of the training pairs.
    pub(super) fn new(pairs: impl Iterator<Item = (Sides<u32>, bool)>) -> Self {
        let mut positives = HashSet::new();
        let mut molecules = Sides::<Vec<u32>>::default();
        for (pair, positive) in pairs {
            if positive {
                positives.insert(pair);
            }
            for side in Side::BOTH {
                molecules[side].push(pair[side]);
            }
        }
        for side in [&mut molecules.rna, &mut molecules.partner] {
            side.sort_unstable();
            side.dedup();
        }
        Self { positives, molecules }
    }

    /// Draws the negatives of some positive pairs.
    pub(super) fn draw(&self, positives: &[Sides<u32>], rng: &mut Rng) -> Vec<Sides<u32>> {
        positives.iter().filter_map(|&pair| self.one(pair, rng)).collect()
    }

    fn one(&self, pair: Sides<u32>, rng: &mut Rng) -> Option<Sides<u32>> {
        let side = Side::BOTH[rng.below(2)];
        (0..TRIES).find_map(|_| {
            let mut drawn = pair;
            drawn[side] = self.molecules[side][rng.below(self.molecules[side].len())];
            (!self.positives.contains(&drawn)).then_some(drawn)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_shares_one_molecule_with_its_positive_and_is_no_known_positive() {
        let pairs = (0..20).flat_map(|r| (0..20).map(move |p| (Sides::new(r, p), (r + p) % 5 == 0)));
        let positives: Vec<Sides<u32>> = pairs.clone().filter(|x| x.1).map(|x| x.0).collect();
        let negatives = Negatives::new(pairs).draw(&positives, &mut Rng::new(1));
        assert!(negatives.len() > 70);
        assert!(negatives.iter().all(|n| !positives.contains(n)));
    }
}
