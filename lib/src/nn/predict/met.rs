//! Finds once, for the molecules of all pairs, the nearest ones of training.

use std::collections::HashMap;

use crate::Result;
use crate::nn::bundle::{Bundle, Trust};
use crate::nn::data::Dataset;
use crate::pair::{Side, Sides};
use crate::trust::Nearest;

/// Molecules whose descriptors are held at a time.
const HELD: usize = 1 << 12;

/// For every bundle the nearest molecules of its training.
pub(super) struct Met(Vec<Option<Sides<HashMap<u32, Nearest>>>>);

impl Met {
    /// Looks for the neighbours of some molecules; bundles that keep none of their training find none.
    pub(super) fn of(bundles: &[Bundle], data: &Dataset, mut molecules: Sides<Vec<u32>>) -> Result<Self> {
        let mut of_bundles: Vec<Option<Sides<HashMap<u32, Nearest>>>> =
            bundles.iter().map(|bundle| bundle.neighbours().map(|_| Sides::default())).collect();
        if of_bundles.iter().all(Option::is_none) {
            return Ok(Self(of_bundles));
        }
        for side in Side::BOTH {
            molecules[side].sort_unstable();
            molecules[side].dedup();
            for chunk in molecules[side].chunks(HELD) {
                let descriptors = data.table(side).descriptors_of(chunk)?;
                let places: Vec<u32> = (0..chunk.len() as u32).collect();
                for (bundle, found) in bundles.iter().zip(&mut of_bundles) {
                    let (Some(known), Some(found)) = (bundle.neighbours(), found) else { continue };
                    let nearest = known.nearest(side, &descriptors, &places, known.whole())?;
                    let each = chunk.iter().zip(nearest);
                    found[side].extend(each.filter_map(|(&molecule, nearest)| Some((molecule, nearest?))));
                }
            }
        }
        Ok(Self(of_bundles))
    }

    /// Says how well the training of a bundle knows a pair.
    pub(super) fn trust(&self, bundles: &[Bundle], number: usize, pair: Sides<u32>) -> Option<Trust> {
        let (known, found) = (bundles[number].neighbours()?, self.0[number].as_ref()?);
        let nearest = Sides::of(|side: Side| found[side].get(&pair[side]).copied());
        Some(Trust { flag: known.whole().flag(nearest), nearest, bundle: number })
    }
}
