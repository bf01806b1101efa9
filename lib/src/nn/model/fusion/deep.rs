//! The deep relay: in every layer each molecule is scanned from the other's final state.
//!
//! With conditioned selectivity, that state shifts the scan's time steps and projections too (as `FusionMamba` lets one
//! modality steer the other's scan, but for sequences of any two lengths).

use candle_core::Tensor;

use super::{Gammas, Profiles, gammas};
use crate::Result;
use crate::config::{Crosstalk, ModelConfig, Selectivity};
use crate::nn::Segments;
use crate::nn::data::PairIndex;
use crate::nn::model::mamba::{MambaBlock, MambaLayer, Prepared, layers};
use crate::nn::ops::{gather_rows, gather_tokens, hand_over, layer_norm, linear, segment_mean};
use crate::nn::params::{Builder, Init};
use crate::pair::{Side, Sides};

/// Encoders of both sides and the factors of the hand-over in each layer.
#[derive(Debug)]
pub(crate) struct DeepRelay {
    encoders: Sides<Vec<MambaLayer>>,
    gammas: Vec<Option<Gammas>>,
    conditions: Vec<Option<Conditions>>,
}

/// The matrices (r + 2 n, e) that turn a giver's state into shifts, by receiving side and direction.
type Conditions = Sides<Vec<Tensor>>;

fn conditions(params: &mut Builder<'_>, config: &ModelConfig, layer: usize) -> Result<Option<Conditions>> {
    if config.selectivity == Selectivity::Own || config.crosstalk == Crosstalk::None {
        return Ok(None);
    }
    let mut params = params.at(&format!("layer{layer}"));
    let shape = [config.dt_rank() + 2 * config.state, config.inner];
    let to = Sides::try_of(|side| -> Result<Vec<Tensor>> {
        let mut params = params.at(&format!("condition-{}", side.name()));
        // From zero: training starts from the relay without conditions.
        let zero = Init::Constant(0.0);
        config.reading.names().iter().map(|name| params.weight(name, &shape, zero)).collect()
    })?;
    Ok(Some(to))
}

/// Shifts a taker's inputs by its giver's states (b, e, n).
fn condition(
    block: &MambaBlock,
    inputs: &Prepared,
    segments: &Segments,
    states: &[Tensor],
    weights: &[Tensor],
) -> Result<Prepared> {
    let shifts = states
        .iter()
        .zip(weights)
        .map(|(state, weight)| {
            let mean = state.mean(2)?; // (b, e)
            let like =
                |value: f64| Tensor::full(value, mean.dims()[1], mean.device())?.to_dtype(mean.dtype());
            let shift = linear(&layer_norm(&mean, &like(1.0)?, &like(0.0)?)?, weight, None)?; // (b, r + 2 n)
            gather_rows(&shift, segments.owners()) // (t, r + 2 n)
        })
        .collect::<Result<Vec<_>>>()?;
    block.shift(inputs, &shifts)
}

impl DeepRelay {
    pub(crate) fn build(params: &mut Builder<'_>, config: &ModelConfig) -> Result<Self> {
        let encoders = Sides::try_of(|side| layers(&mut params.at(side.name()), config))?;
        let mut params = params.at("relay");
        Ok(Self {
            encoders,
            gammas: (0..config.layers).map(|at| gammas(&mut params, config, at)).collect::<Result<_>>()?,
            conditions: (0..config.layers)
                .map(|at| conditions(&mut params, config, at))
                .collect::<Result<_>>()?,
        })
    }

    /// Keeps the tokens: what a molecule becomes depends on its partner from the first layer on.
    pub(crate) fn encode(x: Tensor, segments: &Segments) -> Result<Profiles> {
        let base = segment_mean(&x, segments)?;
        Ok(Profiles { base, readout: None, tokens: Some((x, segments.clone())) })
    }

    /// Scans every pair; gives its two vectors (b, d).
    pub(crate) fn vectors(&self, profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
        let gather = |side: Side| -> Result<(Tensor, Segments)> {
            let (x, segments) = profiles[side].tokens()?;
            gather_tokens(x, segments, pairs.indices(side))
        };
        let (mut rna, rna_segments) = gather(Side::Rna)?; // (t, d) in b segments
        let (mut partner, partner_segments) = gather(Side::Partner)?;
        let layers =
            self.encoders.rna.iter().zip(&self.encoders.partner).zip(&self.gammas).zip(&self.conditions);
        for (((rna_layer, partner_layer), gammas), conditions) in layers {
            let mut rna_inputs = rna_layer.prepare(&rna, &rna_segments)?;
            let mut partner_inputs = partner_layer.prepare(&partner, &partner_segments)?;
            let (to_rna, to_partner) = match gammas {
                None => (None, None),
                Some(Sides { rna: to_rna, partner: to_partner }) => {
                    let (_, rna_states) = rna_inputs.scan(&rna_segments, None)?;
                    let (_, partner_states) = partner_inputs.scan(&partner_segments, None)?;
                    if let Some(Sides { rna: to_rna, partner: to_partner }) = conditions {
                        let (rna_block, partner_block) = (&rna_layer.block, &partner_layer.block);
                        rna_inputs =
                            condition(rna_block, &rna_inputs, &rna_segments, &partner_states, to_rna)?;
                        partner_inputs = condition(
                            partner_block,
                            &partner_inputs,
                            &partner_segments,
                            &rna_states,
                            to_partner,
                        )?;
                    }
                    (Some(hand_over(&partner_states, to_rna)?), Some(hand_over(&rna_states, to_partner)?))
                }
            };
            let (output, _) = rna_inputs.scan(&rna_segments, to_rna.as_deref())?;
            rna = (rna + rna_layer.block.project(&output)?)?;
            let (output, _) = partner_inputs.scan(&partner_segments, to_partner.as_deref())?;
            partner = (partner + partner_layer.block.project(&output)?)?;
        }
        Ok(Sides {
            rna: segment_mean(&rna, &rna_segments)?,
            partner: segment_mean(&partner, &partner_segments)?,
        })
    }
}
