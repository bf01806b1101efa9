//! Finds pairs of sequences that share a word, without comparing all with all.

use rayon::prelude::*;

use super::Compared;
use crate::record::Molecule;

/// Ten classes of amino acids (Murphy, Wallqvist and Levy 2000), so that words outlive the usual exchanges.
const MURPHY: [&str; 10] = ["LVIM", "C", "A", "G", "ST", "P", "FYW", "EDNQ", "KR", "H"];
/// Words of a sequence that are kept at least, where it has so many.
const KEPT: usize = 64;
/// The widest window of which only the smallest word is kept.
const WIDEST: usize = 16;
/// Words held in memory at a time, 16 bytes each.
const HELD: usize = 1 << 24;
/// Words, of those kept, that a relative still has on average where words are made longer.
const OUTLIVE: f64 = 8.0;
/// The identity that is reckoned with where it is higher, and the chance that is where all letters are one.
const LIKEST: f64 = 0.99;
const EVERYWHERE: f64 = 0.9;
/// Of the sequences that share a word each is compared with so many of the longest.
const COMPARED: usize = 16;

/// Words of sequences, and how they are chosen.
pub(super) struct Sketch {
    length: usize,
    classes: Vec<u8>,
    base: u64,
}

impl Sketch {
    /// Chooses the length of words so that a word is found by chance about as often as there are letters, for relatives whose
    /// identity is `identity` or more.
    pub(super) fn of(compared: &Compared, identity: f64) -> Self {
        let (classes, base): (Vec<u8>, u64) = if compared.kind == Molecule::Rna {
            ((0..4).collect(), 4)
        } else {
            let class = |letter| MURPHY.iter().position(|class| class.as_bytes().contains(letter));
            let classes = crate::alphabet::AMINO_ACIDS.iter().map(class);
            (classes.map(|class| class.unwrap_or_default() as u8).collect(), MURPHY.len() as u64)
        };
        let letters: usize = (0..compared.len()).map(|at| compared.codes(at).len()).sum();
        let log = (letters.max(2) as f64).ln();
        let (least, most, longest) = if base == 4 { (8, 15, 15) } else { (4, 8, 12) };
        let length = ((log / (base as f64).ln()).ceil() as usize).max(least);
        let mut sketch = Self { length: length.min(most), classes, base };
        if length >= most {
            // Some classes are frequent: in a large set chance pairs of their words outnumber the relatives by far. Close
            // relatives share longer words, too.
            let rare = (log / -sketch.coincidence(compared).ln()).ceil() as usize;
            let shared = ((OUTLIVE / KEPT as f64).ln() / identity.min(LIKEST).ln()) as usize;
            sketch.length = rare.min(shared).clamp(most, longest);
        }
        sketch
    }

    /// Gives the chance that two letters are of one class.
    fn coincidence(&self, compared: &Compared) -> f64 {
        let mut counts = vec![0_u64; self.base as usize];
        for at in 0..compared.len() {
            for &code in compared.codes(at) {
                if let Some(&class) = self.classes.get(usize::from(code)) {
                    counts[usize::from(class)] += 1;
                }
            }
        }
        let all = counts.iter().sum::<u64>().max(1) as f64;
        let chance: f64 = counts.iter().map(|&count| (count as f64 / all).powi(2)).sum();
        chance.clamp(1.0 / self.base as f64, EVERYWHERE)
    }

    /// Gives the length of the words.
    pub(super) const fn length(&self) -> usize {
        self.length
    }

    /// Gives the words of a sequence that are smallest in some window. Windows are the wider the longer the sequence is; a
    /// word that is smallest in a wide window is so in the narrower ones inside it, so that a fragment shares the words of
    /// the whole.
    fn words(&self, codes: &[u8]) -> Vec<u64> {
        let most = self.base.pow(self.length as u32);
        let (mut word, mut known) = (0, 0);
        let mut all = Vec::with_capacity(codes.len());
        for &code in codes {
            if let Some(&class) = self.classes.get(usize::from(code)) {
                word = (word * self.base + u64::from(class)) % most;
                known += 1;
            } else {
                known = 0;
            }
            all.push(if known >= self.length { mixed(word) } else { u64::MAX });
        }
        let mut chosen = Vec::new();
        for words in all.windows(window(codes.len()).min(all.len().max(1))) {
            let smallest = words.iter().copied().min().unwrap_or(u64::MAX);
            if smallest != u64::MAX && chosen.last() != Some(&smallest) {
                chosen.push(smallest);
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    /// Hands over pairs of sequences that share a word, in portions. Sequences must be numbered by descending length.
    pub(super) fn pairs(&self, compared: &Compared, mut take: impl FnMut(Vec<(u32, u32)>)) {
        let expected: usize = (0..compared.len())
            .map(|at| {
                let size = compared.codes(at).len();
                2 * size / (window(size) + 1)
            })
            .sum();
        let portions = expected.div_ceil(HELD).max(1) as u64;
        for portion in 0..portions {
            let mut found: Vec<(u64, u32)> = (0..compared.len() as u32)
                .into_par_iter()
                .flat_map_iter(|at| {
                    let words = self.words(compared.codes(at as usize));
                    words.into_iter().filter(|word| word % portions == portion).map(move |word| (word, at))
                })
                .collect();
            found.par_sort_unstable();
            let mut pairs = Vec::new();
            for sharing in found.chunk_by(|a, b| a.0 == b.0) {
                for (i, &(_, first)) in sharing.iter().enumerate().take(COMPARED) {
                    pairs.extend(sharing[i + 1..].iter().map(|&(_, second)| (first, second)));
                }
                if pairs.len() >= HELD {
                    take(std::mem::take(&mut pairs));
                }
            }
            take(pairs);
        }
    }
}

/// Gives the width of the windows, in words, of a sequence of so many letters.
fn window(size: usize) -> usize {
    (size / KEPT).clamp(1, WIDEST)
}

/// Spreads numbers evenly (the finaliser of `SplitMix64`, Steele, Lea and Flood 2014).
const fn mixed(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_fragment_shares_words_with_the_whole() {
        let mut rng = Rng::new(1);
        let whole: Vec<u8> = (0..4000).map(|_| b"ACGU"[rng.below(4)]).collect();
        let compared = Compared::new(Molecule::Rna, [&whole[..], &whole[1000..1100]]).unwrap();
        let sketch = Sketch::of(&compared, 0.5);
        let [long, short] = [0, 1].map(|at| sketch.words(compared.codes(at)));
        assert!(long.len() < 900, "{}", long.len());
        let shared = short.iter().filter(|word| long.binary_search(word).is_ok()).count();
        assert!(shared > 5, "{shared}");
    }

    #[test]
    fn words_with_unknown_letters_are_none() {
        let compared = Compared::new(Molecule::Rna, [&b"ACGUNACGUNACGUN"[..]]).unwrap();
        assert!(Sketch::of(&compared, 0.5).words(compared.codes(0)).is_empty());
    }
}
