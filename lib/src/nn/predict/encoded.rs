//! Keeps encoded blocks of molecules while the pairs among them are scored.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use candle_core::Tensor;

use crate::Result;
use crate::nn::model::{Profiles, Readout};
use crate::pair::{Side, Sides};

/// Profiles of this many partners are kept while the blocks of RNAs pass by (32 kB each at the default widths).
const KEPT_MOLECULES: usize = 16_384;

/// One block of RNAs, and as many blocks of partners as fit; blocks are encoded when they are asked for.
pub(super) struct Encoded<E> {
    encode: E,
    rna: Option<(usize, Profiles)>,
    partners: BTreeMap<usize, Profiles>,
}

impl<E: Fn(Side, usize) -> Result<Profiles>> Encoded<E> {
    /// Starts with nothing encoded; `encode` gives the profiles of a block of one side.
    pub(super) fn new(encode: E) -> Self {
        Self { encode, rna: None, partners: BTreeMap::new() }
    }

    /// Gives the profiles of a block of each side.
    pub(super) fn of(&mut self, block: Sides<usize>) -> Result<Sides<&Profiles>> {
        let rna = match self.rna.take() {
            Some((number, profiles)) if number == block.rna => profiles,
            _ => detached((self.encode)(Side::Rna, block.rna)?),
        };
        if !self.partners.contains_key(&block.partner) {
            while self.partners.values().map(Profiles::len).sum::<usize>() >= KEPT_MOLECULES {
                self.partners.pop_first();
            }
        }
        let partner = match self.partners.entry(block.partner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(detached((self.encode)(Side::Partner, block.partner)?)),
        };
        let (_, rna) = self.rna.insert((block.rna, rna));
        Ok(Sides { rna, partner })
    }
}

/// Lets go of the graph behind profiles: nothing is learnt here, and it holds every intermediate tensor.
fn detached(profiles: Profiles) -> Profiles {
    let all = |tensors: Vec<Tensor>| tensors.iter().map(Tensor::detach).collect();
    Profiles {
        base: profiles.base.detach(),
        readout: profiles.readout.map(|r| Readout {
            pool: r.pool.detach(),
            states: all(r.states),
            keys: all(r.keys),
        }),
        tokens: profiles.tokens.map(|(tokens, segments)| (tokens.detach(), segments)),
    }
}
