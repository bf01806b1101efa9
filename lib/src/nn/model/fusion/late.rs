//! The late relay: in the last layer each molecule is read out from the other's final state.
//!
//! With its own inputs fixed, a scan is linear in its initial state. The mean over tokens of the gated output from the
//! state `h0` is therefore `pool + Σₙ K[·,n] h0[·,n]`, where pool, K and the final state that is handed over depend on
//! one molecule only: each molecule is encoded once, and a pair costs one contraction.

use candle_core::Tensor;

use super::{CrosstalkShare, Gammas, Profiles, bases, gammas};
use crate::Result;
use crate::config::ModelConfig;
use crate::nn::Segments;
use crate::nn::data::{PairIndex, Side};
use crate::nn::model::mamba::{MambaLayer, layers};
use crate::nn::ops::{contract, gather_rows, hand_over, segment_mean};
use crate::nn::params::Builder;

/// Encoders of both sides and the factors of their hand-over.
#[derive(Debug)]
pub(crate) struct LateRelay {
    encoders: [Vec<MambaLayer>; 2],
    gammas: Option<Gammas>,
}

impl LateRelay {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        let encoders = Side::BOTH.map(|side| layers(&mut params.at(side.name()), config));
        let [rna, partner] = encoders;
        Ok(Self {
            encoders: [rna?, partner?],
            gammas: gammas(&mut params.at("relay"), config, config.layers - 1)?,
        })
    }

    /// Encodes each molecule once.
    pub(crate) fn encode(&self, side: Side, x: Tensor, segments: &Segments) -> Result<Profiles> {
        let mut x = x;
        let (last, first) = self.last(side);
        for layer in first {
            x = layer.forward(&x, segments)?;
        }
        let readout = last.map(|layer| layer.readout(&x, segments)).transpose()?;
        Ok(Profiles { base: segment_mean(&x, segments)?, readout, tokens: None })
    }

    /// Gives the two vectors of each pair (b, d).
    pub(crate) fn vectors(&self, profiles: [&Profiles; 2], pairs: &PairIndex) -> Result<[Tensor; 2]> {
        let crosstalk = self.crosstalk(profiles, pairs)?;
        let [rna, partner] = bases(profiles, pairs)?;
        let add = |side: Side, base: Tensor| -> Result<Tensor> {
            let pool = &profiles[side as usize].readout()?.pool;
            let mut pool = gather_rows(pool, pairs.shared(side))?; // (b, e)
            if let Some(crosstalk) = &crosstalk {
                pool = (pool + &crosstalk[side as usize])?;
            }
            let (last, _) = self.last(side);
            let layer = last.ok_or_else(super::foreign)?;
            Ok((base + layer.block.project(&pool)?)?)
        };
        Ok([add(Side::Rna, rna)?, add(Side::Partner, partner)?])
    }

    /// Measures the crosstalk of a batch, if there is any.
    pub(crate) fn share(
        &self,
        profiles: [&Profiles; 2],
        pairs: &PairIndex,
    ) -> Result<Option<CrosstalkShare>> {
        let Some(crosstalk) = self.crosstalk(profiles, pairs)? else { return Ok(None) };
        let of = |side: Side| -> Result<f64> {
            let pool = &profiles[side as usize].readout()?.pool.detach();
            let pool = norm(&gather_rows(pool, pairs.shared(side))?)?;
            Ok(norm(&crosstalk[side as usize])? / pool.max(f64::MIN_POSITIVE))
        };
        Ok(Some(CrosstalkShare { rna: of(Side::Rna)?, partner: of(Side::Partner)? }))
    }

    /// Computes what each side of each pair hears of the other, by receiving side (b, e).
    fn crosstalk(&self, profiles: [&Profiles; 2], pairs: &PairIndex) -> Result<Option<[Tensor; 2]>> {
        let Some(gammas) = &self.gammas else { return Ok(None) };
        let to = |taker: Side, giver: Side| -> Result<Tensor> {
            let keys = &profiles[taker as usize].readout()?.keys;
            let states = &profiles[giver as usize].readout()?.states;
            let handed = hand_over(states, &gammas[taker as usize])?; // (s, e, n) each
            let sum = contract(keys, &handed, pairs.shared(taker), pairs.shared(giver))?; // (b, e)
            Ok(sum.affine(1.0 / keys.len() as f64, 0.0)?)
        };
        Ok(Some([to(Side::Rna, Side::Partner)?, to(Side::Partner, Side::Rna)?]))
    }

    fn last(&self, side: Side) -> (Option<&MambaLayer>, &[MambaLayer]) {
        match self.encoders[side as usize].split_last() {
            Some((last, first)) => (Some(last), first),
            None => (None, &[]),
        }
    }
}

fn norm(x: &Tensor) -> Result<f64> {
    let values = x.detach().flatten_all()?.to_dtype(candle_core::DType::F64)?.to_vec1::<f64>()?;
    Ok(values.iter().map(|v| v * v).sum::<f64>().sqrt())
}
