//! Says how alike two sequences are.

use std::cell::RefCell;

use rayon::prelude::*;

use super::align::{self, LONGEST, align};
use super::lcs::Rows;
use super::reward::{self, LANES, Question};
use super::scores::{LETTERS, Scores, codes};
use crate::record::Molecule;
use crate::simd::Instructions;
use crate::{Error, Result};

/// Pairs of one sequence up to which each is better aligned at once than bounded with so few others.
const FEW: usize = 3;

/// Cells of alignments, 64 at a time, up to which all sequences are compared with all.
const CELLS: u64 = 2_000_000_000_000;

/// From when on two sequences belong together.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Likeness {
    /// The identical letters of the best local alignment as a share of the shorter sequence: `-c` of CD-HIT,
    /// `--min-seq-id` of `MMseqs2` under `--seq-id-mode 1`.
    pub identity: f64,
    /// The letters that the alignment pairs as a share of the longer sequence; 0 asks for nothing, so that a fragment
    /// belongs to the sequence that holds it.
    pub coverage: f64,
}

impl Likeness {
    /// Checks the thresholds.
    ///
    /// # Errors
    /// An identity outside 0.3 to 1, or a coverage outside 0 to 1.
    pub fn check(&self) -> Result<()> {
        if !(0.3..=1.0).contains(&self.identity) {
            let problem = format!("{} is not between 0.3 and 1", self.identity);
            return Err(Error::setting(
                "identity",
                problem,
                "use 0.8 for RNA or 0.4 for protein, for example",
            ));
        }
        if !(0.0..=1.0).contains(&self.coverage) {
            let problem = format!("{} is not between 0 and 1", self.coverage);
            return Err(Error::setting("coverage", problem, "use 0 or 0.8, for example"));
        }
        Ok(())
    }
}

/// Sequences of one kind, as codes, ready to be compared.
pub struct Compared {
    sequences: Vec<Vec<u8>>,
    scores: Scores,
    pub(super) kind: Molecule,
}

/// Working memory of a thread.
#[derive(Default)]
struct Memory {
    common: Vec<u64>,
    reward: reward::Memory,
    align: align::Memory,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

impl Compared {
    /// Takes sequences of RNA or protein.
    ///
    /// ```
    /// use crossmamba::cluster::Compared;
    /// use crossmamba::record::Molecule;
    ///
    /// let sequences: [&[u8]; 2] = [b"GGCAUCGGAUUACGCAUGCC", b"GGCAUCGGAUCACGCAUGCC"];
    /// assert_eq!(Compared::new(Molecule::Rna, sequences)?.identity(0, 1, 0.5), Some(0.95));
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    ///
    /// # Errors
    /// Small molecules, and a sequence of half a million letters or more.
    pub fn new<'a>(kind: Molecule, letters: impl IntoIterator<Item = &'a [u8]>) -> Result<Self> {
        if kind == Molecule::SmallMolecule {
            let remedy = "import clusters that another program made";
            return Err(Error::setting("kind", "small molecules cannot be aligned", remedy));
        }
        let sequences: Vec<Vec<u8>> = letters.into_iter().map(|letters| codes(kind, letters)).collect();
        if let Some(long) = sequences.iter().find(|sequence| sequence.len() >= LONGEST) {
            let problem = format!("a sequence of {} letters is too long to be aligned", long.len());
            return Err(Error::setting("sequences", problem, format!("cut it below {LONGEST} letters")));
        }
        Ok(Self { sequences, scores: Scores::of(kind), kind })
    }

    /// Gives the number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Tells whether the sequences are short enough together to compare all with all.
    pub(super) fn is_short(&self) -> bool {
        let letters: u64 = self.sequences.iter().map(|sequence| sequence.len() as u64).sum();
        letters.saturating_mul(letters) / 2 <= CELLS
    }

    pub(super) fn codes(&self, at: usize) -> &[u8] {
        &self.sequences[at]
    }

    pub(super) fn rows(&self, at: usize) -> Rows {
        Rows::of(&self.sequences[at], LETTERS)
    }

    /// Bounds the identity of a sequence, given by its rows, and another from above; `None` where the bound is below `least`.
    pub(super) fn bound(&self, rows: &Rows, other: usize, least: f64) -> Option<f64> {
        let other = &self.sequences[other];
        let shorter = rows.len().min(other.len());
        if shorter == 0 {
            return None;
        }
        let common = MEMORY
            .with_borrow_mut(|memory| rows.common(other, needed(shorter, least), &mut memory.common))?;
        Some(f64::from(common) / shorter as f64)
    }

