//! A rising chain of lines from scores to logits.

use serde::{Deserialize, Serialize};

/// Pairs from which on a chain is fitted, and pairs of each of its first steps.
const LEAST: usize = 800;
const STEP: usize = 40;

/// Isotonic regression (pool adjacent violators: Ayer et al. 1955; Zadrozny and Elkan 2002), with lines between the middles of
/// its steps, so that no two scores become one; beyond the ends it goes on with the slope of the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isotonic {
    scores: Vec<f64>,
    logits: Vec<f64>,
}

/// Neighbouring pairs: the sum of their scores, the positive ones among them, and their number.
struct Step {
    score: f64,
    positives: f64,
    pairs: f64,
}

impl Step {
    fn rate(&self) -> f64 {
        (self.positives + 1.0) / (self.pairs + 2.0)
    }
}

impl Isotonic {
    /// Fits at least 800 pairs; `None` of fewer, or where labels do not rise with scores.
    ///
    /// ```
    /// use crossmamba::calibrate::Isotonic;
    ///
    /// let scores: Vec<f64> = (0..1000).map(f64::from).collect();
    /// let labels: Vec<bool> = (0..1000).map(|at| at >= 600).collect();
    /// let chain = Isotonic::fit(&scores, &labels).unwrap();
    /// assert!(chain.logit(300.0) < -2.0 && chain.logit(900.0) > 2.0);
    /// ```
    pub fn fit(scores: &[f64], labels: &[bool]) -> Option<Self> {
        if scores.len() < LEAST {
            return None;
        }
        let mut pairs: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut steps: Vec<Step> = Vec::new();
        let mut at = 0;
        while at < pairs.len() {
            let mut end = (at + STEP).min(pairs.len());
            // Equal scores stand in one step, and the last step is not a short one.
            while end < pairs.len() && (pairs[end].0 == pairs[end - 1].0 || pairs.len() - end < STEP) {
                end += 1;
            }
            let part = &pairs[at..end];
            let positives = part.iter().filter(|pair| pair.1).count() as f64;
            steps.push(Step {
                score: part.iter().map(|pair| pair.0).sum(),
                positives,
                pairs: part.len() as f64,
            });
            while let [.., before, last] = &steps[..]
                && before.rate() >= last.rate()
            {
                let joined = Step {
                    score: before.score + last.score,
                    positives: before.positives + last.positives,
                    pairs: before.pairs + last.pairs,
                };
                steps.truncate(steps.len() - 2);
                steps.push(joined);
            }
            at = end;
        }
        let chain = Self {
            scores: steps.iter().map(|step| step.score / step.pairs).collect(),
            logits: steps.iter().map(|step| (step.rate() / (1.0 - step.rate())).ln()).collect(),
        };
        chain.is_sound().then_some(chain)
    }

    /// Gives the logit of a score.
    pub fn logit(&self, score: f64) -> f64 {
        let last = self.scores.len() - 1;
        let (first, end) = ((self.scores[0], self.logits[0]), (self.scores[last], self.logits[last]));
        let slope = (end.1 - first.1) / (end.0 - first.0);
        if score <= first.0 {
            return first.1 + slope * (score - first.0);
        }
        if score >= end.0 {
            return end.1 + slope * (score - end.0);
        }
        let after = self.scores.partition_point(|&one| one <= score).clamp(1, last);
        let [a, b] = [after - 1, after].map(|at| (self.scores[at], self.logits[at]));
        a.1 + (b.1 - a.1) * (score - a.0) / (b.0 - a.0)
    }

    pub(super) fn is_sound(&self) -> bool {
        let rises = |values: &[f64]| {
            values.windows(2).all(|two| two[0] < two[1]) && values.iter().all(|v| v.is_finite())
        };
        self.scores.len() == self.logits.len()
            && self.scores.len() > 1
            && rises(&self.scores)
            && rises(&self.logits)
    }
}
