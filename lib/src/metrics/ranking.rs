//! Measures how well scores order positives before negatives.

use super::ones;
use super::ranked::{Ranked, Tie, Ties};

/// Gives the area under the ROC curve: the chance that a positive outranks a negative, ties counting one half
/// (Mann–Whitney). NaN for one class only, or for a score that is NaN.
///
/// ```
/// assert_eq!(crossmamba::metrics::auroc(&[3.0, 1.0, 1.0], &[true, true, false]), 0.75);
/// ```
pub fn auroc(scores: &[f64], labels: &[bool]) -> f64 {
    weighted_auroc(&Ranked::new(scores, labels).ties(&ones(labels.len())))
}

/// Gives the average precision Σ (recallₖ − recallₖ₋₁) · precisionₖ over the distinct scores, from the highest
/// down; without interpolation. NaN for one class only, or for a score that is NaN.
///
/// ```
/// assert_eq!(crossmamba::metrics::auprc(&[3.0, 2.0, 1.0], &[true, true, false]), 1.0);
/// assert_eq!(crossmamba::metrics::auprc(&[1.0, 2.0], &[true, false]), 0.5);
/// ```
pub fn auprc(scores: &[f64], labels: &[bool]) -> f64 {
    weighted_auprc(&Ranked::new(scores, labels).ties(&ones(labels.len())))
}

pub(super) fn weighted_auroc(ties: &Ties<'_>) -> f64 {
    if !ties.are_ordered() {
        return f64::NAN;
    }
    let (won, all) = couples(&ties.all);
    won / all
}

/// Gives the couples of a positive and a negative in which the positive has the higher score, those that tie counting one
/// half, and all couples.
pub(super) fn couples(ties: &[Tie]) -> (f64, f64) {
    let (mut won, mut below, mut positives) = (0.0, 0.0, 0.0);
    for tie in ties {
        won += tie.positives * (below + 0.5 * tie.negatives);
        below += tie.negatives;
        positives += tie.positives;
    }
    (won, below * positives)
}

pub(super) fn weighted_auprc(ties: &Ties<'_>) -> f64 {
    if !ties.are_ordered() {
        return f64::NAN;
    }
    let (mut found, mut called, mut area) = (0.0, 0.0, 0.0);
    for tie in ties.all.iter().rev() {
        found += tie.positives;
        called += tie.positives + tie.negatives;
        if tie.positives > 0.0 {
            area += tie.positives / ties.positives * (found / called);
        }
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_class_or_a_nan_has_no_area() {
        assert!(auroc(&[1.0, 2.0], &[true, true]).is_nan());
        assert!(auprc(&[1.0, 2.0], &[false, false]).is_nan());
        assert!(auroc(&[], &[]).is_nan());
        assert!(auroc(&[1.0, f64::NAN], &[true, false]).is_nan());
    }

    #[test]
    fn all_tied_is_chance() {
        assert_eq!(auroc(&[1.0; 4], &[true, false, true, false]), 0.5);
        assert_eq!(auprc(&[1.0; 4], &[true, false, false, false]), 0.25);
    }

    #[test]
    fn a_weight_is_that_many_copies() {
        let (scores, labels) = ([0.1, 0.4, 0.4, 0.8], [false, true, false, true]);
        let copies = ([0.1, 0.1, 0.4, 0.4, 0.4, 0.8], [false, false, true, true, true, true]);
        // Three copies of the second item, none of the third.
        let weights = [2, 3, 0, 1];
        let ranked = Ranked::new(&scores, &labels);
        let ties = ranked.ties(&weights);
        assert_eq!(weighted_auroc(&ties), auroc(&copies.0, &copies.1));
        assert_eq!(weighted_auprc(&ties), auprc(&copies.0, &copies.1));
    }
}
