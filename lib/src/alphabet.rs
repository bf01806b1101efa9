//! The letters of RNA and protein: their order, their codes, and what ambiguity letters stand for; the symbols of the
//! chemical elements.

mod element;

pub(crate) use element::split_symbol;

use crate::record::Molecule;

/// The nucleotides in the order of their codes.
pub const NUCLEOTIDES: &[u8; 4] = b"ACGU";
/// The amino acids in the order of their codes.
pub const AMINO_ACIDS: &[u8; 20] = b"ACDEFGHIKLMNPQRSTVWY";
/// The letters that stand for several nucleotides (IUPAC).
pub const AMBIGUOUS_NUCLEOTIDES: &[u8; 11] = b"RYSWKMBDHVN";
/// The letters that stand for several amino acids (IUPAC).
pub const AMBIGUOUS_AMINO_ACIDS: &[u8; 4] = b"BZJX";
/// Pyrrolysine and selenocysteine: letters of their own, beside the twenty.
pub const RARE_AMINO_ACIDS: &[u8; 2] = b"OU";
/// The seven classes of the conjoint triad (Shen et al. 2007, PNAS 104:4337): dipole and side-chain volume alike.
pub const CLASSES: [&str; 7] = ["AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C"];

/// The code of a letter that is none of those asked for.
pub const UNKNOWN: u8 = u8::MAX;

/// Gives the code of a nucleotide, its place in [`NUCLEOTIDES`], or [`UNKNOWN`].
///
/// ```
/// use crossmamba::alphabet::{UNKNOWN, nucleotide};
///
/// assert_eq!(b"GUN".map(nucleotide), [2, 3, UNKNOWN]);
/// ```
pub fn nucleotide(letter: u8) -> u8 {
    position(NUCLEOTIDES, letter)
}

/// Gives the code of an amino acid, its place in [`AMINO_ACIDS`], or [`UNKNOWN`].
///
/// ```
/// use crossmamba::alphabet::{UNKNOWN, amino_acid};
///
/// assert_eq!(b"CYX".map(amino_acid), [1, 19, UNKNOWN]);
/// ```
pub fn amino_acid(letter: u8) -> u8 {
    position(AMINO_ACIDS, letter)
}

/// Gives the number of an amino acid's class among [`CLASSES`], or [`UNKNOWN`].
///
/// ```
/// use crossmamba::alphabet::{UNKNOWN, class};
///
/// assert_eq!(b"AKC-".map(class), [0, 4, 6, UNKNOWN]);
/// ```
pub fn class(letter: u8) -> u8 {
    CLASSES.iter().position(|class| class.as_bytes().contains(&letter)).map_or(UNKNOWN, |at| at as u8)
}

fn position(letters: &[u8], letter: u8) -> u8 {
    letters.iter().position(|&l| l == letter).map_or(UNKNOWN, |at| at as u8)
}

/// Gives the nucleotides that an IUPAC letter stands for; all four for any other letter.
///
/// Their order decides how simulated sets spell a pattern.
///
/// ```
/// assert_eq!(crossmamba::alphabet::nucleotides_of(b'R'), b"AG");
/// ```
pub const fn nucleotides_of(letter: u8) -> &'static [u8] {
    match letter {
        b'A' => b"A",
        b'C' => b"C",
        b'G' => b"G",
        b'U' => b"U",
        b'R' => b"AG",
        b'Y' => b"UC",
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

/// Gives the amino acids that an IUPAC letter stands for, all twenty for any other letter; selenocysteine (U) is read
/// as cysteine and pyrrolysine (O) as lysine, the residues that they are made from or replaced by.
///
/// ```
/// assert_eq!(crossmamba::alphabet::amino_acids_of(b'Z'), b"EQ");
/// ```
pub fn amino_acids_of(letter: u8) -> &'static [u8] {
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

/// Tells whether a normalised sequence of this kind may hold this byte: a nucleotide or an ambiguity letter in RNA,
/// an amino acid, an ambiguity letter, `O` or `U` in protein, any printable ASCII character in a SMILES string.
///
/// ```
/// use crossmamba::alphabet::is_letter;
/// use crossmamba::record::Molecule;
///
/// assert!(is_letter(Molecule::Rna, b'N') && !is_letter(Molecule::Rna, b'T'));
/// ```
pub fn is_letter(kind: Molecule, byte: u8) -> bool {
    let flag = match kind {
        Molecule::Rna => IS_RNA,
        Molecule::Protein => IS_PROTEIN,
        Molecule::SmallMolecule => IS_SMILES,
    };
    KINDS[byte as usize] & flag != 0
}

const IS_RNA: u8 = 1;
const IS_PROTEIN: u8 = 2;
const IS_SMILES: u8 = 4;

/// For each byte, the kinds of molecule whose normalised form may hold it.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    mark(&mut kinds, NUCLEOTIDES, IS_RNA);
    mark(&mut kinds, AMBIGUOUS_NUCLEOTIDES, IS_RNA);
    mark(&mut kinds, AMINO_ACIDS, IS_PROTEIN);
    mark(&mut kinds, AMBIGUOUS_AMINO_ACIDS, IS_PROTEIN);
    mark(&mut kinds, RARE_AMINO_ACIDS, IS_PROTEIN);
    let mut i = b'!' as usize;
    while i <= b'~' as usize {
        kinds[i] |= IS_SMILES;
        i += 1;
    }
    kinds
};

