//! The late relay: in the last layer each molecule is read out from the other's final state.
//!
//! With its own inputs fixed, a scan is linear in its initial state. The mean over tokens of the gated output from the
//! state `h0` is therefore `pool + Σₙ K[·,n] h0[·,n]`, where pool, K and the final state that is handed over depend on
//! one molecule only: each molecule is encoded once, and a pair costs one contraction.

use candle_core::Tensor;

use super::{Gammas, Profiles, bases, gammas};
use crate::Result;
use crate::config::ModelConfig;
use crate::nn::Segments;
use crate::nn::data::PairIndex;
use crate::nn::model::mamba::{MambaLayer, layers};
use crate::nn::ops::{contract, gather_rows, hand_over, segment_mean};
use crate::nn::params::Builder;
use crate::pair::{Side, Sides};

/// Encoders of both sides and the factors of their hand-over.
#[derive(Debug)]
pub(crate) struct LateRelay {
    encoders: Sides<Vec<MambaLayer>>,
    gammas: Option<Gammas>,
}

impl LateRelay {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        Ok(Self {
            encoders: Sides::try_of(|side| layers(&mut params.at(side.name()), config))?,
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
    pub(crate) fn vectors(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
        let crosstalk = self.crosstalk(profiles, pairs)?;
        let bases = bases(profiles, pairs)?;
        Sides::try_of(|side| -> Result<Tensor> {
            let pool = &profiles[side].readout()?.pool;
            let mut pool = gather_rows(pool, pairs.indices(side))?; // (b, e)
            if let Some(crosstalk) = &crosstalk {
                pool = (pool + &crosstalk[side])?;
            }
            let (last, _) = self.last(side);
            let layer = last.ok_or_else(super::foreign)?;
            Ok((&bases[side] + layer.block.project(&pool)?)?)
        })
    }

    /// Measures the crosstalk of a batch, if there is any.
    pub(crate) fn share(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Option<Sides<f64>>> {
        let Some(crosstalk) = self.crosstalk(profiles, pairs)? else { return Ok(None) };
        let shares = Sides::try_of(|side| -> Result<f64> {
            let pool = &profiles[side].readout()?.pool.detach();
            let pool = norm(&gather_rows(pool, pairs.indices(side))?)?;
            Ok(norm(&crosstalk[side])? / pool.max(f64::MIN_POSITIVE))
        })?;
        Ok(Some(shares))
    }

    /// Computes what each side of each pair hears of the other, by receiving side (b, e).
    fn crosstalk(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Option<Sides<Tensor>>> {
        let Some(gammas) = &self.gammas else { return Ok(None) };
        let crosstalk = Sides::try_of(|taker: Side| -> Result<Tensor> {
            let giver = taker.other();
            let keys = &profiles[taker].readout()?.keys;
            let states = &profiles[giver].readout()?.states;
            let handed = hand_over(states, &gammas[taker])?; // (s, e, n) each
            let sum = contract(keys, &handed, pairs.indices(taker), pairs.indices(giver))?; // (b, e)
            Ok(sum.affine(1.0 / keys.len() as f64, 0.0)?)
        })?;
        Ok(Some(crosstalk))
    }

    fn last(&self, side: Side) -> (Option<&MambaLayer>, &[MambaLayer]) {
        match self.encoders[side].split_last() {
            Some((last, first)) => (Some(last), first),
            None => (None, &[]),
        }
    }
}

fn norm(x: &Tensor) -> Result<f64> {
    let values = x.detach().flatten_all()?.to_dtype(candle_core::DType::F64)?.to_vec1::<f64>()?;
    Ok(values.iter().map(|v| v * v).sum::<f64>().sqrt())
}
