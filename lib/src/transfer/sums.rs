//! Sums the labels of known pairs, weighted by a kernel of either side.
//!
//! A weight is the product of one kernel of either side, so that a sum over all pairs is a product of three matrices. The
//! labels are summed over the molecules of one side first; what that gives serves all pairs of a molecule.

use crate::simd::simd;

/// How much a molecule of training counts for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// exp(−8 d).
    Near,
    /// exp(−3 d).
    Wide,
    /// 1 for itself, 0 for others.
    Same,
    /// 1.
    Any,
}

const KERNELS: usize = 4;

/// For each kernel of the first side, the sum of weighted labels and that of the weights.
type Lane = [f64; 2 * KERNELS];

/// The kernels of one molecule of the second side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights<'a> {
    pub(super) near: &'a [f32],
    pub(super) wide: &'a [f32],
    pub(super) same: Option<u32>,
}

/// Known pairs, by their molecule of the first side.
pub(super) struct Known {
    /// Where the pairs of a molecule begin.
    starts: Vec<usize>,
    pairs: Vec<(u32, f64)>,
    /// For each molecule of the second side what it is told of by any of the first.
    any: Vec<Lane>,
    pub(super) mean: f64,
}

/// The labels that one molecule of the first side is told of, by molecule of the second.
pub(super) struct Lines {
    of: Vec<Lane>,
    all: Lane,
}

/// The sums of one pair, for every kernel of the second side, of the first, of labels and weights.
pub(super) struct Sums([Lane; KERNELS]);

/// Gives exp(−8 d) and exp(−3 d).
pub(super) fn kernels(distance: f32) -> [f64; 2] {
    [-8.0, -3.0].map(|factor: f64| (factor * f64::from(distance)).exp())
}

impl Known {
    /// Sorts pairs (first, second, label) by their first molecule, in their order.
    pub(super) fn new(
        pairs: impl Iterator<Item = (u32, u32, f64)> + Clone,
        firsts: usize,
        seconds: usize,
    ) -> Self {
        let mut starts = vec![0; firsts + 1];
        let (mut sum, mut count) = (0.0, 0.0_f64);
        for (first, _, label) in pairs.clone() {
            starts[first as usize + 1] += 1;
            sum += label;
            count += 1.0;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![(0, 0.0); *starts.last().unwrap_or(&0)];
        for (first, second, label) in pairs {
            sorted[next[first as usize]] = (second, label);
            next[first as usize] += 1;
        }
        let mut any = vec![[0.0; 2 * KERNELS]; seconds];
        for &(second, label) in &sorted {
            let sums = &mut any[second as usize];
            sums[6] += label;
            sums[7] += 1.0;
        }
        Self { starts, pairs: sorted, any, mean: sum / count.max(1.0) }
    }

    /// Gives the known pairs of a molecule of the first side: molecules of the second, with their labels.
    fn of(&self, first: usize) -> &[(u32, f64)] {
        &self.pairs[self.starts[first]..self.starts[first + 1]]
    }

    /// Sums over the first side, for a molecule at these distances.
    pub(super) fn lines(&self, kernels: &[[f64; 2]], same: Option<u32>) -> Lines {
        let mut of = self.any.clone();
        simd!(|| {
            for (first, [near, wide]) in kernels.iter().enumerate() {
                let weights = [*near, *near, *wide, *wide];
                for &(second, label) in self.of(first) {
                    let sums = &mut of[second as usize];
                    let labels = [label, 1.0, label, 1.0];
                    for at in 0..4 {
                        sums[at] += weights[at] * labels[at];
                    }
                }
            }
        });
        for &(second, label) in same.map_or(&[][..], |same| self.of(same as usize)) {
            let sums = &mut of[second as usize];
            sums[4] += label;
            sums[5] += 1.0;
        }
        let mut all = [0.0; 2 * KERNELS];
        for line in &of {
            all.iter_mut().zip(line).for_each(|(sum, more)| *sum += more);
        }
        Lines { of, all }
    }
}

impl Lines {
    /// Sums over the second side.
    pub(super) fn sums(&self, second: Weights<'_>) -> Sums {
        let (near, wide) = simd!(|| {
            let (mut near, mut wide) = ([0.0; 2 * KERNELS], [0.0; 2 * KERNELS]);
            for ((line, &n), &w) in self.of.iter().zip(second.near).zip(second.wide) {
                let (n, w) = (f64::from(n), f64::from(w));
                for lane in 0..2 * KERNELS {
                    near[lane] += n * line[lane];
                    wide[lane] += w * line[lane];
                }
            }
            (near, wide)
        });
        let same = second.same.map_or([0.0; 2 * KERNELS], |same| self.of[same as usize]);
        Sums([near, wide, same, self.all])
    }
}

impl Sums {
    /// Gives the sum of weighted labels, and that of the weights.
    pub(super) fn of(&self, first: Kernel, second: Kernel) -> [f64; 2] {
        let lane = &self.0[second as usize];
        [lane[2 * first as usize], lane[2 * first as usize + 1]]
    }
}
