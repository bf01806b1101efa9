//! Joins the pairs of a table with the molecules of the embedding stores.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::{DUPLEX_VALUES, PairIndex, TokenTable, Widths};
use crate::Result;
use crate::duplex::{Duplex, Strand, hybridise};
use crate::expert::Descriptors;
use crate::homology::Homologs;
use crate::pair::{PairTable, Side, Sides};

/// What the energies of a duplex are divided by: 5 kcal/mol below free strands is 1.
const ENERGY_UNIT: f32 = -500.0;

/// The pairs that can be computed with, by molecule.
///
/// ```no_run
/// use crossmamba::nn::{Dataset, Side, Sides, TokenTable};
/// use crossmamba::pair::PairTable;
///
/// let pairs = PairTable::read("pairs.tsv")?;
/// let stores = Sides::new("rna.store", "protein.store");
/// let tables = Sides::try_of(|side| TokenTable::open(side, &[stores[side].into()], None))?;
/// let data = Dataset::new(&pairs, tables)?;
/// data.require_all(&pairs)?;
/// println!("{} distinct RNAs", data.table(Side::Rna).molecules().len());
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub struct Dataset {
    /// The molecules of each side.
    pub tables: Sides<TokenTable>,
    /// For each pair of the table, its RNA and its partner; `None` when a store lacks one of them.
    pub pairs: Vec<Option<Sides<u32>>>,
    duplexes: Option<Duplexes>,
    descriptors: OnceLock<Sides<Descriptors>>,
    homologs: OnceLock<Arc<Sides<Homologs>>>,
}

/// The nucleotides of all molecules, and the duplexes of the pairs that are known to come up.
struct Duplexes {
    strands: Sides<Vec<Strand>>,
    known: HashMap<Sides<u32>, Duplex>,
}

impl Dataset {
    /// Finds the molecules of every pair, and reads their tokens when they fit into memory.
    ///
    /// # Errors
    /// An id that stands for different sequences in two stores of a side, or a damaged store.
    pub fn new(pairs: &PairTable, mut tables: Sides<TokenTable>) -> Result<Self> {
        let mut found = Vec::with_capacity(pairs.pairs.len());
        for pair in &pairs.pairs {
            let both = tables.rna.find(&pair.rna)?.zip(tables.partner.find(&pair.partner)?);
            found.push(both.map(|(rna, partner)| Sides { rna, partner }));
        }
        tables.rna.load()?;
        tables.partner.load()?;
        Ok(Self {
            tables,
            pairs: found,
            duplexes: None,
            descriptors: OnceLock::new(),
            homologs: OnceLock::new(),
        })
    }

    /// Looks at the duplexes of the pairs from here on; those of `pairs` are computed at once, by all threads, and kept
    /// until others are asked for.
    ///
    /// # Errors
    /// Stores without nucleotides, or with damaged bytes.
    pub fn hybridise(&mut self, pairs: &[Sides<u32>]) -> Result<()> {
        let strands = match self.duplexes.take() {
            Some(Duplexes { strands, .. }) => strands,
            None => self.tables.as_ref().try_map(TokenTable::strands)?,
        };
        let known = pairs.par_iter().map(|&pair| (pair, duplex(&strands, pair))).collect();
        self.duplexes = Some(Duplexes { strands, known });
        Ok(())
    }

    /// Checks that the stores hold both molecules of every pair.
    ///
    /// # Errors
    /// The first molecule that is missing.
    pub fn require_all(&self, pairs: &PairTable) -> Result<()> {
        let Some(first) = self.pairs.iter().position(Option::is_none) else { return Ok(()) };
        let pair = &pairs.pairs[first];
        self.tables.rna.require(&pair.rna)?;
        self.tables.partner.require(&pair.partner)
    }

    /// Gives the molecules of one side.
    pub fn table(&self, side: Side) -> &TokenTable {
        &self.tables[side]
    }

    /// Gives the widths of the tokens.
    pub fn widths(&self) -> Sides<Widths> {
        self.tables.as_ref().map(TokenTable::widths)
    }

