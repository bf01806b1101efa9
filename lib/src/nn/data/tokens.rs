//! Turns stored embeddings into tokens: one table of distinct molecules per side of a pair.
//!
//! A molecule is its sequence's digest: however many ids a sequence has, it is one molecule here, and no id reaches
//! the model.

mod align;

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use align::{Alignment, length_of};

use super::{Measure, Standardisation, TokenBatch, Widths};
use crate::config::{InputsConfig, WindowConfig};
use crate::duplex::Strand;
use crate::encoder;
use crate::expert::{Descriptors, Named};
use crate::homology::Sequences;
use crate::pair::Side;
use crate::record::{Digest, Molecule, RecordId};
use crate::store::{Manifest, Store, TokenRule};
use crate::{Error, Place, Result};

/// Molecules are kept in memory up to this many values in all; beyond it each batch reads the store again.
const CACHED_VALUES: usize = 1 << 29;

/// The tokens of one molecule, not standardised.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tokens {
    /// The global vector, of the table's global width.
    pub global: Vec<f32>,
    /// The rows one after another, of the table's row width.
    pub rows: Vec<f32>,
}

/// The distinct molecules of one side, with where their tokens come from.
///
/// ```no_run
/// use crossmamba::nn::{Side, TokenTable};
/// use crossmamba::record::RecordId;
///
/// let mut rnas = TokenTable::open(Side::Rna, &["rna.store".into()], None)?;
/// let id = RecordId::new("ENST00000331789").expect("an identifier");
/// let molecule = rnas.find(&id)?.expect("an embedded RNA");
/// let standardisation = rnas.standardisation(&[molecule], &Default::default())?;
/// let batch = rnas.batch(&[molecule], &standardisation)?;
/// assert_eq!(batch.segments().tokens(), rnas.spans(molecule).len());
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub struct TokenTable {
    side: Side,
    stores: Vec<Store>,
    alignment: Alignment,
    molecules: Vec<Digest>,
    /// The id under which each was found first.
    names: Vec<RecordId>,
    by_digest: HashMap<Digest, u32>,
    cache: Option<Vec<Tokens>>,
}

impl TokenTable {
    /// Opens the stores of one side; several are joined column by column.
    ///
    /// # Errors
    /// A folder that is no store, stores of two kinds of molecule, or stores whose rows do not stand for the same
    /// windows.
    pub fn open(side: Side, paths: &[PathBuf], window: Option<WindowConfig>) -> Result<Self> {
        Self::new(side, paths.iter().map(Store::open).collect::<Result<_>>()?, window)
    }

    /// Takes the stores of one side, which may be in memory; several are joined column by column.
    ///
    /// # Errors
    /// As [`TokenTable::open`].
    pub fn new(side: Side, stores: Vec<Store>, window: Option<WindowConfig>) -> Result<Self> {
        let alignment = Alignment::new(side, &stores, window)?;
        let (molecules, names) = (Vec::new(), Vec::new());
        Ok(Self { side, stores, alignment, molecules, names, by_digest: HashMap::new(), cache: None })
    }

    /// Gives the side.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Gives the widths of the tokens.
    pub fn widths(&self) -> Widths {
        self.alignment.widths()
    }

