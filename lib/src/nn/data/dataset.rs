//! Joins the pairs of a table with the molecules of the embedding stores.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::{PairIndex, Side, TokenTable, Widths};
use crate::Result;
use crate::duplex::{Duplex, Strand, hybridise};
use crate::pair::PairTable;

/// What the energies of a duplex are divided by: 5 kcal/mol below free strands is 1.
const ENERGY_UNIT: f32 = -500.0;

/// The pairs that can be computed with, by molecule.
pub struct Dataset {
    /// The molecules of each side.
    pub tables: [TokenTable; 2],
    /// For each pair of the table, its RNA and its partner; `None` when a store lacks one of them.
    pub pairs: Vec<Option<[u32; 2]>>,
    duplexes: Option<Duplexes>,
}

/// The nucleotides of all molecules, and the duplexes of the pairs that are known to come up.
struct Duplexes {
    strands: [Vec<Strand>; 2],
    known: HashMap<[u32; 2], Duplex>,
}

impl Dataset {
    /// Finds the molecules of every pair, and reads their tokens when they fit into memory.
    ///
    /// # Errors
    /// An id that stands for different sequences in two stores of a side, or a damaged store.
    pub fn new(pairs: &PairTable, [mut rna, mut partner]: [TokenTable; 2]) -> Result<Self> {
        let mut found = Vec::with_capacity(pairs.pairs.len());
        for pair in &pairs.pairs {
            let both = rna.find(&pair.rna)?.zip(partner.find(&pair.partner)?);
            found.push(both.map(|(r, p)| [r, p]));
        }
        rna.load()?;
        partner.load()?;
        Ok(Self { tables: [rna, partner], pairs: found, duplexes: None })
    }

    /// Looks at the duplexes of the pairs from here on; those of `pairs` are computed at once, by all threads.
    ///
    /// # Errors
    /// Stores without nucleotides, or with damaged bytes.
    pub fn hybridise(&mut self, pairs: &[[u32; 2]]) -> Result<()> {
        let strands = [self.tables[0].strands()?, self.tables[1].strands()?];
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
        self.tables[0].require(&pair.rna)?;
        self.tables[1].require(&pair.partner)
    }

    /// Gives the molecules of one side.
    pub fn table(&self, side: Side) -> &TokenTable {
        &self.tables[side as usize]
    }

    /// Gives the widths of the tokens, RNA first.
    pub fn widths(&self) -> [Widths; 2] {
        self.tables.each_ref().map(TokenTable::widths)
    }

    /// Gives the distinct molecules of some pairs, ascending, and the pairs as positions among them; pairs whose
    /// molecules are not in the stores must not be asked for, and are left out.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn index(&self, pairs: &[[u32; 2]]) -> Result<([Vec<u32>; 2], PairIndex)> {
        let distinct = [0, 1].map(|side| {
            let mut all: Vec<u32> = pairs.iter().map(|pair| pair[side]).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let place = |side: usize| -> Vec<u32> {
            pairs.iter().map(|pair| distinct[side].partition_point(|&m| m < pair[side]) as u32).collect()
        };
        let index = self.pair_index(pairs, [place(0), place(1)])?;
        Ok((distinct, index))
    }

    /// Joins the pairs whose molecules stand at these positions of a batch, with their duplexes if they are looked at.
    ///
    /// # Errors
    /// Not one position of either side per pair.
    pub fn pair_index(&self, pairs: &[[u32; 2]], [rna, partner]: [Vec<u32>; 2]) -> Result<PairIndex> {
        let index = PairIndex::new(rna, partner)?;
        let Some(Duplexes { strands, known }) = &self.duplexes else { return Ok(index) };
        let values = pairs.iter().flat_map(|pair| {
            let found = known.get(pair).copied().unwrap_or_else(|| duplex(strands, *pair));
            let [energy, seed] = [found.energy, found.seed].map(|energy| energy as f32 / ENERGY_UNIT);
            [energy, seed, (found.sites as f32).ln_1p()]
        });
        index.with_duplexes(Tensor::from_iter(values, &Device::Cpu)?.reshape((pairs.len(), ()))?)
    }

    /// Gives the molecules of a pair of the table.
    pub fn pair(&self, at: usize) -> Option<[u32; 2]> {
        self.pairs[at]
    }
}

fn duplex(strands: &[Vec<Strand>; 2], [rna, partner]: [u32; 2]) -> Duplex {
    hybridise(&strands[0][rna as usize], &strands[1][partner as usize])
}
