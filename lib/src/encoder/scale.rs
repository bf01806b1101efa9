//! Physico-chemical scales of amino acids.

use crate::alphabet::AMINO_ACIDS;

/// The names of [`scales`], in their order.
pub(super) const SCALE_NAMES: &str = "hydropathy, volume, positive, negative, aromatic, turn";
/// Values of [`scales`].
pub(super) const SCALES: usize = 6;

/// Hydropathy (Kyte and Doolittle 1982, J Mol Biol 157:105), in the order of [`AMINO_ACIDS`].
pub(super) const HYDROPATHY: [f32; 20] = [
    1.8, 2.5, -3.5, -3.5, 2.8, -0.4, -3.2, 4.5, -3.9, 3.8, 1.9, -3.5, -1.6, -3.5, -4.5, -0.8, -0.7, 4.2,
    -0.9, -1.3,
];
/// Residue volume in cubic ångström (Zamyatnin 1972, Prog Biophys Mol Biol 24:107), in the order of [`AMINO_ACIDS`].
pub(super) const VOLUME: [f32; 20] = [
    88.6, 108.5, 111.1, 138.4, 189.9, 60.1, 153.2, 166.7, 168.6, 166.7, 162.9, 114.1, 112.7, 143.8, 173.4,
    89.0, 116.1, 140.0, 227.8, 193.6,
];

/// Gives hydropathy / 4.5, (volume − 140) / 50, and whether the residue is positive (KR), negative (DE), aromatic or
/// histidine (FWYH), glycine or proline; all 0 for a letter that is no amino acid.
pub(super) fn scales(letter: u8) -> [f32; SCALES] {
    let Some(at) = AMINO_ACIDS.iter().position(|&l| l == letter) else { return [0.0; SCALES] };
    let is = |letters: &[u8]| f32::from(u8::from(letters.contains(&letter)));
    [HYDROPATHY[at] / 4.5, (VOLUME[at] - 140.0) / 50.0, is(b"KR"), is(b"DE"), is(b"FWYH"), is(b"GP")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_those_of_the_tables_and_zero_for_other_letters() {
        assert_eq!(scales(b'R'), [-1.0, (173.4 - 140.0) / 50.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(scales(b'X'), [0.0; SCALES]);
    }
}
