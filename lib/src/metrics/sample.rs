//! Computes every metric of a task at once, also for weighted resamples.

use super::agreement::{weighted_mae, weighted_pearson, weighted_rmse, weighted_spearman};
use super::bounds::{weighted_coverage, weighted_width};
use super::curve::weighted_roc_heights;
use super::early::{weighted_bedroc, weighted_enrichment};
use super::probability::{weighted_brier, weighted_ece};
use super::ranked::Ranked;
use super::ranking::{weighted_auprc, weighted_auroc};
use super::within::{Grouped, weighted_auroc_within};
use super::{Confusion, THRESHOLD, ascending, ones, ratio};
use crate::pair::Sides;

/// A measure, named as in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Share of right calls.
    Accuracy,
    /// Matthews' correlation.
    Mcc,
    /// Harmonic mean of precision and sensitivity.
    F1,
    /// Area under the ROC curve.
    Auroc,
    /// Average precision.
    Auprc,
    /// Share of positives called positive.
    Sensitivity,
    /// Share of negatives called negative.
    Specificity,
    /// Mean squared error of the probability.
    Brier,
    /// Expected calibration error.
    Ece,
    /// Pearson's correlation.
    Pearson,
    /// Spearman's correlation.
    Spearman,
    /// Root mean squared error.
    Rmse,
    /// Mean absolute error.
    Mae,
    /// AUROC among the pairs of one RNA ([`auroc_within`](super::auroc_within)).
    AurocInRna,
    /// AUROC among the pairs of one partner.
    AurocInPartner,
    /// Rank correlation among the pairs of one RNA ([`tau_within`](super::tau_within)).
    TauInRna,
    /// Rank correlation among the pairs of one partner.
    TauInPartner,
    /// Average precision over the share of positives, which is that of a random order.
    AuprcOverChance,
    /// Enrichment of positives in the top 1 % ([`enrichment`](super::enrichment)).
    Enrichment1,
    /// Enrichment of positives in the top 5 %.
    Enrichment5,
    /// Early recognition ([`bedroc`](super::bedroc)).
    Bedroc,
    /// Share of measured affinities between their bounds ([`coverage`](super::coverage)).
    Coverage,
    /// Mean distance between the bounds.
    Width,
}

/// What a measure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// All pairs together.
    Overall,
    /// The pairs of one molecule among themselves, where how often it binds says nothing.
    Within,
    /// The top of the list, where a screen looks.
    Early,
    /// The bounds of affinities.
    Bounds,
}

impl Metric {
    /// The measures of classification, in the order of tables.
    pub const CLASSIFICATION: [Self; 15] = [
        Self::Accuracy,
        Self::Mcc,
        Self::F1,
        Self::Auroc,
        Self::Auprc,
        Self::Sensitivity,
        Self::Specificity,
        Self::Brier,
        Self::Ece,
        Self::AurocInRna,
        Self::AurocInPartner,
        Self::AuprcOverChance,
        Self::Enrichment1,
        Self::Enrichment5,
        Self::Bedroc,
    ];
    /// The measures of affinity, in the order of tables.
    pub const AFFINITY: [Self; 6] =
        [Self::Pearson, Self::Spearman, Self::Rmse, Self::Mae, Self::TauInRna, Self::TauInPartner];
    /// The measures of affinities with bounds, in the order of tables.
    pub const BOUNDED: [Self; 8] = [
        Self::Pearson,
        Self::Spearman,
        Self::Rmse,
        Self::Mae,
        Self::TauInRna,
        Self::TauInPartner,
        Self::Coverage,
        Self::Width,
    ];

