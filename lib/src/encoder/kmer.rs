//! Windowed k-mer spectra with one global vector: the default features.

mod molecule;
mod protein;
mod rna;

use serde_json::Value;

use super::block::written;
use super::onehot::rows_of;
use super::{Encoded, Encoder, Remark, smiles};
use crate::Result;
use crate::record::{Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule, windows};

/// The encoder `kmer`: k-mer frequencies of each window, and of the whole molecule as the global vector.
///
/// RNA: 1–3-mers (84 columns). The global vector (463) adds the logarithm of the length, 4-mers, pairs of nucleotides 2
/// to 8 apart, and the content of GC and AG: mean and extremes of stretches. Protein: composition, dipeptides of seven
/// residue classes and means of six physico-chemical scales (75). The global vector (650) has class 1–3-mers and adds
/// the logarithm of the length, the autocovariance of seven scales at distances 1 to 10, the composition of both ends and
/// the scales' means by thirds, physico-chemical summaries (extremes of stretches, helix moments, entropies, isoelectric
/// point, charge), and counts of motifs that bind RNA. Letters outside the alphabet take part in no k-mer.
/// [`blocks`](super::blocks) names these blocks, [`column_names`](super::column_names) each column.
///
/// Small molecules: token classes, what is known of each atom and its hashed environment of radius 1 (112); the
/// global vector (3570) counts token 1–3-grams, atoms, bonds, rings and groups, and the environments of every atom
/// up to radius 2 (as circular fingerprints do), each as ln(1 + n), environments hashed into 64, 256 and 512 buckets;
/// and the three [`Fingerprints`](super::Fingerprints) in the same way, hashed into 1024, 512 and 1024 buckets.
/// A SMILES string that cannot be read as a graph has its tokens alone, with a remark.
///
/// With [`TokenRule::Residue`] the row of a residue marks the k-mers that begin there; with [`TokenRule::Pooled`]
/// there is the global vector alone.
///
/// This is version 2. Version 1, which [`Kmer::first`] gives, ends the global vector with the logarithm of the length (of a
/// small molecule before the fingerprints).
///
/// ```
/// use crossmamba::encoder::{Encoder as _, Kmer};
/// use crossmamba::record::{Molecule, Record, RecordId};
/// use crossmamba::store::TokenRule;
///
/// let encoder = Kmer::new(Molecule::Rna, TokenRule::Window { size: 4, cap: 0 });
/// let record = Record { id: RecordId::new("r1")?, sequence: b"AACUGGAC".to_vec() };
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// assert_eq!((embedding.rows, embedding.values.len(), embedding.global.len()), (2, 2 * 84, 463));
/// // The first window is half A, a quarter C and a quarter U.
/// assert_eq!(embedding.values[..4], [0.5, 0.25, 0., 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Kmer {
    molecule: Molecule,
    tokens: TokenRule,
    version: Version,
}

/// Which blocks the global vector has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    First,
    Current,
}

/// What the features of a kind of molecule are made of.
struct Layout {
    /// Columns of a row.
    width: usize,
    /// The blocks of the global vector, each with its number of columns.
    blocks: &'static [(&'static str, usize)],
    /// How many of the blocks the first version has.
    first: usize,
}

/// The features of one molecule: rows for each range, and for the whole.
trait Features {
    /// Appends the row of a window.
    fn window(&self, from: usize, to: usize, out: &mut Vec<f32>);
    /// Appends the row of a residue.
    fn residue(&self, at: usize, out: &mut Vec<f32>);
    /// Appends the blocks of the global vector that its first version has.
    fn global(&self, out: &mut Vec<f32>);
    /// Appends the others.
    fn more(&self, _out: &mut Vec<f32>) {}
}

impl Kmer {
    /// Makes the encoder.
    pub fn new(molecule: Molecule, tokens: TokenRule) -> Self {
        Self { molecule, tokens, version: Version::Current }
    }

    /// Makes the encoder as its version 1 was, for models that were trained on its stores.
    pub fn first(molecule: Molecule, tokens: TokenRule) -> Self {
        Self { version: Version::First, ..Self::new(molecule, tokens) }
    }

    fn layout(&self) -> &'static Layout {
        match self.molecule {
            Molecule::Rna => &rna::LAYOUT,
            Molecule::Protein => &protein::LAYOUT,
            Molecule::SmallMolecule => &molecule::LAYOUT,
        }
    }

    /// Gives the blocks of the global vector with their numbers of columns.
    pub(super) fn widths_of_blocks(&self) -> &'static [(&'static str, usize)] {
        let layout = self.layout();
        match self.version {
            Version::First => &layout.blocks[..layout.first],
            Version::Current => layout.blocks,
        }
    }

    /// Names the columns of the global vector.
    pub(super) fn column_names(&self) -> Vec<String> {
        let names = match self.molecule {
            Molecule::Rna => rna::names,
            Molecule::Protein => protein::names,
            Molecule::SmallMolecule => molecule::names,
        };
        let named = |&(block, width): &(&'static str, usize)| {
            let names = names(block).into_iter().map(move |name| format!("{block} {name}"));
            names.take(width)
        };
        self.widths_of_blocks().iter().flat_map(named).collect()
    }

    fn widths(&self) -> (usize, usize) {
        let global = self.widths_of_blocks().iter().map(|(_, width)| width).sum();
        (if self.tokens == TokenRule::Pooled { 0 } else { self.layout().width }, global)
    }

    fn settings(&self) -> Value {
        let mut settings = match self.molecule {
            Molecule::Rna => rna::settings(),
            Molecule::Protein => protein::settings(),
            Molecule::SmallMolecule => molecule::settings(),
        };
        if self.version == Version::Current {
            settings["version"] = 2.into();
            settings["blocks"] = written(self.widths_of_blocks());
            if let Some(settings) = settings.as_object_mut() {
                // The blocks say it.
                settings.retain(|key, _| !key.starts_with("global_"));
            }
        }
        settings
    }

    /// Embeds one sequence.
    pub(super) fn embed(&self, sequence: &[u8]) -> Encoded {
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
        if self.version == Version::Current {
            features.more(&mut global);
        }
        Embedding { length: length as u64, rows: self.rows(length), global, values }
    }
}

/// The block `length`, the last one of the first version: a quarter of the natural logarithm of the length.
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
        Ok(batch.iter().map(|record| self.embed(&record.sequence)).collect())
    }
}
