//! What is minimised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::within;
use crate::Result;

/// What is minimised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LossConfig {
    /// The loss of labels 0 and 1.
    pub classification: ClassificationLoss,
    /// Focal loss: the exponent of (1 − p of the true class); 0 is plain cross-entropy.
    pub gamma: f64,
    /// Focal loss: the weight of positive pairs, 1 − α being that of negative ones; null weighs both alike.
    pub alpha: Option<f64>,
    /// The loss of affinities, on labels with mean 0 and standard deviation 1.
    pub affinity: AffinityLoss,
    /// Huber loss: where it turns from quadratic to linear, in standard deviations of the label.
    pub delta: f64,
}

/// The loss of labels 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClassificationLoss {
    /// Focal loss (Lin et al. 2017).
    Focal,
    /// Binary cross-entropy.
    Bce,
    /// Binary cross-entropy, each class weighted by the inverse of its frequency in training.
    WeightedBce,
}

/// The loss of affinities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AffinityLoss {
    /// Huber loss.
    Huber,
    /// Mean squared error.
    Mse,
}

impl Default for LossConfig {
    fn default() -> Self {
        Self {
            classification: ClassificationLoss::Focal,
            gamma: 2.0,
            alpha: None,
            affinity: AffinityLoss::Huber,
            delta: 1.0,
        }
    }
}

impl LossConfig {
    pub(super) fn check(&self) -> Result<()> {
        within("loss.gamma", self.gamma, 0.0..=10.0)?;
        if let Some(alpha) = self.alpha {
            within("loss.alpha", alpha, 0.001..=0.999)?;
        }
        within("loss.delta", self.delta, 1e-3..=1e3)
    }
}
