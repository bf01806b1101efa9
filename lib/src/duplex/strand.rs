//! Keeps an RNA as numbers.

use crate::alphabet::{NUCLEOTIDES, nucleotide};

/// The nucleotides of an RNA, 5′ to 3′, one byte each; letters that stand for several pair with nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Strand(Vec<u8>);

const OTHER: u8 = NUCLEOTIDES.len() as u8;

impl Strand {
    /// Reads the letters of a normalised RNA sequence.
    pub fn of(sequence: &[u8]) -> Self {
        Self(sequence.iter().map(|&letter| nucleotide(letter).min(OTHER)).collect())
    }

    /// Reads rows (l, 4) of the encoder `onehot`, columns A, C, G, U.
    ///
    /// ```
    /// use crossmamba::duplex::Strand;
    ///
    /// assert_eq!(Strand::of_rows(&[0., 0., 1., 0., 0.25, 0.25, 0.25, 0.25]), Strand::of(b"GN"));
    /// ```
    pub fn of_rows(rows: &[f32]) -> Self {
        // An ambiguity letter shares its one.
        let number = |row: &[f32]| row.iter().position(|&share| share > 0.9).map_or(OTHER, |n| n as u8);
        Self(rows.chunks_exact(NUCLEOTIDES.len()).map(number).collect())
    }

    /// Gives the number of nucleotides.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of_nucleotides(nucleotides: Vec<u8>) -> Self {
        Self(nucleotides)
    }

    pub(super) fn nucleotides(&self) -> &[u8] {
        &self.0
    }

    /// Gives the strand that pairs with this one all along.
    #[cfg(test)]
    pub(super) fn complement(&self) -> Self {
        Self(self.0.iter().rev().map(|&n| if n == OTHER { OTHER } else { 3 - n }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_rows_give_the_same_strand() {
        let rows = [1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0.5, 0., 0.5, 0.];
        assert_eq!(Strand::of(b"ACGUR"), Strand::of_rows(&rows));
        assert_eq!(Strand::of(b"ACGUR").nucleotides(), [0, 1, 2, 3, OTHER]);
        assert_eq!(Strand::of(b"AACGN").complement(), Strand::of(b"NCGUU"));
    }
}