    /// Tells for each of some pairs whether its identity can be `least` or more, by a bound that knows scores; it is the faster
    /// the more pairs have the same first sequence.
    pub(super) fn reachable(&self, pairs: &[(u32, u32)], least: f64) -> Vec<bool> {
        let length = |at: u32| self.sequences[at as usize].len();
        let mut order: Vec<u32> = (0..pairs.len() as u32).collect();
        order.par_sort_unstable_by_key(|&at| {
            let (one, other) = pairs[at as usize];
            (one, length(other), other)
        });
        let of_one = order.chunk_by(|&a, &b| pairs[a as usize].0 == pairs[b as usize].0);
        let batches: Vec<&[u32]> =
            of_one.flat_map(|of_one| of_one.chunks(LANES)).filter(|batch| batch.len() > FEW).collect();
        let instructions = Instructions::chosen().unwrap_or(Instructions::Portable);
        let told: Vec<[bool; LANES]> = batches
            .par_iter()
            .map(|batch| {
                let one = &self.sequences[pairs[batch[0] as usize].0 as usize][..];
                let other = |&at: &u32| &self.sequences[pairs[at as usize].1 as usize][..];
                let others: Vec<&[u8]> = batch.iter().map(other).collect();
                let needed = |other: &&[u8]| needed(one.len().min(other.len()), least);
                let needed: Vec<usize> = others.iter().map(needed).collect();
                let question = Question { one, others: &others, needed: &needed, identity: least };
                MEMORY.with_borrow_mut(|memory| {
                    reward::reachable(&question, &self.scores, instructions, &mut memory.reward)
                })
            })
            .collect();
        let mut reachable = vec![true; pairs.len()];
        for (batch, told) in batches.iter().zip(told) {
            for (&at, told) in batch.iter().zip(told) {
                reachable[at as usize] = told;
            }
        }
        reachable
    }

    /// Keeps the pairs whose identity can be `least` or more.
    pub(super) fn keep_reachable(&self, mut pairs: Vec<(u32, u32)>, least: f64) -> Vec<(u32, u32)> {
        let mut reachable = self.reachable(&pairs, least).into_iter();
        pairs.retain(|_| reachable.next() == Some(true));
        pairs
    }

    /// Tells whether the lengths of two sequences allow for a coverage.
    pub(super) fn may_cover(&self, a: usize, b: usize, coverage: f64) -> bool {
        let [a, b] = [a, b].map(|at| self.sequences[at].len());
        share(a.min(b), a.max(b)) >= coverage
    }

    /// Gives the identity of two sequences, or `None` if it is below `least`: identical letters of the best local alignment
    /// as a share of the shorter sequence. Alignments are sought among the diagonals on which one with that many identical
    /// letters can lie at all.
    pub fn identity(&self, a: usize, b: usize, least: f64) -> Option<f64> {
        self.compare(a, b, least).map(|(identity, _)| identity)
    }

    /// Tells whether two sequences belong together.
    pub fn alike(&self, a: usize, b: usize, wanted: Likeness) -> bool {
        self.may_cover(a, b, wanted.coverage)
            && self.compare(a, b, wanted.identity).is_some_and(|(_, coverage)| coverage >= wanted.coverage)
    }

    /// Gives identity and coverage where the identity is `least` or more.
    fn compare(&self, a: usize, b: usize, least: f64) -> Option<(f64, f64)> {
        // The order in which two sequences are given changes nothing.
        let (a, b) = (a.min(b), a.max(b));
        let (a, b) = (&self.sequences[a][..], &self.sequences[b][..]);
        let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        let needed = needed(a.len(), least);
        if a.is_empty() {
            return None;
        }
        // A pair on diagonal d has no more than `b.len() - d`, or `a.len() + d`, pairs before and behind it.
        let band = [a.len() - needed, b.len() - needed];
        let found = MEMORY.with_borrow_mut(|memory| align(a, b, &self.scores, band, &mut memory.align));
        let [identical, paired] = [found.identical, found.paired].map(|count| count as usize);
        (identical >= needed).then(|| (share(identical, a.len()), share(paired, b.len())))
    }
}

fn share(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

/// Gives the identical letters that a share of a sequence asks for.
pub(super) fn needed(length: usize, share: f64) -> usize {
    // A product that is a whole number but for rounding is that number.
    ((length as f64 * share - 1e-9).ceil() as usize).clamp(usize::from(length > 0), length.max(1)).min(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn the_bound_is_never_below_the_identity() {
        let mut rng = Rng::new(2);
        for kind in [Molecule::Rna, Molecule::Protein] {
            let letters: &[u8] = if kind == Molecule::Rna { b"ACGU" } else { b"ACDEFGHIKLMNPQRSTVWY" };
            let mut drawn: Vec<Vec<u8>> = Vec::new();
            for i in 0..30 {
                let length = 20 + rng.below(120);
                let mut one: Vec<u8> = (0..length).map(|_| letters[rng.below(letters.len())]).collect();
                if i % 2 == 1 {
                    one.clone_from(&drawn[i - 1]);
                    for _ in 0..rng.below(one.len() / 2) {
                        let at = rng.below(one.len());
                        one[at] = letters[rng.below(letters.len())];
                    }
                }
                drawn.push(one);
            }
            let compared = Compared::new(kind, drawn.iter().map(Vec::as_slice)).unwrap();
            for a in 0..30 {
                for b in 0..30 {
                    let identity = compared.identity(a, b, 0.0).unwrap_or(0.0);
                    assert!(compared.bound(&compared.rows(a), b, 0.0).is_some_and(|bound| identity <= bound));
                    assert_eq!(identity, compared.identity(b, a, 0.0).unwrap_or(0.0));
                    assert!(a != b || identity == 1.0);
                }
            }
        }
    }

    #[test]
    fn a_fragment_is_like_the_whole_unless_coverage_is_asked_for() {
        let whole = b"MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQ";
        let compared = Compared::new(Molecule::Protein, [&whole[..], &whole[20..40]]).unwrap();
        assert!(compared.alike(0, 1, Likeness { identity: 1.0, coverage: 0.0 }));
        assert!(!compared.alike(0, 1, Likeness { identity: 0.9, coverage: 0.5 }));
        assert_eq!((needed(10, 0.8), needed(11, 0.8), needed(3, 1.0), needed(5, 0.0)), (8, 9, 3, 1));
    }
}
