//! Gives the points of ROC and precision–recall curves.

use super::ascending;
use super::ranked::Ties;

/// One point of a curve: what calling everything from `threshold` on positive gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// False positive rate (ROC) or recall (precision–recall).
    pub x: f64,
    /// True positive rate (ROC) or precision (precision–recall).
    pub y: f64,
    /// The lowest score that is called positive; infinite at the point that calls nothing.
    pub threshold: f64,
}

/// Gives the ROC curve from (0, 0) to (1, 1), one point per distinct score; empty for one class only.
///
/// ```
/// let curve = crossmamba::metrics::roc_curve(&[0.9, 0.1], &[true, false]);
/// assert_eq!((curve[1].x, curve[1].y, curve[1].threshold), (0.0, 1.0, 0.9));
/// ```
pub fn roc_curve(scores: &[f64], labels: &[bool]) -> Vec<Point> {
    walk(scores, labels, Point { x: 0.0, y: 0.0, threshold: f64::INFINITY }, |found, wrong, all, none| {
        (wrong / none, found / all)
    })
}

/// Gives precision over recall from (0, 1) on, one point per distinct score; empty for one class only.
///
/// ```
/// let curve = crossmamba::metrics::precision_recall_curve(&[0.9, 0.1], &[true, false]);
/// assert_eq!((curve[2].x, curve[2].y), (1.0, 0.5));
/// ```
pub fn precision_recall_curve(scores: &[f64], labels: &[bool]) -> Vec<Point> {
    walk(scores, labels, Point { x: 0.0, y: 1.0, threshold: f64::INFINITY }, |found, wrong, all, _| {
        (found / all, found / (found + wrong))
    })
}

/// Gives the ROC curve's height (true positive rate) at the false positive rates 0, 1/`steps`, …, 1; empty for one class only.
pub(super) fn weighted_roc_heights(ties: &Ties<'_>, steps: usize) -> Vec<f64> {
    let (positives, negatives) = (ties.positives, ties.negatives);
    if positives == 0.0 || negatives == 0.0 {
        return Vec::new();
    }
    let mut heights = Vec::with_capacity(steps + 1);
    let (mut x, mut y) = (0.0, 0.0);
    for tie in ties.all.iter().rev() {
        let (right, up) = (x + tie.negatives / negatives, y + tie.positives / positives);
        // Each grid value gets the height where the curve leaves it.
        while heights.len() <= steps && (heights.len() as f64 / steps as f64) < right {
            let share = (heights.len() as f64 / steps as f64 - x) / (right - x);
            heights.push(y + share * (up - y));
        }
        (x, y) = (right, up);
    }
    heights.resize(steps + 1, 1.0);
    heights
}

fn walk(
    scores: &[f64],
    labels: &[bool],
    start: Point,
    point: impl Fn(f64, f64, f64, f64) -> (f64, f64),
) -> Vec<Point> {
    let positives = labels.iter().filter(|&&label| label).count();
    let negatives = labels.len() - positives;
    if positives == 0 || negatives == 0 {
        return Vec::new();
    }
    let order = ascending(scores);
    let (mut found, mut called) = (0, 0);
    let mut points = vec![start];
    for tie in order.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]).rev() {
        found += tie.iter().filter(|&&item| labels[item as usize]).count();
        called += tie.len();
        let (x, y) = point(found as f64, (called - found) as f64, positives as f64, negatives as f64);
        points.push(Point { x, y, threshold: scores[tie[0] as usize] });
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::{auprc, auroc};
    use super::*;

    #[test]
    fn the_curves_enclose_their_areas() {
        let scores = [0.9, 0.8, 0.8, 0.4, 0.3, 0.3, 0.1];
        let labels = [true, true, false, true, false, true, false];
        let roc = roc_curve(&scores, &labels);
        let area: f64 = roc.windows(2).map(|w| (w[1].x - w[0].x) * (w[0].y + w[1].y) / 2.0).sum();
        assert!((area - auroc(&scores, &labels)).abs() < 1e-12);
        let pr = precision_recall_curve(&scores, &labels);
        let area: f64 = pr.windows(2).map(|w| (w[1].x - w[0].x) * w[1].y).sum();
        assert!((area - auprc(&scores, &labels)).abs() < 1e-12);
        let end = roc[roc.len() - 1];
        assert_eq!((end.x, end.y, roc.len()), (1.0, 1.0, 6));
        assert!(roc_curve(&[0.1], &[true]).is_empty());
    }
}
