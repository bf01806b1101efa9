//! Measures how well scores order positives before negatives.

use super::{ascending, ones};

/// Gives the area under the ROC curve: the chance that a positive outranks a negative, ties counting one half
/// (Mann–Whitney). NaN for one class only, or for a score that is NaN.
///
/// ```
/// assert_eq!(crossmamba::metrics::auroc(&[3.0, 1.0, 1.0], &[true, true, false]), 0.75);
/// ```
pub fn auroc(scores: &[f64], labels: &[bool]) -> f64 {
    weighted_auroc(scores, labels, &ascending(scores), &ones(labels.len()))
}

/// Gives the average precision Σ (recallₖ − recallₖ₋₁) · precisionₖ over the distinct scores, from the highest
/// down; without interpolation. NaN for one class only, or for a score that is NaN.
///
/// ```
/// assert_eq!(crossmamba::metrics::auprc(&[3.0, 2.0, 1.0], &[true, true, false]), 1.0);
/// assert_eq!(crossmamba::metrics::auprc(&[1.0, 2.0], &[true, false]), 0.5);
/// ```
pub fn auprc(scores: &[f64], labels: &[bool]) -> f64 {
    weighted_auprc(scores, labels, &ascending(scores), &ones(labels.len()))
}

/// The weight of positives and negatives that share a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) score: f64,
    pub(super) positives: f64,
    pub(super) negatives: f64,
}

/// Walks over the distinct scores, in the given order, and sums the weights of each.
pub(super) fn ties<'a>(
    scores: &'a [f64],
    labels: &'a [bool],
    order: impl Iterator<Item = &'a u32> + 'a,
    weights: &'a [u32],
) -> impl Iterator<Item = Tie> + 'a {
    let mut order = order.map(|&item| item as usize).peekable();
    std::iter::from_fn(move || {
        let first = *order.peek()?;
        let mut tie = Tie { score: scores[first], positives: 0.0, negatives: 0.0 };
        let mut add = |item: usize| {
            let side = if labels[item] { &mut tie.positives } else { &mut tie.negatives };
            *side += f64::from(weights[item]);
        };
        add(first);
        order.next();
        while let Some(item) = order.next_if(|&item| scores[item] == scores[first]) {
            add(item);
        }
        Some(tie)
    })
}

/// Gives the summed weights of positives and negatives.
pub(super) fn classes(labels: &[bool], weights: &[u32]) -> (f64, f64) {
    labels.iter().zip(weights).fold((0.0, 0.0), |(positives, negatives), (&label, &weight)| {
        let weight = f64::from(weight);
        if label { (positives + weight, negatives) } else { (positives, negatives + weight) }
    })
}

pub(super) fn weighted_auroc(scores: &[f64], labels: &[bool], order: &[u32], weights: &[u32]) -> f64 {
    let (positives, negatives) = classes(labels, weights);
    if positives == 0.0 || negatives == 0.0 || scores.iter().any(|score| score.is_nan()) {
        return f64::NAN;
    }
    let (mut below, mut won) = (0.0, 0.0);
    for tie in ties(scores, labels, order.iter(), weights) {
        won += tie.positives * (below + 0.5 * tie.negatives);
        below += tie.negatives;
    }
    won / (positives * negatives)
}

pub(super) fn weighted_auprc(scores: &[f64], labels: &[bool], order: &[u32], weights: &[u32]) -> f64 {
    let (positives, negatives) = classes(labels, weights);
    if positives == 0.0 || negatives == 0.0 || scores.iter().any(|score| score.is_nan()) {
        return f64::NAN;
    }
    let (mut found, mut called, mut area) = (0.0, 0.0, 0.0);
    for tie in ties(scores, labels, order.iter().rev(), weights) {
        found += tie.positives;
        called += tie.positives + tie.negatives;
        if tie.positives > 0.0 {
            area += tie.positives / positives * (found / called);
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
        let order = ascending(&scores);
        // Three copies of the second item, none of the third.
        let weights = [2, 3, 0, 1];
        assert_eq!(weighted_auroc(&scores, &labels, &order, &weights), auroc(&copies.0, &copies.1));
        assert_eq!(weighted_auprc(&scores, &labels, &order, &weights), auprc(&copies.0, &copies.1));
    }
}
