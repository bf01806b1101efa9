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
    /// By head, the figure of the network alone, where several heads were compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heads: BTreeMap<String, Option<f64>>,
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

impl<C> Choice<C> {
    /// Says in a sentence what was chosen, and among what.
    ///
    /// ```
    /// use crossmamba::expert::{Inner, Kind, choose};
    /// use crossmamba::pair::Task;
    /// use crossmamba::split::Regime;
    ///
    /// let scores = [(Kind::Relay, vec![0.5, 2.0]), (Kind::Trees, vec![1.5, -1.0])].into();
    /// let inner = Inner { folds: 3, scores, labels: vec![1.0, 0.0] };
    /// let choice = choose(&[Kind::Relay, Kind::Trees], &inner, Regime::Partner, Task::Classification, |_, _| ());
    /// assert_eq!(
    ///     choice.in_words(),
    ///     "trees, by the auroc on 3 inner folds of new partners: relay 0.000, trees 1.000, blend 1.000 (0.5 relay + 0.5 trees)"
    /// );
    /// ```
    pub fn in_words(&self) -> String {
        let name = self.candidates.get(self.chosen).map_or("nothing", |one| one.name.as_str());
        if self.folds == 0 {
            return format!("{name}, unseen, as the training part is too small for inner folds");
        }
        let told = |one: &Candidate<C>| {
            let figure = one.figure.map_or("undefined".to_owned(), |figure| format!("{figure:.3}"));
            let parts = one.weights.iter().map(|(kind, weight)| format!("{weight:.1} {}", kind.name()));
            let parts: Vec<String> = parts.collect();
            let of = if one.name == BLEND { format!(" ({})", parts.join(" + ")) } else { String::new() };
            format!("{} {figure}{of}", one.name)
        };
        let all: Vec<String> = self.candidates.iter().map(told).collect();
        let new = match self.regime {
            Regime::Pairs => "new pairs of known molecules",
            Regime::Rna => "new RNAs",
            Regime::Partner => "new partners",
            Regime::Both => "new RNAs and new partners",
        };
        let figures = |(head, figure): (&String, &Option<f64>)| {
            format!("{head} {}", figure.map_or("undefined".to_owned(), |figure| format!("{figure:.3}")))
        };
        let heads: Vec<String> = self.heads.iter().map(figures).collect();
        let heads =
            if heads.is_empty() { String::new() } else { format!("; relay by head: {}", heads.join(", ")) };
        format!(
            "{name}, by the {} on {} inner folds of {new}: {}{heads}",
            self.metric,
            self.folds,
            all.join(", ")
        )
    }
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

/// The name of the mean of all experts.
pub const BLEND: &str = "blend";
/// The weights of a mean are tenths.
const SHARES: usize = 10;

/// Chooses among some experts and their best mean, whose weights are tenths: what has the highest figure on the inner
/// folds, the first of equals. `calibrate` turns scores and labels into what makes scores predictions. Without inner folds
/// it is the first expert, and the mean weighs all alike.
pub fn choose<C>(
    kinds: &[Kind],
    inner: &Inner,
    regime: Regime,
    task: Task,
    calibrate: impl Fn(&[f64], &[f64]) -> C,
) -> Choice<C> {
    let count = if inner.folds == 0 { 0 } else { inner.labels.len() };
    let scores = |weights: &Weights| -> Vec<f64> {
        (0..count).map(|at| weighted(weights, &inner.scores, at)).collect()
    };
    let figure = |scores: &[f64]| figure(task, scores, &inner.labels[..count]);
    let mut named: Vec<(String, Weights)> =
        kinds.iter().map(|&kind| (kind.name().to_owned(), Weights::from([(kind, 1.0)]))).collect();
    if kinds.len() > 1 {
        let alike = kinds.iter().map(|&kind| (kind, 1.0 / kinds.len() as f64)).collect();
        let mut best: (Weights, Option<f64>) = (alike, None);
        if count > 0 {
            for weights in means(kinds) {
                let found = figure(&scores(&weights));
                if better(found, best.1) {
                    best = (weights, found);
                }
            }
        }
        named.push((BLEND.into(), best.0));
    }
    let candidates: Vec<Candidate<C>> = named
        .into_iter()
        .map(|(name, weights)| {
            let scores = scores(&weights);
            let calibration = calibrate(&scores, &inner.labels[..count]);
            Candidate { name, weights, figure: figure(&scores), calibration }
        })
        .collect();
    let mut chosen = 0;
    for (number, candidate) in candidates.iter().enumerate() {
        if better(candidate.figure, candidates[chosen].figure) {
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
        heads: BTreeMap::new(),
    }
}

/// Measures how well scores rank labels: AUROC, or Pearson's correlation with affinities; nothing where it is not defined.
pub fn figure(task: Task, scores: &[f64], labels: &[f64]) -> Option<f64> {
    let figure = match task {
        _ if scores.is_empty() => f64::NAN,
        Task::Classification => auroc(scores, &labels.iter().map(|&label| label > 0.5).collect::<Vec<_>>()),
        Task::Affinity => pearson(scores, labels),
    };
    figure.is_finite().then_some(figure)
}

/// Tells whether one figure is above another; one that is not defined is above none.
pub fn better(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one > other,
        (one, _) => one.is_some(),
    }
}

/// Lists all weights in tenths that are 1 together, the more even ones first.
fn means(kinds: &[Kind]) -> Vec<Weights> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for left in (0..kinds.len()).rev() {
        let longer = |shares: Vec<usize>| {
            let rest = SHARES - shares.iter().sum::<usize>();
            let least = if left == 0 { rest } else { 0 };
            (least..=rest).map(move |share| [&shares[..], &[share]].concat())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all.sort_by_key(|shares| shares.iter().map(|share| share * share).sum::<usize>());
    let weights = |shares: Vec<usize>| {
        let used = kinds.iter().zip(shares).filter(|(_, share)| *share > 0);
        used.map(|(&kind, share)| (kind, share as f64 / SHARES as f64)).collect()
    };
    all.into_iter().map(weights).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(relay: &[f64], trees: &[f64], labels: &[f64]) -> Choice<usize> {
        let scores = [(Kind::Relay, relay.to_vec()), (Kind::Trees, trees.to_vec())].into();
        let inner = Inner { folds: 3, scores, labels: labels.to_vec() };
        choose(&[Kind::Relay, Kind::Trees], &inner, Regime::Partner, Task::Classification, |s, _| s.len())
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
        // Each is wrong about one pair, and their mean about none; of the means that are, the most even one.
        let mixed = chosen(&[3.0, 0.0, -0.4, 0.0], &[-0.4, 0.0, 3.0, 0.0], &labels);
        assert_eq!(name(&mixed), "blend");
        let blend = &mixed.candidates[2];
        assert_eq!((blend.figure, blend.calibration), (Some(1.0), 4));
        assert_eq!(blend.weights, [(Kind::Relay, 0.5), (Kind::Trees, 0.5)].into());
    }

    #[test]
    fn a_mean_is_never_worse_than_an_expert_on_the_inner_folds() {
        let labels = [1.0, 0.0, 1.0, 0.0, 1.0];
        let choice = chosen(&[0.3, 0.4, 2.0, -1.0, 0.1], &[0.2, 0.1, -0.5, 0.9, 0.8], &labels);
        let figure = |number: usize| choice.candidates[number].figure.unwrap();
        assert!(figure(2) >= figure(0).max(figure(1)));
    }

    #[test]
    fn weights_are_tenths_and_one_together() {
        let all = means(&[Kind::Relay, Kind::Trees, Kind::Transfer, Kind::Gp]);
        assert_eq!(all.len(), 286);
        assert!(all.iter().all(|weights| (weights.values().sum::<f64>() - 1.0).abs() < 1e-12));
        assert_eq!(all[0].len(), 4);
        assert_eq!(all[285].len(), 1);
        assert_eq!(all.iter().filter(|weights| weights.len() == 1).count(), 4);
    }

    #[test]
    fn without_inner_folds_or_with_one_class_the_first_is_taken() {
        let kinds = [Kind::Trees, Kind::Transfer];
        let none = choose(&kinds, &Inner::default(), Regime::Both, Task::Classification, |s, _| s.len());
        assert_eq!((none.chosen, none.folds, none.candidates[0].figure), (0, 0, None));
        assert_eq!(none.candidates[2].weights, [(Kind::Trees, 0.5), (Kind::Transfer, 0.5)].into());
        assert_eq!(chosen(&[1.0, 2.0], &[2.0, 1.0], &[1.0, 1.0]).chosen, 0);
    }
}
