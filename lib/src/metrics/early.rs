//! Measures how many positives stand at the very top, for screens in which few pairs are positive.

use super::ones;
use super::ranked::{Ranked, Ties};

/// The weight that [`bedroc`] gives the top: with 20, the first 8 % of the list make up 80 % of the figure.
pub const BEDROC_ALPHA: f64 = 20.0;

/// Gives the enrichment in the top `share` of the list: how many times more positives stand there than a random order
/// would put there. The top is the share rounded up to whole pairs; of pairs that tie at its end it takes an even share.
/// NaN without positives, or for a score that is NaN.
///
/// ```
/// use crossmamba::metrics::enrichment;
///
/// let scores: Vec<f64> = (0..100).map(f64::from).collect();
/// let labels: Vec<bool> = (0..100).map(|i| i >= 96).collect();
/// assert_eq!(enrichment(&scores, &labels, 0.05), 20.0);
/// ```
pub fn enrichment(scores: &[f64], labels: &[bool], share: f64) -> f64 {
    weighted_enrichment(&Ranked::new(scores, labels).ties(&ones(labels.len())), share)
}

/// Gives BEDROC (Truchon and Bayly 2007) with α = [`BEDROC_ALPHA`]: an area under the curve in which a rank's weight falls
/// off exponentially from the top, from 0 to 1. Of tied pairs each rank holds an even share. NaN for one class only, or for
/// a score that is NaN.
///
/// ```
/// use crossmamba::metrics::bedroc;
///
/// assert!(bedroc(&[0.9, 0.3, 0.2, 0.1], &[true, false, false, false]) > 0.99);
/// ```
pub fn bedroc(scores: &[f64], labels: &[bool]) -> f64 {
    weighted_bedroc(&Ranked::new(scores, labels).ties(&ones(labels.len())))
}

pub(super) fn weighted_enrichment(ties: &Ties<'_>, share: f64) -> f64 {
    if !ties.have_positives() {
        return f64::NAN;
    }
    // A share such as 0.05 of 100 is a little more than 5 in binary.
    let top = (share * ties.count() - 1e-9).ceil().max(1.0);
    let (mut taken, mut found) = (0.0, 0.0);
    for tie in ties.all.iter().rev() {
        let size = tie.positives + tie.negatives;
        let part = ((top - taken) / size).min(1.0);
        found += part * tie.positives;
        taken += part * size;
        if taken >= top {
            break;
        }
    }
    (found / top) / (ties.positives / ties.count())
}

pub(super) fn weighted_bedroc(ties: &Ties<'_>) -> f64 {
    if !ties.are_ordered() {
        return f64::NAN;
    }
    let all = ties.count();
    let decay = (-BEDROC_ALPHA / all).exp();
    let (mut rank, mut sum) = (0.0_f64, 0.0);
    for tie in ties.all.iter().rev() {
        let size = tie.positives + tie.negatives;
        if tie.positives > 0.0 {
            // The weights e^(−α k/N) of the ranks k that the tie spans: a geometric series.
            let ranks = decay.powf(rank + 1.0) * (1.0 - decay.powf(size)) / (1.0 - decay);
            sum += tie.positives * ranks / size;
        }
        rank += size;
    }
    let share = ties.positives / all;
    let random = share * (1.0 - (-BEDROC_ALPHA).exp()) / ((BEDROC_ALPHA / all).exp() - 1.0);
    let half = BEDROC_ALPHA / 2.0;
    let scale = share * half.sinh() / (half.cosh() - (half - BEDROC_ALPHA * share).cosh());
    sum / random * scale + 1.0 / (1.0 - (BEDROC_ALPHA * (1.0 - share)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// BEDROC as it is defined, without ties: over the ranks of the positives.
    fn defined(scores: &[f64], labels: &[bool]) -> f64 {
        let all = scores.len() as f64;
        let positives = labels.iter().filter(|&&label| label).count() as f64;
        let rank = |i: usize| scores.iter().filter(|&&other| other > scores[i]).count() as f64 + 1.0;
        let sum: f64 =
            (0..labels.len()).filter(|&i| labels[i]).map(|i| (-BEDROC_ALPHA * rank(i) / all).exp()).sum();
        let (share, a) = (positives / all, BEDROC_ALPHA);
        let rie = sum / (share * (1.0 - (-a).exp()) / ((a / all).exp() - 1.0));
        rie * share * (a / 2.0).sinh() / ((a / 2.0).cosh() - (a / 2.0 - a * share).cosh())
            + 1.0 / (1.0 - (a * (1.0 - share)).exp())
    }

    #[test]
    fn bedroc_equals_its_definition_and_spans_zero_to_one() {
        let mut rng = Rng::new(1);
        for _ in 0..20 {
            let scores: Vec<f64> = rng.permutation(200).into_iter().map(|i| i as f64).collect();
            let labels: Vec<bool> = (0..200).map(|_| rng.below(12) == 0).collect();
            let (found, wanted) = (bedroc(&scores, &labels), defined(&scores, &labels));
            assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        }
        let ordered: Vec<f64> = (0..200).map(f64::from).collect();
        let first = |top: bool| -> Vec<bool> { (0..200).map(|i| (i >= 190) == top).collect() };
        assert!((bedroc(&ordered, &first(true)) - 1.0).abs() < 1e-9);
        let last: Vec<bool> = (0..200).map(|i| i < 10).collect();
        assert!(bedroc(&ordered, &last).abs() < 1e-3);
    }

    #[test]
    fn ties_are_the_mean_over_their_orders() {
        // Two pairs tie: the mean of the two orders in which they may stand.
        let labels = [true, true, false, false, true, false];
        let tied = [0.9, 0.5, 0.5, 0.3, 0.2, 0.1];
        let (one, other) = ([0.9, 0.6, 0.5, 0.3, 0.2, 0.1], [0.9, 0.5, 0.6, 0.3, 0.2, 0.1]);
        let mean = f64::midpoint(bedroc(&one, &labels), bedroc(&other, &labels));
        assert!((bedroc(&tied, &labels) - mean).abs() < 1e-12);
        let mean = f64::midpoint(enrichment(&one, &labels, 0.3), enrichment(&other, &labels, 0.3));
        assert!((enrichment(&tied, &labels, 0.3) - mean).abs() < 1e-12);
    }

    #[test]
    fn a_weight_is_that_many_copies() {
        let (scores, labels) = ([0.1, 0.4, 0.4, 0.8], [false, true, false, true]);
        let copies = ([0.1, 0.1, 0.4, 0.4, 0.4, 0.8], [false, false, true, true, true, true]);
        let ranked = Ranked::new(&scores, &labels);
        let ties = ranked.ties(&[2, 3, 0, 1]);
        let found = weighted_bedroc(&ties);
        assert!((found - bedroc(&copies.0, &copies.1)).abs() < 1e-12);
        let found = weighted_enrichment(&ties, 0.4);
        assert!((found - enrichment(&copies.0, &copies.1, 0.4)).abs() < 1e-12);
    }

    #[test]
    fn without_positives_nothing_can_be_enriched() {
        assert!(enrichment(&[0.1, 0.2], &[false, false], 0.01).is_nan());
        assert!(bedroc(&[0.1, 0.2], &[true, true]).is_nan());
        // All tied: no order at all.
        assert_eq!(enrichment(&[0.5; 50], &(0..50).map(|i| i < 5).collect::<Vec<_>>(), 0.1), 1.0);
    }
}
