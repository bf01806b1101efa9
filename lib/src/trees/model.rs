//! Applies trees.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Columns, Loss};

/// Rows that one task answers for.
const ROWS: usize = 1024;

/// Boosted trees.
///
/// As JSON: `loss`, `columns` (how many are looked at), `start`, and `trees`, each with its `splits` and `leaves`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trees {
    /// What the trees were fitted to.
    pub loss: Loss,
    /// Columns of a row.
    pub columns: usize,
    /// What is answered before any tree.
    pub start: f64,
    /// The trees, whose answers are added.
    pub trees: Vec<Tree>,
}

/// One tree of at least one split, the first of which is the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The splits; what hangs below a split stands behind it.
    pub splits: Vec<Split>,
    /// The answers.
    pub leaves: Vec<f64>,
}

/// Whether a value is above a bound. Written as a list: column, bound, and what is next below and above it, a split by
/// its number, a leaf by minus its number minus 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "(u32, f32, i32, i32)", from = "(u32, f32, i32, i32)")]
pub struct Split {
    /// The column.
    pub column: u32,
    /// The bound; what is no number counts as below it.
    pub bound: f32,
    /// What is next, for a value not above the bound and for one above it.
    pub next: [i32; 2],
}

impl From<Split> for (u32, f32, i32, i32) {
    fn from(split: Split) -> Self {
        (split.column, split.bound, split.next[0], split.next[1])
    }
}

impl From<(u32, f32, i32, i32)> for Split {
    fn from((column, bound, below, above): (u32, f32, i32, i32)) -> Self {
        Self { column, bound, next: [below, above] }
    }
}

impl Trees {
    /// Joins trees that were fitted to the same columns and loss: they answer with the mean of their answers. `None` of
    /// none.
    pub fn mean(of: Vec<Self>) -> Option<Self> {
        let share = 1.0 / of.len().max(1) as f64;
        let scaled = of.into_iter().map(|mut one| {
            one.start *= share;
            one.trees.iter_mut().flat_map(|tree| &mut tree.leaves).for_each(|leaf| *leaf *= share);
            one
        });
        scaled.reduce(|mut all, one| {
            all.start += one.start;
            all.trees.extend(one.trees);
            all
        })
    }

    /// Answers for each row: a logit, or a number like those that the trees were fitted to. The rows are divided among
    /// the threads of the current pool; an answer depends on its row alone.
    ///
    /// # Panics
    /// Rows of another number of columns.
    pub fn scores(&self, columns: &Columns<'_>) -> Vec<f64> {
        assert_eq!(columns.width(), self.columns, "trees and columns that do not belong together");
        let score = |row: usize| {
            let value = |column: u32| columns.value(row, column as usize);
            self.start + self.trees.iter().map(|tree| tree.answer(value)).sum::<f64>()
        };
        (0..columns.rows()).into_par_iter().with_min_len(ROWS).map(score).collect()
    }

    /// Says what is wrong with trees that come from a file, if anything: applying others would fail.
    ///
    /// # Errors
    /// A sentence's part, for the place where the trees stand.
    pub fn check(&self) -> Result<(), String> {
        if !self.start.is_finite() {
            return Err("its trees begin with what is no number".into());
        }
        for (number, tree) in self.trees.iter().enumerate() {
            let wrong = |what: &str| Err(format!("tree {number} {what}"));
            if tree.splits.is_empty() {
                return wrong("has no split");
            }
            for (at, split) in tree.splits.iter().enumerate() {
                if split.column as usize >= self.columns {
                    return wrong("looks at a column that there is not");
                }
                let known = |next: i32| match usize::try_from(next) {
                    Ok(next) => next > at && next < tree.splits.len(),
                    Err(_) => ((-1 - next) as usize) < tree.leaves.len(),
                };
                if !split.next.into_iter().all(known) {
                    return wrong("leads to a place that there is not");
                }
            }
            if !tree.leaves.iter().all(|leaf| leaf.is_finite()) {
                return wrong("answers with what is no number");
            }
        }
        Ok(())
    }
}

impl Tree {
    pub(super) fn answer(&self, value: impl Fn(u32) -> f32) -> f64 {
        let mut at = 0;
        loop {
            let split = &self.splits[at];
            let next = split.next[usize::from(value(split.column) > split.bound)];
            match usize::try_from(next) {
                Ok(next) => at = next,
                Err(_) => return self.leaves[(-1 - next) as usize],
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trees::Part;

    fn one() -> Trees {
        let splits = vec![
            Split { column: 1, bound: 0.5, next: [1, -1] },
            Split { column: 0, bound: -2.0, next: [-2, -3] },
        ];
        let tree = Tree { splits, leaves: vec![1.0, 2.0, 4.0] };
        Trees { loss: Loss::Squared, columns: 2, start: 0.5, trees: vec![tree.clone(), tree] }
    }

    #[test]
    fn a_row_follows_its_values_to_a_leaf_of_each_tree() {
        let rows = [0.0, 0.6, -2.0, 0.5, -1.9, f32::NAN];
        assert_eq!(one().scores(&Columns::new(vec![Part::own(&rows, 2)])), [2.5, 4.5, 8.5]);
    }

    #[test]
    fn joined_trees_answer_with_their_mean() {
        let rows = [0.0, 0.0, 0.0, 2.0, 2.0, 0.0];
        let columns = Columns::new(vec![Part::own(&rows, 2)]);
        let mut other = one();
        other.start += 3.0;
        other.trees.iter_mut().flat_map(|tree| &mut tree.leaves).for_each(|leaf| *leaf *= -3.0);
        let (a, b) = (one().scores(&columns), other.scores(&columns));
        let joined = Trees::mean(vec![one(), other]).unwrap().scores(&columns);
        for row in 0..3 {
            assert!((joined[row] - f64::midpoint(a[row], b[row])).abs() < 1e-12, "{joined:?}");
        }
        assert_eq!(Trees::mean(vec![one()]), Some(one()));
        assert_eq!(Trees::mean(Vec::new()), None);
    }

    #[test]
    fn trees_survive_their_json_to_the_bit() {
        let mut trees = one();
        trees.trees[0].leaves[1] = 0.1 + 0.2;
        trees.trees[0].splits[0].bound = 1.0e-7_f32.next_up();
        let text = serde_json::to_string(&trees).unwrap();
        assert!(text.contains(r#""splits":[[1,"#), "{text}");
        assert_eq!(serde_json::from_str::<Trees>(&text).unwrap(), trees);
        trees.check().unwrap();
    }

    #[test]
    fn trees_that_lead_nowhere_or_in_a_circle_are_refused() {
        let refused = |change: fn(&mut Trees)| {
            let mut trees = one();
            change(&mut trees);
            trees.check().unwrap_err()
        };
        assert!(refused(|t| t.trees[1].splits[1].next[0] = 0).contains("tree 1 leads"));
        assert!(refused(|t| t.trees[0].splits[0].next[1] = -4).contains("tree 0 leads"));
        assert!(refused(|t| t.trees[0].splits[0].next[1] = 2).contains("tree 0 leads"));
        assert!(refused(|t| t.trees[0].splits[0].column = 2).contains("a column"));
        assert!(refused(|t| t.trees[0].splits.clear()).contains("no split"));
        assert!(refused(|t| t.trees[0].leaves[0] = f64::NAN).contains("no number"));
        assert!(refused(|t| t.start = f64::INFINITY).contains("no number"));
    }
}
