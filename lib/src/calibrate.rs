//! Turns a model's logits into probabilities that mean what they say.

mod calibrator;
mod isotonic;
mod line;

pub use calibrator::Calibrator;
pub use isotonic::Isotonic;
pub use line::Line;

/// The temperatures that [`fit_temperature`] may give.
pub(crate) const RANGE: (f64, f64) = (0.05, 20.0);

/// Gives the probability of the positive class for a logit at a temperature: σ(logit / temperature).
///
/// ```
/// assert_eq!(crossmamba::calibrate::probability(0.0, 2.0), 0.5);
/// ```
pub fn probability(logit: f64, temperature: f64) -> f64 {
    let z = logit / temperature;
    // Either form alone overflows on one side.
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}

/// Gives what is added to a logit so that a probability which holds where a share `from` of the pairs is positive holds where a
/// share `to` is: the odds of the classes are exchanged, what a pair's score says of them stays (Bayes' rule).
///
/// ```
/// use crossmamba::calibrate::{prior_shift, probability};
///
/// // A probability of one half among pairs of which half are positive is 1 % where 1 % are.
/// assert!((probability(prior_shift(0.5, 0.01), 1.0) - 0.01).abs() < 1e-12);
/// ```
pub fn prior_shift(from: f64, to: f64) -> f64 {
    let logit = |share: f64| (share / (1.0 - share)).ln();
    logit(to) - logit(from)
}

/// Fits the temperature T that makes σ(logit / T) most likely (temperature scaling, Guo et al. 2017).
///
/// The targets are Platt's (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2) instead of 1 and 0: on a small or separable
/// validation part the plain likelihood has its maximum at T = 0, where every probability is 0 or 1.
/// Pairs with a logit that is not finite are left out. Gives 1 when there is nothing to fit (no pairs, one class
/// only, all logits 0), and a value between 0.05 and 20 otherwise.
///
/// ```
/// use crossmamba::calibrate::fit_temperature;
/// // Right three times in four, but sure of it: the temperature is far above 1.
/// let logits = [8.0, 8.0, 8.0, 8.0, -8.0, -8.0, -8.0, -8.0];
/// let labels = [true, true, true, false, false, false, false, true];
/// assert!(fit_temperature(&logits, &labels) > 5.0);
/// ```
pub fn fit_temperature(logits: &[f64], labels: &[bool]) -> f64 {
    let pairs: Vec<(f64, bool)> =
        logits.iter().copied().zip(labels.iter().copied()).filter(|(logit, _)| logit.is_finite()).collect();
    let positives = pairs.iter().filter(|(_, label)| *label).count() as f64;
    let negatives = pairs.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 || pairs.iter().all(|(logit, _)| *logit == 0.0) {
        return 1.0;
    }
    let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
    // The derivative of the negative log-likelihood by 1/T never falls: bisect its sign on log T.
    let slope = |temperature: f64| -> f64 {
        pairs
            .iter()
            .map(|&(logit, label)| (probability(logit, temperature) - if label { high } else { low }) * logit)
            .sum()
    };
    let (mut cold, mut hot) = (RANGE.0.ln(), RANGE.1.ln());
    for _ in 0..60 {
        let middle = f64::midpoint(cold, hot);
        if slope(middle.exp()) > 0.0 { cold = middle } else { hot = middle }
    }
    f64::midpoint(cold, hot).exp().clamp(RANGE.0, RANGE.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_of_the_logits_is_undone() {
        let logits: Vec<f64> = (0..200).map(|i| f64::from(i % 20 - 10) / 3.0).collect();
        let labels: Vec<bool> =
            (0..200).map(|i| f64::from(i / 20) + 0.5 < 10.0 * probability(logits[i as usize], 1.0)).collect();
        let one = fit_temperature(&logits, &labels);
        let scaled: Vec<f64> = logits.iter().map(|logit| 3.0 * logit).collect();
        assert!((one - 1.0).abs() < 0.1, "{one}");
        assert!((fit_temperature(&scaled, &labels) / one - 3.0).abs() < 1e-9);
    }

    #[test]
    fn separable_and_reversed_logits_stay_in_range() {
        let logits = [-5.0, -4.0, 4.0, 5.0];
        let sure = fit_temperature(&logits, &[false, false, true, true]);
        assert!((1.0..20.0).contains(&sure), "{sure}");
        assert!((fit_temperature(&logits, &[true, true, false, false]) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn another_base_rate_exchanges_the_odds_exactly() {
        for (p, from, to) in [(0.9, 0.5, 0.04), (0.2, 0.1, 0.5), (0.731, 0.3, 0.3)] {
            let odds: f64 = p / (1.0 - p);
            let logit = odds.ln() + prior_shift(from, to);
            // P(positive | score) by Bayes' rule from the likelihood ratio, which does not depend on the base rate.
            let ratio = p / (1.0 - p) * (1.0 - from) / from;
            let wanted = ratio * to / (ratio * to + 1.0 - to);
            assert!((probability(logit, 1.0) - wanted).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_to_fit_gives_one() {
        assert_eq!(fit_temperature(&[], &[]), 1.0);
        assert_eq!(fit_temperature(&[1.0, 2.0], &[true, true]), 1.0);
        assert_eq!(fit_temperature(&[0.0, 0.0], &[true, false]), 1.0);
        assert_eq!(fit_temperature(&[f64::NAN, 1.0], &[true, false]), 1.0);
    }

    #[test]
    fn extreme_logits_give_probabilities() {
        assert_eq!(probability(1e6, 1.0), 1.0);
        assert_eq!(probability(-1e6, 1.0), 0.0);
        assert_eq!(probability(0.0, 2.0), 0.5);
    }
}
