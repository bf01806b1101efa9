//! How alike residues are that stand a few places apart.

use super::scale::{NAMES, SCALES, Scaled};

/// The largest distance, in residues.
const LAGS: usize = 10;
/// Number of columns.
pub(in crate::encoder) const AUTOCOVARIANCE: usize = LAGS * SCALES;

/// Appends for each distance 1 to 10, and each scale, the mean product of the scaled values of two residues so far apart;
/// 0 where no two are (Wold et al. 1993, Anal Chim Acta 277:239; the scales are standardised over the amino acids, not
/// over the sequence).
pub(in crate::encoder) fn push_autocovariance(scaled: &[Scaled], out: &mut Vec<f32>) {
    for lag in 1..=LAGS {
        let mut sums = [0.0; SCALES];
        for (one, other) in scaled.iter().zip(scaled.iter().skip(lag)) {
            for scale in 0..SCALES {
                sums[scale] += one[scale] * other[scale];
            }
        }
        let places = scaled.len().saturating_sub(lag).max(1) as f64;
        out.extend(sums.map(|sum| (sum / places) as f32));
    }
}

/// Names the columns.
pub(in crate::encoder) fn autocovariance_names() -> Vec<String> {
    (1..=LAGS).flat_map(|lag| NAMES.map(|name| format!("{name} at distance {lag}"))).collect()
}
