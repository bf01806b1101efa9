//! One row of a table of predictions.

use super::Trusted;
use crate::record::RecordId;
use crate::split::FoldName;

/// What is predicted of one pair, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The RNA.
    pub rna: RecordId,
    /// The partner.
    pub partner: RecordId,
    /// The measured label.
    pub label: Option<f64>,
    /// The fold whose model has not seen the pair.
    pub fold: Option<FoldName>,
    /// The prediction.
    pub predicted: Predicted,
    /// Within which bounds an affinity lies, at some certainty.
    pub interval: Option<(f64, f64)>,
    /// How far to trust it.
    pub trusted: Option<Trusted>,
}

/// A prediction of either task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Predicted {
    /// An interaction.
    Interaction {
        /// The logit before calibration, if it is known.
        score: Option<f64>,
        /// The calibrated probability.
        probability: f64,
    },
    /// An affinity, in the unit of the training labels.
    Affinity(f64),
}

impl Row {
    /// Names the pair as in errors.
    pub fn pair(&self) -> String {
        format!("{} {}", self.rna, self.partner)
    }

    /// Gives the probability or the affinity.
    pub fn value(&self) -> f64 {
        match self.predicted {
            Predicted::Interaction { probability, .. } => probability,
            Predicted::Affinity(value) => value,
        }
    }
}
