//! Describes each residue by itself.

use serde_json::{Value, json};

use super::scale::{SCALE_NAMES, SCALES, scales};
use super::smiles::{ATOM, CLASSES, Molecule as Graph, length, push_atom, tokens};
use super::{Encoded, Encoder, Remark};
use crate::Result;
use crate::alphabet::{AMINO_ACIDS, NUCLEOTIDES, amino_acid, amino_acids_of, nucleotide, nucleotides_of};
use crate::record::{Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule, mean_rows, windows};

/// The encoder `onehot`: one row per residue, the mean over each window, or the mean over the molecule; no global
/// vector.
///
/// RNA has 4 columns, ACGU; an ambiguity letter shares its one among the nucleotides it stands for. Protein has 26:
/// the amino acids, shared likewise, then hydropathy, volume, positive and negative charge, aromaticity, and glycine
/// or proline. A SMILES string has one row per token with 48: the class of the token, then of an atom whether it is in
/// a ring, conjugated, charged, a donor, an acceptor and so on, 0 for a string that cannot be read as a graph.
///
/// ```
/// use crossmamba::encoder::{Encoder as _, OneHot};
/// use crossmamba::record::{Molecule, Record, RecordId};
/// use crossmamba::store::TokenRule;
///
/// let encoder = OneHot::new(Molecule::Rna, TokenRule::Pooled);
/// let record = Record { id: RecordId::new("r1")?, sequence: b"AACN".to_vec() };
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// assert_eq!(embedding.values, [0.5625, 0.3125, 0.0625, 0.0625]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
            Molecule::SmallMolecule => CLASSES.len() + ATOM.len(),
        }
    }

    fn settings(&self) -> Value {
        match self.molecule {
            Molecule::Rna => json!({ "version": 1, "columns": String::from_utf8_lossy(NUCLEOTIDES) }),
            Molecule::Protein => json!({
                "version": 1,
                "columns": format!("{}, {SCALE_NAMES}", String::from_utf8_lossy(AMINO_ACIDS)),
            }),
            Molecule::SmallMolecule => json!({ "version": 1, "tokens": CLASSES[..], "atom": ATOM }),
        }
    }

    /// Gives one row per residue, and why a SMILES string could not be read as a graph.
    fn residues(&self, sequence: &[u8]) -> (Vec<f32>, Option<String>) {
        match self.molecule {
            Molecule::Rna => (sequence.iter().flat_map(|&letter| rna(letter)).collect(), None),
            Molecule::Protein => (sequence.iter().flat_map(|&letter| protein(letter)).collect(), None),
            Molecule::SmallMolecule => small_molecule(sequence),
        }
    }
}

fn rna(letter: u8) -> [f32; NUCLEOTIDES.len()] {
    let mut row = [0.0; NUCLEOTIDES.len()];
    let meant = nucleotides_of(letter);
    for &base in meant {
        row[nucleotide(base) as usize] = 1.0 / meant.len() as f32;
    }
    row
}

fn protein(letter: u8) -> [f32; AMINO_ACIDS.len() + SCALES] {
    let mut row = [0.0; AMINO_ACIDS.len() + SCALES];
    let meant = amino_acids_of(letter);
    let share = 1.0 / meant.len() as f32;
    for &residue in meant {
        row[amino_acid(residue) as usize] = share;
        let here = &mut row[AMINO_ACIDS.len()..];
        here.iter_mut().zip(scales(residue)).for_each(|(sum, scale)| *sum += share * scale);
    }
    row
}

fn small_molecule(smiles: &[u8]) -> (Vec<f32>, Option<String>) {
    let tokens = tokens(smiles);
    let graph = Graph::read(smiles, &tokens);
    let width = CLASSES.len() + ATOM.len();
    let mut rows = Vec::with_capacity(tokens.len() * width); // (l, w)
    let mut atom = 0;
    for token in &tokens {
        let start = rows.len();
        rows.resize(start + CLASSES.len(), 0.0);
        rows[start + usize::from(token.class)] = 1.0;
        if let Ok(graph) = &graph
            && token.is_atom()
        {
            push_atom(graph, &graph.atoms[atom], &mut rows);
            atom += 1;
        }
        rows.resize(start + width, 0.0);
    }
    (rows, graph.err())
}

/// Turns one row per residue into the rows that the rule asks for.
pub(crate) fn apply(rule: TokenRule, length: usize, rows: Vec<f32>, width: usize) -> (usize, Vec<f32>) {
    match rule {
        TokenRule::Residue => (length, rows),
        TokenRule::Window { size, cap } => {
            let windows = windows(length, size, cap);
            (windows.len(), mean_rows(&rows, width, &windows))
        }
        TokenRule::Pooled => (1, mean_rows(&rows, width, std::slice::from_ref(&(0..length)))),
    }
}

/// Forecasts the rows of a sequence of this length.
pub(crate) fn rows_of(rule: TokenRule, length: usize, pooled: usize) -> usize {
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

    fn length(&self, sequence: &[u8]) -> usize {
        length(self.molecule, sequence)
    }

    fn rows(&self, length: usize) -> usize {
        rows_of(self.tokens, length, 1)
    }

    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>> {
        let encode = |record: &&Record| {
            let (residues, reason) = self.residues(&record.sequence);
            let length = self.length(&record.sequence);
            let (rows, values) = apply(self.tokens, length, residues, self.width());
            let embedding = Embedding { length: length as u64, rows, global: Vec::new(), values };
            Encoded { embedding, remark: reason.map(Remark::NoGraph) }
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
