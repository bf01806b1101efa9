//! Grows one tree, always at the leaf where a split lowers the loss most.

use rayon::prelude::*;

use super::coded::Coded;
use super::{Settings, Split, Tree};
use crate::rng::Rng;

/// A side with less second derivative than this is no basis for an answer.
const LEAST_CURVATURE: f64 = 1e-3;

/// Rows, and the sums of their gradients and second derivatives.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) curvature: f64,
    pub(super) rows: u32,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
        self.rows += other.rows;
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
            rows: self.rows - other.rows,
        }
    }

    /// The fall of the loss when these rows have an answer of their own, but for a factor.
    fn gain(&self, penalty: f64) -> f64 {
        self.gradient * self.gradient / (self.curvature + penalty)
    }
}

/// A split of one leaf that lowers the loss.
#[derive(Debug, Clone, Copy)]
struct Found {
    gain: f64,
    part: usize,
    column: usize,
    step: u8,
}

/// A leaf of the growing tree.
struct Leaf {
    rows: Vec<u32>,
    sums: Sums,
    best: Option<Found>,
    /// The split that it hangs on, and on which side.
    parent: Option<(usize, usize)>,
}

/// What a tree is grown on.
pub(super) struct Grower<'a> {
    pub(super) coded: &'a Coded<'a>,
    pub(super) settings: &'a Settings,
    /// One row's sums each.
    pub(super) sums: &'a [Sums],
}

impl Grower<'_> {
    /// Grows a tree on some rows, ascending; nothing when no split lowers the loss.
    pub(super) fn grow(&self, rows: Vec<u32>, rng: &mut Rng) -> Option<Tree> {
        let columns = draw(&self.coded.varying, self.settings.columns, rng);
        let mut leaves = vec![self.leaf(rows, None, &columns, rng)];
        let mut splits: Vec<Split> = Vec::new();
        while leaves.len() < self.settings.leaves {
            // The first of the best.
            let best = leaves.iter().enumerate().filter_map(|(at, leaf)| Some((at, leaf.best?)));
            let best = best.reduce(|a, b| if b.1.gain > a.1.gain { b } else { a });
            let Some((at, found)) = best else { break };
            let number = splits.len();
            let part = &self.coded.parts[found.part];
            let (below, above): (Vec<u32>, Vec<u32>) = std::mem::take(&mut leaves[at].rows)
                .into_iter()
                .partition(|&row| part.code(row as usize, found.column) <= found.step);
            if let Some((parent, side)) = leaves[at].parent {
                splits[parent].next[side] = number as i32;
            }
            splits.push(Split {
                column: (self.coded.first[found.part] + found.column) as u32,
                bound: part.bins(found.column).bound(found.step),
                next: [-1 - at as i32, -1 - leaves.len() as i32],
            });
            leaves[at] = self.leaf(below, Some((number, 0)), &columns, rng);
            leaves.push(self.leaf(above, Some((number, 1)), &columns, rng));
        }
        let answer = |leaf: &Leaf| {
            self.settings.rate * leaf.sums.gradient / (leaf.sums.curvature + self.settings.penalty)
        };
        (!splits.is_empty()).then(|| Tree { leaves: leaves.iter().map(answer).collect(), splits })
    }

    fn leaf(
        &self,
        rows: Vec<u32>,
        parent: Option<(usize, usize)>,
        columns: &[(usize, usize)],
        rng: &mut Rng,
    ) -> Leaf {
        let mut sums = Sums::default();
        for &row in &rows {
            sums.add(&self.sums[row as usize]);
        }
        let columns = draw(columns, self.settings.node_columns, rng);
        let best = self.best(&rows, &sums, &columns);
        Leaf { rows, sums, best, parent }
    }

    /// Finds the best split of some rows over some columns; the first of equals.
    fn best(&self, rows: &[u32], all: &Sums, columns: &[(usize, usize)]) -> Option<Found> {
        if (all.rows as usize) < 2 * self.settings.least {
            return None;
        }
        // Rows that share a line of a part are summed once for all of its columns.
        let by_part: Vec<(Vec<u32>, Vec<Sums>)> = self
            .coded
            .parts
            .par_iter()
            .enumerate()
            .map(|(number, part)| {
                let used = columns.iter().any(|(part, _)| *part == number);
                match part.shared() {
                    _ if !used => (Vec::new(), Vec::new()),
                    Some((count, lines)) => self.by_line(rows, count, lines),
                    None => (rows.to_vec(), rows.iter().map(|&row| self.sums[row as usize]).collect()),
                }
            })
            .collect();
        let found = columns.par_iter().map(|&(part, column)| {
            let (lines, sums) = &by_part[part];
            let coded = &self.coded.parts[part];
            self.best_of_column(coded.codes(column), coded.bins(column).steps(), lines, sums, all)
                .map(|(gain, step)| Found { gain, part, column, step })
        });
        let found: Vec<Option<Found>> = found.collect();
        found.into_iter().flatten().reduce(|a, b| if b.gain > a.gain { b } else { a })
    }

    /// Sums rows by line: the lines that occur, in order of first appearance, and their sums.
    fn by_line(&self, rows: &[u32], count: usize, of: &[u32]) -> (Vec<u32>, Vec<Sums>) {
        let mut places = vec![u32::MAX; count];
        let (mut lines, mut sums) = (Vec::new(), Vec::new());
        for &row in rows {
            let line = of[row as usize];
            let place = &mut places[line as usize];
            if *place == u32::MAX {
                *place = lines.len() as u32;
                lines.push(line);
                sums.push(Sums::default());
            }
            sums[*place as usize].add(&self.sums[row as usize]);
        }
        (lines, sums)
    }

    fn best_of_column(
        &self,
        codes: &[u8],
        steps: usize,
        lines: &[u32],
        sums: &[Sums],
        all: &Sums,
    ) -> Option<(f64, u8)> {
        let mut histogram = [Sums::default(); 256];
        for (&line, sums) in lines.iter().zip(sums) {
            histogram[usize::from(codes[line as usize])].add(sums);
        }
        let Settings { least, penalty, .. } = *self.settings;
        let enough = |sums: &Sums| sums.rows as usize >= least && sums.curvature >= LEAST_CURVATURE;
        let whole = all.gain(penalty);
        let mut below = Sums::default();
        let mut best = None;
        let mut most = 1e-12;
        for (step, here) in histogram.iter().enumerate().take(steps - 1) {
            below.add(here);
            let above = all.without(&below);
            if here.rows == 0 || !enough(&below) || !enough(&above) {
                continue;
            }
            let gain = below.gain(penalty) + above.gain(penalty) - whole;
            if gain > most {
                most = gain;
                best = Some((gain, step as u8));
            }
        }
        best
    }
}

/// Draws a share of columns, at least one, in their order.
fn draw(columns: &[(usize, usize)], share: f64, rng: &mut Rng) -> Vec<(usize, usize)> {
    let wanted = ((columns.len() as f64 * share).round() as usize).max(1);
    if wanted >= columns.len() {
        return columns.to_vec();
    }
    let mut order: Vec<usize> = (0..columns.len()).collect();
    for at in 0..wanted {
        let other = at + rng.below(order.len() - at);
        order.swap(at, other);
    }
    order.truncate(wanted);
    order.sort_unstable();
    order.into_iter().map(|at| columns[at]).collect()
}