    /// Gives the distinct molecules of some pairs, ascending; of millions of pairs faster than [`Dataset::index`].
    pub(crate) fn distinct(&self, pairs: impl Iterator<Item = Sides<u32>>) -> Sides<Vec<u32>> {
        let mut met = Sides::of(|side| vec![false; self.table(side).molecules().len()]);
        for pair in pairs {
            for side in Side::BOTH {
                met[side][pair[side] as usize] = true;
            }
        }
        met.map(|met| (0..).zip(met).filter_map(|(molecule, met)| met.then_some(molecule)).collect())
    }

    /// Gives the distinct molecules of some pairs, ascending, and the pairs as positions among them; pairs whose
    /// molecules are not in the stores must not be asked for, and are left out.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn index(&self, pairs: &[Sides<u32>]) -> Result<(Sides<Vec<u32>>, PairIndex)> {
        let distinct = Sides::of(|side| {
            let mut all: Vec<u32> = pairs.iter().map(|pair| pair[side]).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let places = Sides::of(|side| -> Vec<u32> {
            pairs.iter().map(|pair| distinct[side].partition_point(|&m| m < pair[side]) as u32).collect()
        });
        let index = self.pair_index(pairs, places)?;
        Ok((distinct, index))
    }

    /// Joins the pairs whose molecules stand at these positions of a batch, with their duplexes if they are looked at.
    ///
    /// # Errors
    /// Not one position of either side per pair.
    pub fn pair_index(&self, pairs: &[Sides<u32>], positions: Sides<Vec<u32>>) -> Result<PairIndex> {
        let index = PairIndex::new(positions.rna, positions.partner)?;
        let Some(values) = self.duplex_values(pairs) else { return Ok(index) };
        index.with_duplexes(Tensor::from_vec(values, (pairs.len(), DUPLEX_VALUES), &Device::Cpu)?)
    }

    /// Gives the numbers of each pair's duplex, [`DUPLEX_VALUES`] of each, if duplexes are looked at.
    pub(crate) fn duplex_values(&self, pairs: &[Sides<u32>]) -> Option<Vec<f32>> {
        let Duplexes { strands, known } = self.duplexes.as_ref()?;
        let values = pairs.iter().flat_map(|pair| {
            let found = known.get(pair).copied().unwrap_or_else(|| duplex(strands, *pair));
            let [energy, seed] = [found.energy, found.seed].map(|energy| energy as f32 / ENERGY_UNIT);
            [energy, seed, (found.sites as f32).ln_1p()]
        });
        Some(values.collect())
    }

    /// Gives the descriptors of all molecules; they are made when they are first asked for.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub fn descriptors(&self) -> Result<&Sides<Descriptors>> {
        if let Some(made) = self.descriptors.get() {
            return Ok(made);
        }
        let made = self.tables.as_ref().try_map(TokenTable::descriptors)?;
        Ok(self.descriptors.get_or_init(|| made))
    }

    /// Compares all molecules of either side with one another by their sequences, if those of both are in the stores; that is
    /// kept.
    ///
    /// # Errors
    /// A store with damaged bytes.
    pub(crate) fn align(&self) -> Result<()> {
        let descriptors = self.descriptors()?;
        let sequences = descriptors.as_ref().map(Descriptors::sequences);
        if let (None, Sides { rna: Some(rna), partner: Some(partner) }) = (self.homologs.get(), sequences) {
            let found = Arc::new(Sides::new(rna.homologs(), partner.homologs()));
            self.homologs.get_or_init(|| found);
        }
        Ok(())
    }

    /// Gives the homologs of all molecules of either side among one another, if they have been looked for.
    pub(crate) fn homologs(&self) -> Option<&Arc<Sides<Homologs>>> {
        self.homologs.get()
    }

    /// Gives the molecules of a pair of the table.
    pub fn pair(&self, at: usize) -> Option<Sides<u32>> {
        self.pairs[at]
    }
}

fn duplex(strands: &Sides<Vec<Strand>>, pair: Sides<u32>) -> Duplex {
    hybridise(&strands.rna[pair.rna as usize], &strands.partner[pair.partner as usize])
}
