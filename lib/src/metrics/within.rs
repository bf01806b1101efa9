//! Measures how well the pairs of one molecule are ordered among themselves.
//!
//! Which molecule a pair has says much about its label in most tables, and a model that knows nothing but each molecule's
//! share of positives ranks all pairs well together. Among the pairs of one RNA that share is the same for all: it orders
//! nothing, and what orders them has read the partners.

use super::ranked::{Ranked, Ties};
use super::ranking::couples;
use super::{ascending_within, ones, ratio};

/// Gives the AUROC within groups: of all couples of a positive and a negative of one group, the share in which the
/// positive has the higher score, ties counting one half. Every couple counts alike, so that large groups count more.
/// NaN where no group holds both classes, or for a score that is NaN.
///
/// `groups` numbers the group of each pair, such as its RNA within its fold.
///
/// ```
/// use crossmamba::metrics::auroc_within;
///
/// // The second group is scored higher as a whole, which says nothing within either.
/// let area = auroc_within(&[0.1, 0.2, 0.8, 0.7], &[false, true, false, true], &[0, 0, 1, 1]);
/// assert_eq!(area, 0.5);
/// ```
pub fn auroc_within(scores: &[f64], labels: &[bool], groups: &[u32]) -> f64 {
    weighted_auroc_within(&Ranked::within(scores, labels, groups).ties(&ones(labels.len())))
}

/// Gives the rank correlation within groups: of all couples of one group whose measurements differ, the share that the
/// predictions order alike less the share that they order the other way (Somers' D, which is Kendall's τ without ties in
/// the predictions). NaN where no group holds two measurements, or for a prediction that is NaN.
///
/// ```
/// use crossmamba::metrics::tau_within;
///
/// let tau = tau_within(&[1.0, 2.0, 9.0, 8.0], &[4.0, 5.0, 6.0, 7.0], &[0, 0, 1, 1]);
/// assert_eq!(tau, 0.0);
/// ```
pub fn tau_within(predicted: &[f64], measured: &[f64], groups: &[u32]) -> f64 {
    Grouped::new(groups, measured).tau(predicted, measured, &ones(measured.len()))
}

/// Gives [`auroc_within`] the groups of these ties.
pub(super) fn weighted_auroc_within(ties: &Ties<'_>) -> f64 {
    if ties.has_nan() {
        return f64::NAN;
    }
    let (won, all) =
        ties.groups().map(couples).fold((0.0, 0.0), |sum, more| (sum.0 + more.0, sum.1 + more.1));
    ratio(won, all)
}

/// Items sorted by group and, within each, by their measurement.
#[derive(Debug, Clone, Default)]
pub(super) struct Grouped {
    order: Vec<u32>,
    /// Where each group ends in the order.
    ends: Vec<usize>,
}

impl Grouped {
    /// Sorts the items; groups of one item order nothing and are left out.
    pub(super) fn new(groups: &[u32], measured: &[f64]) -> Self {
        let order = ascending_within(measured, groups);
        let mut kept = Self::default();
        for group in order.chunk_by(|&a, &b| groups[a as usize] == groups[b as usize]) {
            if group.len() > 1 {
                kept.order.extend_from_slice(group);
                kept.ends.push(kept.order.len());
            }
        }
        kept
    }

    /// Gives the items of each group.
    fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.order[start..end])
    }

    /// Gives Somers' D within groups of the sample in which item i stands `weights[i]` times; `measured` are the values
    /// that they were sorted by.
    pub(super) fn tau(&self, predicted: &[f64], measured: &[f64], weights: &[u32]) -> f64 {
        if predicted.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        let (mut score, mut couples) = (0.0, 0.0);
        for group in self.groups() {
            let mut values: Vec<f64> = group.iter().map(|&item| predicted[item as usize]).collect();
            values.sort_unstable_by(f64::total_cmp);
            values.dedup();
            let place = |item: u32| values.partition_point(|&value| value < predicted[item as usize]);
            let mut seen = Sums::new(values.len());
            for tie in group.chunk_by(|&a, &b| measured[a as usize] == measured[b as usize]) {
                for &item in tie {
                    let (at, weight) = (place(item), f64::from(weights[item as usize]));
                    let (below, upto) = (seen.below(at), seen.below(at + 1));
                    score += weight * (below - (seen.all - upto));
                    couples += weight * seen.all;
                }
                for &item in tie {
                    seen.add(place(item), f64::from(weights[item as usize]));
                }
            }
        }
        ratio(score, couples)
    }
}

