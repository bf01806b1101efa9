//! Measures how well predicted affinities agree with measured ones.

use super::{ascending, ones, ratio};

/// Gives Pearson's correlation; NaN when either side does not vary.
///
/// ```
/// assert_eq!(crossmamba::metrics::pearson(&[5.0, 6.0, 7.0], &[1.0, 2.0, 3.0]), 1.0);
/// ```
pub fn pearson(predicted: &[f64], measured: &[f64]) -> f64 {
    weighted_pearson(predicted, measured, &ones(measured.len()))
}

/// Gives Spearman's correlation: Pearson's of the ranks, ties sharing their average rank.
///
/// ```
/// assert_eq!(crossmamba::metrics::spearman(&[1.0, 10.0, 100.0], &[1.0, 2.0, 3.0]), 1.0);
/// ```
pub fn spearman(predicted: &[f64], measured: &[f64]) -> f64 {
    let orders = [ascending(predicted), ascending(measured)];
    weighted_spearman(predicted, measured, [&orders[0], &orders[1]], &ones(measured.len()))
}

/// Gives the root of the mean squared error, in the unit of the label.
///
/// ```
/// assert_eq!(crossmamba::metrics::rmse(&[5.0, 7.0], &[6.0, 6.0]), 1.0);
/// ```
pub fn rmse(predicted: &[f64], measured: &[f64]) -> f64 {
    weighted_rmse(predicted, measured, &ones(measured.len()))
}

/// Gives the mean absolute error, in the unit of the label.
///
/// ```
/// assert_eq!(crossmamba::metrics::mae(&[5.0, 6.0], &[6.0, 6.0]), 0.5);
/// ```
pub fn mae(predicted: &[f64], measured: &[f64]) -> f64 {
    weighted_mae(predicted, measured, &ones(measured.len()))
}

pub(super) fn weighted_pearson(x: &[f64], y: &[f64], weights: &[u32]) -> f64 {
    let items = || x.iter().zip(y).zip(weights).map(|((&x, &y), &w)| (x, y, f64::from(w)));
    let (mut count, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
    for (x, y, w) in items() {
        count += w;
        sum_x += w * x;
        sum_y += w * y;
    }
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y, w) in items() {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += w * dx * dx;
        yy += w * dy * dy;
        xy += w * dx * dy;
    }
    // A constant column leaves rounding, not zero, and the more the longer it is.
    let flat = |values: &[f64], squares: f64, mean: f64| {
        let mut seen = values.iter().zip(weights).filter(|(_, weight)| **weight > 0).map(|(value, _)| value);
        let first = seen.next();
        squares <= count * (mean.abs() * 1e-15).powi(2)
            || squares.is_nan()
            || seen.all(|value| Some(value) == first)
    };
    if count < 2.0 || flat(x, xx, mean_x) || flat(y, yy, mean_y) {
        return f64::NAN;
    }
    (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)
}

pub(super) fn weighted_spearman(x: &[f64], y: &[f64], orders: [&[u32]; 2], weights: &[u32]) -> f64 {
    if x.iter().chain(y).any(|value| value.is_nan()) {
        return f64::NAN;
    }
    weighted_pearson(&ranks(x, orders[0], weights), &ranks(y, orders[1], weights), weights)
}

/// Gives each value the average rank of its ties among the weighted items, from 1.
fn ranks(values: &[f64], order: &[u32], weights: &[u32]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    let (mut start, mut before) = (0, 0.0);
    while start < order.len() {
        let value = values[order[start] as usize];
        let tied = order[start..].iter().take_while(|&&item| values[item as usize] == value).count();
        let items = &order[start..start + tied];
        let weight: f64 = items.iter().map(|&item| f64::from(weights[item as usize])).sum();
        for &item in items {
            ranks[item as usize] = before + f64::midpoint(weight, 1.0);
        }
        before += weight;
        start += tied;
    }
    ranks
}

pub(super) fn weighted_rmse(predicted: &[f64], measured: &[f64], weights: &[u32]) -> f64 {
    mean_of(predicted, measured, weights, |difference| difference * difference).sqrt()
}

pub(super) fn weighted_mae(predicted: &[f64], measured: &[f64], weights: &[u32]) -> f64 {
    mean_of(predicted, measured, weights, f64::abs)
}

fn mean_of(predicted: &[f64], measured: &[f64], weights: &[u32], of: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for ((&predicted, &measured), &weight) in predicted.iter().zip(measured).zip(weights) {
        sum += f64::from(weight) * of(predicted - measured);
        count += f64::from(weight);
    }
    ratio(sum, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_average_rank() {
        let values = [2.0, 1.0, 2.0, 5.0];
        assert_eq!(ranks(&values, &ascending(&values), &ones(4)), [2.5, 1.0, 2.5, 4.0]);
    }

    #[test]
    fn a_weight_is_that_many_copies() {
        let (x, y) = ([1.0, 4.0, 2.0, 2.0], [0.5, 3.0, 3.0, 1.0]);
        let (xs, ys) = ([1.0, 4.0, 4.0, 2.0], [0.5, 3.0, 3.0, 1.0]);
        let weights = [1, 2, 0, 1];
        let orders = [ascending(&x), ascending(&y)];
        let weighted = weighted_spearman(&x, &y, [&orders[0], &orders[1]], &weights);
        assert!((weighted - spearman(&xs, &ys)).abs() < 1e-15);
        assert!((weighted_pearson(&x, &y, &weights) - pearson(&xs, &ys)).abs() < 1e-15);
        assert_eq!(weighted_mae(&x, &y, &weights), mae(&xs, &ys));
    }

    #[test]
    fn no_spread_has_no_correlation() {
        assert!(pearson(&[0.1; 3], &[1.0, 2.0, 3.0]).is_nan());
        let rising: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(pearson(&[6.3; 200], &rising).is_nan() && pearson(&rising[..100], &[7.7; 100]).is_nan());
        assert!(spearman(&[], &[]).is_nan());
        assert!(pearson(&[1.0], &[1.0]).is_nan());
        assert!(rmse(&[], &[]).is_nan());
    }
}