    /// Gives the name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Mcc => "mcc",
            Self::F1 => "f1",
            Self::Auroc => "auroc",
            Self::Auprc => "auprc",
            Self::Sensitivity => "sensitivity",
            Self::Specificity => "specificity",
            Self::Brier => "brier",
            Self::Ece => "ece",
            Self::Pearson => "pearson",
            Self::Spearman => "spearman",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::AurocInRna => "auroc_in_rna",
            Self::AurocInPartner => "auroc_in_partner",
            Self::TauInRna => "tau_in_rna",
            Self::TauInPartner => "tau_in_partner",
            Self::AuprcOverChance => "auprc_over_chance",
            Self::Enrichment1 => "enrichment_1",
            Self::Enrichment5 => "enrichment_5",
            Self::Bedroc => "bedroc",
            Self::Coverage => "coverage",
            Self::Width => "width",
        }
    }

    /// Tells what the measure is about.
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::AurocInRna | Self::AurocInPartner | Self::TauInRna | Self::TauInPartner => Aspect::Within,
            Self::AuprcOverChance | Self::Enrichment1 | Self::Enrichment5 | Self::Bedroc => Aspect::Early,
            Self::Coverage | Self::Width => Aspect::Bounds,
            _ => Aspect::Overall,
        }
    }

    /// Tells whether a smaller value is better.
    pub const fn is_error(self) -> bool {
        matches!(self, Self::Brier | Self::Ece | Self::Rmse | Self::Mae | Self::Width)
    }
}

/// Predictions beside truths, sorted once so that a resample costs one pass.
///
/// ```
/// use crossmamba::metrics::{Metric, Sample};
///
/// let sample = Sample::classification(vec![0.9, 0.2, 0.4, 0.1], vec![true, false, true, false]);
/// let auroc = sample.metrics().iter().zip(sample.measure()).find(|(metric, _)| **metric == Metric::Auroc);
/// assert_eq!(auroc, Some((&Metric::Auroc, 1.0)));
/// ```
#[derive(Debug, Clone)]
pub struct Sample(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Probabilities and labels; the pairs by probability, all of them and those of each RNA and of each partner.
    Classification { probabilities: Vec<f64>, labels: Vec<bool>, ranked: Ranked, within: [Ranked; 2] },
    /// Predicted and measured affinities; the pairs by ascending prediction and by ascending measurement, and by RNA and by
    /// partner.
    Affinity {
        predicted: Vec<f64>,
        measured: Vec<f64>,
        orders: [Vec<u32>; 2],
        within: [Grouped; 2],
        bounds: Option<Vec<(f64, f64)>>,
    },
}

impl Sample {
    /// Takes the probability of the positive class and whether the pair interacts, for each pair.
    pub fn classification(probabilities: Vec<f64>, labels: Vec<bool>) -> Self {
        let ranked = Ranked::new(&probabilities, &labels);
        Self(Kind::Classification { probabilities, labels, ranked, within: Default::default() })
    }

    /// Takes the predicted and the measured affinity of each pair.
    pub fn affinity(predicted: Vec<f64>, measured: Vec<f64>) -> Self {
        let orders = [ascending(&predicted), ascending(&measured)];
        Self(Kind::Affinity { predicted, measured, orders, within: Default::default(), bounds: None })
    }

    /// Adds the bounds of each affinity, NaN where it has none; nothing to a classification.
    #[must_use]
    pub fn bounded(mut self, given: Vec<(f64, f64)>) -> Self {
        if let Kind::Affinity { bounds, .. } = &mut self.0 {
            *bounds = Some(given);
        }
        self
    }

    /// Adds the group of each pair by its RNA and by its partner, for the measures within one molecule.
    #[must_use]
    pub fn grouped(mut self, groups: Sides<&[u32]>) -> Self {
        match &mut self.0 {
            Kind::Classification { probabilities, labels, within, .. } => {
                *within = groups.map(|groups| Ranked::within(probabilities, labels, groups)).into_array();
            }
            Kind::Affinity { measured, within, .. } => {
                *within = groups.map(|groups| Grouped::new(groups, measured)).into_array();
            }
        }
        self
    }

