//! Boosts small trees on a few whole numbers (Friedman 2001; Newton steps as in Chen and Guestrin 2016).
//!
//! Counts take few distinct values, so that every possible split is tried, and the result does not depend on any
//! random number or order of summation over threads.

use std::collections::BTreeMap;

use crate::calibrate::probability;

/// The numbers that a tree looks at.
pub type Row = [u32; 4];

const FEATURES: usize = 4;
const TREES: usize = 100;
const DEPTH: usize = 3;
const RATE: f64 = 0.1;
/// The penalty on squared leaf values: a leaf of one pair counts half.
const SHRINKAGE: f64 = 0.25;

/// Boosted trees that give a probability.
///
/// ```
/// use crossmamba::baseline::Boosted;
///
/// let rows: Vec<[u32; 4]> = (0..40).map(|i| [i % 4, 0, 0, 0]).collect();
/// let labels: Vec<bool> = rows.iter().map(|row| row[0] > 1).collect();
/// assert!(Boosted::fit(&rows, &labels).probability([3, 0, 0, 0]) > 0.9);
/// ```
#[derive(Debug, Clone)]
pub struct Boosted {
    start: f64,
    trees: Vec<Tree>,
}

/// A complete binary tree: the children of node i are 2i + 1 and 2i + 2.
#[derive(Debug, Clone)]
struct Tree {
    /// At inner nodes: go right when `row[feature] > value`.
    splits: [(usize, u32); (1 << DEPTH) - 1],
    leaves: [f64; 1 << DEPTH],
}

/// The sums of gradients and second derivatives of the pairs in a node.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gradient: f64,
    curvature: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
    }

    fn without(self, other: Self) -> Self {
        Self { gradient: self.gradient - other.gradient, curvature: self.curvature - other.curvature }
    }

    /// The fall of the loss when the node becomes a leaf of its own, but for a factor.
    fn gain(self) -> f64 {
        self.gradient * self.gradient / (self.curvature + SHRINKAGE)
    }

    fn leaf(self) -> f64 {
        RATE * self.gradient / (self.curvature + SHRINKAGE)
    }
}

impl Boosted {
    /// Learns from rows and their labels; without rows every probability is one half.
    pub fn fit(rows: &[Row], labels: &[bool]) -> Self {
        let positives = labels.iter().filter(|&&label| label).count() as f64;
        // Half a pair of each class keeps the start finite for one class only.
        let start = ((positives + 0.5) / (rows.len() as f64 - positives + 0.5)).ln();
        let mut fitted = Self { start, trees: Vec::new() };
        if positives == 0.0 || positives == rows.len() as f64 {
            return fitted;
        }
        let values: [Vec<u32>; FEATURES] = std::array::from_fn(|feature| {
            let mut values: Vec<u32> = rows.iter().map(|row| row[feature]).collect();
            values.sort_unstable();
            values.dedup();
            values
        });
        // Rows of the same numbers go the same way, so that each is looked at once, however many pairs have it.
        let mut distinct: BTreeMap<Row, [f64; 2]> = BTreeMap::new();
        for (row, &label) in rows.iter().zip(labels) {
            distinct.entry(*row).or_default()[usize::from(label)] += 1.0;
        }
        let code = |row: &Row, f: usize| values[f].partition_point(|&value| value < row[f]) as u32;
        let codes: Vec<[u32; FEATURES]> =
            distinct.keys().map(|row| std::array::from_fn(|f| code(row, f))).collect();
        let mut logits = vec![start; distinct.len()];
        for _ in 0..TREES {
            let sums: Vec<Sums> = logits
                .iter()
                .zip(distinct.values())
                .map(|(&logit, [negative, positive])| {
                    let p = probability(logit, 1.0);
                    let curvature = (negative + positive) * p * (1.0 - p);
                    Sums { gradient: positive * (1.0 - p) - negative * p, curvature }
                })
                .collect();
            let tree = Tree::grow(&codes, &values, &sums);
            for (logit, row) in logits.iter_mut().zip(distinct.keys()) {
                *logit += tree.value(*row);
            }
            fitted.trees.push(tree);
        }
        fitted
    }

