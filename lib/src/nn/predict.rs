//! Scores pairs with trained models: each molecule is encoded once, and memory is bounded by blocks.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};

use super::bundle::{Bundle, Member, Prediction};
use super::tokens::Standardisation;
use super::train::{Dataset, in_lanes};
use super::{Fusion, FusionModel, Mode, Profiles, Readout, Side, Widths};
use crate::Result;

/// A block of molecules is encoded together: at most this many tokens and molecules.
const BLOCK_TOKENS: usize = 16_384;
const BLOCK_MOLECULES: usize = 1024;

/// Profiles of this many partners are kept while the blocks of RNAs pass by (32 kB each at the default widths).
const KEPT_MOLECULES: usize = 16_384;

/// Pairs scored together, when each costs a contraction, and when each is scanned token by token.
const PAIRS: usize = 2048;
const SCANNED_PAIRS: usize = 64;

/// Gives the widths of a data set's tokens, RNA first.
pub fn widths(data: &Dataset) -> [Widths; 2] {
    Side::BOTH.map(|side| data.table(side).widths())
}

/// Predicts pairs with one or several bundles, which are averaged.
///
/// The models work side by side on the threads of the current pool; the result does not depend on their number.
///
/// # Errors
/// A damaged store, or pairs whose molecules are not those of the model.
pub fn predict(
    bundles: &[Bundle],
    data: &Dataset,
    pairs: &[[u32; 2]],
    device: &Device,
) -> Result<Vec<Prediction>> {
    let all: Vec<(usize, &Member)> = bundles
        .iter()
        .enumerate()
        .flat_map(|(number, bundle)| bundle.members().iter().map(move |member| (number, member)))
        .collect();
    let threads = rayon::current_num_threads();
    let found = in_lanes(&all, threads, |_, (_, member)| {
        scores(&member.network, data, &member.standardisation, pairs, device)
    })?;
    let found = found.into_iter().collect::<Result<Vec<_>>>()?;
    let predictions = (0..pairs.len()).map(|at| {
        let each: Vec<Prediction> = bundles
            .iter()
            .enumerate()
            .map(|(number, bundle)| {
                let of_bundle = all.iter().zip(&found).filter(|((owner, _), _)| *owner == number);
                let scores: Vec<f64> = of_bundle.map(|(_, scores)| scores[at]).collect();
                bundle.predict(scores.into_iter())
            })
            .collect();
        Prediction::mean(&each)
    });
    Ok(predictions.collect())
}

/// Gives the mean score of the members for each pair.
///
/// # Errors
/// As [`scores`].
pub fn mean_scores(
    members: &[Member],
    data: &Dataset,
    pairs: &[[u32; 2]],
    device: &Device,
) -> Result<Vec<f64>> {
    let mut sums = vec![0.0; pairs.len()];
    for member in members {
        let found = scores(&member.network, data, &member.standardisation, pairs, device)?;
        for (sum, score) in sums.iter_mut().zip(found) {
            *sum += score;
        }
    }
    for sum in &mut sums {
        *sum /= members.len().max(1) as f64;
    }
    Ok(sums)
}

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
    standardisation: &[Standardisation; 2],
    pairs: &[[u32; 2]],
    device: &Device,
) -> Result<Vec<f64>> {
    let (distinct, index) = data.index(pairs)?;
    let blocks = Side::BOTH.map(|side| Blocks::new(data, side, &distinct[side as usize]));
    let mut groups: BTreeMap<[usize; 2], Vec<usize>> = BTreeMap::new();
    for at in 0..pairs.len() {
        let key = Side::BOTH.map(|side| blocks[side as usize].block_of(index.side(side)[at] as usize));
        groups.entry(key).or_default().push(at);
    }
    let at_once = match model.config().fusion {
        Fusion::DeepRelay | Fusion::JointScan | Fusion::CrossAttention => SCANNED_PAIRS,
        _ => PAIRS,
    };
    let encode = |side: Side, block: usize| -> Result<Profiles> {
        let molecules = &distinct[side as usize][blocks[side as usize].range(block)];
        let batch = data.table(side).batch(molecules, &standardisation[side as usize], device)?;
        Ok(detached(model.encode(side, &batch, &mut Mode::Eval)?))
    };
    let mut found = vec![0.0; pairs.len()];
    let mut rna: Option<(usize, Profiles)> = None;
    let mut kept: BTreeMap<usize, Profiles> = BTreeMap::new();
    for ([rna_block, partner_block], members) in groups {
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
        let starts = [blocks[0].range(rna_block).start as u32, blocks[1].range(partner_block).start as u32];
        for chunk in members.chunks(at_once) {
            let local = |side: Side| -> Vec<u32> {
                chunk.iter().map(|&at| index.side(side)[at] - starts[side as usize]).collect()
            };
            let whole: Vec<[u32; 2]> = chunk.iter().map(|&at| pairs[at]).collect();
            let pairs = data.pair_index(&whole, Side::BOTH.map(local))?;
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

/// Consecutive distinct molecules that are encoded together.
struct Blocks {
    /// Where each block starts, and the end.
    starts: Vec<usize>,
}

impl Blocks {
    fn new(data: &Dataset, side: Side, molecules: &[u32]) -> Self {
        let mut starts = vec![0];
        let (mut tokens, mut count) = (0, 0);
        for (at, &molecule) in molecules.iter().enumerate() {
            let more = data.table(side).tokens(molecule);
            if count > 0 && (tokens + more > BLOCK_TOKENS || count == BLOCK_MOLECULES) {
                starts.push(at);
                (tokens, count) = (0, 0);
            }
            tokens += more;
            count += 1;
        }
        starts.push(molecules.len());
        Self { starts }
    }

    fn block_of(&self, position: usize) -> usize {
        self.starts.partition_point(|&start| start <= position) - 1
    }

    fn range(&self, block: usize) -> std::ops::Range<usize> {
        self.starts[block]..self.starts[block + 1]
    }
}
