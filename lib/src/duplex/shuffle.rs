//! Shuffles strands so that every dinucleotide stays as often as it is.

use super::Strand;
use crate::rng::Rng;

/// Letters of a strand: four nucleotides, and all others as one.
const LETTERS: usize = 5;

impl Strand {
    /// Draws a strand with the same dinucleotides, each as often, and the same first and last nucleotide: every such strand
    /// is equally likely (Altschul and Erickson 1985, Mol Biol Evol 2:526, with the last exits drawn anew until they form a
    /// tree).
    ///
    /// Stacking energies belong to dinucleotides, so that a strand pairs with others about as well as its shuffles do unless
    /// it was made for them.
    ///
    /// ```
    /// use crossmamba::duplex::Strand;
    /// use crossmamba::rng::Rng;
    ///
    /// let strand = Strand::of(b"GAGACAGAUAGC");
    /// let shuffled = strand.shuffled(&mut Rng::new(1));
    /// assert_eq!(shuffled.len(), strand.len());
    /// assert_ne!(shuffled, strand);
    /// ```
    #[must_use]
    pub fn shuffled(&self, rng: &mut Rng) -> Self {
        let letters = self.nucleotides();
        let (Some(&first), Some(&last)) = (letters.first(), letters.last()) else { return self.clone() };
        // What follows each letter, in the order in which the walk will take it.
        let mut exits: [Vec<u8>; LETTERS] = Default::default();
        for pair in letters.windows(2) {
            exits[usize::from(pair[0])].push(pair[1]);
        }
        loop {
            let mut chosen = [None; LETTERS];
            for (letter, exits) in exits.iter().enumerate() {
                if letter != usize::from(last) && !exits.is_empty() {
                    chosen[letter] = Some(rng.below(exits.len()));
                }
            }
            if !leads_to(last, &exits, &chosen) {
                continue;
            }
            for (exits, chosen) in exits.iter_mut().zip(chosen) {
                let mut free = exits.len();
                if let Some(chosen) = chosen {
                    exits.swap(chosen, free - 1);
                    free -= 1;
                }
                for at in (1..free).rev() {
                    exits.swap(at, rng.below(at + 1));
                }
            }
            break;
        }
        let mut next = [0; LETTERS];
        let mut walk = Vec::with_capacity(letters.len());
        walk.push(first);
        let mut here = usize::from(first);
        while let Some(&to) = exits[here].get(next[here]) {
            next[here] += 1;
            walk.push(to);
            here = usize::from(to);
        }
        Self::of_nucleotides(walk)
    }
}

/// Tells whether the last exits lead from every letter to the last one.
fn leads_to(last: u8, exits: &[Vec<u8>; LETTERS], chosen: &[Option<usize>; LETTERS]) -> bool {
    (0..LETTERS).filter(|&letter| chosen[letter].is_some()).all(|start| {
        let mut here = start;
        for _ in 0..LETTERS {
            match chosen[here] {
                Some(exit) => here = usize::from(exits[here][exit]),
                None => break,
            }
        }
        here == usize::from(last)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn dinucleotides(strand: &Strand) -> BTreeMap<[u8; 2], usize> {
        let mut counts = BTreeMap::new();
        for pair in strand.nucleotides().windows(2) {
            *counts.entry([pair[0], pair[1]]).or_default() += 1;
        }
        counts
    }

    #[test]
    fn a_shuffle_keeps_every_dinucleotide_and_both_ends() {
        let mut rng = Rng::new(5);
        for length in [0, 1, 2, 3, 7, 40, 300] {
            let strand = Strand::of(&(0..length).map(|_| b"ACGUN"[rng.below(5)]).collect::<Vec<_>>());
            let shuffled = strand.shuffled(&mut rng);
            assert_eq!(dinucleotides(&shuffled), dinucleotides(&strand));
            assert_eq!(shuffled.nucleotides().first(), strand.nucleotides().first());
            assert_eq!(shuffled.nucleotides().last(), strand.nucleotides().last());
        }
    }

    #[test]
    fn every_strand_with_these_dinucleotides_comes_up_about_as_often() {
        // A C A G A U A: the three inner letters in any order.
        let strand = Strand::of(b"ACAGAUA");
        let mut rng = Rng::new(6);
        let mut counts: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for _ in 0..6000 {
            *counts.entry(strand.shuffled(&mut rng).nucleotides().to_vec()).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (900..=1100).contains(count)), "{counts:?}");
        // The last letter is not the commonest: the walk must not end before all exits are taken.
        let strand = Strand::of(b"AACAGGCACG");
        let found: BTreeSet<Vec<u8>> =
            (0..500).map(|_| strand.shuffled(&mut rng).nucleotides().to_vec()).collect();
        assert!(found.len() > 5 && found.iter().all(|walk| walk.len() == 10));
    }
}
