//! Says which letters a normalised sequence holds.

use crate::record::Molecule;

const RNA: &[u8] = b"ACGURYSWKMBDHVN";
const PROTEIN: &[u8] = b"ACDEFGHIKLMNPQRSTVWYBJOUXZ";
const NONE: u8 = 0;
const IS_RNA: u8 = 1;
const IS_PROTEIN: u8 = 2;
const IS_SMILES: u8 = 4;

/// For each byte, the kinds of molecule whose normalised form may hold it.
static KINDS: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut kinds = [NONE; 256];
    let mut i = 0;
    while i < RNA.len() {
        kinds[RNA[i] as usize] |= IS_RNA;
        i += 1;
    }
    i = 0;
    while i < PROTEIN.len() {
        kinds[PROTEIN[i] as usize] |= IS_PROTEIN;
        i += 1;
    }
    i = b'!' as usize;
    while i <= b'~' as usize {
        kinds[i] |= IS_SMILES;
        i += 1;
    }
    kinds
}

/// Tells whether a normalised sequence of this kind may hold this byte: `ACGU` and the IUPAC ambiguity codes
/// for RNA, the twenty amino acids and `BJOUXZ` for protein, any printable ASCII character for a SMILES
/// string.
pub fn is_letter(kind: Molecule, byte: u8) -> bool {
    let flag = match kind {
        Molecule::Rna => IS_RNA,
        Molecule::Protein => IS_PROTEIN,
        Molecule::SmallMolecule => IS_SMILES,
    };
    KINDS[byte as usize] & flag != 0
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
}
