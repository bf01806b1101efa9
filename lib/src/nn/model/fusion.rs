//! The ways in which two molecules meet.

mod attention;
mod deep;
mod joint;
mod late;

use candle_core::{Tensor, Var};

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

    /// Copies the profiles into variables, so that a walk back from the pairs ends there; gives each variable with the tensor
    /// it stands for. `None` where pairs look at tokens: those are used so often that the order of sums would change.
    pub(crate) fn cut(&self) -> Result<Option<Cut>> {
        if self.tokens.is_some() {
            return Ok(None);
        }
        let mut ends = Vec::new();
        let mut copy = |tensor: &Tensor| -> Result<Tensor> {
            let copy = Var::from_tensor(&tensor.detach())?.as_tensor().clone();
            ends.push((copy.clone(), tensor.clone()));
            Ok(copy)
        };
        let base = copy(&self.base)?;
        let mut read = |readout: &Readout| -> Result<Readout> {
            Ok(Readout {
                pool: copy(&readout.pool)?,
                states: readout.states.iter().map(&mut copy).collect::<Result<_>>()?,
                keys: readout.keys.iter().map(&mut copy).collect::<Result<_>>()?,
            })
        };
        let readout = self.readout.as_ref().map(&mut read).transpose()?;
        Ok(Some(Cut { profiles: Self { base, readout, tokens: None }, ends }))
    }

    fn tokens(&self) -> Result<&(Tensor, Segments)> {
        self.tokens.as_ref().ok_or_else(foreign)
    }

    fn readout(&self) -> Result<&Readout> {
        self.readout.as_ref().ok_or_else(foreign)
    }
}

/// Profiles that end a walk back.
pub(crate) struct Cut {
    pub(crate) profiles: Profiles,
    /// Each tensor of the profiles, with the one behind it, from which a second walk goes on.
    pub(crate) ends: Vec<(Tensor, Tensor)>,
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
