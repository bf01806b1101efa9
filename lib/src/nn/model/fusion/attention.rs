//! Cross-attention between the tokens of two molecules.

use candle_core::Tensor;

use super::{Profiles, bases};
use crate::Result;
use crate::config::ModelConfig;
use crate::nn::data::PairIndex;
use crate::nn::model::layers::{LayerNorm, Linear};
use crate::nn::ops::cross_attention;
use crate::nn::params::Builder;
use crate::pair::{Side, Sides};

/// One layer of attention each way; what the tokens of a molecule saw is averaged and added to their mean.
#[derive(Debug)]
pub(crate) struct CrossAttention {
    sides: Sides<Weights>,
    heads: usize,
}

#[derive(Debug)]
struct Weights {
    norm: LayerNorm,
    /// Query, key and value; a key's bias would cancel in the softmax, so none has one.
    projections: [Linear; 3],
    output: Linear,
}

impl CrossAttention {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        let d = config.width;
        let mut params = params.at("attention");
        let sides = Sides::try_of(|side| -> Result<Weights> {
            let mut params = params.at(side.name());
            Ok(Weights {
                norm: LayerNorm::new(params.at("norm"), d)?,
                projections: [
                    Linear::without_bias(params.at("query"), d, d)?,
                    Linear::without_bias(params.at("key"), d, d)?,
                    Linear::without_bias(params.at("value"), d, d)?,
                ],
                output: Linear::without_bias(params.at("output"), d, d)?,
            })
        })?;
        Ok(Self { sides, heads: config.attention_heads })
    }

    /// Gives the two vectors of each pair (b, d).
    pub(crate) fn vectors(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
        let projected = Sides::try_of(|side| -> Result<[Tensor; 3]> {
            let weights = &self.sides[side];
            let x = weights.norm.forward(&profiles[side].tokens()?.0)?; // (t, d)
            let [q, k, v] = &weights.projections;
            Ok([q.forward(&x)?, k.forward(&x)?, v.forward(&x)?])
        })?;
        let bases = bases(profiles, pairs)?;
        Sides::try_of(|own: Side| -> Result<Tensor> {
            let other = own.other();
            let [q, _, _] = &projected[own];
            let [_, k, v] = &projected[other];
            let segments = [&profiles[own].tokens()?.1, &profiles[other].tokens()?.1];
            let seen =
                cross_attention([q, k, v], segments, [own, other].map(|s| pairs.indices(s)), self.heads)?;
            Ok((&bases[own] + self.sides[own].output.forward(&seen)?)?)
        })
    }
}
