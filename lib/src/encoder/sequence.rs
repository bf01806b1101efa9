//! Keeps the sequence itself.

use serde_json::json;

use super::{Encoded, Encoder};
use crate::alphabet::{AMINO_ACIDS, NUCLEOTIDES, amino_acid, nucleotide};
use crate::record::{Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule};
use crate::{Error, Result};

/// The name of the encoder.
pub(crate) const SEQUENCE: &str = "sequence";

/// The encoder `sequence`: the number of each residue's letter, one row of one column per residue.
///
/// No network reads these rows. Beside another store of the same molecules they let [transfer](crate::transfer) numbers go by
/// [homology](crate::homology). A letter is its place among ACGU or ACDEFGHIKLMNPQRSTVWY, and every other letter the number
/// that follows.
///
/// ```
/// use crossmamba::encoder::{Encoder as _, Sequence};
/// use crossmamba::record::{Molecule, Record, RecordId};
///
/// let encoder = Sequence::new(Molecule::Rna)?;
/// let record = Record { id: RecordId::new("r1").expect("an id"), sequence: b"GANC".to_vec() };
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// assert_eq!(embedding.values, [2.0, 0.0, 4.0, 1.0]);
/// # Ok::<(), crossmamba::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Sequence(Molecule);

impl Sequence {
    /// Makes the encoder.
    ///
    /// # Errors
    /// Small molecules, which are compared by fingerprints.
    pub fn new(molecule: Molecule) -> Result<Self> {
        if molecule == Molecule::SmallMolecule {
            let problem = "`sequence` is for RNA and protein; small molecules are not aligned";
            return Err(Error::setting("encoder", problem, "leave this store out"));
        }
        Ok(Self(molecule))
    }

    fn letters(self) -> (&'static [u8], fn(u8) -> u8) {
        match self.0 {
            Molecule::Rna => (NUCLEOTIDES, nucleotide),
            _ => (AMINO_ACIDS, amino_acid),
        }
    }
}

impl Encoder for Sequence {
    fn manifest(&self, dtype: Dtype) -> Manifest {
        let settings = json!({ "version": 1, "letters": String::from_utf8_lossy(self.letters().0) });
        Manifest::new(self.0, SEQUENCE, settings, TokenRule::Residue, (1, 0), dtype)
    }

    fn rows(&self, length: usize) -> usize {
        length
    }

    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>> {
        let (letters, number) = self.letters();
        let encode = |record: &&Record| {
            let other = letters.len() as u8;
            let values: Vec<f32> =
                record.sequence.iter().map(|&letter| f32::from(number(letter).min(other))).collect();
            let rows = values.len();
            let embedding = Embedding { length: rows as u64, rows, global: Vec::new(), values };
            Encoded { embedding, remark: None }
        };
        Ok(batch.iter().map(encode).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homology::Sequences;
    use crate::record::RecordId;

    #[test]
    fn the_numbers_are_those_by_which_sequences_are_compared() {
        for (kind, letters) in [(Molecule::Rna, "ACGUNRU"), (Molecule::Protein, "MKVXWYBUA")] {
            let record = Record { id: RecordId::new("x").unwrap(), sequence: letters.into() };
            let embedding = Sequence::new(kind).unwrap().encode(&[&record]).unwrap().remove(0).embedding;
            let coded: Vec<u8> = embedding.values.iter().map(|&value| value as u8).collect();
            assert_eq!(Sequences::read(kind, [letters.as_bytes()]).coded(), [coded]);
        }
        assert!(Sequence::new(Molecule::SmallMolecule).is_err());
    }
}
