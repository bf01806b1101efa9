//! Families of small molecules: a scaffold, a side chain that the family shares, and one that varies.

use super::ligand::{ENDS, LINKERS, Ligand};
use crate::rng::Rng;

/// A side chain as SMILES, and what its end adds to the pKd.
#[derive(Debug, Clone)]
pub(super) struct SideChain {
    smiles: String,
    effect: f64,
}

impl SideChain {
    /// Draws a side chain of one or two linkers and an end group.
    pub(super) fn new(rng: &mut Rng) -> Self {
        let mut smiles = LINKERS[rng.below(LINKERS.len())].to_owned();
        if rng.uniform() < 0.5 {
            smiles.push_str(LINKERS[rng.below(LINKERS.len())]);
        }
        let (end, effect) = ENDS[rng.below(ENDS.len())];
        smiles.push_str(end);
        Self { smiles, effect }
    }
}

/// Writes a member of a family: its SMILES and what its side chains add to the pKd.
pub(super) fn member(ligand: &Ligand, shared: &SideChain, rng: &mut Rng) -> (String, f64) {
    let own = SideChain::new(rng);
    let smiles = ligand.scaffold.replace("{a}", &shared.smiles).replace("{b}", &own.smiles);
    (smiles, shared.effect + own.effect)
}
