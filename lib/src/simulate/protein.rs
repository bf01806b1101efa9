//! Families of RNA-binding proteins: a domain that sets the specificity, between regions that say nothing.

use std::ops::Range;

use super::binder::Binder;
use super::evolve::{Rates, amino_acid, diverge_domain, mutate, protein_composition};
use super::rna::within;
use crate::rng::Rng;

/// From the human domain to the founder of a family.
const BETWEEN_FAMILIES: Rates = Rates { substitution: 0.2, indel: 0.02 };
/// From the founder to a member, in the domain and outside of it.
const DOMAIN: Rates = Rates { substitution: 0.08, indel: 0.005 };
const REST: Rates = Rates { substitution: 0.25, indel: 0.03 };

/// The founder of a family.
#[derive(Debug, Clone)]
pub(super) struct Founder {
    composition: [f64; 20],
    start: Vec<u8>,
    domain: Vec<u8>,
    end: Vec<u8>,
}

impl Founder {
    /// Draws a founder of a class: its own version of the domain and its own other regions.
    pub(super) fn new(binder: &Binder, rng: &mut Rng) -> Self {
        let composition = protein_composition(rng);
        let region = |lengths, rng: &mut Rng| -> Vec<u8> {
            (0..within(&lengths, rng)).map(|_| amino_acid(&composition, rng)).collect()
        };
        let (start, end) = (region(15..=60, rng), region(15..=80, rng));
        let domain = diverge_domain(binder.domain.as_bytes(), binder.keys, BETWEEN_FAMILIES, rng);
        Self { composition, start, domain, end }
    }

    /// Makes a member and says where its domain is; a decoy's domain has the same letters in random order.
    pub(super) fn member(&self, binder: &Binder, decoy: bool, rng: &mut Rng) -> (Vec<u8>, Range<usize>) {
        let draw = |_: Option<u8>, rng: &mut Rng| amino_acid(&self.composition, rng);
        let mut letters = vec![b'M'];
        letters.extend(mutate(&self.start, REST, rng, draw));
        let mut domain = diverge_domain(&self.domain, binder.keys, DOMAIN, rng);
        if decoy {
            rng.shuffle(&mut domain);
        }
        let place = letters.len()..letters.len() + domain.len();
        letters.extend(domain);
        letters.extend(mutate(&self.end, REST, rng, draw));
        (letters, place)
    }
}

/// Tells whether a protein holds every key of a class.
pub(super) fn holds_keys(protein: &[u8], binder: &Binder) -> bool {
    binder.keys.iter().all(|key| protein.windows(key.len()).any(|window| window == key.as_bytes()))
}
