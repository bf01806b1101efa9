//! Divides the pairs into folds: at random, and by family on either side or on both.

use super::pair::SimulatedPair;
use super::settings::BLOCKS;
use super::side::Member;
use crate::rng::Rng;

/// The folds of one pair, each 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldRow {
    /// At random, with equal shares of binding pairs.
    pub random: usize,
    /// The RNA's family is in one fold only.
    pub cold_rna: usize,
    /// The partner's family is in one fold only.
    pub cold_partner: usize,
    /// Both families are in one fold only.
    pub cold_both: usize,
}

/// Divides pairs into folds.
pub(super) fn folds(
    rna: &[Member],
    partners: &[Member],
    pairs: &[SimulatedPair],
    rng: &mut Rng,
) -> Vec<FoldRow> {
    let mut random = vec![0; pairs.len()];
    for binding in [false, true] {
        let mut order: Vec<usize> = (0..pairs.len()).filter(|&i| pairs[i].binds == binding).collect();
        rng.shuffle(&mut order);
        order.iter().enumerate().for_each(|(rank, &pair)| random[pair] = rank % BLOCKS);
    }
    pairs
        .iter()
        .zip(random)
        .map(|(pair, random)| FoldRow {
            random,
            cold_rna: rna[pair.rna].fold,
            cold_partner: partners[pair.partner].fold,
            cold_both: rna[pair.rna].block,
        })
        .collect()
}
