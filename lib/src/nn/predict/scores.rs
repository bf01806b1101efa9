//! Scores pairs with one model.

use std::collections::BTreeMap;

use super::blocks::Blocks;
use super::encoded::Encoded;
use crate::Result;
use crate::config::Fusion;
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::model::{FusionModel, Mode};
use crate::pair::Sides;

/// Pairs scored together, when each costs a contraction, and when each is scanned token by token.
const PAIRS: usize = 2048;
const SCANNED_PAIRS: usize = 64;
/// A card takes longer to be asked than to score 2048: pairs that it scores together, where all their tensors have at most so many
/// values.
const PAIRS_ON_CARD: usize = 1 << 16;
const VALUES_ON_CARD: usize = 1 << 27;

/// Scores pairs with one model.
///
/// Molecules are encoded block by block, and pairs are taken by blocks of both sides, so that memory does not grow
/// with the number of pairs or molecules. A pair's score depends on the whole list only in its last bits.
///
/// # Errors
/// A damaged store, or molecules of other widths than the model's.
pub fn scores(
    model: &FusionModel,
    data: &Dataset,
    standardisation: &Sides<Standardisation>,
    pairs: &[Sides<u32>],
) -> Result<Vec<f64>> {
    let (distinct, index) = data.index(pairs)?;
    let blocks = Sides::of(|side| Blocks::new(data, side, &distinct[side]));
    let mut groups: BTreeMap<Sides<usize>, Vec<usize>> = BTreeMap::new();
    for at in 0..pairs.len() {
        let key = Sides::of(|side| blocks[side].block_of(index.side(side)[at] as usize));
        groups.entry(key).or_default().push(at);
    }
    let at_once = pairs_at_once(model);
    let mut encoded = Encoded::new(groups.keys().copied(), |side, block| {
        let molecules = &distinct[side][blocks[side].range(block)];
        let batch = data.table(side).batch(molecules, &standardisation[side])?;
        model.encode(side, &batch, &mut Mode::Eval)
    });
    let mut found = vec![0.0; pairs.len()];
    for (key, members) in groups {
        let profiles = encoded.of(key)?;
        let starts = Sides::of(|side| blocks[side].range(key[side]).start as u32);
        for chunk in members.chunks(at_once) {
            let whole: Vec<Sides<u32>> = chunk.iter().map(|&at| pairs[at]).collect();
            let positions = Sides::of(|side| {
                chunk.iter().map(|&at| index.side(side)[at] - starts[side]).collect::<Vec<_>>()
            });
            let pairs = data.pair_index(&whole, positions)?;
            let scores = model.score(profiles.rna, profiles.partner, &pairs, &mut Mode::Eval)?;
            let scores = scores.to_vec1::<f32>()?;
            chunk.iter().zip(scores).for_each(|(&at, score)| found[at] = f64::from(score));
        }
    }
    Ok(found)
}

/// Counts the pairs that a model scores together.
fn pairs_at_once(model: &FusionModel) -> usize {
    let config = model.config();
    match config.fusion {
        Fusion::DeepRelay | Fusion::JointScan | Fusion::CrossAttention => SCANNED_PAIRS,
        _ if model.device().is_cpu() => PAIRS,
        _ => (VALUES_ON_CARD / (8 * (config.width + config.inner))).clamp(PAIRS, PAIRS_ON_CARD),
    }
}