    /// Gives the probability of the positive class for a row.
    pub fn probability(&self, row: Row) -> f64 {
        probability(self.start + self.trees.iter().map(|tree| tree.value(row)).sum::<f64>(), 1.0)
    }
}

impl Tree {
    fn grow(codes: &[[u32; FEATURES]], values: &[Vec<u32>; FEATURES], sums: &[Sums]) -> Self {
        // A node that is not split sends everything left.
        let mut tree = Self { splits: [(0, u32::MAX); (1 << DEPTH) - 1], leaves: [0.0; 1 << DEPTH] };
        let mut nodes: Vec<Vec<u32>> = vec![(0..codes.len() as u32).collect()];
        for level in 0..DEPTH {
            let mut next = Vec::with_capacity(2 * nodes.len());
            for (place, node) in nodes.into_iter().enumerate() {
                let (left, right) = match best_split(&node, codes, values, sums) {
                    Some((feature, code)) => {
                        tree.splits[(1 << level) - 1 + place] = (feature, values[feature][code as usize]);
                        node.into_iter().partition(|&i| codes[i as usize][feature] <= code)
                    }
                    None => (node, Vec::new()),
                };
                next.extend([left, right]);
            }
            nodes = next;
        }
        for (leaf, node) in tree.leaves.iter_mut().zip(nodes) {
            let mut all = Sums::default();
            for &i in &node {
                all.add(sums[i as usize]);
            }
            *leaf = all.leaf();
        }
        tree
    }

    fn value(&self, row: Row) -> f64 {
        let mut node = 0;
        for _ in 0..DEPTH {
            let (feature, value) = self.splits[node];
            node = 2 * node + 1 + usize::from(row[feature] > value);
        }
        self.leaves[node + 1 - (1 << DEPTH)]
    }
}

/// Finds the split with the largest fall of the loss; the first of equals.
fn best_split(
    node: &[u32],
    codes: &[[u32; FEATURES]],
    values: &[Vec<u32>; FEATURES],
    sums: &[Sums],
) -> Option<(usize, u32)> {
    let mut best = None;
    let mut most = 1e-9;
    for feature in 0..FEATURES {
        let mut by_code = vec![Sums::default(); values[feature].len()];
        let mut all = Sums::default();
        for &i in node {
            by_code[codes[i as usize][feature] as usize].add(sums[i as usize]);
            all.add(sums[i as usize]);
        }
        let mut left = Sums::default();
        for (code, here) in by_code.iter().enumerate().take(values[feature].len().saturating_sub(1)) {
            left.add(*here);
            let right = all.without(left);
            // Rounding leaves a trace of curvature where no pair is.
            if left.curvature < 1e-9 || right.curvature < 1e-9 {
                continue;
            }
            let gain = left.gain() + right.gain() - all.gain();
            if gain > most {
                most = gain;
                best = Some((feature, code as u32));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exclusive_or_of_two_numbers_is_learnt() {
        let rows: Vec<Row> = (0..400).map(|i| [i % 7, i / 7 % 5, i % 3, 0]).collect();
        let labels: Vec<bool> = rows.iter().map(|row| (row[0] > 3) != (row[1] > 1)).collect();
        let trees = Boosted::fit(&rows, &labels);
        let right =
            rows.iter().zip(&labels).filter(|(row, label)| (trees.probability(**row) > 0.5) == **label);
        assert_eq!(right.count(), 400);
    }

    #[test]
    fn a_number_never_seen_falls_on_the_nearer_side() {
        let rows: Vec<Row> = (0..100).map(|i| [i % 2 * 10, 0, 0, 0]).collect();
        let labels: Vec<bool> = rows.iter().map(|row| row[0] == 10).collect();
        let trees = Boosted::fit(&rows, &labels);
        assert!(trees.probability([99, 0, 0, 0]) > 0.95);
        assert!(trees.probability([0, 7, 7, 7]) < 0.05);
    }
}
