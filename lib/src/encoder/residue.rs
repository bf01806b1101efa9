//! What is known of single residues: codes, ambiguity letters and physico-chemical scales.

pub(crate) use super::spectrum::UNKNOWN;

/// The nucleotides in the order of their columns.
pub(crate) const NUCLEOTIDES: &[u8; 4] = b"ACGU";
/// The amino acids in the order of their columns.
pub(super) const AMINO_ACIDS: &[u8; 20] = b"ACDEFGHIKLMNPQRSTVWY";
/// The seven classes of the conjoint triad (Shen et al. 2007, PNAS 104:4337): dipole and side-chain volume alike.
pub(super) const CLASSES: [&str; 7] = ["AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C"];
/// Values of [`scales`].
pub(super) const SCALES: usize = 6;

/// Hydropathy (Kyte and Doolittle 1982, J Mol Biol 157:105), in the order of [`AMINO_ACIDS`].
const HYDROPATHY: [f32; 20] = [
    1.8, 2.5, -3.5, -3.5, 2.8, -0.4, -3.2, 4.5, -3.9, 3.8, 1.9, -3.5, -1.6, -3.5, -4.5, -0.8, -0.7, 4.2,
    -0.9, -1.3,
];
/// Residue volume in cubic ångström (Zamyatnin 1972, Prog Biophys Mol Biol 24:107), in the order of [`AMINO_ACIDS`].
const VOLUME: [f32; 20] = [
    88.6, 108.5, 111.1, 138.4, 189.9, 60.1, 153.2, 166.7, 168.6, 166.7, 162.9, 114.1, 112.7, 143.8, 173.4,
    89.0, 116.1, 140.0, 227.8, 193.6,
];

/// Gives the column of a nucleotide, or [`UNKNOWN`].
pub(crate) fn nucleotide(letter: u8) -> u8 {
    position(NUCLEOTIDES, letter)
}

/// Gives the column of an amino acid, or [`UNKNOWN`].
pub(super) fn amino_acid(letter: u8) -> u8 {
    position(AMINO_ACIDS, letter)
}

/// Gives the conjoint-triad class of an amino acid, or [`UNKNOWN`].
pub(crate) fn class(letter: u8) -> u8 {
    CLASSES.iter().position(|class| class.as_bytes().contains(&letter)).map_or(UNKNOWN, |at| at as u8)
}

fn position(letters: &[u8], letter: u8) -> u8 {
    letters.iter().position(|&l| l == letter).map_or(UNKNOWN, |at| at as u8)
}

/// Gives hydropathy / 4.5, (volume − 140) / 50, and whether the residue is positive (KR), negative (DE), aromatic or
/// histidine (FWYH), glycine or proline; all 0 for a letter that is no amino acid.
pub(super) fn scales(letter: u8) -> [f32; SCALES] {
    let Some(at) = AMINO_ACIDS.iter().position(|&l| l == letter) else { return [0.0; SCALES] };
    let is = |letters: &[u8]| f32::from(u8::from(letters.contains(&letter)));
    [HYDROPATHY[at] / 4.5, (VOLUME[at] - 140.0) / 50.0, is(b"KR"), is(b"DE"), is(b"FWYH"), is(b"GP")]
}

/// Gives the nucleotides that an IUPAC letter stands for.
pub(super) const fn nucleotides_of(letter: u8) -> &'static [u8] {
    match letter {
        b'A' => b"A",
        b'C' => b"C",
        b'G' => b"G",
        b'U' => b"U",
        b'R' => b"AG",
        b'Y' => b"CU",
        b'S' => b"CG",
        b'W' => b"AU",
        b'K' => b"GU",
        b'M' => b"AC",
        b'B' => b"CGU",
        b'D' => b"AGU",
        b'H' => b"ACU",
        b'V' => b"ACG",
        _ => NUCLEOTIDES,
    }
}

/// Gives the amino acids that an IUPAC letter stands for; selenocysteine (U) is read as cysteine and pyrrolysine (O)
/// as lysine, the residues that they are made from or replaced by.
pub(super) fn amino_acids_of(letter: u8) -> &'static [u8] {
    match letter {
        b'B' => b"DN",
        b'Z' => b"EQ",
        b'J' => b"IL",
        b'U' => b"C",
        b'O' => b"K",
        _ => match AMINO_ACIDS.iter().position(|&l| l == letter) {
            Some(at) => &AMINO_ACIDS[at..=at],
            None => AMINO_ACIDS,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_amino_acid_has_one_class_and_its_scales() {
        for &letter in AMINO_ACIDS {
            assert!(class(letter) < 7);
            assert_eq!(CLASSES.iter().filter(|c| c.as_bytes().contains(&letter)).count(), 1);
            assert_eq!(amino_acids_of(letter), [letter]);
        }
        assert_eq!((class(b'X'), nucleotide(b'N')), (UNKNOWN, UNKNOWN));
        assert_eq!(scales(b'R'), [-1.0, (173.4 - 140.0) / 50.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(scales(b'X'), [0.0; SCALES]);
        assert_eq!(amino_acids_of(b'X').len(), 20);
        assert_eq!(nucleotides_of(b'N'), NUCLEOTIDES);
    }
}
