//! Counts right and wrong calls at a threshold.

use super::{ones, ratio};

/// The probability from which on a pair is called positive.
pub const THRESHOLD: f64 = 0.5;

/// How many positives and negatives were called right and wrong.
///
/// ```
/// use crossmamba::metrics::Confusion;
///
/// let calls = Confusion::at(0.5, &[0.9, 0.6, 0.1], &[true, false, false]);
/// assert_eq!((calls.true_positives, calls.false_positives, calls.true_negatives), (1, 1, 1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Positives called positive.
    pub true_positives: u64,
    /// Negatives called positive.
    pub false_positives: u64,
    /// Negatives called negative.
    pub true_negatives: u64,
    /// Positives called negative.
    pub false_negatives: u64,
}

impl Confusion {
    /// Counts the calls `probability ≥ threshold`.
    pub fn at(threshold: f64, probabilities: &[f64], labels: &[bool]) -> Self {
        Self::weighted(threshold, probabilities, labels, &ones(labels.len()))
    }

    pub(super) fn weighted(threshold: f64, probabilities: &[f64], labels: &[bool], weights: &[u32]) -> Self {
        let mut counts = Self::default();
        for ((&probability, &label), &weight) in probabilities.iter().zip(labels).zip(weights) {
            let cell = match (probability >= threshold, label) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, false) => &mut counts.true_negatives,
                (false, true) => &mut counts.false_negatives,
            };
            *cell += u64::from(weight);
        }
        counts
    }

    /// Gives the four cells as floats: true and false positives, true and false negatives.
    fn cells(&self) -> [f64; 4] {
        [self.true_positives, self.false_positives, self.true_negatives, self.false_negatives]
            .map(|count| count as f64)
    }

    /// Gives the share of right calls.
    pub fn accuracy(&self) -> f64 {
        let [tp, fp, tn, fneg] = self.cells();
        ratio(tp + tn, tp + fp + tn + fneg)
    }

    /// Gives Matthews' correlation; 0 when all calls are alike, NaN when all labels are alike.
    pub fn mcc(&self) -> f64 {
        let [tp, fp, tn, fneg] = self.cells();
        if tp + fneg == 0.0 || tn + fp == 0.0 {
            return f64::NAN;
        }
        if tp + fp == 0.0 || tn + fneg == 0.0 {
            return 0.0;
        }
        // Two square roots: the product of four counts would leave the exact integers of f64.
        (tp * tn - fp * fneg) / (((tp + fp) * (tp + fneg)).sqrt() * ((tn + fp) * (tn + fneg)).sqrt())
    }

    /// Gives the harmonic mean of precision and sensitivity; NaN without positives.
    pub fn f1(&self) -> f64 {
        let [tp, fp, _, fneg] = self.cells();
        if tp + fneg == 0.0 { f64::NAN } else { 2.0 * tp / (2.0 * tp + fp + fneg) }
    }

    /// Gives the share of positives that were called positive (recall).
    pub fn sensitivity(&self) -> f64 {
        let [tp, _, _, fneg] = self.cells();
        ratio(tp, tp + fneg)
    }

    /// Gives the share of negatives that were called negative.
    pub fn specificity(&self) -> f64 {
        let [_, fp, tn, _] = self.cells();
        ratio(tn, tn + fp)
    }
}

/// Gives the share of right calls at [`THRESHOLD`].
///
/// ```
/// assert_eq!(crossmamba::metrics::accuracy(&[0.9, 0.6, 0.2, 0.1], &[true, false, false, false]), 0.75);
/// ```
pub fn accuracy(probabilities: &[f64], labels: &[bool]) -> f64 {
    Confusion::at(THRESHOLD, probabilities, labels).accuracy()
}

/// Gives Matthews' correlation at [`THRESHOLD`]; see [`Confusion::mcc`].
///
/// ```
/// assert_eq!(crossmamba::metrics::mcc(&[0.9, 0.1], &[true, false]), 1.0);
/// ```
pub fn mcc(probabilities: &[f64], labels: &[bool]) -> f64 {
    Confusion::at(THRESHOLD, probabilities, labels).mcc()
}

/// Gives F1 at [`THRESHOLD`]; see [`Confusion::f1`].
///
/// ```
/// assert_eq!(crossmamba::metrics::f1(&[0.9, 0.9, 0.1], &[true, false, false]), 2.0 / 3.0);
/// ```
pub fn f1(probabilities: &[f64], labels: &[bool]) -> f64 {
    Confusion::at(THRESHOLD, probabilities, labels).f1()
}

/// Gives the sensitivity at [`THRESHOLD`].
///
/// ```
/// assert_eq!(crossmamba::metrics::sensitivity(&[0.9, 0.1], &[true, true]), 0.5);
/// ```
pub fn sensitivity(probabilities: &[f64], labels: &[bool]) -> f64 {
    Confusion::at(THRESHOLD, probabilities, labels).sensitivity()
}

/// Gives the specificity at [`THRESHOLD`].
///
/// ```
/// assert_eq!(crossmamba::metrics::specificity(&[0.9, 0.1, 0.2], &[true, false, false]), 1.0);
/// ```
pub fn specificity(probabilities: &[f64], labels: &[bool]) -> f64 {
    Confusion::at(THRESHOLD, probabilities, labels).specificity()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_class_has_no_mcc_and_one_call_has_none_but_zero() {
        assert!(mcc(&[0.9, 0.1], &[true, true]).is_nan());
        assert_eq!(mcc(&[0.9, 0.8], &[true, false]), 0.0);
        assert!(f1(&[0.1], &[false]).is_nan());
        assert_eq!(f1(&[0.1], &[true]), 0.0);
        assert!(sensitivity(&[0.9], &[false]).is_nan());
        assert!(accuracy(&[], &[]).is_nan());
    }

    #[test]
    fn the_threshold_itself_is_positive() {
        assert_eq!(sensitivity(&[0.5], &[true]), 1.0);
    }
}
