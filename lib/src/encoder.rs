//! Turns sequences into embeddings: the interface of every encoder, and those that need no download.
//!
//! - `kmer`: windowed k-mer spectra with one global vector, the default features ([`Kmer`]),
//! - `onehot`: descriptors of each residue ([`OneHot`]), the simplest input,
//! - `sequence`: the sequence itself ([`Sequence`]), for what goes by homology.

mod bag;
mod block;
mod descriptors;
mod kmer;
mod onehot;
mod recognise;
mod scale;
mod sequence;
mod smiles;
mod spectrum;

pub use bag::Bag;
pub use block::{Block, blocks, column_names, columns};
pub use kmer::Kmer;
pub use onehot::OneHot;
pub(crate) use onehot::{apply as by_rule, rows_of};
pub use recognise::recognise;
pub(crate) use sequence::SEQUENCE;
pub use sequence::Sequence;
pub use smiles::Fingerprints;
pub(crate) use smiles::length;

use crate::record::{Digest, Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule};
use crate::{Error, Result};

/// An embedding, and what a user should know about how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The embedding.
    pub embedding: Embedding,
    /// Why this embedding knows less than others, if so.
    pub remark: Option<Remark>,
}

/// Why an embedding knows less of its molecule than others do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Remark {
    /// The SMILES string could not be read as a graph, for this reason; only its tokens were embedded.
    NoGraph(String),
    /// A language model's vocabulary does not cover the sequence.
    Foreign {
        /// Letters or tokens that were read as the model's token for the unknown.
        unknown: usize,
        /// Characters that belong to no token and were left out.
        dropped: usize,
    },
}

/// What some work will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Tokens to compute, those of overlaps counted twice.
    pub tokens: u64,
    /// Tokens that are computed at once.
    pub at_once: u64,
    /// The time, from a short measurement; nothing when the work is not worth one.
    pub seconds: Option<f64>,
    /// Bytes of memory at once.
    pub memory: u64,
}

/// Computes embeddings of one kind of molecule.
///
/// An encoder is deterministic: the values of a record depend on the record and on nothing else, so that any run that
/// computes what a store lacks gives the same bytes.
pub trait Encoder: Sync {
    /// Describes the store that the embeddings go to.
    fn manifest(&self, dtype: Dtype) -> Manifest;

    /// Counts what rows are made of: residues, or tokens of a SMILES string.
    fn length(&self, sequence: &[u8]) -> usize {
        sequence.len()
    }

    /// Forecasts the number of rows of a sequence of this length.
    fn rows(&self, length: usize) -> usize;

    /// Gives the length of the longest sequence that the encoder takes; nothing when it takes any.
    fn longest(&self) -> Option<usize> {
        None
    }

    /// Tells whether a sequence of this length is read in several overlapping stretches.
    fn stitched(&self, _length: usize) -> bool {
        false
    }

    /// Divides records, given by their lengths, into the batches that [`Encoder::encode`] gets, in their order.
    fn plan(&self, lengths: &[usize]) -> Vec<Vec<usize>> {
        const BATCH: usize = 64;
        let all: Vec<usize> = (0..lengths.len()).collect();
        all.chunks(BATCH).map(<[usize]>::to_vec).collect()
    }

    /// Tells whether several batches may be encoded at once; an encoder that fills the machine by itself says no.
    fn batches_in_parallel(&self) -> bool {
        true
    }

    /// Gives the digest of the files that the values are taken from; nothing when they are computed.
    ///
    /// The files may have changed since a store was made, so what it holds already must be compared with them.
    fn source(&self) -> Option<Digest> {
        None
    }

    /// Forecasts what sequences of these lengths take; nothing when it is not worth a word.
    fn effort(&self, _lengths: &[usize]) -> Result<Option<Effort>> {
        Ok(None)
    }

    /// Reads what [`Encoder::encode`] needs, if that was not done; what is wrong with it shows before anything is written.
    fn prepare(&self) -> Result<()> {
        Ok(())
    }

    /// Takes the warnings that have come up since the last call.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Embeds the records of one batch, in their order.
    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>>;
}

/// Makes a built-in encoder by its name: `kmer` (its first version, see [`Kmer::first`]), `kmer2` (its second),
/// `onehot` or `sequence`.
///
/// # Errors
/// Another name, windows of no residues, and `sequence` with other rows than residues or of small molecules.
///
/// ```
/// use crossmamba::encoder::built_in;
/// use crossmamba::record::{Molecule, Record, RecordId};
/// use crossmamba::store::TokenRule;
///
/// let encoder = built_in("onehot", Molecule::Rna, TokenRule::Residue)?;
/// let record = Record { id: RecordId::new("r1")?, sequence: b"GAR".to_vec() };
/// let embedding = encoder.encode(&[&record])?.remove(0).embedding;
/// assert_eq!(embedding.values, [0., 0., 1., 0., 1., 0., 0., 0., 0.5, 0., 0.5, 0.]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn built_in(name: &str, molecule: Molecule, tokens: TokenRule) -> Result<Box<dyn Encoder>> {
    if let TokenRule::Window { size: 0, .. } = tokens {
        return Err(Error::setting("window", "a window holds at least one residue", "give 1 or more"));
    }
    match name {
        "kmer" => Ok(Box::new(Kmer::first(molecule, tokens))),
        "kmer2" => Ok(Box::new(Kmer::new(molecule, tokens))),
        "onehot" => Ok(Box::new(OneHot::new(molecule, tokens))),
        SEQUENCE if tokens == TokenRule::Residue => Ok(Box::new(Sequence::new(molecule)?)),
        SEQUENCE => Err(Error::setting(
            "tokens",
            "the encoder `sequence` keeps every residue",
            "leave it out, or give `residue`",
        )),
        other => Err(Error::setting(
            "encoder",
            format!("`{other}` is not a built-in encoder"),
            "choose `kmer`, `kmer2`, `onehot` or `sequence`",
        )),
    }
}

/// The names of the built-in encoders.
pub const BUILT_IN: [&str; 4] = ["kmer", "kmer2", "onehot", SEQUENCE];

/// Gives the usual window of a kind of molecule: 128 nucleotides, 32 amino acids, 16 SMILES tokens.
pub const fn default_window(molecule: Molecule) -> usize {
    match molecule {
        Molecule::Rna => 128,
        Molecule::Protein => 32,
        Molecule::SmallMolecule => 16,
    }
}

/// The usual limit of windows per molecule.
pub const DEFAULT_CAP: usize = 32;
