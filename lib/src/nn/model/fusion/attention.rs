//! Cross-attention between the tokens of two molecules.

use candle_core::Tensor;

use super::{Profiles, bases};
use crate::Result;
use crate::config::ModelConfig;
use crate::nn::data::{PairIndex, Side};
use crate::nn::model::layers::{LayerNorm, Linear};
use crate::nn::ops::cross_attention;
use crate::nn::params::Builder;

/// One layer of attention each way; what the tokens of a molecule saw is averaged and added to their mean.
#[derive(Debug)]
pub(crate) struct CrossAttention {
    sides: [Weights; 2],
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
        let mut of = |side: Side| -> Result<Weights> {
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
        };
        Ok(Self { sides: [of(Side::Rna)?, of(Side::Partner)?], heads: config.attention_heads })
    }

    /// Gives the two vectors of each pair (b, d).
    pub(crate) fn vectors(&self, profiles: [&Profiles; 2], pairs: &PairIndex) -> Result<[Tensor; 2]> {
        let project = |side: Side| -> Result<[Tensor; 3]> {
            let weights = &self.sides[side as usize];
            let x = weights.norm.forward(&profiles[side as usize].tokens()?.0)?; // (t, d)
            let [q, k, v] = &weights.projections;
            Ok([q.forward(&x)?, k.forward(&x)?, v.forward(&x)?])
        };
        let projected = [project(Side::Rna)?, project(Side::Partner)?];
        let bases = bases(profiles, pairs)?;
        let attend = |own: Side, other: Side| -> Result<Tensor> {
            let [q, _, _] = &projected[own as usize];
            let [_, k, v] = &projected[other as usize];
            let segments = [&profiles[own as usize].tokens()?.1, &profiles[other as usize].tokens()?.1];
            let seen =
                cross_attention([q, k, v], segments, [own, other].map(|s| pairs.shared(s)), self.heads)?;
            Ok((&bases[own as usize] + self.sides[own as usize].output.forward(&seen)?)?)
        };
        Ok([attend(Side::Rna, Side::Partner)?, attend(Side::Partner, Side::Rna)?])
    }
}
