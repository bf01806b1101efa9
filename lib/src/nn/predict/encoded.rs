//! Keeps encoded blocks of molecules while the pairs among them are scored.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use candle_core::Tensor;

use crate::Result;
use crate::nn::model::{Profiles, Readout};
use crate::pair::{Side, Sides};

/// Profiles of this many partners are kept while the blocks of RNAs pass by (32 kB each at the default widths).
const KEPT_MOLECULES: usize = 16_384;

/// One block of RNAs, and as many blocks of partners as fit; blocks are encoded when they are asked for, and let go of when
/// nothing will ask for them.
pub(super) struct Encoded<E> {
    encode: E,
    /// By block of partners, the last block of RNAs that meets it.
    last: BTreeMap<usize, usize>,
    rna: Option<(usize, Profiles)>,
    partners: BTreeMap<usize, Profiles>,
}

impl<E: Fn(Side, usize) -> Result<Profiles>> Encoded<E> {
    /// Starts with nothing encoded; `met` are the blocks that will be asked for, ascending, and `encode` gives the profiles of
    /// a block of one side.
    pub(super) fn new(met: impl IntoIterator<Item = Sides<usize>>, encode: E) -> Self {
        let last = met.into_iter().map(|block| (block.partner, block.rna)).collect();
        Self { encode, last, rna: None, partners: BTreeMap::new() }
    }

    /// Gives the profiles of the next blocks that meet.
    pub(super) fn of(&mut self, block: Sides<usize>) -> Result<Sides<&Profiles>> {
        let is_needed =
            |partner: usize| self.last.get(&partner).is_some_and(|&rna| Sides { rna, partner } >= block);
        self.partners.retain(|&partner, _| is_needed(partner));
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use candle_core::{DType, Device};

    use super::*;

    #[test]
    fn a_block_is_encoded_once_and_kept_while_it_is_needed() {
        let met =
            [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 2)].map(|(rna, partner)| Sides { rna, partner });
        let asked = RefCell::new(Vec::new());
        let mut encoded = Encoded::new(met, |side, block| {
            asked.borrow_mut().push((side, block));
            let base = Tensor::zeros((1, 1), DType::F32, &Device::Cpu)?;
            Ok(Profiles { base, readout: None, tokens: None })
        });
        let kept = met.map(|block| {
            encoded.of(block).unwrap();
            encoded.partners.keys().copied().collect::<Vec<_>>()
        });
        assert_eq!(kept, [vec![0], vec![0, 1], vec![0, 2], vec![0, 2], vec![2], vec![2]]);
        let mut asked = asked.into_inner();
        asked.sort_unstable();
        let once = Side::BOTH.into_iter().flat_map(|side| (0..3).map(move |block| (side, block)));
        assert_eq!(asked, once.collect::<Vec<_>>());
    }
}
