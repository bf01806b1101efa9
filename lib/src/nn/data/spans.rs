//! Says which residues a token stands for.

use std::ops::Range;

use crate::store::{TokenRule, windows};

/// Gives the residues (SMILES: tokens) that each row of a molecule stands for, counted from 0.
///
/// Rows of another program that cut a SMILES string in its own way are more or fewer than the rule says: their places
/// are not known, and each stands for the whole molecule.
pub(super) fn row_spans(rule: TokenRule, length: usize, rows: usize) -> Vec<Range<usize>> {
    let spans: Vec<Range<usize>> = match rule {
        TokenRule::Residue => (0..length).map(|at| at..at + 1).collect(),
        TokenRule::Window { size, cap } => windows(length, size, cap),
        TokenRule::Pooled => Vec::new(),
    };
    if spans.len() == rows { spans } else { vec![0..length; rows] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_for_its_residue_its_window_or_where_its_place_is_unknown_for_the_whole() {
        assert_eq!(row_spans(TokenRule::Residue, 3, 3), [0..1, 1..2, 2..3]);
        assert_eq!(row_spans(TokenRule::Window { size: 4, cap: 3 }, 11, 3), [0..4, 4..8, 7..11]);
        assert_eq!(row_spans(TokenRule::Residue, 5, 2), [0..5, 0..5]);
        assert!(row_spans(TokenRule::Pooled, 5, 0).is_empty());
    }
}
