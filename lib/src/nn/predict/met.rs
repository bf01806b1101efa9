//! Finds once, for the molecules of all pairs, the nearest ones of training and their homologs.

use std::collections::HashMap;
use std::sync::Arc;

use crate::expert::{Kin, Known};
use crate::homology::{Homologs, Sequences};
use crate::nn::bundle::{Bundle, Trust};
use crate::nn::data::Dataset;
use crate::pair::{Side, Sides};
use crate::record::Digest;
use crate::trust::Nearest;
use crate::{Error, Result};

/// Molecules whose descriptors are held at a time.
const HELD: usize = 1 << 12;

/// The nearest molecules of training, by number of the table's molecules.
type Neighbours = Sides<HashMap<u32, Nearest>>;

/// What each bundle's training knows of the molecules of all pairs.
pub(super) struct Met {
    nearest: Vec<Option<Neighbours>>,
    kin: Kinship,
}

/// The homologs of molecules.
enum Kinship {
    /// Among all molecules, as they were found while training.
    All(Arc<Sides<Homologs>>),
    /// For every bundle that asks for homologs those in its training, by number of the table's molecules.
    Known(Vec<Option<Sides<Homologs>>>),
}

impl Met {
    /// Looks for the neighbours and homologs of some molecules; bundles that keep none of their training find none.
    pub(super) fn of(bundles: &[Bundle], data: &Dataset, mut molecules: Sides<Vec<u32>>) -> Result<Self> {
        for side in Side::BOTH {
            molecules[side].sort_unstable();
            molecules[side].dedup();
        }
        let kin = match data.homologs() {
            Some(all) => Kinship::All(Arc::clone(all)),
            None => Kinship::Known(homologs(bundles, data, &molecules)?),
        };
        Ok(Self { nearest: nearest(bundles, data, &molecules)?, kin })
    }

    /// Says how well the training of a bundle knows a pair.
    pub(super) fn trust(&self, bundles: &[Bundle], number: usize, pair: Sides<u32>) -> Option<Trust> {
        let (known, found) = (bundles[number].neighbours()?, self.nearest[number].as_ref()?);
        let nearest = Sides::of(|side: Side| found[side].get(&pair[side]).copied());
        Some(Trust { flag: known.whole().flag(nearest), nearest, bundle: number })
    }

    /// Gives the homologs of molecules for a bundle.
    pub(super) fn kin(&self, number: usize) -> Kin<'_> {
        match &self.kin {
            Kinship::All(all) => Kin::All(all),
            Kinship::Known(of_bundles) => of_bundles[number].as_ref().map_or(Kin::None, Kin::Known),
        }
    }
}

fn nearest(
    bundles: &[Bundle],
    data: &Dataset,
    molecules: &Sides<Vec<u32>>,
) -> Result<Vec<Option<Neighbours>>> {
    let mut of_bundles: Vec<Option<Neighbours>> =
        bundles.iter().map(|bundle| bundle.neighbours().map(|_| Sides::default())).collect();
    if of_bundles.iter().all(Option::is_none) {
        return Ok(of_bundles);
    }
    for side in Side::BOTH {
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
    Ok(of_bundles)
}

/// Aligns some molecules with those of training, which bundles share, each pair once.
fn homologs(
    bundles: &[Bundle],
    data: &Dataset,
    molecules: &Sides<Vec<u32>>,
) -> Result<Vec<Option<Sides<Homologs>>>> {
    let known = |bundle| of_training(bundle).map(|(known, _)| known);
    let mut of_bundles: Vec<Option<Sides<Homologs>>> =
        bundles.iter().map(|bundle| known(bundle).map(|_| Sides::default())).collect();
    if of_bundles.iter().all(Option::is_none) {
        return Ok(of_bundles);
    }
    for side in Side::BOTH {
        let table = data.table(side);
        let asked = table.sequences_of(&molecules[side])?.ok_or_else(|| {
            Error::defect("homologs", format!("the {} stores hold no sequences", side.name()))
        })?;
        let mut places: HashMap<Digest, u32> = HashMap::new();
        let mut all = Vec::new();
        for (known, sequences) in bundles.iter().filter_map(of_training) {
            for (&digest, coded) in known.molecules[side].iter().zip(sequences[side].coded()) {
                places.entry(digest).or_insert_with(|| {
                    all.push(coded.clone());
                    all.len() as u32 - 1
                });
            }
        }
        let wrong = |why| Error::defect("homologs", why);
        let found = Sequences::from_coded(asked.kind(), all).map_err(wrong)?.homologs_of(&asked);
        for (bundle, of_bundle) in bundles.iter().zip(&mut of_bundles) {
            let (Some(known), Some(of_bundle)) = (known(bundle), of_bundle) else { continue };
            let of_known: HashMap<u32, u32> =
                known.molecules[side].iter().map(|digest| places[digest]).zip(0..).collect();
            of_bundle[side] = vec![Vec::new(); table.molecules().len()];
            for (&molecule, found) in molecules[side].iter().zip(&found) {
                let here = found.iter().filter_map(|&(at, alike)| Some((*of_known.get(&at)?, alike)));
                let mut here: Vec<(u32, f32)> = here.collect();
                here.sort_unstable_by_key(|&(known, _)| known);
                of_bundle[side][molecule as usize] = here;
            }
        }
    }
    Ok(of_bundles)
}

/// Gives what a bundle knows of its training, if that has sequences.
fn of_training(bundle: &Bundle) -> Option<(&Known, &Sides<Sequences>)> {
    let known = bundle.experts()?.known.as_ref()?;
    Some((known, known.sequences.as_ref()?))
}
