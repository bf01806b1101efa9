//! Small RNAs: one nucleotide, the seed, and a tail that says nothing.

use super::evolve::{Rates, mutate};
use super::rna::{Made, Site, within};
use super::seed::Seed;
use super::site::{Element, composition, nucleotide};
use crate::rng::Rng;

const BETWEEN_RELATIVES: Rates = Rates { substitution: 0.25, indel: 0.02 };
/// Where the seed begins, counted from 0.
pub(super) const SEED_START: usize = 1;

/// The founder of a family of small RNAs.
#[derive(Debug, Clone)]
pub(super) struct Founder {
    composition: [f64; 4],
    tail: Vec<u8>,
}

impl Founder {
    /// Draws a founder: a composition and a tail of 13 to 16 nucleotides.
    pub(super) fn new(rng: &mut Rng) -> Self {
        let composition = composition(rng);
        let tail = (0..within(&(13..=16), rng)).map(|_| nucleotide(rng, composition)).collect();
        Self { composition, tail }
    }

    /// Makes a member; a decoy's seed has the same letters in an order that is no class's seed.
    pub(super) fn member(&self, class: usize, decoy: bool, seeds: &[Seed], rng: &mut Rng) -> Made {
        let seed = if decoy {
            let element = Element::new(&seeds.iter().map(|seed| seed.letters).collect::<Vec<_>>());
            let mut letters = seeds[class].letters.as_bytes().to_vec();
            while element.spellings().contains(&letters) {
                rng.shuffle(&mut letters);
            }
            letters
        } else {
            seeds[class].letters.as_bytes().to_vec()
        };
        let mut letters = vec![nucleotide(rng, self.composition)];
        letters.extend(&seed);
        letters
            .extend(mutate(&self.tail, BETWEEN_RELATIVES, rng, |_, rng| nucleotide(rng, self.composition)));
        let site = Site { element: class, range: SEED_START..SEED_START + seed.len() };
        Made { letters, sites: if decoy { Vec::new() } else { vec![site] } }
    }
}
