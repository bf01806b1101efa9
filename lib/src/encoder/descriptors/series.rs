//! Summarises a value per residue along the sequence.

/// Gives the mean; 0 of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Gives the standard deviation around the mean, over all values as given (not over one less).
pub(super) fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (squares / values.len().max(1) as f64).sqrt()
}

/// What [`extremes`] gives, in its order.
pub(super) const EXTREMES: [&str; 3] = ["max", "min", "sd"];

/// Gives the highest and the lowest mean over stretches of `size` residues at every place, and their standard deviation;
/// a sequence that is no longer than a stretch is one stretch.
pub(super) fn extremes(values: &[f64], size: usize) -> [f64; 3] {
    let means = if values.len() <= size { vec![mean(values)] } else { sliding(values, size) };
    let highest = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = means.iter().copied().fold(f64::INFINITY, f64::min);
    [highest, lowest, deviation(&means)]
}

fn sliding(values: &[f64], size: usize) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0.0);
    for value in values {
        sums.push(sums[sums.len() - 1] + value);
    }
    (size..sums.len()).map(|end| (sums[end] - sums[end - size]) / size as f64).collect()
}

/// Gives Shannon's entropy of counts relative to `places`, in nats.
pub(super) fn entropy(counts: &[u32], places: usize) -> f64 {
    let share = |&count: &u32| f64::from(count) / places.max(1) as f64;
    -counts.iter().map(share).filter(|&p| p > 0.0).map(|p| p * p.ln()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_are_those_of_every_stretch() {
        assert_eq!(extremes(&[1.0, 3.0, 5.0, 1.0], 2), [4.0, 2.0, (2.0_f64 / 3.0).sqrt()]);
        assert_eq!(extremes(&[1.0, 3.0], 2), [2.0, 2.0, 0.0]);
        assert_eq!(extremes(&[], 2), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn entropy_is_that_of_shares() {
        assert!((entropy(&[1, 1, 0], 2) - 2.0_f64.ln()).abs() < 1e-15);
        assert_eq!(entropy(&[0], 0), 0.0);
    }
}
