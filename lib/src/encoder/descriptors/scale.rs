//! Seven scales of amino acids, each brought to mean 0 and standard deviation 1 over the twenty.

use std::sync::LazyLock;

use crate::alphabet::{AMINO_ACIDS, UNKNOWN};
use crate::encoder::scale::{HYDROPATHY, VOLUME};

/// Number of scales.
pub(super) const SCALES: usize = 7;

/// The names of the scales, in their order.
pub(super) const NAMES: [&str; SCALES] =
    ["hydropathy", "volume", "charge", "helix", "sheet", "disorder", "rna interface"];

/// The places of some scales among [`NAMES`].
pub(super) const HYDROPATHIC: usize = 0;
pub(super) const CHARGED: usize = 2;
pub(super) const DISORDERED: usize = 5;
pub(super) const INTERFACE: usize = 6;

/// Charge at neutral pH in elementary charges, a tenth for histidine, in the order of [`AMINO_ACIDS`].
const CHARGE: [f64; 20] =
    [0.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.1, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
/// Propensity for helices (Chou and Fasman 1978, Adv Enzymol 47:45).
const HELIX: [f64; 20] = [
    1.42, 0.70, 1.01, 1.51, 1.13, 0.57, 1.00, 1.08, 1.16, 1.21, 1.45, 0.67, 0.57, 1.11, 0.98, 0.77, 0.83,
    1.06, 1.08, 0.69,
];
/// Propensity for sheets (Chou and Fasman 1978, Adv Enzymol 47:45).
const SHEET: [f64; 20] = [
    0.83, 1.19, 0.54, 0.37, 1.38, 0.75, 0.87, 1.60, 0.74, 1.30, 1.05, 0.89, 0.55, 1.10, 0.93, 0.75, 1.19,
    1.70, 1.37, 1.47,
];
/// Propensity for disorder (TOP-IDP: Campen et al. 2008, Protein Pept Lett 15:956).
#[expect(clippy::approx_constant, reason = "a propensity, not 1 / π")]
const DISORDER: [f64; 20] = [
    0.060, 0.020, 0.192, 0.736, -0.697, 0.166, 0.303, -0.486, 0.586, -0.326, -0.397, 0.007, 0.987, 0.318,
    0.180, 0.341, 0.059, -0.121, -0.884, -0.510,
];
/// Propensity for interfaces with RNA, as log odds in round numbers: our own summary of what surveys of complexes agree
/// on (Treger and Westhof 2001, J Mol Recognit 14:199; Terribilini et al. 2006, RNA 12:1450), no table of theirs.
const RNA_INTERFACE: [f64; 20] = [
    -0.3, -0.1, -0.4, -0.6, 0.1, 0.35, 0.7, -0.3, 1.4, -0.5, 0.1, 0.5, 0.0, 0.25, 1.6, 0.3, 0.2, -0.4, 0.35,
    0.4,
];

/// The scales of one residue.
pub(in crate::encoder) type Scaled = [f64; SCALES];

/// For each amino acid its standardised scales.
static STANDARD: LazyLock<[Scaled; 20]> = LazyLock::new(|| {
    let raw =
        [HYDROPATHY.map(f64::from), VOLUME.map(f64::from), CHARGE, HELIX, SHEET, DISORDER, RNA_INTERFACE];
    let mut table = [[0.0; SCALES]; AMINO_ACIDS.len()];
    for (scale, values) in raw.iter().enumerate() {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        for (row, value) in table.iter_mut().zip(values) {
            row[scale] = (value - mean) / square.sqrt();
        }
    }
    table
});

/// Gives the standardised scales of each residue, given by its code; zeros, which is the mean of each scale, for a
/// letter that is no amino acid.
pub(in crate::encoder) fn scaled(residues: &[u8]) -> Vec<Scaled> {
    let table = &*STANDARD;
    let of = |&code: &u8| if code == UNKNOWN { [0.0; SCALES] } else { table[code as usize] };
    residues.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::amino_acid;

    #[test]
    fn scales_have_mean_zero_and_deviation_one_over_the_amino_acids() {
        let all = scaled(&AMINO_ACIDS.map(amino_acid));
        for scale in 0..SCALES {
            let sum: f64 = all.iter().map(|row| row[scale]).sum();
            let square: f64 = all.iter().map(|row| row[scale].powi(2)).sum();
            assert!(sum.abs() < 1e-12 && (square - 20.0).abs() < 1e-12, "{}", NAMES[scale]);
        }
        assert_eq!(scaled(&[UNKNOWN]), [[0.0; SCALES]]);
    }

    #[test]
    fn the_highest_residue_of_each_scale_is_the_published_one() {
        let all = scaled(&AMINO_ACIDS.map(amino_acid));
        let highest = |scale: usize| {
            let best = (0..20).max_by(|&a, &b| all[a][scale].total_cmp(&all[b][scale])).unwrap();
            char::from(AMINO_ACIDS[best])
        };
        // Isoleucine, tryptophan, arginine, glutamate, valine, proline, arginine.
        assert_eq!((0..SCALES).map(highest).collect::<String>(), "IWREVPR");
    }
}
