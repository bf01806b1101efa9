//! Where the pairs to be scored come from.

use std::borrow::Cow;

use crate::pair::{Side, Sides};

/// At most this many pairs are held and scored at a time, unless one RNA has more partners.
const SLAB: usize = 1 << 20;

/// Pairs to be scored, each with its place: a number from 0, in one fixed order.
///
/// ```
/// use crossmamba::nn::predict::Source;
/// use crossmamba::pair::Sides;
///
/// let all = Source::All(Sides { rna: &[4, 7], partner: &[0, 1, 2] });
/// let pairs: Vec<_> = all.slabs().flat_map(|slab| slab.into_owned()).collect();
/// assert_eq!(all.len(), 6);
/// assert_eq!(pairs[3], Sides { rna: 7, partner: 0 });
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// These pairs of molecules, in their order.
    Listed(&'a [Sides<u32>]),
    /// Every RNA with every partner, RNA by RNA; they are never held all at once.
    All(Sides<&'a [u32]>),
}

impl<'a> Source<'a> {
    /// Counts the pairs.
    pub fn len(&self) -> u64 {
        match self {
            Self::Listed(pairs) => pairs.len() as u64,
            Self::All(Sides { rna, partner }) => rna.len() as u64 * partner.len() as u64,
        }
    }

    /// Says whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the molecules of the pairs, as often as they come.
    pub(super) fn molecules(&self) -> Sides<Vec<u32>> {
        match self {
            Self::Listed(pairs) => Sides::of(|side: Side| pairs.iter().map(|pair| pair[side]).collect()),
            Self::All(molecules) => molecules.map(<[u32]>::to_vec),
        }
    }

    /// Gives the pairs in their order, as many at a time as are scored together: a list as a whole, and all pairs of so
    /// many RNAs that a slab has about a million pairs.
    pub fn slabs(self) -> Box<dyn Iterator<Item = Cow<'a, [Sides<u32>]>> + 'a> {
        self.slabs_of(SLAB)
    }

    fn slabs_of(self, size: usize) -> Box<dyn Iterator<Item = Cow<'a, [Sides<u32>]>> + 'a> {
        match self {
            Self::Listed(pairs) => Box::new(std::iter::once(Cow::Borrowed(pairs))),
            Self::All(Sides { rna, partner }) => {
                let rnas = (size / partner.len().max(1)).max(1);
                Box::new(rna.chunks(rnas).map(move |rnas| {
                    let pairs =
                        rnas.iter().flat_map(|&rna| partner.iter().map(move |&partner| (rna, partner)));
                    pairs.map(|(rna, partner)| Sides { rna, partner }).collect()
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slabs_of_any_size_join_to_all_pairs_in_one_order() {
        let (rna, partner) = ([3, 1, 2], [9, 8]);
        let source = Source::All(Sides { rna: &rna, partner: &partner });
        let whole: Vec<Sides<u32>> = source.slabs().flat_map(Cow::into_owned).collect();
        assert_eq!(whole.len() as u64, source.len());
        assert_eq!(whole[..3], [Sides::new(3, 9), Sides::new(3, 8), Sides::new(1, 9)]);
        for size in 0..7 {
            let slabs: Vec<_> = source.slabs_of(size).collect();
            assert!(slabs.iter().all(|slab| slab.len() <= size.max(2)));
            assert_eq!(slabs.concat(), whole);
        }
        let listed = Source::Listed(&whole);
        assert_eq!(listed.slabs().collect::<Vec<_>>(), [Cow::Borrowed(&whole[..])]);
        assert!(Source::All(Sides { rna: &rna, partner: &[] }).is_empty());
    }
}