/// Sums over the first places of a list that grows (Fenwick 1994). Weights are whole numbers: the sums are exact.
struct Sums {
    tree: Vec<f64>,
    all: f64,
}

impl Sums {
    fn new(places: usize) -> Self {
        Self { tree: vec![0.0; places + 1], all: 0.0 }
    }

    fn add(&mut self, place: usize, weight: f64) {
        self.all += weight;
        let mut at = place + 1;
        while at < self.tree.len() {
            self.tree[at] += weight;
            at += at & at.wrapping_neg();
        }
    }

    /// Sums the places before one.
    fn below(&self, place: usize) -> f64 {
        let (mut at, mut sum) = (place, 0.0);
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Items on coarse grids, so that ties happen: scores, measurements, groups and weights.
    fn drawn(seed: u64) -> (Vec<f64>, Vec<f64>, Vec<u32>, Vec<u32>) {
        let mut rng = Rng::new(seed);
        let mut grid = |n: usize| -> Vec<f64> { (0..150).map(|_| rng.below(n) as f64 / 7.0).collect() };
        let (scores, measured) = (grid(12), grid(9));
        let groups = (0..150).map(|_| rng.below(13) as u32).collect();
        let weights = (0..150).map(|_| rng.below(3) as u32).collect();
        (scores, measured, groups, weights)
    }

    /// Sums over all couples of one group, by definition: what each adds, and how many there are.
    fn couples(groups: &[u32], weights: &[u32], of: impl Fn(usize, usize) -> Option<f64>) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (a, b) in (0..groups.len()).flat_map(|a| (0..groups.len()).map(move |b| (a, b))) {
            if groups[a] == groups[b]
                && let Some(value) = of(a, b)
            {
                let weight = f64::from(weights[a] * weights[b]);
                sum += weight * value;
                count += weight;
            }
        }
        sum / count
    }

    #[test]
    fn both_measures_equal_their_definition_over_all_couples() {
        for seed in 0..5 {
            let (scores, measured, groups, weights) = drawn(seed);
            let labels: Vec<bool> = measured.iter().map(|&value| value > 0.5).collect();
            let area = couples(&groups, &weights, |a, b| {
                let half = if scores[a] == scores[b] { 0.5 } else { 0.0 };
                (labels[a] && !labels[b]).then(|| if scores[a] > scores[b] { 1.0 } else { half })
            });
            let found = weighted_auroc_within(&Ranked::within(&scores, &labels, &groups).ties(&weights));
            assert!((found - area).abs() < 1e-12, "{found} {area}");
            let tau = couples(&groups, &weights, |a, b| {
                let sign = |x: f64, y: f64| f64::from(i8::from(x > y) - i8::from(x < y));
                (measured[a] > measured[b]).then(|| sign(scores[a], scores[b]))
            });
            let found = Grouped::new(&groups, &measured).tau(&scores, &measured, &weights);
            assert!((found - tau).abs() < 1e-12, "{found} {tau}");
        }
    }

    #[test]
    fn a_score_of_the_group_alone_orders_nothing_within_it() {
        let (_, measured, groups, _) = drawn(9);
        let labels: Vec<bool> = measured.iter().map(|&value| value > 0.5).collect();
        let degree: Vec<f64> = groups.iter().map(|&group| f64::from(group)).collect();
        assert_eq!(auroc_within(&degree, &labels, &groups), 0.5);
        assert_eq!(tau_within(&degree, &measured, &groups), 0.0);
    }

    #[test]
    fn without_a_couple_nothing_is_defined() {
        assert!(auroc_within(&[0.1, 0.2], &[true, false], &[0, 1]).is_nan());
        assert!(tau_within(&[0.1, 0.2], &[1.0, 1.0], &[0, 0]).is_nan());
        assert!(auroc_within(&[0.1, f64::NAN], &[true, false], &[0, 0]).is_nan());
    }
}
