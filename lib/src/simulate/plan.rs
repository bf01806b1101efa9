//! Which family has which class, block and fold, and which molecule is of which family.

use super::settings::BLOCKS;
use crate::rng::Rng;

/// Family by family: class, block and fold go round, so that each class is in each block and in each fold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) families: usize,
    pub(super) classes: usize,
}

impl Plan {
    pub(super) fn class(self, family: usize) -> usize {
        family % self.classes
    }

    pub(super) fn block(self, family: usize) -> usize {
        family / self.classes % BLOCKS
    }

    /// Shifted from round to round, so that with several families per class and block a fold is not a block.
    pub(super) fn fold(self, family: usize) -> usize {
        let round = family / self.classes;
        (round + round / BLOCKS) % BLOCKS
    }

    /// Deals molecules to families in equal numbers and in random order; the same share of each is a decoy.
    pub(super) fn deal(self, count: usize, decoys: f64, rng: &mut Rng) -> Vec<(usize, bool)> {
        let mut sizes = vec![0; self.families];
        (0..count).for_each(|i| sizes[i % self.families] += 1);
        let mut due = 0.0;
        let mut dealt = Vec::with_capacity(count);
        for (family, &size) in sizes.iter().enumerate() {
            for rank in 0..size {
                // The first of a family is never a decoy: each class is represented.
                due += decoys;
                let decoy = rank > 0 && due >= 1.0;
                due -= f64::from(u8::from(decoy));
                dealt.push((family, decoy));
            }
        }
        rng.shuffle(&mut dealt);
        dealt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoys_have_their_share_and_families_their_size() {
        let plan = Plan { families: 80, classes: 8 };
        let dealt = plan.deal(400, 0.1, &mut Rng::new(1));
        assert!((39..=40).contains(&dealt.iter().filter(|(_, decoy)| *decoy).count()));
        assert!((0..80).all(|family| dealt.iter().filter(|(of, _)| *of == family).count() == 5));
    }
}