    /// Gives what made each store's rows.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.stores.iter().map(Store::manifest)
    }

    /// Gives the digests of the distinct molecules found so far, in order of their first use.
    pub fn molecules(&self) -> &[Digest] {
        &self.molecules
    }

    /// Gives the id under which a molecule was found first.
    pub fn name(&self, molecule: u32) -> &RecordId {
        &self.names[molecule as usize]
    }

    /// Gives the ids of the first store, in their order.
    pub fn ids(&self) -> &[RecordId] {
        self.stores.first().map_or(&[], Store::ids)
    }

    /// Gives the checksums of the values of all molecules found so far, store by store: what the model sees of them.
    pub fn checksums(&self) -> impl Iterator<Item = Vec<Option<u32>>> {
        let of = |store: &Store| self.molecules.iter().map(|digest| store.checksum_of(digest)).collect();
        self.stores.iter().map(of)
    }

    /// Finds the molecule of an id; `None` when one of the stores lacks it. Ids of one sequence share a molecule.
    ///
    /// # Errors
    /// An id that stands for different sequences in two stores.
    pub fn find(&mut self, id: &RecordId) -> Result<Option<u32>> {
        let mut found: Option<Digest> = None;
        for store in &self.stores {
            let Some(&digest) = store.digest_of(id) else { return Ok(None) };
            if found.is_some_and(|first| first != digest) {
                let first = self.stores[0].path().display();
                return Err(Place::file(store.path()).record(id).error(
                    format!("holds another sequence under this id than {first}"),
                    "embed the same sequences into both stores",
                ));
            }
            found = Some(digest);
        }
        Ok(found.map(|digest| self.molecule(digest, id)))
    }

    /// Tells whether every store has this id.
    pub fn has(&self, id: &RecordId) -> bool {
        self.stores.iter().all(|store| store.digest_of(id).is_some())
    }

    /// Gives the error of an id that a store lacks.
    pub fn require(&self, id: &RecordId) -> Result<()> {
        self.stores.iter().try_for_each(|store| store.require(id).map(|_| ()))
    }

    /// Tells whether a store holds nucleotides: RNA by the encoder `onehot`, one row per residue.
    pub fn has_nucleotides(&self) -> bool {
        self.nucleotides().is_some()
    }

    fn nucleotides(&self) -> Option<&Store> {
        self.stores.iter().find(|store| {
            let manifest = store.manifest();
            manifest.molecule == Molecule::Rna
                && manifest.encoder == "onehot"
                && manifest.tokens == TokenRule::Residue
        })
    }

    /// Reads the nucleotides of all molecules found so far.
    ///
    /// # Errors
    /// Stores without nucleotides, or with damaged bytes.
    pub fn strands(&self) -> Result<Vec<Strand>> {
        let Some(store) = self.nucleotides() else {
            let problem = format!("the {} stores hold no nucleotides", self.side.name());
            let remedy = format!(
                "add a --{}-store made with `crossmamba-embed --kind rna --encoder onehot --tokens residue`, or set \
                 `model.duplex: none`",
                self.side.name()
            );
            return Err(Error::setting("model.duplex", problem, remedy));
        };
        let strand = |digest: &Digest| {
            let found = store.get(digest)?.ok_or_else(|| missing(store, digest))?;
            Ok(Strand::of_rows(&found.values))
        };
        self.molecules.par_iter().map(strand).collect()
    }

    /// Reads the sequences of some molecules, if a store of the encoder `sequence` holds them.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub fn sequences_of(&self, molecules: &[u32]) -> Result<Option<Sequences>> {
        let is_wanted = |store: &&Store| store.manifest().encoder == encoder::SEQUENCE;
        let Some(store) = self.stores.iter().find(is_wanted) else { return Ok(None) };
        let coded = |&molecule: &u32| -> Result<Vec<u8>> {
            let digest = &self.molecules[molecule as usize];
            let found = store.get(digest)?.ok_or_else(|| missing(store, digest))?;
            Ok(found.values.iter().map(|&value| value as u8).collect())
        };
        let coded = molecules.par_iter().map(coded).collect::<Result<_>>()?;
        let sequences = Sequences::from_coded(store.manifest().molecule, coded);
        sequences.map(Some).map_err(|why| Place::file(store.path()).error(why, "make the store again"))
    }

    fn molecule(&mut self, digest: Digest, id: &RecordId) -> u32 {
        let next = self.molecules.len() as u32;
        let at = *self.by_digest.entry(digest).or_insert(next);
        if at == next {
            self.molecules.push(digest);
            self.names.push(id.clone());
            self.cache = None;
        }
        at
    }

    /// Reads all molecules found so far into memory, unless they are too large for that.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub fn load(&mut self) -> Result<()> {
        let values: usize =
            self.molecules.iter().map(|digest| self.alignment.values(&self.stores, digest)).sum();
        if values <= CACHED_VALUES {
            let all = (0..self.molecules.len() as u32).into_par_iter().map(|m| self.read(m));
            self.cache = Some(all.collect::<Result<_>>()?);
        }
        Ok(())
    }

    fn read(&self, molecule: u32) -> Result<Tokens> {
        let digest = self.molecules[molecule as usize];
        let embeddings =
            self.stores.iter().map(|store| store.get(&digest)?.ok_or_else(|| missing(store, &digest)));
        self.alignment.join(&self.stores, &embeddings.collect::<Result<Vec<_>>>()?)
    }

    /// Measures the standardisation on some molecules, each counted once.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub fn standardisation(&self, molecules: &[u32], inputs: &InputsConfig) -> Result<Standardisation> {
        let Widths { global, rows } = self.widths();
        let (mut globals, mut all_rows) = (Measure::new(global), Measure::new(rows));
        for &molecule in molecules {
            self.with(molecule, |tokens| {
                globals.add(&tokens.global);
                all_rows.add(&tokens.rows);
            })?;
        }
        Ok(Standardisation {
            global: globals.columns(self.alignment.global_blocks(), inputs.floor),
            rows: all_rows.columns(self.alignment.row_blocks(), inputs.floor),
            clip: inputs.clip as f32,
        })
    }

    /// Gives the descriptors of all molecules found so far, as [`TokenTable::descriptors_of`] them.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub fn descriptors(&self) -> Result<Descriptors> {
        self.descriptors_of(&(0..self.molecules.len() as u32).collect::<Vec<_>>())
    }

    /// Gives the descriptors of some molecules, in their order: their global vectors, and the means of the rows of stores that
    /// have none.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub fn descriptors_of(&self, molecules: &[u32]) -> Result<Descriptors> {
        let Widths { global, rows } = self.widths();
        let vector = |molecule: u32| {
            self.with(molecule, |tokens| {
                let mut vector = tokens.global.clone();
                let mut sums = vec![0.0; rows];
                for row in tokens.rows.chunks_exact(rows.max(1)) {
                    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
                }
                let count = (tokens.rows.len() / rows.max(1)).max(1) as f64;
                vector.extend(sums.into_iter().map(|sum| (sum / count) as f32));
                vector
            })
        };
        let vectors = molecules.par_iter().map(|&molecule| vector(molecule)).collect::<Result<Vec<_>>>()?;
        let digests = molecules.iter().map(|&molecule| self.molecules[molecule as usize]).collect();
        let mut blocks = Vec::new();
        let of_stores =
            self.stores.iter().zip(self.alignment.global_blocks()).zip(self.alignment.row_blocks());
        for ((store, columns), of_rows) in of_stores {
            let manifest = store.manifest();
            let built_in = manifest.encoder == "kmer";
            let named = |name: &str, columns| {
                let block = encoder::Block { name: name.to_owned(), columns };
                Named { block, built_in }
            };
            for block in encoder::blocks(manifest) {
                let Range { start, end } = block.columns;
                blocks.push(named(&block.name, columns.start + start..columns.start + end));
            }
            let pooled = columns.start + manifest.global_width..columns.end;
            if !pooled.is_empty() {
                blocks.push(named(&manifest.encoder, pooled));
            }
            if columns.is_empty() && !of_rows.is_empty() {
                blocks.push(named(&manifest.encoder, global + of_rows.start..global + of_rows.end));
            }
        }
        let kind = self.stores.first().map_or(Molecule::Rna, |store| store.manifest().molecule);
        let sequences = self.sequences_of(molecules)?;
        Ok(Descriptors::new(kind, digests, &vectors, &blocks).with_sequences(sequences))
    }

    fn with<T>(&self, molecule: u32, use_it: impl FnOnce(&Tokens) -> T) -> Result<T> {
        match &self.cache {
            Some(cache) => Ok(use_it(&cache[molecule as usize])),
            None => self.read(molecule).map(|tokens| use_it(&tokens)),
        }
    }

    /// Packs the standardised tokens of some molecules, on the CPU; the model that reads them takes them to its device.
    ///
    /// # Errors
    /// A store with damaged bytes, or a molecule without any token.
    pub fn batch(&self, molecules: &[u32], standardisation: &Standardisation) -> Result<TokenBatch> {
        let Widths { global: g, rows: w } = self.widths();
        let (mut globals, mut rows, mut offsets) = (Vec::new(), Vec::new(), vec![0]);
        for &molecule in molecules {
            self.with(molecule, |tokens| {
                globals.extend_from_slice(&tokens.global);
                rows.extend_from_slice(&tokens.rows);
            })?;
            offsets.push(rows.len() / w.max(1));
            if g == 0 && offsets[offsets.len() - 2] == offsets[offsets.len() - 1] {
                let digest = self.molecules[molecule as usize];
                return Err(Place::file(self.stores[0].path())
                    .error(format!("has no rows for the sequence {digest}"), "remove the sequence"));
            }
        }
        standardisation.global.apply(&mut globals, standardisation.clip);
        standardisation.rows.apply(&mut rows, standardisation.clip);
        let tensor = |values: Vec<f32>, width: usize| {
            (width > 0)
                .then(|| Tensor::from_vec(values, ((), width), &Device::Cpu).map_err(Error::from))
                .transpose()
        };
        TokenBatch::new(tensor(globals, g)?, tensor(rows, w)?, offsets)
    }

    /// Gives the residues (SMILES: tokens) that each token of a molecule stands for, counted from 0: the global token for
    /// the whole molecule, and every row for its residue or its window.
    pub fn spans(&self, molecule: u32) -> Vec<Range<usize>> {
        let digest = &self.molecules[molecule as usize];
        let global = (self.widths().global > 0).then(|| 0..length_of(&self.stores, digest));
        global.into_iter().chain(self.alignment.spans(&self.stores, digest)).collect()
    }

    /// Gives the number of tokens of a molecule, its global one included.
    pub fn tokens(&self, molecule: u32) -> usize {
        let Widths { global, rows } = self.widths();
        let values = self.alignment.values(&self.stores, &self.molecules[molecule as usize]);
        usize::from(global > 0) + (values - global).checked_div(rows).unwrap_or(0)
    }
}

fn missing(store: &Store, digest: &Digest) -> Error {
    Place::file(store.path()).error(format!("lacks the sequence {digest}"), "embed it first")
}

#[cfg(test)]
mod tests;
