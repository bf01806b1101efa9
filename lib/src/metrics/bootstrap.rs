//! Draws resamples of pairs and turns what they give into intervals.

use rayon::prelude::*;
use serde::Serialize;

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

/// Resamples with replacement, drawn within each stratum (fold), so that folds keep their sizes. What is drawn are units
/// of pairs: a pair, or a pair together with its mirror, which says the same twice.
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
    pairs: usize,
    strata: Vec<Vec<Vec<usize>>>,
}

impl Bootstrap {
    /// Plans resamples of the pairs 0..`pairs`, which the strata divide, and each of these its units.
    pub fn new(seed: u64, resamples: usize, pairs: usize, strata: Vec<Vec<Vec<usize>>>) -> Self {
        Self { seed: Rng::new(seed), resamples, pairs, strata }
    }

    /// Gives how many times each pair stands in a resample.
    pub fn weights(&self, resample: usize) -> Vec<u32> {
        let mut rng = self.seed.fork(&format!("bootstrap {resample}"));
        let mut weights = vec![0; self.pairs];
        for stratum in &self.strata {
            for _ in stratum {
                for &pair in &stratum[rng.below(stratum.len())] {
                    weights[pair] += 1;
                }
            }
        }
        weights
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