    /// Gives the number of pairs.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kind::Classification { labels, .. } => labels.len(),
            Kind::Affinity { measured, .. } => measured.len(),
        }
    }

    /// Tells whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the metrics that [`Sample::measure`] computes, in its order.
    pub const fn metrics(&self) -> &'static [Metric] {
        match self.0 {
            Kind::Classification { .. } => &Metric::CLASSIFICATION,
            Kind::Affinity { bounds: None, .. } => &Metric::AFFINITY,
            Kind::Affinity { .. } => &Metric::BOUNDED,
        }
    }

    /// Computes every metric; NaN where one is not defined.
    pub fn measure(&self) -> Vec<f64> {
        self.measure_weighted(&ones(self.len()))
    }

    /// Computes every metric of the sample in which pair i stands `weights[i]` times.
    pub fn measure_weighted(&self, weights: &[u32]) -> Vec<f64> {
        match &self.0 {
            Kind::Classification { probabilities: p, labels, ranked, within } => {
                let calls = Confusion::weighted(THRESHOLD, p, labels, weights);
                let ties = ranked.ties(weights);
                let auprc = weighted_auprc(&ties);
                vec![
                    calls.accuracy(),
                    calls.mcc(),
                    calls.f1(),
                    weighted_auroc(&ties),
                    auprc,
                    calls.sensitivity(),
                    calls.specificity(),
                    weighted_brier(p, labels, weights),
                    weighted_ece(p, labels, weights),
                    weighted_auroc_within(&within[0].ties(weights)),
                    weighted_auroc_within(&within[1].ties(weights)),
                    ratio(auprc * ties.count(), ties.positives),
                    weighted_enrichment(&ties, 0.01),
                    weighted_enrichment(&ties, 0.05),
                    weighted_bedroc(&ties),
                ]
            }
            Kind::Affinity { predicted, measured, orders, within, bounds } => {
                let mut found = vec![
                    weighted_pearson(predicted, measured, weights),
                    weighted_spearman(predicted, measured, [&orders[0], &orders[1]], weights),
                    weighted_rmse(predicted, measured, weights),
                    weighted_mae(predicted, measured, weights),
                    within[0].tau(predicted, measured, weights),
                    within[1].tau(predicted, measured, weights),
                ];
                if let Some(bounds) = bounds {
                    found.extend([
                        weighted_coverage(bounds, measured, weights),
                        weighted_width(bounds, weights),
                    ]);
                }
                found
            }
        }
    }

    /// Gives the ROC curve's height at the false positive rates 0, 1/`steps`, …, 1 of the sample in which pair i
    /// stands `weights[i]` times; empty for an affinity and for one class only.
    pub fn roc_heights(&self, weights: &[u32], steps: usize) -> Vec<f64> {
        match &self.0 {
            Kind::Classification { ranked, .. } => weighted_roc_heights(&ranked.ties(weights), steps),
            Kind::Affinity { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{auroc, auroc_within, bedroc, brier, spearman};
    use super::*;

    #[test]
    fn a_sample_gives_what_the_single_functions_give() {
        let (p, labels) = (vec![0.2, 0.9, 0.5, 0.5], vec![false, true, false, true]);
        let sample = Sample::classification(p.clone(), labels.clone());
        let values = sample.measure();
        assert_eq!(values.len(), sample.metrics().len());
        assert_eq!(values[3], auroc(&p, &labels));
        assert_eq!(values[7], brier(&p, &labels));
        assert_eq!(sample.roc_heights(&[1; 4], 4), [0.5, 0.75, 1.0, 1.0, 1.0][..].to_vec());
        assert!(values[9].is_nan());
        let groups = [0, 0, 1, 1];
        let grouped = sample.grouped(Sides::new(&groups, &[0; 4])).measure();
        assert_eq!(grouped[9..11], [auroc_within(&p, &labels, &groups), auroc(&p, &labels)]);
        assert_eq!(grouped[14], bedroc(&p, &labels));
        let (x, y) = (vec![1.0, 2.0, 2.0], vec![3.0, 1.0, 4.0]);
        let affinities = Sample::affinity(x.clone(), y.clone());
        assert_eq!(affinities.measure()[1], spearman(&x, &y));
        let bounded = affinities.bounded(vec![(0.0, 2.0), (0.0, 2.0), (3.0, 5.0)]);
        assert_eq!(bounded.measure()[6..], [2.0 / 3.0, 2.0]);
        assert_eq!(bounded.metrics()[6..], [Metric::Coverage, Metric::Width]);
    }
}
