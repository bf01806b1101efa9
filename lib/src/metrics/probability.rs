//! Measures whether probabilities mean what they say.

use super::{ones, ratio};

/// The number of equally wide bins behind [`ece`] and [`reliability`].
pub const ECE_BINS: usize = 10;

/// The pairs whose probability falls into one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    /// How many pairs.
    pub count: f64,
    /// Their mean probability; NaN when there are none.
    pub predicted: f64,
    /// The share of positives among them; NaN when there are none.
    pub observed: f64,
}

/// Gives the mean squared difference between probability and label (Brier 1950).
///
/// ```
/// assert_eq!(crossmamba::metrics::brier(&[0.5, 1.0], &[true, true]), 0.125);
/// ```
pub fn brier(probabilities: &[f64], labels: &[bool]) -> f64 {
    weighted_brier(probabilities, labels, &ones(labels.len()))
}

/// Gives the expected calibration error: the mean over pairs of |share of positives − mean probability| of their
/// bin, in [`ECE_BINS`] equally wide bins (Naeini, Cooper and Hauskrecht 2015, in its form for the positive class).
///
/// ```
/// assert_eq!(crossmamba::metrics::ece(&[0.25, 0.25, 0.25, 0.25], &[true, false, false, false]), 0.0);
/// ```
pub fn ece(probabilities: &[f64], labels: &[bool]) -> f64 {
    weighted_ece(probabilities, labels, &ones(labels.len()))
}

/// Sorts the pairs into [`ECE_BINS`] bins of equal width; bin k holds k/10 ≤ p < (k+1)/10, the last one also p = 1.
///
/// ```
/// let bins = crossmamba::metrics::reliability(&[0.25, 0.25, 0.95], &[true, false, true]);
/// assert_eq!((bins[2].count, bins[2].observed, bins[9].observed), (2.0, 0.5, 1.0));
/// ```
pub fn reliability(probabilities: &[f64], labels: &[bool]) -> [Bin; ECE_BINS] {
    bins(probabilities, labels, &ones(labels.len()))
}

pub(super) fn weighted_brier(probabilities: &[f64], labels: &[bool], weights: &[u32]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for ((&probability, &label), &weight) in probabilities.iter().zip(labels).zip(weights) {
        let weight = f64::from(weight);
        sum += weight * (probability - f64::from(u8::from(label))).powi(2);
        count += weight;
    }
    ratio(sum, count)
}

pub(super) fn weighted_ece(probabilities: &[f64], labels: &[bool], weights: &[u32]) -> f64 {
    let bins = bins(probabilities, labels, weights);
    let count: f64 = bins.iter().map(|bin| bin.count).sum();
    let sum: f64 = bins
        .iter()
        .filter(|bin| bin.count > 0.0)
        .map(|bin| bin.count * (bin.observed - bin.predicted).abs())
        .sum();
    ratio(sum, count)
}

fn bins(probabilities: &[f64], labels: &[bool], weights: &[u32]) -> [Bin; ECE_BINS] {
    let mut bins = [Bin::default(); ECE_BINS];
    for ((&probability, &label), &weight) in probabilities.iter().zip(labels).zip(weights) {
        let weight = f64::from(weight);
        let bin = &mut bins[((probability * ECE_BINS as f64) as usize).min(ECE_BINS - 1)];
        bin.count += weight;
        bin.predicted += weight * probability;
        bin.observed += if label { weight } else { 0.0 };
    }
    for bin in &mut bins {
        bin.predicted = ratio(bin.predicted, bin.count);
        bin.observed = ratio(bin.observed, bin.count);
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_forecast_has_no_error() {
        let (probabilities, labels) = ([1.0, 0.0, 1.0], [true, false, true]);
        assert_eq!(brier(&probabilities, &labels), 0.0);
        assert_eq!(ece(&probabilities, &labels), 0.0);
        assert!(ece(&[], &[]).is_nan());
    }

    #[test]
    fn each_pair_lands_in_one_bin() {
        let bins = reliability(&[0.0, 0.05, 0.1, 0.95, 1.0], &[false, true, false, true, true]);
        assert_eq!(bins.map(|bin| bin.count as u32), [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(bins[0].observed, 0.5);
        assert!(bins[2].predicted.is_nan());
    }
}
