//! Chooses how scores become probabilities, by pairs that the choice has not seen.

use serde::{Deserialize, Serialize};

use super::{RANGE, fit_temperature, probability};
use crate::calibrate::isotonic::Isotonic;
use crate::calibrate::line::Line;

/// Fits a kind of calibration to scores and labels, where it can be.
type Method = fn(&[f64], &[bool]) -> Option<Calibrator>;

/// Parts of which each is calibrated by the others.
const PARTS: usize = 5;

/// What turns the scores of a model into logits that mean what they say. It never turns the order of two scores round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Calibrator {
    /// Divides the score by a temperature.
    Temperature {
        /// The temperature.
        temperature: f64,
    },
    /// Follows a line.
    Line(Line),
    /// Follows a rising chain of lines.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Fits a temperature, a line and a rising chain, and takes what fits pairs best that it was not fitted to: every fifth
    /// of them is calibrated by the rest. Gives what was taken, fitted to all pairs, and the logits of the pairs by what was
    /// fitted without them.
    ///
    /// ```
    /// use crossmamba::calibrate::Calibrator;
    ///
    /// // Scores that are far too sure: half of them are wrong.
    /// let scores: Vec<f64> = (0..200).map(|at| if at % 2 == 0 { 6.0 } else { -6.0 }).collect();
    /// let labels: Vec<bool> = (0..200).map(|at| at % 4 < 2).collect();
    /// let (calibrator, _) = Calibrator::fit(&scores, &labels);
    /// assert!(calibrator.logit(6.0).abs() < 0.7);
    /// ```
    pub fn fit(scores: &[f64], labels: &[bool]) -> (Self, Vec<f64>) {
        let methods: [Method; 3] = [
            |scores, labels| Some(Self::Temperature { temperature: fit_temperature(scores, labels) }),
            |scores, labels| Line::fit(scores, labels).map(Self::Line),
            |scores, labels| Isotonic::fit(scores, labels).map(Self::Isotonic),
        ];
        let mut best: Option<(f64, Self, Vec<f64>)> = None;
        for method in methods {
            let Some(of_all) = method(scores, labels) else { continue };
            let Some(logits) = crossed(scores, labels, method) else { continue };
            let loss = loss(&logits, labels);
            if best.as_ref().is_none_or(|(least, ..)| loss < *least) {
                best = Some((loss, of_all, logits));
            }
        }
        best.map_or_else(
            || (Self::Temperature { temperature: 1.0 }, scores.to_vec()),
            |(_, calibrator, logits)| (calibrator, logits),
        )
    }

    /// Gives the logit of a score.
    pub fn logit(&self, score: f64) -> f64 {
        match self {
            Self::Temperature { temperature } => score / temperature,
            Self::Line(line) => line.logit(score),
            Self::Isotonic(chain) => chain.logit(score),
        }
    }

    /// Tells whether the numbers are those of a calibration.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Temperature { temperature } => (RANGE.0..=RANGE.1).contains(temperature),
            Self::Line(line) => line.is_sound(),
            Self::Isotonic(chain) => chain.is_sound(),
        }
    }
}

/// Calibrates every part by what is fitted to the others.
fn crossed(scores: &[f64], labels: &[bool], method: Method) -> Option<Vec<f64>> {
    let mut logits = vec![0.0; scores.len()];
    for part in 0..PARTS {
        let (others, other_labels): (Vec<f64>, Vec<bool>) =
            (0..scores.len()).filter(|at| at % PARTS != part).map(|at| (scores[at], labels[at])).unzip();
        let calibrator = method(&others, &other_labels)?;
        for at in (part..scores.len()).step_by(PARTS) {
            logits[at] = calibrator.logit(scores[at]);
        }
    }
    Some(logits)
}

/// Gives the mean negative log-likelihood.
fn loss(logits: &[f64], labels: &[bool]) -> f64 {
    let one = |(&logit, &label): (&f64, &bool)| {
        let right = probability(if label { logit } else { -logit }, 1.0);
        -right.max(1e-12).ln()
    };
    logits.iter().zip(labels).map(one).sum::<f64>() / logits.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::ece;
    use crate::rng::Rng;

    fn drawn(pairs: usize, truth: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<bool>) {
        let mut rng = Rng::new(5);
        (0..pairs)
            .map(|_| {
                let score = f64::from(rng.normal()) * 2.0;
                (score, rng.uniform() < probability(truth(score), 1.0))
            })
            .unzip()
    }

    #[test]
    fn the_method_fits_the_kind_of_error() {
        let (scores, labels) = drawn(3000, |score| score / 3.0 - 2.0);
        let (line, crossed) = Calibrator::fit(&scores, &labels);
        assert!((line.logit(0.0) + 2.0).abs() < 0.3 && (line.logit(3.0) + 1.0).abs() < 0.3, "{line:?}");
        let found: Vec<f64> = crossed.iter().map(|&logit| probability(logit, 1.0)).collect();
        assert!(ece(&found, &labels) < 0.03);
        // A step is no line.
        let (scores, labels) = drawn(4000, |score| if score > 1.0 { 2.5 } else { -1.0 });
        let (chain, _) = Calibrator::fit(&scores, &labels);
        assert!(matches!(chain, Calibrator::Isotonic(_)), "{chain:?}");
        assert!((chain.logit(-2.0) + 1.0).abs() < 0.5 && (chain.logit(2.5) - 2.5).abs() < 0.7, "{chain:?}");
    }

    #[test]
    fn the_order_of_scores_stays_and_what_is_written_is_read() {
        for pairs in [40, 300, 3000] {
            let (scores, labels) = drawn(pairs, |score| -score.abs());
            let (calibrator, _) = Calibrator::fit(&scores, &labels);
            let logits: Vec<f64> = (-80..80).map(|at| calibrator.logit(f64::from(at) / 10.0)).collect();
            assert!(logits.is_sorted() && calibrator.is_sound(), "{calibrator:?}");
            let text = serde_json::to_string(&calibrator).unwrap();
            assert_eq!(serde_json::from_str::<Calibrator>(&text).unwrap(), calibrator);
        }
    }
}
