//! Measures how far bounds of affinities hold.

use super::{ones, ratio};

/// Gives the share of measured values that lie between their bounds, ends included; pairs without bounds (NaN) are left
/// out.
///
/// ```
/// use crossmamba::metrics::coverage;
///
/// assert_eq!(coverage(&[(4.0, 6.0), (5.0, 7.0), (f64::NAN, f64::NAN)], &[6.0, 8.0, 5.0]), 0.5);
/// ```
pub fn coverage(bounds: &[(f64, f64)], measured: &[f64]) -> f64 {
    weighted_coverage(bounds, measured, &ones(measured.len()))
}

pub(super) fn weighted_coverage(bounds: &[(f64, f64)], measured: &[f64], weights: &[u32]) -> f64 {
    mean_of(bounds, weights, |at, (low, high)| f64::from(u8::from((low..=high).contains(&measured[at]))))
}

/// Gives the mean distance between the bounds, in the unit of the label.
pub(super) fn weighted_width(bounds: &[(f64, f64)], weights: &[u32]) -> f64 {
    mean_of(bounds, weights, |_, (low, high)| high - low)
}

fn mean_of(bounds: &[(f64, f64)], weights: &[u32], of: impl Fn(usize, (f64, f64)) -> f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (at, (&(low, high), &weight)) in bounds.iter().zip(weights).enumerate() {
        if low.is_nan() || high.is_nan() {
            continue;
        }
        sum += f64::from(weight) * of(at, (low, high));
        count += f64::from(weight);
    }
    ratio(sum, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_that_many_copies_and_no_bounds_no_pair() {
        let bounds = [(1.0, 2.0), (1.0, 5.0), (f64::NAN, f64::NAN)];
        assert_eq!(weighted_coverage(&bounds, &[2.0, 6.0, 1.0], &[3, 1, 9]), 0.75);
        assert_eq!(weighted_width(&bounds, &[3, 1, 9]), 1.75);
        assert!(coverage(&bounds[2..], &[1.0]).is_nan());
    }
}
