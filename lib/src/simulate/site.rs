//! Short RNA elements: their spellings, where they occur, and scrambled copies.

use std::ops::Range;

use crate::alphabet::{NUCLEOTIDES, nucleotides_of};
use crate::rng::Rng;

/// An element of RNA that a partner recognises: any one of a few exact spellings.
#[derive(Debug, Clone)]
pub(super) struct Element {
    spellings: Vec<Vec<u8>>,
}

impl Element {
    /// Spells out IUPAC patterns: `ACUAAY` becomes `ACUAAC` and `ACUAAU`.
    pub(super) fn new(patterns: &[&str]) -> Self {
        let spellings = patterns.iter().flat_map(|pattern| spell_out(pattern.as_bytes())).collect();
        Self { spellings }
    }

    /// Takes the sites that pair with a seed: its reverse complement, and each copy of it with one G·U
    /// wobble.
    pub(super) fn antisense(seed: &str) -> Self {
        let exact: Vec<u8> = seed.bytes().rev().map(complement).collect();
        let wobbles = seed.bytes().rev().enumerate().filter_map(|(at, letter)| {
            let mut spelling = exact.clone();
            spelling[at] = match letter {
                b'G' => b'U',
                b'U' => b'G',
                _ => return None,
            };
            Some(spelling)
        });
        let spellings = std::iter::once(exact.clone()).chain(wobbles).collect();
        Self { spellings }
    }

    /// Draws one spelling; the first is as likely as all others together.
    pub(super) fn draw(&self, rng: &mut Rng) -> Vec<u8> {
        let others = self.spellings.len() - 1;
        let chosen = if others == 0 || rng.uniform() < 0.5 { 0 } else { 1 + rng.below(others) };
        self.spellings[chosen].clone()
    }

    /// Draws a spelling and shuffles its letters until it is no spelling of this element any more.
    pub(super) fn draw_scrambled(&self, rng: &mut Rng) -> Vec<u8> {
        let original = self.draw(rng);
        let mut letters = original.clone();
        for _ in 0..100 {
            rng.shuffle(&mut letters);
            if !self.spellings.contains(&letters) {
                break;
            }
        }
        letters
    }

    /// Finds every occurrence, overlapping ones too, in order of their start.
    pub(super) fn occurrences(&self, letters: &[u8]) -> Vec<Range<usize>> {
        (0..letters.len())
            .flat_map(|start| {
                self.spellings
                    .iter()
                    .filter(move |spelling| letters[start..].starts_with(spelling))
                    .map(move |spelling| start..start + spelling.len())
            })
            .collect()
    }

    /// Counts occurrences that do not overlap, from the 5' end.
    #[cfg(test)]
    pub(super) fn count(&self, letters: &[u8]) -> usize {
        let mut end = 0;
        let mut count = 0;
        for site in self.occurrences(letters) {
            if site.start >= end {
                end = site.end;
                count += 1;
            }
        }
        count
    }

    /// Gives the spellings.
    pub(super) fn spellings(&self) -> &[Vec<u8>] {
        &self.spellings
    }
}

/// Draws one nucleotide with the given weights of A, C, G and U, which sum to 1.
pub(super) fn nucleotide(rng: &mut Rng, weights: [f64; 4]) -> u8 {
    let mut left = rng.uniform();
    for (letter, weight) in NUCLEOTIDES.iter().zip(weights) {
        if left < weight {
            return *letter;
        }
        left -= weight;
    }
    b'U'
}

/// Draws the composition of a family: each nucleotide between about 15 % and 35 %.
pub(super) fn composition(rng: &mut Rng) -> [f64; 4] {
    let raw: [f64; 4] = std::array::from_fn(|_| 0.6 + rng.uniform());
    let sum: f64 = raw.iter().sum();
    raw.map(|weight| weight / sum)
}

fn spell_out(pattern: &[u8]) -> Vec<Vec<u8>> {
    pattern.iter().fold(vec![Vec::new()], |stems, &code| {
        let letters = nucleotides_of(code);
        stems
            .iter()
            .flat_map(|stem| letters.iter().map(move |&letter| [stem.as_slice(), &[letter]].concat()))
            .collect()
    })
}

fn complement(letter: u8) -> u8 {
    match letter {
        b'A' => b'U',
        b'C' => b'G',
        b'G' => b'C',
        _ => b'A',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_spell_out_and_occur() {
        let element = Element::new(&["ACUAAY"]);
        assert_eq!(element.spellings(), [b"ACUAAU".to_vec(), b"ACUAAC".to_vec()]);
        assert_eq!(element.occurrences(b"GGACUAAUACUAAC"), [2..8, 8..14]);
        assert_eq!(Element::new(&["AUA"]).count(b"AUAUAUA"), 2);
    }

    #[test]
    fn antisense_sites_pair_with_the_seed_with_at_most_one_wobble() {
        // let-7: seed GAGGUAG, site CUACCUC.
        let element = Element::antisense("GAGGUAG");
        assert_eq!(element.spellings()[0], b"CUACCUC");
        assert!(element.spellings().contains(&b"UUACCUC".to_vec()));
        assert_eq!(element.spellings().len(), 6);
    }

    #[test]
    fn a_scrambled_copy_keeps_the_letters_and_loses_the_element() {
        let element = Element::new(&["UGCAUG"]);
        let mut rng = Rng::new(1);
        for _ in 0..50 {
            let mut letters = element.draw_scrambled(&mut rng);
            assert_ne!(letters, b"UGCAUG");
            letters.sort_unstable();
            assert_eq!(letters, b"ACGGUU");
        }
    }
}
