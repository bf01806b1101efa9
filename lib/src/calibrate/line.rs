//! A line from scores to logits.

use serde::{Deserialize, Serialize};

use super::probability;

/// Logit = slope × score + offset (Platt 1999), with a slope above 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    slope: f64,
    offset: f64,
}

impl Line {
    /// Fits the likeliest line, with Platt's targets (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2); `None` where there is one class only,
    /// or scores that fall where labels rise.
    ///
    /// ```
    /// use crossmamba::calibrate::Line;
    ///
    /// let labels = [false, false, true, false, true, true];
    /// let line = Line::fit(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &labels).unwrap();
    /// assert!(line.logit(1.0) < 0.0 && line.logit(6.0) > 0.0);
    /// assert_eq!(Line::fit(&[6.0, 5.0, 4.0, 3.0, 2.0, 1.0], &labels), None);
    /// ```
    pub fn fit(scores: &[f64], labels: &[bool]) -> Option<Self> {
        let count = scores.len().max(1) as f64;
        let positives = labels.iter().filter(|label| **label).count() as f64;
        let negatives = labels.len() as f64 - positives;
        let mean = scores.iter().sum::<f64>() / count;
        let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
        if positives == 0.0 || negatives == 0.0 || !spread.is_normal() {
            return None;
        }
        let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
        let pairs: Vec<(f64, f64)> = scores
            .iter()
            .zip(labels)
            .map(|(score, &label)| ((score - mean) / spread, if label { high } else { low }))
            .collect();
        let loss = |slope: f64, offset: f64| -> f64 {
            let one = |&(x, target): &(f64, f64)| {
                let logit = slope * x + offset;
                // ln(1 + e^logit) without overflow.
                logit.max(0.0) + (-logit.abs()).exp().ln_1p() - target * logit
            };
            pairs.iter().map(one).sum()
        };
        let (mut slope, mut offset) = (0.0, (positives / negatives).ln());
        let mut least = loss(slope, offset);
        for _ in 0..50 {
            let mut sums = [0.0; 5];
            for &(x, target) in &pairs {
                let p = probability(slope * x + offset, 1.0);
                let (error, weight) = (p - target, (p * (1.0 - p)).max(1e-9));
                for (sum, more) in sums.iter_mut().zip([error * x, error, weight * x * x, weight * x, weight])
                {
                    *sum += more;
                }
            }
            let [by_slope, by_offset, xx, x, one] = sums;
            let determinant = xx * one - x * x;
            if determinant.abs() < 1e-12 {
                break;
            }
            let step = [
                (one * by_slope - x * by_offset) / determinant,
                (xx * by_offset - x * by_slope) / determinant,
            ];
            let mut part = 1.0;
            let mut better = false;
            while part > 1e-4 {
                let next = (slope - part * step[0], offset - part * step[1]);
                let found = loss(next.0, next.1);
                if found < least {
                    better = least - found > 1e-10 * count;
                    (slope, offset) = next;
                    least = found;
                    break;
                }
                part /= 2.0;
            }
            if !better {
                break;
            }
        }
        let line = Self { slope: slope / spread, offset: offset - slope * mean / spread };
        line.is_sound().then_some(line)
    }

    /// Gives the logit of a score.
    pub fn logit(&self, score: f64) -> f64 {
        self.slope * score + self.offset
    }

    pub(super) fn is_sound(&self) -> bool {
        self.slope.is_finite() && self.slope > 0.0 && self.offset.is_finite()
    }
}
