//! Draws resamples of pairs and turns what they give into intervals.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use crate::pair::Sides;
use crate::rng::Rng;

/// The share of resamples that must have a value before an interval is given: in small folds some resamples hold
/// one class only.
const DEFINED: f64 = 0.9;

/// A 95 % percentile interval.
///
/// ```
/// use crossmamba::metrics::Interval;
///
/// let interval = Interval::of((0..=1000).map(f64::from));
/// assert_eq!(interval, Some(Interval { low: 25.0, high: 975.0 }));
/// assert_eq!(Interval::of([f64::NAN; 10]), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

impl Interval {
    /// Gives the interval that holds the middle 95 % of the values that are not NaN (quantiles interpolated
    /// linearly); `None` when more than one value in ten is NaN, or there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (mut defined, mut all) = (Vec::new(), 0);
        for value in values {
            all += 1;
            if !value.is_nan() {
                defined.push(value);
            }
        }
        if defined.is_empty() || (defined.len() as f64) < DEFINED * f64::from(all) {
            return None;
        }
        defined.sort_unstable_by(f64::total_cmp);
        Some(Self { low: quantile(&defined, 0.025), high: quantile(&defined, 0.975) })
    }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// What resamples draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Resample {
    /// Pairs, within each fold: how far the figures would move with other pairs of the same molecules
    Pairs,
    /// RNAs and partners: how far they would move with other molecules
    #[default]
    Molecules,
}

/// Resamples with replacement, of pairs or of molecules.
///
/// ```
/// use crossmamba::metrics::Bootstrap;
///
/// let two_pairs_and_one_with_its_mirror = vec![vec![vec![0], vec![1], vec![2, 3]]];
/// let weights = Bootstrap::new(1, 100, 4, two_pairs_and_one_with_its_mirror).weights(7);
/// assert_eq!(weights[2], weights[3]);
/// ```
///
/// Resample `i` depends on the seed and on `i` alone: it is the same for every model that is compared, and for any
/// number of threads.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    seed: Rng,
    resamples: usize,
    drawn: Drawn,
}

/// What is drawn, each as often as there are such things.
#[derive(Debug, Clone)]
enum Drawn {
    /// Units of pairs in strata that divide the pairs.
    Units { pairs: usize, strata: Vec<Vec<Vec<usize>>> },
    /// Molecules in pools; the molecules of each pair.
    Molecules { pools: Vec<Range<usize>>, pairs: Vec<Sides<usize>> },
}

impl Bootstrap {
    /// Plans resamples of the pairs 0..`pairs`, which the strata (folds) divide, so that folds keep their sizes, and each
    /// of these its units: a pair, or a pair together with its mirror, which says the same twice.
    pub fn new(seed: u64, resamples: usize, pairs: usize, strata: Vec<Vec<Vec<usize>>>) -> Self {
        Self { seed: Rng::new(seed), resamples, drawn: Drawn::Units { pairs, strata } }
    }

    /// Plans resamples of molecules, given by their number for each pair: a pair is drawn as often as its RNA times its
    /// partner (the pigeonhole bootstrap: Owen 2007, Annals of Applied Statistics 1, 386). Where pairs share molecules
    /// this is what they are worth; it errs, if at all, towards intervals that are too wide. Where a number stands on
    /// both sides, as between RNAs, the molecules of both are drawn together.
    ///
    /// ```
    /// use crossmamba::metrics::Bootstrap;
    /// use crossmamba::pair::Sides;
    ///
    /// // One RNA with three proteins: it is always drawn once.
    /// let pairs = Sides::new(vec![0, 0, 0], vec![1, 2, 3]);
    /// let weights = Bootstrap::of_molecules(1, 100, &pairs).weights(0);
    /// assert_eq!(weights.iter().sum::<u32>(), 3);
    /// ```
    pub fn of_molecules(seed: u64, resamples: usize, molecules: &Sides<Vec<u32>>) -> Self {
        let known = molecules.as_ref().map(|numbers| numbers.iter().copied().collect::<BTreeSet<u32>>());
        let groups = if known.rna.is_disjoint(&known.partner) {
            vec![known.rna, known.partner]
        } else {
            vec![&known.rna | &known.partner]
        };
        let (mut places, mut pools) = (BTreeMap::new(), Vec::new());
        for group in groups {
            let first = places.len();
            places.extend(group.into_iter().zip(first..));
            pools.push(first..places.len());
        }
        let pairs = molecules.rna.iter().zip(&molecules.partner);
        let pairs = pairs.map(|(rna, partner)| Sides::new(places[rna], places[partner])).collect();
        Self { seed: Rng::new(seed), resamples, drawn: Drawn::Molecules { pools, pairs } }
    }

