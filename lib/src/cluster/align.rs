//! Aligns two sequences locally and counts the identical letters.

use super::scores::{LETTERS, Scores};

/// An alignment is one number: its score, then its identical pairs, then its pairs, so that one comparison prefers the
/// better score and among equals the one with more identical letters.
const SCORE: u32 = 40;
const IDENTICAL: u32 = 20;
const FIELD: i64 = (1 << IDENTICAL) - 1;
/// Far below every score, and far from the end of the numbers.
const NEVER: i64 = i64::MIN / 4;

/// The longest sequence that fits these fields.
pub(super) const LONGEST: usize = 1 << 19;

/// What is counted in the best local alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Alignment {
    pub(super) score: i64,
    /// Pairs of the same letter.
    pub(super) identical: u32,
    /// Letters of either sequence that stand opposite a letter of the other.
    pub(super) paired: u32,
}

/// Working memory that is used again.
#[derive(Default)]
pub(super) struct Memory {
    best: Vec<i64>,
    down: Vec<i64>,
}

/// Finds the best local alignment (Smith and Waterman 1981, gaps after Gotoh 1982) of codes `a` and `b` within a band: the
/// diagonals `j − i` from `-below` to `above`.
pub(super) fn align(
    a: &[u8],
    b: &[u8],
    scores: &Scores,
    [below, above]: [usize; 2],
    memory: &mut Memory,
) -> Alignment {
    let (open, extend) = (scores.open << SCORE, scores.extend << SCORE);
    let mut earned = [[0; LETTERS]; LETTERS];
    for (x, row) in earned.iter_mut().enumerate() {
        for (y, value) in row.iter_mut().enumerate() {
            let identical = i64::from(x == y && x < usize::from(scores.known));
            *value = (i64::from(scores.pair[x][y]) << SCORE) + (identical << IDENTICAL) + 1;
        }
    }
    let Memory { best, down } = memory;
    best.clear();
    best.resize(b.len() + 1, 0);
    down.clear();
    down.resize(b.len() + 1, NEVER);
    let mut most = 0;
    for (i, &x) in a.iter().enumerate() {
        let (start, end) = (i.saturating_sub(below), b.len().min(i + above + 1));
        if start >= end {
            continue;
        }
        let row = &earned[usize::from(x)];
        // `best[j]` is the cell left of and above `j` until it is written; outside the band nothing is aligned.
        let (mut corner, mut left, mut right) = (best[start], 0, NEVER);
        if start > 0 {
            best[start] = 0;
        }
        let cells = best[start + 1..=end].iter_mut().zip(&mut down[start + 1..=end]);
        for ((here, down), &y) in cells.zip(&b[start..end]) {
            let diagonal = corner + row[usize::from(y)];
            corner = *here;
            *down = (*down - extend).max(corner - open);
            right = (right - extend).max(left - open);
            left = diagonal.max(*down).max(right).max(0);
            *here = left;
            most = most.max(left);
        }
    }
    Alignment {
        score: most >> SCORE,
        identical: ((most >> IDENTICAL) & FIELD) as u32,
        paired: (most & FIELD) as u32,
    }
}

