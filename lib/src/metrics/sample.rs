//! Computes every metric of a task at once, also for weighted resamples.

use serde::Serialize;

use super::agreement::{weighted_mae, weighted_pearson, weighted_rmse, weighted_spearman};
use super::curve::weighted_roc_heights;
use super::probability::{weighted_brier, weighted_ece};
use super::ranking::{weighted_auprc, weighted_auroc};
use super::{Confusion, THRESHOLD, ascending, ones};

/// A measure, named as in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
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
}

impl Metric {
    /// The measures of classification, in the order of tables.
    pub const CLASSIFICATION: [Self; 9] = [
        Self::Accuracy,
        Self::Mcc,
        Self::F1,
        Self::Auroc,
        Self::Auprc,
        Self::Sensitivity,
        Self::Specificity,
        Self::Brier,
        Self::Ece,
    ];
    /// The measures of affinity, in the order of tables.
    pub const AFFINITY: [Self; 4] = [Self::Pearson, Self::Spearman, Self::Rmse, Self::Mae];

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
        }
    }

    /// Tells whether a smaller value is better.
    pub const fn is_error(self) -> bool {
        matches!(self, Self::Brier | Self::Ece | Self::Rmse | Self::Mae)
    }
}

/// Predictions beside truths, sorted once so that a resample costs one pass.
#[derive(Debug, Clone)]
pub enum Sample {
    /// Probabilities and labels.
    Classification {
        /// The probability of the positive class.
        probabilities: Vec<f64>,
        /// Whether the pair interacts.
        labels: Vec<bool>,
        /// The pairs by ascending probability.
        order: Vec<u32>,
    },
    /// Predicted and measured affinities.
    Affinity {
        /// The predicted affinity.
        predicted: Vec<f64>,
        /// The measured affinity.
        measured: Vec<f64>,
        /// The pairs by ascending prediction, and by ascending measurement.
        orders: [Vec<u32>; 2],
    },
}

impl Sample {
    /// Takes probabilities and labels.
    pub fn classification(probabilities: Vec<f64>, labels: Vec<bool>) -> Self {
        let order = ascending(&probabilities);
        Self::Classification { probabilities, labels, order }
    }

    /// Takes predicted and measured affinities.
    pub fn affinity(predicted: Vec<f64>, measured: Vec<f64>) -> Self {
        let orders = [ascending(&predicted), ascending(&measured)];
        Self::Affinity { predicted, measured, orders }
    }

    /// Gives the number of pairs.
    pub fn len(&self) -> usize {
        match self {
            Self::Classification { labels, .. } => labels.len(),
            Self::Affinity { measured, .. } => measured.len(),
        }
    }

    /// Tells whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the metrics that [`Sample::measure`] computes, in its order.
    pub fn metrics(&self) -> &'static [Metric] {
        match self {
            Self::Classification { .. } => &Metric::CLASSIFICATION,
            Self::Affinity { .. } => &Metric::AFFINITY,
        }
    }

    /// Computes every metric; NaN where one is not defined.
    pub fn measure(&self) -> Vec<f64> {
        self.measure_weighted(&ones(self.len()))
    }

    /// Computes every metric of the sample in which pair i stands `weights[i]` times.
    pub fn measure_weighted(&self, weights: &[u32]) -> Vec<f64> {
        match self {
            Self::Classification { probabilities: p, labels, order } => {
                let calls = Confusion::weighted(THRESHOLD, p, labels, weights);
                vec![
                    calls.accuracy(),
                    calls.mcc(),
                    calls.f1(),
                    weighted_auroc(p, labels, order, weights),
                    weighted_auprc(p, labels, order, weights),
                    calls.sensitivity(),
                    calls.specificity(),
                    weighted_brier(p, labels, weights),
                    weighted_ece(p, labels, weights),
                ]
            }
            Self::Affinity { predicted, measured, orders } => vec![
                weighted_pearson(predicted, measured, weights),
                weighted_spearman(predicted, measured, [&orders[0], &orders[1]], weights),
                weighted_rmse(predicted, measured, weights),
                weighted_mae(predicted, measured, weights),
            ],
        }
    }

    /// Gives the ROC curve's height at the false positive rates 0, 1/`steps`, …, 1 of the sample in which pair i
    /// stands `weights[i]` times; empty for an affinity and for one class only.
    pub fn roc_heights(&self, weights: &[u32], steps: usize) -> Vec<f64> {
        match self {
            Self::Classification { probabilities, labels, order } => {
                weighted_roc_heights(probabilities, labels, order, weights, steps)
            }
            Self::Affinity { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{auroc, brier, spearman};
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
        let (x, y) = (vec![1.0, 2.0, 2.0], vec![3.0, 1.0, 4.0]);
        assert_eq!(Sample::affinity(x.clone(), y.clone()).measure()[1], spearman(&x, &y));
    }
}
