//! Chooses among experts by what they said of inner folds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Kind, Weights};
use crate::metrics::{auroc, pearson};
use crate::pair::Task;
use crate::split::Regime;

/// What was chosen among, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice<C> {
    /// What the test pairs are new in, and the inner folds were drawn by.
    pub regime: Regime,
    /// Inner folds; 0 where the training part is too small for any.
    pub folds: usize,
    /// The pairs of these folds.
    pub pairs: usize,
    /// What was measured on them: `auroc` or `pearson`.
    pub metric: String,
    /// The number of the chosen candidate.
    pub chosen: usize,
    /// What was chosen among.
    pub candidates: Vec<Candidate<C>>,
}

/// One expert, or a mean of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate<C> {
    /// The name, as of its file of predictions.
    pub name: String,
    /// How much each expert counts.
    pub weights: Weights,
    /// The figure on the inner folds; `null` where it is not defined.
    pub figure: Option<f64>,
    /// How its scores become predictions, fitted on the inner folds.
    pub calibration: C,
}

/// What experts that have not seen the pairs said of inner folds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inner {
    /// The number of folds.
    pub folds: usize,
    /// The score of each pair by each expert.
    pub scores: BTreeMap<Kind, Vec<f64>>,
    /// The label of each pair.
    pub labels: Vec<f64>,
}

impl<C> Candidate<C> {
    /// Gives the weighted mean of the experts' scores for the pair at a place.
    pub fn score(&self, scores: &BTreeMap<Kind, Vec<f64>>, at: usize) -> f64 {
        weighted(&self.weights, scores, at)
    }
}

fn weighted(weights: &Weights, scores: &BTreeMap<Kind, Vec<f64>>, at: usize) -> f64 {
    weights.iter().map(|(kind, weight)| weight * scores.get(kind).map_or(f64::NAN, |scores| scores[at])).sum()
}

/// Chooses the candidate of the highest figure, the first of equals; `calibrate` turns its scores and labels into what
/// makes them predictions. Without inner folds it is the first.
pub fn choose<C>(
    candidates: Vec<(String, Weights)>,
    inner: &Inner,
    regime: Regime,
    task: Task,
    calibrate: impl Fn(&[f64], &[f64]) -> C,
) -> Choice<C> {
    let truth: Vec<bool> = inner.labels.iter().map(|&label| label > 0.5).collect();
    let candidates: Vec<Candidate<C>> = candidates
        .into_iter()
        .map(|(name, weights)| {
            let count = if inner.folds == 0 { 0 } else { inner.labels.len() };
            let scores: Vec<f64> = (0..count).map(|at| weighted(&weights, &inner.scores, at)).collect();
            let figure = match task {
                _ if scores.is_empty() => f64::NAN,
                Task::Classification => auroc(&scores, &truth),
                Task::Affinity => pearson(&scores, &inner.labels),
            };
            let calibration = calibrate(&scores, &inner.labels[..count]);
            Candidate { name, weights, figure: figure.is_finite().then_some(figure), calibration }
        })
        .collect();
    let mut chosen = 0;
    for (number, candidate) in candidates.iter().enumerate() {
        if candidate.figure.unwrap_or(f64::NEG_INFINITY)
            > candidates[chosen].figure.unwrap_or(f64::NEG_INFINITY)
        {
            chosen = number;
        }
    }
    let metric = match task {
        Task::Classification => "auroc",
        Task::Affinity => "pearson",
    };
    Choice {
        regime,
        folds: inner.folds,
        pairs: inner.labels.len(),
        metric: metric.into(),
        chosen,
        candidates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expert::{ExpertChoice, candidates};

    fn chosen(relay: &[f64], trees: &[f64], labels: &[f64]) -> Choice<usize> {
        let scores = [(Kind::Relay, relay.to_vec()), (Kind::Trees, trees.to_vec())].into();
        let inner = Inner { folds: 3, scores, labels: labels.to_vec() };
        choose(
            candidates(ExpertChoice::Auto, false),
            &inner,
            Regime::Partner,
            Task::Classification,
            |s, _| s.len(),
        )
    }

    #[test]
    fn what_ranks_best_is_chosen_and_the_first_of_equals() {
        let labels = [1.0, 0.0, 1.0, 0.0];
        let good = [1.0, 0.0, 2.0, -1.0];
        let bad = [0.0, 1.0, 2.0, 5.0];
        let name = |choice: &Choice<usize>| choice.candidates[choice.chosen].name.clone();
        assert_eq!(name(&chosen(&good, &bad, &labels)), "relay");
        assert_eq!(name(&chosen(&bad, &good, &labels)), "trees");
        assert_eq!(name(&chosen(&good, &good, &labels)), "relay");
        // Each is wrong about one pair, and their mean about none.
        let mixed = chosen(&[3.0, 0.0, -0.4, 0.0], &[-0.4, 0.0, 3.0, 0.0], &labels);
        assert_eq!(name(&mixed), "relay-trees-3-7");
        assert_eq!((mixed.candidates[2].figure, mixed.candidates[2].calibration), (Some(1.0), 4));
    }

    #[test]
    fn without_inner_folds_or_with_one_class_the_first_is_taken() {
        let none = choose(
            candidates(ExpertChoice::Trees, true),
            &Inner::default(),
            Regime::Both,
            Task::Classification,
            |s, _| s.len(),
        );
        assert_eq!((none.chosen, none.folds, none.candidates[0].figure), (0, 0, None));
        assert_eq!(chosen(&[1.0, 2.0], &[2.0, 1.0], &[1.0, 1.0]).chosen, 0);
    }
}
