//! Sums the labels of known pairs, weighted by a kernel of either side.
//!
//! A weight is the product of one kernel of either side, so that a sum over all pairs is a product of three matrices. The
//! labels are summed over the molecules of one side first; what that gives serves all pairs of a molecule.

use std::borrow::Cow;
use std::collections::HashMap;

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

/// Known pairs, divided by who is told of them, so that each is summed once for all that are.
pub(super) struct Told {
    classes: Vec<Known>,
    by: Vec<By>,
}

/// What one of those that ask is told of.
struct By {
    classes: Vec<usize>,
    mean: f64,
}

/// A known pair: its molecules of the first and of the second side, and its label.
type Pair = (u32, u32, f64);

/// Known pairs of one class.
struct Known {
    /// By their molecule of the first side.
    pairs: Vec<Pair>,
    /// For each molecule of the second side what it is told of by any of the first.
    any: Vec<Lane>,
}

/// The labels that one molecule of the first side is told of, by molecule of the second.
#[derive(Clone)]
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

impl Told {
    /// Takes all pairs, and for each of those that ask the numbers of the pairs that it is told of, each once; `seconds` is
    /// how many molecules the second side has.
    pub(super) fn new(pairs: &[Pair], asked: &[&[u32]], seconds: usize) -> Self {
        // What is told to one more is a class of its own.
        let (mut class, mut count) = (vec![0; pairs.len()], 1);
        for known in asked {
            let mut met = HashMap::new();
            for &at in *known {
                let next = met.len() + count;
                class[at as usize] = *met.entry(class[at as usize]).or_insert(next);
            }
            count += met.len();
        }
        let mut members = vec![Vec::new(); count];
        pairs.iter().zip(&class).for_each(|(pair, &class)| members[class].push(*pair));
        let by = asked.iter().map(|known| {
            let mut met = vec![false; count];
            known.iter().for_each(|&at| met[class[at as usize]] = true);
            let sum: f64 = known.iter().map(|&at| pairs[at as usize].2).sum();
            let classes = (0..count).filter(|&class| met[class]).collect();
            By { classes, mean: sum / (known.len() as f64).max(1.0) }
        });
        let by = by.collect();
        // Of the first class nobody is told.
        members[0].clear();
        Self { by, classes: members.into_iter().map(|pairs| Known::new(pairs, seconds)).collect() }
    }

    /// Gives the mean label that one of those that ask is told of.
    pub(super) fn mean(&self, by: usize) -> f64 {
        self.by[by].mean
    }

    /// Gives a place for the sums over the first side of each class, none of them made yet.
    pub(super) fn none_made(&self) -> Vec<Option<Lines>> {
        vec![None; self.classes.len()]
    }

    /// Sums over the first side what one of those that ask is told of, for a molecule at these distances; `made` is what
    /// was summed for others about the same molecule.
    pub(super) fn lines<'a>(
        &self,
        by: usize,
        kernels: &[[f64; 2]],
        same: Option<u32>,
        made: &'a mut [Option<Lines>],
    ) -> Cow<'a, Lines> {
        let classes = &self.by[by].classes;
        for &class in classes {
            made[class].get_or_insert_with(|| self.classes[class].lines(kernels, same));
        }
        let mut lines = classes.iter().filter_map(|&class| made[class].as_ref());
        match (lines.next(), classes.len()) {
            (Some(only), 1) => Cow::Borrowed(only),
            (first, _) => {
                let none = || self.classes[0].lines(kernels, None);
                let mut sum = first.cloned().unwrap_or_else(none);
                lines.for_each(|more| sum.add(more));
                Cow::Owned(sum)
            }
        }
    }
}

impl Known {
    /// Sorts pairs by their first molecule, and keeps the order of those that share it.
    fn new(mut pairs: Vec<Pair>, seconds: usize) -> Self {
        pairs.sort_by_key(|&(first, ..)| first);
        let mut any = vec![[0.0; 2 * KERNELS]; seconds];
        for &(_, second, label) in &pairs {
            let sums = &mut any[second as usize];
            sums[6] += label;
            sums[7] += 1.0;
        }
        Self { pairs, any }
    }

    /// Gives the known pairs of a molecule of the first side.
    fn of(&self, molecule: u32) -> &[Pair] {
        let start = self.pairs.partition_point(|&(first, ..)| first < molecule);
        let end = self.pairs.partition_point(|&(first, ..)| first <= molecule);
        &self.pairs[start..end]
    }

    /// Sums over the first side, for a molecule at these distances.
    fn lines(&self, kernels: &[[f64; 2]], same: Option<u32>) -> Lines {
        let mut of = self.any.clone();
        // Pair by pair in one loop: a loop over those of each molecule would end where no processor foresees it.
        simd!(|| {
            for &(first, second, label) in &self.pairs {
                let [near, wide] = kernels[first as usize];
                let sums = &mut of[second as usize];
                let more = [near * label, near, wide * label, wide];
                for at in 0..4 {
                    sums[at] += more[at];
                }
            }
        });
        for &(_, second, label) in same.map_or(&[][..], |same| self.of(same)) {
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
    fn add(&mut self, other: &Self) {
        for (lane, more) in self.of.iter_mut().chain([&mut self.all]).zip(other.of.iter().chain([&other.all]))
        {
            lane.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }

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
