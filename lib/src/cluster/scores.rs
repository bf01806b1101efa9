//! Scores of letters against letters, and the codes by which they are looked up.

use crate::alphabet::{AMINO_ACIDS, NUCLEOTIDES, amino_acid, nucleotide};
use crate::record::Molecule;

/// The codes of a kind of molecule: those of its letters, and one more for every other.
pub(crate) const LETTERS: usize = 21;

/// BLOSUM62 (Henikoff and Henikoff 1992), in the order of [`AMINO_ACIDS`].
#[rustfmt::skip]
const BLOSUM62: [[i8; 20]; 20] = [
    // A   C   D   E   F   G   H   I   K   L   M   N   P   Q   R   S   T   V   W   Y
    [  4,  0, -2, -1, -2,  0, -2, -1, -1, -1, -1, -2, -1, -1, -1,  1,  0,  0, -3, -2],
    [  0,  9, -3, -4, -2, -3, -3, -1, -3, -1, -1, -3, -3, -3, -3, -1, -1, -1, -2, -2],
    [ -2, -3,  6,  2, -3, -1, -1, -3, -1, -4, -3,  1, -1,  0, -2,  0, -1, -3, -4, -3],
    [ -1, -4,  2,  5, -3, -2,  0, -3,  1, -3, -2,  0, -1,  2,  0,  0, -1, -2, -3, -2],
    [ -2, -2, -3, -3,  6, -3, -1,  0, -3,  0,  0, -3, -4, -3, -3, -2, -2, -1,  1,  3],
    [  0, -3, -1, -2, -3,  6, -2, -4, -2, -4, -3,  0, -2, -2, -2,  0, -2, -3, -2, -3],
    [ -2, -3, -1,  0, -1, -2,  8, -3, -1, -3, -2,  1, -2,  0,  0, -1, -2, -3, -2,  2],
    [ -1, -1, -3, -3,  0, -4, -3,  4, -3,  2,  1, -3, -3, -3, -3, -2, -1,  3, -3, -1],
    [ -1, -3, -1,  1, -3, -2, -1, -3,  5, -2, -1,  0, -1,  1,  2,  0, -1, -2, -3, -2],
    [ -1, -1, -4, -3,  0, -4, -3,  2, -2,  4,  2, -3, -3, -2, -2, -2, -1,  1, -2, -1],
    [ -1, -1, -3, -2,  0, -3, -2,  1, -1,  2,  5, -2, -2,  0, -1, -1, -1,  1, -1, -1],
    [ -2, -3,  1,  0, -3,  0,  1, -3,  0, -3, -2,  6, -2,  0,  0,  1,  0, -3, -4, -2],
    [ -1, -3, -1, -1, -4, -2, -2, -3, -1, -3, -2, -2,  7, -1, -2, -1, -1, -2, -4, -3],
    [ -1, -3,  0,  2, -3, -2,  0, -3,  1, -2,  0,  0, -1,  5,  1,  0, -1, -2, -2, -1],
    [ -1, -3, -2,  0, -3, -2,  0, -3,  2, -2, -1,  0, -2,  1,  5, -1, -1, -3, -3, -2],
    [  1, -1,  0,  0, -2,  0, -1, -2,  0, -2, -1,  1, -1,  0, -1,  4,  1, -2, -3, -2],
    [  0, -1, -1, -1, -2, -2, -2, -1, -1, -1, -1,  0, -1, -1, -1,  1,  5,  0, -2, -2],
    [  0, -1, -3, -2, -1, -3, -3,  3, -2,  1,  1, -3, -2, -2, -3, -2,  0,  4, -3, -1],
    [ -3, -2, -4, -3,  1, -2, -2, -3, -3, -2, -1, -4, -4, -2, -3, -3, -2, -3, 11,  2],
    [ -2, -2, -3, -2,  3, -3,  2, -1, -2, -1, -1, -2, -3, -1, -2, -2, -2, -1,  2,  7],
];

/// What an alignment earns and pays.
pub(crate) struct Scores {
    /// For each two codes.
    pub(crate) pair: [[i8; LETTERS]; LETTERS],
    /// What the first letter of a gap costs.
    pub(crate) open: i64,
    /// What each further letter of it costs.
    pub(crate) extend: i64,
    /// How many codes stand for one letter each; the next stands for all others, which are identical to none.
    pub(crate) known: u8,
}

impl Scores {
    /// Gives the scores by which BLAST searches, whose statistics are known: +2 and −3 with gaps of 7 and 2, or BLOSUM62 with
    /// gaps of 12 and 1.
    pub(crate) fn of_search(kind: Molecule) -> Self {
        let mut scores = Self::of(kind);
        (scores.open, scores.extend) = (12, 1);
        if kind == Molecule::Rna {
            (scores.open, scores.extend) = (7, 2);
            let nucleotides = usize::from(scores.known);
            for (a, row) in scores.pair.iter_mut().enumerate().take(nucleotides) {
                for (b, score) in row.iter_mut().enumerate().take(nucleotides) {
                    *score = if a == b { 2 } else { -3 };
                }
            }
        }
        scores
    }

    /// Gives the scores for RNA or protein: +5 and −4 with gaps of 12 and 4, or BLOSUM62 with gaps of 11 and 1; a letter that
    /// is not one nucleotide or one of the twenty scores −1.
    pub(super) fn of(kind: Molecule) -> Self {
        let mut pair = [[-1; LETTERS]; LETTERS];
        if kind == Molecule::Rna {
            for (a, row) in pair.iter_mut().enumerate().take(NUCLEOTIDES.len()) {
                for (b, score) in row.iter_mut().enumerate().take(NUCLEOTIDES.len()) {
                    *score = if a == b { 5 } else { -4 };
                }
            }
            return Self { pair, open: 12, extend: 4, known: NUCLEOTIDES.len() as u8 };
        }
        for (row, known) in pair.iter_mut().zip(&BLOSUM62) {
            row[..AMINO_ACIDS.len()].copy_from_slice(known);
        }
        Self { pair, open: 11, extend: 1, known: AMINO_ACIDS.len() as u8 }
    }
}

/// Turns letters into codes.
pub(crate) fn codes(kind: Molecule, letters: &[u8]) -> Vec<u8> {
    let (of, other): (fn(u8) -> u8, u8) =
        if kind == Molecule::Rna { (nucleotide, 4) } else { (amino_acid, 20) };
    letters.iter().map(|&letter| of(letter).min(other)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_symmetric_and_every_letter_is_likest_to_itself() {
        for kind in [Molecule::Rna, Molecule::Protein] {
            let scores = Scores::of(kind);
            for a in 0..usize::from(scores.known) {
                for b in 0..usize::from(scores.known) {
                    assert_eq!(scores.pair[a][b], scores.pair[b][a]);
                    assert!(a == b || scores.pair[a][b] < scores.pair[a][a]);
                }
            }
        }
        assert_eq!(codes(Molecule::Rna, b"ACGUN"), [0, 1, 2, 3, 4]);
        assert_eq!(codes(Molecule::Protein, b"AYXU"), [0, 19, 20, 20]);
    }
}
