//! Turns rows of residues, as they come, into the rows and the global vector that a store keeps.

use std::ops::Range;

use crate::store::{Embedding, RowMean, TokenRule, windows};

/// Collects the rows of one molecule; the memory it needs is that of the embedding it makes.
pub(super) struct Pool {
    rule: TokenRule,
    width: usize,
    length: usize,
    seen: usize,
    windows: Vec<Range<usize>>,
    /// The windows that are not complete begin here.
    open: usize,
    /// Of each window.
    means: Vec<RowMean>,
    /// Of all rows, those of special tokens too: the global vector.
    total: RowMean,
    values: Vec<f32>,
}

impl Pool {
    pub(super) fn new(rule: TokenRule, length: usize, width: usize) -> Self {
        let windows = match rule {
            TokenRule::Window { size, cap } => windows(length, size, cap),
            _ => Vec::new(),
        };
        let means = vec![RowMean::new(width); windows.len()];
        let total = RowMean::new(width);
        Self { rule, width, length, seen: 0, windows, open: 0, means, total, values: Vec::new() }
    }

    /// Gives the number of values of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Adds the row of the next residue.
    pub(super) fn residue(&mut self, row: &[f32]) {
        let at = self.seen;
        self.seen += 1;
        self.total.add(row);
        if self.rule == TokenRule::Residue {
            self.values.extend_from_slice(row);
        }
        while self.windows.get(self.open).is_some_and(|window| window.end <= at) {
            self.open += 1;
        }
        let holding = self.windows[self.open..].iter().take_while(|window| window.start <= at);
        for mean in &mut self.means[self.open..self.open + holding.count()] {
            mean.add(row);
        }
    }

    /// Adds a row to the global vector, and to nothing else.
    pub(super) fn special(&mut self, row: &[f32]) {
        self.total.add(row);
    }

    pub(super) fn finish(mut self) -> Embedding {
        self.values.extend(self.means.iter().flat_map(RowMean::values));
        let rows = self.values.len() / self.width;
        let global = self.total.values().collect();
        Embedding { length: self.length as u64, rows, global, values: self.values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooled(rule: TokenRule, rows: &[[f32; 2]], special: &[[f32; 2]]) -> Embedding {
        let mut pool = Pool::new(rule, rows.len(), 2);
        for row in rows {
            pool.residue(row);
        }
        for row in special {
            pool.special(row);
        }
        pool.finish()
    }

    #[test]
    fn each_rule_gives_its_rows_and_all_the_same_global_vector() {
        let rows = [[0.0, 1.0], [2.0, 1.0], [4.0, 1.0], [6.0, 1.0], [8.0, 6.0]];
        let found = pooled(TokenRule::Window { size: 2, cap: 0 }, &rows, &[]);
        // The last window is shifted back and overlaps the one before it.
        assert_eq!((found.rows, found.values), (3, vec![1.0, 1.0, 5.0, 1.0, 7.0, 3.5]));
        assert_eq!((found.length, found.global.clone()), (5, vec![4.0, 2.0]));
        let whole = pooled(TokenRule::Residue, &rows, &[]);
        assert_eq!((whole.rows, whole.values, whole.global), (5, rows.concat(), found.global.clone()));
        let none = pooled(TokenRule::Pooled, &rows, &[]);
        assert_eq!((none.rows, none.values, none.global), (0, vec![], found.global));
    }

    #[test]
    fn capped_windows_leave_residues_out_of_the_rows_but_not_out_of_the_global_vector() {
        let rows: Vec<[f32; 2]> = (0..9).map(|i| [i as f32, 0.0]).collect();
        let found = pooled(TokenRule::Window { size: 2, cap: 2 }, &rows, &[]);
        assert_eq!((found.values, found.global), (vec![0.5, 0.0, 7.5, 0.0], vec![4.0, 0.0]));
    }

    #[test]
    fn special_tokens_count_for_the_global_vector_alone() {
        let found = pooled(TokenRule::Residue, &[[1.0, 1.0]], &[[2.0, 0.0], [6.0, 2.0]]);
        assert_eq!((found.rows, found.values, found.global), (1, vec![1.0, 1.0], vec![3.0, 1.0]));
        assert_eq!(pooled(TokenRule::Residue, &[], &[[2.0, 0.0]]).global, [2.0, 0.0]);
    }
}
