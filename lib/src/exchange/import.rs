//! The encoder `import`: takes embeddings that another program computed, checked against the sequences.

mod check;
mod special;

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

pub use check::Rejected;
pub use special::SpecialRows;

use super::sources::{Digests, Sources, Spot};
use crate::encoder::{self, Encoded, Encoder, by_rule};
use crate::record::{Digest, Molecule, Record};
use crate::store::{Dtype, Embedding, Manifest, TokenRule};
use crate::{Place, Result};

/// What to import, and how to read it.
#[derive(Debug, Clone)]
pub struct ImportSettings {
    /// Files, and folders of files.
    pub from: Vec<PathBuf>,
    /// The name of the encoder that computed the embeddings.
    pub name: String,
    /// The layer, where the files hold several; the only one otherwise.
    pub layer: Option<usize>,
    /// The kind of the molecules.
    pub molecule: Molecule,
    /// The rows that the store gets.
    pub tokens: TokenRule,
    /// The rows of the files that stand for no residue.
    pub special: SpecialRows,
}

impl ImportSettings {
    /// Gives the first file or folder, for messages about all of them.
    fn place(&self) -> Place {
        Place::file(self.from.first().map_or("-".as_ref(), |path| path.as_path()))
    }
}

/// Foreign embeddings, matched with the sequences that they belong to.
///
/// Rows per residue become the rows that [`TokenRule`] asks for; a vector beside them becomes the global vector. With
/// [`TokenRule::Pooled`] the vector of a molecule is stored, or the mean of its rows where the files have only rows.
pub struct Import {
    settings: ImportSettings,
    sources: Sources,
    located: HashMap<Digest, Located>,
    rejected: Vec<Rejected>,
    unused: usize,
    /// Rows to leave out in front and behind.
    trim: (usize, usize),
    width: usize,
    global_width: usize,
    digests: Digests,
}

/// Where the embedding of a sequence is.
#[derive(Debug, Clone, Copy)]
struct Located {
    main: Spot,
    /// The array is what is stored; otherwise it has a row per residue.
    whole: bool,
    global: Option<Spot>,
}

impl Import {
    /// Opens the files and checks names and shapes against the sequences; no numbers are read yet.
    ///
    /// A sequence that several records have is found under any of their identifiers. [`Import::rejected`] says which
    /// sequences cannot be imported, and why.
    ///
    /// # Errors
    /// Files that are missing, damaged or of another kind, that hold nothing for any of the sequences, or nothing
    /// of the kind that was asked for.
    pub fn open(settings: ImportSettings, records: &[Record]) -> Result<Self> {
        let sources = Sources::open(&settings.from, settings.layer)?;
        check::check(settings, sources, records)
    }

    /// Gives the sequences that cannot be imported, in the order of the records.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// Takes the sequences that cannot be imported out of the import.
    pub fn take_rejected(&mut self) -> Vec<Rejected> {
        std::mem::take(&mut self.rejected)
    }

    /// Counts the names in the files that no record has.
    pub fn unused(&self) -> usize {
        self.unused
    }

    /// Gives the number of rows that are left out in front and behind, as those of BOS and EOS.
    pub fn trimmed(&self) -> (usize, usize) {
        self.trim
    }

    /// Gives the digest of each file and folder of [`ImportSettings::from`], in this order; that of a folder is of the
    /// digests and names of its files.
    pub fn digests(&self) -> Vec<Digest> {
        self.digests.given.clone()
    }

    /// Reads an array of rows of `width` values and checks that every number is finite.
    fn finite(&self, spot: Spot, width: usize, record: &Record) -> Result<Vec<f32>> {
        let values = self.sources.read(spot)?;
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Place::file(self.sources.file(spot)).record(&record.id).error(
                format!("holds {} in row {}, column {}", values[at], at / width + 1, at % width + 1),
                "compute the embedding of this record again, or leave the record out",
            ));
        }
        Ok(values)
    }

    fn encode_one(&self, record: &Record) -> Result<Embedding> {
        let Some(located) = self.located.get(&record.digest(self.settings.molecule)) else {
            return Err(self.settings.place().record(&record.id).error("has no embedding here", "add it"));
        };
        let length = self.length(&record.sequence) as u64;
        let global = located.global.map(|spot| self.finite(spot, self.global_width, record));
        let global = global.transpose()?.unwrap_or_default();
        let mut values = self.finite(located.main, self.width, record)?;
        let mut rows = values.len() / self.width;
        if !located.whole {
            let (front, behind) = self.trim;
            values.truncate((rows - behind) * self.width);
            values.drain(..front * self.width);
            (rows, values) = by_rule(self.settings.tokens, rows - front - behind, values, self.width);
        }
        Ok(Embedding { length, rows, global, values })
    }
}

impl Encoder for Import {
    fn manifest(&self, dtype: Dtype) -> Manifest {
        let mut settings = Map::from_iter([("name".to_owned(), Value::from(self.settings.name.clone()))]);
        settings.extend(self.sources.layer().map(|layer| ("layer".to_owned(), Value::from(layer))));
        let widths = (self.width, self.global_width);
        Manifest::new(self.settings.molecule, "import", settings.into(), self.settings.tokens, widths, dtype)
    }

    fn length(&self, sequence: &[u8]) -> usize {
        encoder::length(self.settings.molecule, sequence)
    }

    fn rows(&self, length: usize) -> usize {
        encoder::rows_of(self.settings.tokens, length, 1)
    }

    fn source(&self) -> Option<Digest> {
        let (front, behind) = self.trim;
        Some(Digest::of(format!("{} {front} {behind}", self.digests.whole).as_bytes()))
    }

    /// One record at a time: memory holds as many embeddings as are computed side by side.
    fn plan(&self, lengths: &[usize]) -> Vec<Vec<usize>> {
        (0..lengths.len()).map(|at| vec![at]).collect()
    }

    fn encode(&self, batch: &[&Record]) -> Result<Vec<Encoded>> {
        let encode = |record: &&Record| Ok(Encoded { embedding: self.encode_one(record)?, remark: None });
        batch.iter().map(encode).collect()
    }
}
