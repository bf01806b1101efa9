//! Describes sequences by what short words they are made of, and pairs of RNAs by their duplexes.

use crate::alphabet::{self, UNKNOWN, is_letter};
use crate::duplex::Duplex;
use crate::record::Molecule;

/// The values of a feature are told apart in at most this many steps.
const STEPS: usize = 64;
/// Three-letter words of SMILES strings are many: they share this many counters.
const HASHED: usize = 256;

/// Features of each pair in steps of rank, one byte each; pairs of one molecule share its row.
#[derive(Debug, Clone)]
pub struct Composition {
    /// Column by column, so that a column of all molecules stays in the cache.
    steps: Vec<Vec<u8>>,
    /// The row of each pair.
    rows: Vec<u32>,
    pub(super) width: usize,
}

impl Composition {
    /// Counts the words of each sequence, as shares of all its words: 3-mers for RNA, conjoint triads (Shen et al. 2007)
    /// when they are letters of proteins, hashed 3-letter words otherwise. `rows` names the sequence of each pair.
    ///
    /// ```
    /// use crossmamba::baseline::Composition;
    ///
    /// let of_three_pairs = Composition::of(&[b"ACGU", b"GGCC"], vec![0, 1, 0]);
    /// assert_eq!(of_three_pairs.pairs(), 3);
    /// ```
    pub fn of(sequences: &[&[u8]], rows: Vec<u32>) -> Self {
        let (classes, width): (fn(u8) -> Option<usize>, usize) = if is_rna(sequences) {
            (nucleotide, 4)
        } else if all(sequences, Molecule::Protein) {
            (conjoint, 7)
        } else {
            return Self::in_steps(&sequences.iter().map(|s| hashed(s)).collect::<Vec<_>>(), rows);
        };
        let words = |sequence: &&[u8]| {
            let mut counts = vec![0.0; width.pow(3)];
            for word in sequence.windows(3) {
                if let (Some(a), Some(b), Some(c)) = (classes(word[0]), classes(word[1]), classes(word[2])) {
                    counts[(a * width + b) * width + c] += 1.0;
                }
            }
            shares(counts)
        };
        Self::in_steps(&sequences.iter().map(words).collect::<Vec<_>>(), rows)
    }

    /// Takes the energies of each pair's duplex and of its seed, and the seed's sites.
    pub fn of_duplexes(duplexes: &[Duplex]) -> Self {
        let values = |d: &Duplex| vec![f64::from(d.energy), f64::from(d.seed), f64::from(d.sites)];
        let rows = (0..duplexes.len() as u32).collect();
        Self::in_steps(&duplexes.iter().map(values).collect::<Vec<_>>(), rows)
    }

    /// Replaces each value by the step that its rank falls into; equal values share a step.
    fn in_steps(values: &[Vec<f64>], rows: Vec<u32>) -> Self {
        let width = values.first().map_or(0, Vec::len);
        let column = |feature: usize| {
            let mut sorted: Vec<f64> = values.iter().map(|row| row[feature]).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let last = sorted.len() - 1;
            let mut edges: Vec<f64> = (1..STEPS).map(|k| sorted[k * last / STEPS]).collect();
            edges.dedup();
            let step = |row: &Vec<f64>| edges.partition_point(|edge| *edge < row[feature]) as u8;
            values.iter().map(step).collect()
        };
        let steps = (0..width).map(column).collect();
        Self { steps, rows, width }
    }

    /// Gives the number of pairs.
    pub fn pairs(&self) -> usize {
        self.rows.len()
    }

    /// Gives the step of each pair's feature.
    pub(super) fn steps(&self, feature: usize) -> impl Fn(u32) -> u8 {
        let column = &self.steps[feature][..];
        |pair| column[self.rows[pair as usize] as usize]
    }
}

fn all(sequences: &[&[u8]], kind: Molecule) -> bool {
    sequences.iter().all(|s| s.iter().all(|&letter| is_letter(kind, letter)))
}

/// Tells RNA from protein: every ambiguity code of RNA is an amino acid as well, so most letters must be bases.
///
/// ```
/// assert!(crossmamba::baseline::is_rna(&[b"ACGUACGUACGUN", b"GGCC"]));
/// assert!(!crossmamba::baseline::is_rna(&[b"MKVLAG"]));
/// ```
pub fn is_rna(sequences: &[&[u8]]) -> bool {
    if !all(sequences, Molecule::Rna) {
        return false;
    }
    let letters = || sequences.iter().copied().flatten();
    let bases = letters().filter(|&&letter| nucleotide(letter).is_some()).count();
    bases * 10 >= letters().count() * 9
}

fn shares(mut counts: Vec<f64>) -> Vec<f64> {
    let all: f64 = counts.iter().sum();
    if all > 0.0 {
        for count in &mut counts {
            *count /= all;
        }
    }
    counts
}

fn nucleotide(letter: u8) -> Option<usize> {
    known(alphabet::nucleotide(letter))
}

/// Gives the class of an amino acid by dipole and volume of its side chain.
fn conjoint(letter: u8) -> Option<usize> {
    known(alphabet::class(letter))
}

fn known(code: u8) -> Option<usize> {
    (code != UNKNOWN).then_some(usize::from(code))
}

fn hashed(sequence: &[u8]) -> Vec<f64> {
    let mut counts = vec![0.0; HASHED];
    for word in sequence.windows(3.min(sequence.len().max(1))) {
        // FNV-1a.
        let hash = word.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &letter| {
            (hash ^ u64::from(letter)).wrapping_mul(0x0100_0000_01b3)
        });
        counts[(hash >> 32) as usize % HASHED] += 1.0;
    }
    shares(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_tell_the_words() {
        let width = |sequences: &[&[u8]]| Composition::of(sequences, Vec::new()).width;
        assert_eq!(width(&[b"ACGUACGUACGUACGU", b"GN"]), 64);
        assert_eq!(width(&[b"MKV", b"ACG"]), 343);
        assert_eq!(width(&[b"C1=CC=CC=C1", b""]), HASHED);
        assert_eq!(width(&[]), 0);
    }

    #[test]
    fn equal_sequences_have_equal_features_and_others_do_not() {
        let found = Composition::of(&[b"ACGACG", b"ACGACG", b"UUUUUU"], Vec::new()).steps;
        assert!(found.iter().all(|column| column[0] == column[1]));
        assert!(found.iter().any(|column| column[0] != column[2]));
    }
}
