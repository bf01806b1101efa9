//! Measures how good predictions are.
//!
//! Every function takes predictions and truths of equal length, in any order, and gives NaN where the measure is
//! not defined (no pairs, one class only, no spread): tables show such a value as `NA`. Classification takes a
//! probability of the positive class (or any score, where only the order matters) and calls a pair positive from
//! [`THRESHOLD`] on.

mod agreement;
mod bootstrap;
mod bounds;
mod curve;
mod early;
mod probability;
mod ranked;
mod ranking;
mod sample;
mod threshold;
mod within;

pub use agreement::{mae, pearson, rmse, spearman};
pub use bootstrap::{Bootstrap, Interval, Resample};
pub use bounds::coverage;
pub use curve::{Point, precision_recall_curve, roc_curve};
pub use early::{BEDROC_ALPHA, bedroc, enrichment};
pub use probability::{Bin, ECE_BINS, brier, ece, reliability};
pub use ranking::{auprc, auroc};
pub use sample::{Aspect, Metric, Sample};
pub use threshold::{Confusion, THRESHOLD, accuracy, f1, mcc, sensitivity, specificity};
pub use within::{auroc_within, tau_within};

/// Gives each item the weight one: the sample as it is.
fn ones(n: usize) -> Vec<u32> {
    vec![1; n]
}

/// Orders items by ascending value; equal values stand together.
fn ascending(values: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
    order
}

/// Orders items by group, and those of a group by ascending value.
fn ascending_within(values: &[f64], groups: &[u32]) -> Vec<u32> {
    let mut order = ascending(values);
    order.sort_by_key(|&item| groups[item as usize]);
    order
}

/// Divides, and gives NaN instead of an infinity or of 0/0.
fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 { f64::NAN } else { numerator / denominator }
}
