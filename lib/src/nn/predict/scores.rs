//! Scores pairs with one model.

use std::collections::BTreeMap;

use candle_core::Tensor;

use super::blocks::Blocks;
use crate::Result;
use crate::config::Fusion;
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::model::{FusionModel, Mode, Profiles, Readout};
use crate::pair::{Side, Sides};

/// Profiles of this many partners are kept while the blocks of RNAs pass by (32 kB each at the default widths).
const KEPT_MOLECULES: usize = 16_384;

/// Pairs scored together, when each costs a contraction, and when each is scanned token by token.
const PAIRS: usize = 2048;
const SCANNED_PAIRS: usize = 64;

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
    let at_once = match model.config().fusion {
        Fusion::DeepRelay | Fusion::JointScan | Fusion::CrossAttention => SCANNED_PAIRS,
        _ => PAIRS,
    };
    let encode = |side: Side, block: usize| -> Result<Profiles> {
        let molecules = &distinct[side][blocks[side].range(block)];
        let batch = data.table(side).batch(molecules, &standardisation[side])?;
        Ok(detached(model.encode(side, &batch, &mut Mode::Eval)?))
    };
    let mut found = vec![0.0; pairs.len()];
    let mut rna: Option<(usize, Profiles)> = None;
    let mut kept: BTreeMap<usize, Profiles> = BTreeMap::new();
    for (Sides { rna: rna_block, partner: partner_block }, members) in groups {
        if rna.as_ref().is_none_or(|(block, _)| *block != rna_block) {
            rna = Some((rna_block, encode(Side::Rna, rna_block)?));
        }
        if !kept.contains_key(&partner_block) {
            while kept.values().map(Profiles::len).sum::<usize>() >= KEPT_MOLECULES {
                kept.pop_first();
            }
            kept.insert(partner_block, encode(Side::Partner, partner_block)?);
        }
        let (Some((_, rna)), Some(partner)) = (&rna, kept.get(&partner_block)) else { continue };
        let starts = Sides {
            rna: blocks.rna.range(rna_block).start as u32,
            partner: blocks.partner.range(partner_block).start as u32,
        };
        for chunk in members.chunks(at_once) {
            let local = |side: Side| -> Vec<u32> {
                chunk.iter().map(|&at| index.side(side)[at] - starts[side]).collect()
            };
            let whole: Vec<Sides<u32>> = chunk.iter().map(|&at| pairs[at]).collect();
            let pairs = data.pair_index(&whole, Sides::of(local))?;
            let scores = model.score(rna, partner, &pairs, &mut Mode::Eval)?.to_vec1::<f32>()?;
            chunk.iter().zip(scores).for_each(|(&at, score)| found[at] = f64::from(score));
        }
    }
    Ok(found)
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
