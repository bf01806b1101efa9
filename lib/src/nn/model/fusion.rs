//! The ways in which two molecules meet.

mod attention;
mod deep;
mod joint;
mod late;

use candle_core::Tensor;

pub(crate) use attention::CrossAttention;
pub(crate) use deep::DeepRelay;
pub(crate) use joint::{JointScan, PairScan};
pub(crate) use late::LateRelay;

use super::mamba::Readout;
use crate::Result;
use crate::config::{Crosstalk, ModelConfig};
use crate::nn::Segments;
use crate::nn::data::PairIndex;
use crate::nn::ops::gather_rows;
use crate::nn::params::{Builder, Init};
use crate::pair::Sides;

/// Molecules of one side, encoded as far as they can be without knowing their partners.
///
/// Letters: `s` molecules, `t` tokens, `d` model width.
#[derive(Debug, Clone)]
pub struct Profiles {
    /// Mean of the tokens that enter the last layer (s, d).
    pub base: Tensor,
    /// What the late relay reads out of the last layer.
    pub readout: Option<Readout>,
    /// Packed tokens (t, d) with their bounds, where pairs are scanned or compared token by token.
    pub tokens: Option<(Tensor, Segments)>,
}

impl Profiles {
    /// Counts the molecules s.
    pub fn len(&self) -> usize {
        self.base.dims()[0]
    }

    /// Says whether there are no molecules.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn tokens(&self) -> Result<&(Tensor, Segments)> {
        self.tokens.as_ref().ok_or_else(foreign)
    }

    fn readout(&self) -> Result<&Readout> {
        self.readout.as_ref().ok_or_else(foreign)
    }
}

fn foreign() -> crate::Error {
    crate::Error::defect("profiles", "they were made by a model with another kind of fusion")
}

/// The learnt factors Γ of one layer, by receiving side and direction, each (e, n).
type Gammas = Sides<Vec<Tensor>>;

fn gammas(params: &mut Builder<'_>, config: &ModelConfig, layer: usize) -> Result<Option<Gammas>> {
    if config.crosstalk == Crosstalk::None {
        return Ok(None);
    }
    let mut params = params.at(&format!("layer{layer}"));
    let to = Sides::try_of(|side| -> Result<Vec<Tensor>> {
        let mut params = params.at(&format!("to-{}", side.name()));
        let shape = [config.inner, config.state];
        config
            .reading
            .names()
            .iter()
            .map(|name| params.free(name, &shape, Init::Constant(config.gamma)))
            .collect()
    })?;
    Ok(Some(to))
}

/// Copies each pair's mean tokens (b, d).
fn bases(profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
    Sides::try_of(|side| gather_rows(&profiles[side].base, pairs.indices(side)))
}

/// Copies each pair's mean tokens: what the fusions without an encoder see.
pub(crate) fn mean_tokens(profiles: Sides<&Profiles>, pairs: &PairIndex) -> Result<Sides<Tensor>> {
    bases(profiles, pairs)
}