    /// Gives how many times each pair stands in a resample.
    pub fn weights(&self, resample: usize) -> Vec<u32> {
        let mut rng = self.seed.fork(&format!("bootstrap {resample}"));
        match &self.drawn {
            Drawn::Units { pairs, strata } => {
                let mut weights = vec![0; *pairs];
                for stratum in strata {
                    for _ in stratum {
                        for &pair in &stratum[rng.below(stratum.len())] {
                            weights[pair] += 1;
                        }
                    }
                }
                weights
            }
            Drawn::Molecules { pools, pairs } => {
                let mut times = vec![0; pools.last().map_or(0, |pool| pool.end)];
                for pool in pools {
                    for _ in pool.clone() {
                        times[pool.start + rng.below(pool.len())] += 1;
                    }
                }
                let weight = |pair: &Sides<usize>| {
                    let with_itself = pair.rna == pair.partner;
                    times[pair.rna] * if with_itself { 1 } else { times[pair.partner] }
                };
                pairs.iter().map(weight).collect()
            }
        }
    }

    /// Computes something on every resample, in parallel; the results stand in the order of the resamples.
    pub fn map<T: Send>(&self, compute: impl Fn(&[u32]) -> T + Sync) -> Vec<T> {
        (0..self.resamples).into_par_iter().map(|resample| compute(&self.weights(resample))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strata whose units are single pairs.
    fn single(strata: &[&[usize]]) -> Vec<Vec<Vec<usize>>> {
        strata.iter().map(|stratum| stratum.iter().map(|&pair| vec![pair]).collect()).collect()
    }

    #[test]
    fn folds_keep_their_sizes() {
        let bootstrap = Bootstrap::new(1, 10, 5, single(&[&[0, 2], &[1, 3, 4]]));
        for weights in bootstrap.map(<[u32]>::to_vec) {
            assert_eq!(weights[0] + weights[2], 2);
            assert_eq!(weights[1] + weights[3] + weights[4], 3);
        }
        assert_ne!(bootstrap.weights(0), bootstrap.weights(4));
    }

    #[test]
    fn molecules_are_drawn_together_with_all_their_pairs() {
        // Two RNAs, each with the same three proteins: what differs within an RNA is drawn by its proteins alone.
        let pairs = Sides::new(vec![0, 0, 0, 1, 1, 1], vec![7, 8, 9, 7, 8, 9]);
        for weights in Bootstrap::of_molecules(1, 50, &pairs).map(<[u32]>::to_vec) {
            let (first, second) = weights.split_at(3);
            let (a, b) = (first.iter().sum::<u32>(), second.iter().sum::<u32>());
            assert_eq!((a + b, a % 3), (6, 0), "{weights:?}");
            assert!((0..3).all(|i| first[i] * b == second[i] * a), "{weights:?}");
        }
        // Between RNAs there is one pool, a pair and its mirror are one, and a molecule with itself counts once.
        let between = Sides::new(vec![0, 1, 2], vec![1, 0, 2]);
        for weights in Bootstrap::of_molecules(1, 50, &between).map(<[u32]>::to_vec) {
            assert_eq!(weights[0], weights[1]);
            assert!(weights[2] <= 3);
        }
    }

    #[test]
    fn the_interval_of_molecules_covers_a_mean_of_molecules() {
        // Twenty RNAs whose ten pairs all say the same: there are twenty values, not two hundred.
        let values: Vec<f64> = (0..200).map(|i| f64::from(i / 10)).collect();
        let pairs = Sides::new((0..200).map(|i| i / 10).collect(), (0..200).map(|i| 100 + i).collect());
        let means = Bootstrap::of_molecules(3, 1000, &pairs).map(|w| {
            let total: f64 = w.iter().map(|&w| f64::from(w)).sum();
            values.iter().zip(w).map(|(v, &w)| v * f64::from(w)).sum::<f64>() / total
        });
        let interval = Interval::of(means).unwrap();
        let width = (interval.high - interval.low) / (2.0 * 1.96 * 5.766 / 20_f64.sqrt());
        assert!((0.9..1.3).contains(&width), "{width}");
    }

    #[test]
    fn any_number_of_threads_gives_the_same() {
        let bootstrap = Bootstrap::new(9, 64, 50, single(&[&(0..50).collect::<Vec<_>>()]));
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bootstrap.map(<[u32]>::to_vec))
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn an_interval_needs_values() {
        let hundred: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 1000.0).collect();
        assert_eq!(Interval::of(hundred.clone()), Some(Interval { low: 0.025, high: 0.975 }));
        assert_eq!(Interval::of([]), None);
        assert_eq!(Interval::of(hundred.into_iter().map(|x| if x < 0.2 { f64::NAN } else { x })), None);
    }

    #[test]
    fn the_interval_covers_the_mean_of_a_sample() {
        // The bootstrap's standard error of a mean of n values is sd/√n.
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let bootstrap = Bootstrap::new(3, 1000, 400, single(&[&(0..400).collect::<Vec<_>>()]));
        let means =
            bootstrap.map(|w| values.iter().zip(w).map(|(v, &w)| v * f64::from(w)).sum::<f64>() / 400.0);
        let interval = Interval::of(means).unwrap();
        let width = (interval.high - interval.low) / (2.0 * 1.96 * 5.766 / 20.0);
        assert!((0.9..1.1).contains(&width), "{width}");
    }
}
