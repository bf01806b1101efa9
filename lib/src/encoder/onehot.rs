//! Describes each residue by itself.

use serde_json::{Value, json};

use super::residue::{
    AMINO_ACIDS, NUCLEOTIDES, SCALES, amino_acid, amino_acids_of, nucleotide, nucleotides_of, scales,
};
use super::{Encoded, Encoder};
use crate::Result;
use crate::record::{Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule, windows};

/// The encoder `onehot`: one row per residue, the mean over each window, or the mean over the molecule; no global
/// vector.
///
/// RNA has 4 columns, ACGU; an ambiguity letter shares its one among the nucleotides it stands for. Protein has 26:
/// the amino acids, shared likewise, then hydropathy, volume, positive and negative charge, aromaticity, and glycine
/// or proline.
pub struct OneHot {
    molecule: Molecule,
    tokens: TokenRule,
}

impl OneHot {
    /// Makes the encoder.
    pub fn new(molecule: Molecule, tokens: TokenRule) -> Self {
        Self { molecule, tokens }
    }

    fn width(&self) -> usize {
        match self.molecule {
            Molecule::Rna => NUCLEOTIDES.len(),
            Molecule::Protein => AMINO_ACIDS.len() + SCALES,
            Molecule::SmallMolecule => 0,
        }
    }

    fn settings(&self) -> Value {
        match self.molecule {
            Molecule::Rna => json!({ "version": 1, "columns": "ACGU" }),
            Molecule::Protein => json!({
                "version": 1,
                "columns": "ACDEFGHIKLMNPQRSTVWY, hydropathy, volume, positive, negative, aromatic, turn",
            }),
            Molecule::SmallMolecule => json!({ "version": 1 }),
        }
    }

    /// Gives one row per residue.
    fn residues(&self, sequence: &[u8]) -> Vec<f32> {
        let width = self.width();
        let mut rows = vec![0.0; sequence.len() * width]; // (l, w)
        for (&letter, row) in sequence.iter().zip(rows.chunks_exact_mut(width.max(1))) {
            match self.molecule {
                Molecule::Rna => {
                    let meant = nucleotides_of(letter);
                    let share = 1.0 / meant.len() as f32;
                    meant.iter().for_each(|&base| row[nucleotide(base) as usize] = share);
                }
                Molecule::Protein => {
                    let meant = amino_acids_of(letter);
                    let share = 1.0 / meant.len() as f32;
                    for &residue in meant {
                        row[amino_acid(residue) as usize] = share;
                        let here = &mut row[AMINO_ACIDS.len()..];
                        here.iter_mut().zip(scales(residue)).for_each(|(sum, scale)| *sum += share * scale);
                    }
                }
                Molecule::SmallMolecule => {}
            }
        }
        rows
    }
}

/// Averages rows of `width` values over each range.
pub(super) fn means(rows: &[f32], width: usize, ranges: &[std::ops::Range<usize>]) -> Vec<f32> {
    let mut out = Vec::with_capacity(ranges.len() * width);
    for range in ranges {
        let mut sums = vec![0.0f64; width];
        for row in rows[range.start * width..range.end * width].chunks_exact(width.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        out.extend(sums.iter().map(|sum| (sum / range.len().max(1) as f64) as f32));
    }
    out
}

/// Turns one row per residue into the rows that the rule asks for.
pub(super) fn apply(rule: TokenRule, length: usize, rows: Vec<f32>, width: usize) -> (usize, Vec<f32>) {
    match rule {
        TokenRule::Residue => (length, rows),
        TokenRule::Window { size, cap } => {
            let windows = windows(length, size, cap);
            (windows.len(), means(&rows, width, &windows))
        }
        TokenRule::Pooled => (1, means(&rows, width, &[0..length])),
    }
}

/// Forecasts the rows of a sequence of this length.
pub(super) fn rows_of(rule: TokenRule, length: usize, pooled: usize) -> usize {
    match rule {
        TokenRule::Residue => length,
        TokenRule::Window { size, cap } => windows(length, size, cap).len(),
        TokenRule::Pooled => pooled,
    }
}

impl Encoder for OneHot {
    fn manifest(&self, dtype: Dtype) -> Manifest {
        Manifest::new(self.molecule, "onehot", self.settings(), self.tokens, (self.width(), 0), dtype)
    }

    fn rows(&self, length: usize) -> usize {
        rows_of(self.tokens, length, 1)
    }

    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>> {
        let encode = |record: &&Record| {
            let length = record.sequence.len();
            let (rows, values) = apply(self.tokens, length, self.residues(&record.sequence), self.width());
            Encoded {
                embedding: Embedding { length: length as u64, rows, global: Vec::new(), values },
                remark: None,
            }
        };
        Ok(batch.iter().map(encode).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;

    fn embed(molecule: Molecule, tokens: TokenRule, sequence: &str) -> Embedding {
        let record = Record { id: RecordId::new("x").unwrap(), sequence: sequence.into() };
        OneHot::new(molecule, tokens).encode(&[&record]).unwrap().remove(0).embedding
    }

    #[test]
    fn ambiguity_letters_share_their_one() {
        let found = embed(Molecule::Rna, TokenRule::Residue, "ARN");
        assert_eq!(found.values, [1.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.5, 0.0, 0.25, 0.25, 0.25, 0.25]);
        let found = embed(Molecule::Protein, TokenRule::Residue, "B");
        assert_eq!((found.values[2], found.values[11], found.values[23]), (0.5, 0.5, 0.5));
    }

    #[test]
    fn windows_and_the_whole_are_means() {
        let found = embed(Molecule::Rna, TokenRule::Window { size: 2, cap: 0 }, "ACGUU");
        assert_eq!(found.rows, 3);
        assert_eq!(found.values, [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 1.0]);
        let found = embed(Molecule::Rna, TokenRule::Pooled, "ACGU");
        assert_eq!((found.rows, found.values), (1, vec![0.25; 4]));
    }
}
