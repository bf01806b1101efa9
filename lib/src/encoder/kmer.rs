//! Windowed k-mer spectra with one global vector: the default features.

mod molecule;
mod protein;
mod rna;

use serde_json::Value;

use super::onehot::rows_of;
use super::{Encoded, Encoder, Remark, smiles};
use crate::Result;
use crate::record::{Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule, windows};

/// The encoder `kmer`: k-mer frequencies of each window, and of the whole molecule as the global vector.
///
/// RNA: 1–3-mers (84 columns; global 85 with the logarithm of the length). Protein: composition, dipeptides of seven
/// residue classes and means of six physico-chemical scales (75; global 426, with class 1–3-mers and the logarithm
/// of the length). Letters outside the alphabet take part in no k-mer.
///
/// Small molecules: token classes, what is known of each atom and its hashed environment of radius 1 (112); the
/// global vector (1010) counts token 1–3-grams, atoms, bonds, rings and groups, and the environments of every atom
/// up to radius 2 (as circular fingerprints do), each as ln(1 + n), environments hashed into 64, 256 and 512 buckets.
/// A SMILES string that cannot be read as a graph has its tokens alone, with a remark.
///
/// With [`TokenRule::Residue`] the row of a residue marks the k-mers that begin there; with [`TokenRule::Pooled`]
/// there is the global vector alone.
///
/// ```
/// use crossmamba::encoder::{Encoder as _, Kmer};
/// use crossmamba::record::{Molecule, Record, RecordId};
/// use crossmamba::store::TokenRule;
///
/// let encoder = Kmer::new(Molecule::Rna, TokenRule::Window { size: 4, cap: 0 });
/// let record = Record { id: RecordId::new("r1")?, sequence: b"AACUGGAC".to_vec() };
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// assert_eq!((embedding.rows, embedding.values.len(), embedding.global.len()), (2, 2 * 84, 85));
/// // The first window is half A, a quarter C and a quarter U.
/// assert_eq!(embedding.values[..4], [0.5, 0.25, 0., 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Kmer {
    molecule: Molecule,
    tokens: TokenRule,
}

/// The features of one molecule: rows for each range, and for the whole.
trait Features {
    /// Appends the row of a window.
    fn window(&self, from: usize, to: usize, out: &mut Vec<f32>);
    /// Appends the row of a residue.
    fn residue(&self, at: usize, out: &mut Vec<f32>);
    /// Appends the global vector.
    fn global(&self, out: &mut Vec<f32>);
}

impl Kmer {
    /// Makes the encoder.
    pub fn new(molecule: Molecule, tokens: TokenRule) -> Self {
        Self { molecule, tokens }
    }

    fn widths(&self) -> (usize, usize) {
        let (width, global) = match self.molecule {
            Molecule::Rna => (rna::WIDTH, rna::GLOBAL),
            Molecule::Protein => (protein::WIDTH, protein::GLOBAL),
            Molecule::SmallMolecule => (molecule::WIDTH, molecule::GLOBAL),
        };
        (if self.tokens == TokenRule::Pooled { 0 } else { width }, global)
    }

    fn settings(&self) -> Value {
        match self.molecule {
            Molecule::Rna => rna::settings(),
            Molecule::Protein => protein::settings(),
            Molecule::SmallMolecule => molecule::settings(),
        }
    }

    fn encode_one(&self, record: &Record) -> Encoded {
        let sequence = &record.sequence;
        let mut remark = None;
        let embedding = match self.molecule {
            Molecule::Rna => self.rows_by(sequence.len(), &rna::Rna::new(sequence)),
            Molecule::Protein => self.rows_by(sequence.len(), &protein::Protein::new(sequence)),
            Molecule::SmallMolecule => {
                let molecule = molecule::SmallMolecule::new(sequence);
                remark = molecule.reason.clone().map(Remark::NoGraph);
                self.rows_by(molecule.length(), &molecule)
            }
        };
        Encoded { embedding, remark }
    }

    fn rows_by(&self, length: usize, features: &impl Features) -> Embedding {
        let (width, global_width) = self.widths();
        let mut values = Vec::with_capacity(self.rows(length) * width);
        match self.tokens {
            TokenRule::Residue => (0..length).for_each(|at| features.residue(at, &mut values)),
            TokenRule::Window { size, cap } => {
                for window in windows(length, size, cap) {
                    features.window(window.start, window.end, &mut values);
                }
            }
            TokenRule::Pooled => {}
        }
        let mut global = Vec::with_capacity(global_width);
        features.global(&mut global);
        Embedding { length: length as u64, rows: self.rows(length), global, values }
    }
}

/// The last column of each global vector: a quarter of the natural logarithm of the length.
fn log_length(length: usize) -> f32 {
    ((length.max(1) as f64).ln() / 4.0) as f32
}

impl Encoder for Kmer {
    fn manifest(&self, dtype: Dtype) -> Manifest {
        Manifest::new(self.molecule, "kmer", self.settings(), self.tokens, self.widths(), dtype)
    }

    fn length(&self, sequence: &[u8]) -> usize {
        smiles::length(self.molecule, sequence)
    }

    fn rows(&self, length: usize) -> usize {
        rows_of(self.tokens, length, 0)
    }

    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>> {
        Ok(batch.iter().map(|record| self.encode_one(record)).collect())
    }
}