/// Gives the score of the best local alignment of codes `a` and `b`.
#[cfg(test)]
pub(crate) fn score(a: &[u8], b: &[u8], scores: &Scores) -> i64 {
    align(a, b, scores, [a.len(), b.len()], &mut Memory::default()).score
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::scores::codes;
    use crate::record::Molecule;
    use crate::rng::Rng;

    fn aligned(kind: Molecule, a: &str, b: &str) -> Alignment {
        let (x, y) = (codes(kind, a.as_bytes()), codes(kind, b.as_bytes()));
        align(&x, &y, &Scores::of(kind), [x.len(), y.len()], &mut Memory::default())
    }

    /// The recursion over whole matrices, in plain triples.
    fn plain(a: &[u8], b: &[u8], scores: &Scores) -> Alignment {
        type Cell = (i64, u32, u32);
        let pay = |cell: Cell, cost: i64| (cell.0 - cost, cell.1, cell.2);
        let never = (-1_000_000, 0, 0);
        let new = || vec![vec![(0, 0, 0); b.len() + 1]; a.len() + 1];
        let (mut h, mut e, mut f) = (new(), new(), new());
        let mut most: Cell = (0, 0, 0);
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                e[i][j] = if i > 0 {
                    pay(e[i - 1][j], scores.extend).max(pay(h[i - 1][j], scores.open))
                } else {
                    never
                };
                f[i][j] = if j > 0 {
                    pay(f[i][j - 1], scores.extend).max(pay(h[i][j - 1], scores.open))
                } else {
                    never
                };
                if i == 0 || j == 0 {
                    continue;
                }
                let (x, y) = (a[i - 1], b[j - 1]);
                let (score, identical, paired) = h[i - 1][j - 1];
                let identical = identical + u32::from(x == y && x < scores.known);
                let pair = i64::from(scores.pair[usize::from(x)][usize::from(y)]);
                h[i][j] = (score + pair, identical, paired + 1).max(e[i][j]).max(f[i][j]).max((0, 0, 0));
                most = most.max(h[i][j]);
            }
        }
        Alignment { score: most.0, identical: most.1, paired: most.2 }
    }

    #[test]
    fn one_number_per_cell_gives_what_whole_matrices_give() {
        let mut rng = Rng::new(5);
        for kind in [Molecule::Rna, Molecule::Protein] {
            let (scores, letters) = (Scores::of(kind), if kind == Molecule::Rna { 5 } else { 21 });
            for _ in 0..60 {
                let (first, second) = (1 + rng.below(70), rng.below(20));
                let a: Vec<u8> = (0..first).map(|_| rng.below(letters) as u8).collect();
                // A relative with changes, a lost piece and an extra one.
                let mut b: Vec<u8> =
                    a.iter().map(|&x| if rng.below(5) == 0 { rng.below(letters) as u8 } else { x }).collect();
                b.drain(first / 3..first / 3 + second.min(first / 4));
                b.splice(0..0, (0..second).map(|_| rng.below(letters) as u8));
                let whole = align(&a, &b, &scores, [a.len(), b.len()], &mut Memory::default());
                assert_eq!(whole, plain(&a, &b, &scores));
            }
        }
    }

    #[test]
    fn gaps_and_changes_are_counted_as_they_are() {
        let found = aligned(Molecule::Rna, "GGCAUCGGAUUACGCAUGCC", "GGCAUCGGAUACGCAUGCC");
        assert_eq!((found.identical, found.paired), (19, 19));
        let found = aligned(Molecule::Rna, "GGCAUCGGAUUACGCAUGCC", "GGCAUCGGAUCACGCAUGCC");
        assert_eq!((found.identical, found.paired), (19, 20));
        // N is identical to nothing, not even to itself.
        assert_eq!(aligned(Molecule::Rna, "ACGUNACGU", "ACGUNACGU").identical, 8);
        assert_eq!(
            aligned(Molecule::Protein, "MKV", "MKV"),
            Alignment { score: 14, identical: 3, paired: 3 }
        );
    }

    #[test]
    fn a_band_that_holds_the_alignment_changes_nothing() {
        let mut rng = Rng::new(6);
        let scores = Scores::of(Molecule::Rna);
        for _ in 0..40 {
            let a: Vec<u8> = (0..200).map(|_| rng.below(4) as u8).collect();
            let mut b = a.clone();
            b.remove(50);
            b.insert(120, 2);
            let whole = align(&a, &b, &scores, [a.len(), b.len()], &mut Memory::default());
            assert_eq!(align(&a, &b, &scores, [3, 3], &mut Memory::default()), whole);
        }
    }
}