const fn mark(kinds: &mut [u8; 256], letters: &[u8], kind: u8) {
    let mut i = 0;
    while i < letters.len() {
        kinds[letters[i] as usize] |= kind;
        i += 1;
    }
}

/// Tells whether letters that are given as those of proteins are nucleotides in all likelihood: at least 19 of 20 are
/// among ACGTUN, where proteins have about 6.
///
/// ```
/// let counts = |text: &str| {
///     text.bytes().fold([0; 256], |mut counts, letter| {
///         counts[letter as usize] += 1;
///         counts
///     })
/// };
/// assert!(crossmamba::alphabet::look_like_nucleotides(&counts("ACGTTGCAAGGCTTACGNNACGT")));
/// assert!(!crossmamba::alphabet::look_like_nucleotides(&counts("MKTAYIAKQRQISFVKSHFSRQ")));
/// ```
pub fn look_like_nucleotides(counts: &[u64; 256]) -> bool {
    /// Of fewer letters nothing can be said.
    const FEWEST: u64 = 20;
    let all: u64 = counts.iter().sum();
    let nucleotides: u64 = b"ACGTUN".iter().map(|&letter| counts[letter as usize]).sum();
    all >= FEWEST && nucleotides * 20 >= all * 19
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_and_foreign_letters_are_not_normalised() {
        assert!(b"ACGUN".iter().all(|&b| is_letter(Molecule::Rna, b)));
        assert!(!b"Tacg*- \0\xff".iter().any(|&b| is_letter(Molecule::Rna, b)));
        assert!(b"MKUX".iter().all(|&b| is_letter(Molecule::Protein, b)));
        assert!(!b"*-.mk".iter().any(|&b| is_letter(Molecule::Protein, b)));
        assert!(b"[C@H](=O)\\C#N".iter().all(|&b| is_letter(Molecule::SmallMolecule, b)));
        assert!(!b" \t\n\0".iter().any(|&b| is_letter(Molecule::SmallMolecule, b)));
    }

    #[test]
    fn every_amino_acid_has_one_code_and_one_class_and_stands_for_itself() {
        for (code, &letter) in (0..).zip(AMINO_ACIDS) {
            assert_eq!(amino_acid(letter), code);
            assert_eq!(CLASSES.iter().filter(|c| c.as_bytes().contains(&letter)).count(), 1);
            assert_eq!(amino_acids_of(letter), [letter]);
        }
        assert_eq!((class(b'X'), nucleotide(b'N')), (UNKNOWN, UNKNOWN));
        assert_eq!(amino_acids_of(b'X').len(), 20);
    }

    #[test]
    fn an_ambiguous_nucleotide_stands_for_several_and_no_two_for_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for &letter in AMBIGUOUS_NUCLEOTIDES {
            let mut meant = nucleotides_of(letter).to_vec();
            meant.sort_unstable();
            assert!(meant.len() > 1 && seen.insert(meant), "{}", char::from(letter));
        }
        assert_eq!(nucleotides_of(b'N'), NUCLEOTIDES);
    }
}
