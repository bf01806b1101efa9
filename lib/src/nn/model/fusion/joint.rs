//! One encoder over both molecules: over all their tokens, or over their two mean vectors.

use candle_core::Tensor;

use super::Profiles;
use crate::Result;
use crate::config::ModelConfig;
use crate::nn::data::PairIndex;
use crate::nn::model::mamba::{MambaLayer, layers};
use crate::nn::ops::{gather_rows, gather_tokens, segment_mean};
use crate::nn::params::Builder;
use crate::nn::{Indices, Segments};
use crate::pair::{Side, Sides};

/// Scans the tokens of both molecules as one sequence, in both orders.
#[derive(Debug)]
pub(crate) struct JointScan {
    layers: Vec<MambaLayer>,
}

impl JointScan {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        Ok(Self { layers: layers(&mut params.at("joint"), config)? })
    }

    /// Gives the two vectors of each pair (b, d): means over a molecule's own tokens and over both orders.
    pub(crate) fn vectors(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
        let ((rna, rna_bounds), (partner, partner_bounds)) =
            (profiles.rna.tokens()?, profiles.partner.tokens()?);
        let all = Tensor::cat(&[rna, partner], 0)?; // (t, d)
        let bounds =
            Segments::from_lengths(rna_bounds.ranges().chain(partner_bounds.ranges()).map(|r| r.len()));
        let read = |first: Side| -> Result<Sides<Tensor>> {
            let order = [first, first.other()];
            let at = alternate(pairs, order, rna_bounds.count());
            let (mut x, parts) = gather_tokens(&all, &bounds, &at)?; // two segments per pair
            let wholes = Segments::new(parts.offsets().iter().copied().step_by(2).collect::<Vec<_>>())?;
            for layer in &self.layers {
                x = layer.forward(&x, &wholes)?;
            }
            separate(&segment_mean(&x, &parts)?, order)
        };
        let (rna_first, partner_first) = (read(Side::Rna)?, read(Side::Partner)?);
        Sides::try_of(|side| Ok((&rna_first[side] + &partner_first[side])?.affine(0.5, 0.0)?))
    }
}

/// Scans the two mean vectors of a pair as a sequence of length two.
#[derive(Debug)]
pub(crate) struct PairScan {
    layers: Vec<MambaLayer>,
}

impl PairScan {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        Ok(Self { layers: layers(&mut params.at("pair"), config)? })
    }

    /// Gives the two vectors of each pair (b, d); both orders come from the encoder's two directions.
    pub(crate) fn vectors(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
        let order = Side::BOTH;
        let all = Tensor::cat(&[&profiles.rna.base, &profiles.partner.base], 0)?; // (s, d)
        let mut x = gather_rows(&all, &alternate(pairs, order, profiles.rna.len()))?; // (2 b, d)
        let segments = Segments::from_lengths(std::iter::repeat_n(2, pairs.len()));
        for layer in &self.layers {
            x = layer.forward(&x, &segments)?;
        }
        separate(&x, order)
    }
}

/// Lists the members of the pairs by turns, as positions in both sides' molecules, RNAs first.
fn alternate(pairs: &PairIndex, order: [Side; 2], rnas: usize) -> Indices {
    let member = |pair: usize, side: Side| {
        pairs.side(side)[pair] + if side == Side::Partner { rnas as u32 } else { 0 }
    };
    (0..pairs.len()).flat_map(|pair| order.map(|side| member(pair, side))).collect()
}

/// Undoes [`alternate`]: (2 b, d) → (b, d) of the RNAs and of the partners.
fn separate(x: &Tensor, order: [Side; 2]) -> Result<Sides<Tensor>> {
    let b = x.dims()[0] as u32 / 2;
    Sides::try_of(|side| {
        let first = u32::from(order[1] == side);
        gather_rows(x, &(0..b).map(|pair| 2 * pair + first).collect())
    })
}
