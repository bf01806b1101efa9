//! The deep relay: in every layer each molecule is scanned from the other's final state.

use candle_core::Tensor;

use super::{Gammas, Profiles, gammas};
use crate::Result;
use crate::nn::mamba::{MambaLayer, layers};
use crate::nn::ops::scan::Segments;
use crate::nn::ops::{gather_tokens, hand_over, segment_mean};
use crate::nn::params::Builder;
use crate::nn::{ModelConfig, PairIndex, Side};

/// Encoders of both sides and the factors of the hand-over in each layer.
#[derive(Debug)]
pub(crate) struct DeepRelay {
    encoders: [Vec<MambaLayer>; 2],
    gammas: Vec<Option<Gammas>>,
}

impl DeepRelay {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        let encoders = Side::BOTH.map(|side| layers(&mut params.at(side.name()), config));
        let [rna, partner] = encoders;
        let mut params = params.at("relay");
        Ok(Self {
            encoders: [rna?, partner?],
            gammas: (0..config.layers).map(|at| gammas(&mut params, config, at)).collect::<Result<_>>()?,
        })
    }

    /// Keeps the tokens: what a molecule becomes depends on its partner from the first layer on.
    pub(crate) fn encode(x: Tensor, segments: &Segments) -> Result<Profiles> {
        let base = segment_mean(&x, segments)?;
        Ok(Profiles { base, readout: None, tokens: Some((x, segments.clone())) })
    }

    /// Scans every pair; gives its two vectors (b, d).
    pub(crate) fn vectors(&self, profiles: [&Profiles; 2], pairs: &PairIndex) -> Result<[Tensor; 2]> {
        let gather = |side: Side| -> Result<(Tensor, Segments)> {
            let (x, segments) = profiles[side as usize].tokens()?;
            gather_tokens(x, segments, pairs.shared(side))
        };
        let (mut rna, rna_segments) = gather(Side::Rna)?; // (t, d) in b segments
        let (mut partner, partner_segments) = gather(Side::Partner)?;
        let layers = self.encoders[0].iter().zip(&self.encoders[1]).zip(&self.gammas);
        for ((rna_layer, partner_layer), gammas) in layers {
            let rna_inputs = rna_layer.prepare(&rna, &rna_segments)?;
            let partner_inputs = partner_layer.prepare(&partner, &partner_segments)?;
            let (to_rna, to_partner) = match gammas {
                None => (None, None),
                Some([to_rna, to_partner]) => {
                    let (_, rna_states) = rna_inputs.scan(&rna_segments, None)?;
                    let (_, partner_states) = partner_inputs.scan(&partner_segments, None)?;
                    (Some(hand_over(&partner_states, to_rna)?), Some(hand_over(&rna_states, to_partner)?))
                }
            };
            let (output, _) = rna_inputs.scan(&rna_segments, to_rna.as_deref())?;
            rna = (rna + rna_layer.block.project(&output)?)?;
            let (output, _) = partner_inputs.scan(&partner_segments, to_partner.as_deref())?;
            partner = (partner + partner_layer.block.project(&output)?)?;
        }
        Ok([segment_mean(&rna, &rna_segments)?, segment_mean(&partner, &partner_segments)?])
    }
}
