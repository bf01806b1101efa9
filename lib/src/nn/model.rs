//! The whole model: inputs to tokens, tokens to profiles, pairs of profiles to scores.

mod fusion;
mod head;
mod layers;
mod mamba;
mod mode;
mod projection;

use candle_core::{DType, Device, Tensor};

use super::data::{PairIndex, TokenBatch, Widths};
use super::ops::segment_mean;
use super::params::{Builder, ParamStore};
use super::threads::both_sides;
use crate::Result;
use crate::config::{Fusion, ModelConfig};
use crate::pair::{Side, Sides};
use crate::rng::Rng;
use fusion::{CrossAttention, DeepRelay, JointScan, LateRelay, PairScan, mean_tokens};
use head::PairHead;
use projection::Projection;

pub use fusion::Profiles;
pub use mamba::{BlockShape, MambaBlock, Readout};
pub use mode::Mode;

/// Scores pairs of molecules: a logit, or an affinity in standardised units.
///
/// Molecules are encoded once each ([`FusionModel::encode`]), however many pairs they are in; the pairs then cost as
/// little as the kind of fusion allows ([`FusionModel::score`]). Gradients reach every parameter through both.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use crossmamba::nn::{FusionModel, Mode, ModelConfig, PairIndex, Sides, TokenBatch, Widths};
/// use crossmamba::rng::Rng;
///
/// let widths = Widths { global: 0, rows: 4 };
/// let model =
///     FusionModel::new(&ModelConfig::default(), Sides::new(widths, widths), &Rng::new(1), &Device::Cpu)?;
/// let rows = Tensor::ones((5, 4), DType::F32, &Device::Cpu)?;
/// let molecules = TokenBatch::new(None, Some(rows), [0, 3, 5])?; // two molecules, of 3 and 2 tokens
/// let pairs = PairIndex::new([0, 0, 1], [0, 1, 1])?;
/// let scores = model.forward(&molecules, &molecules, &pairs, &mut Mode::Eval)?;
/// assert_eq!(scores.dims(), [3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FusionModel {
    config: ModelConfig,
    widths: Sides<Widths>,
    device: Device,
    params: ParamStore,
    parts: Parts,
}

/// In what numbers a model keeps its weights, and multiplies.
///
/// Where both differ, the projections of the inputs and all between the in- and output of a Mamba block are in the shorter
/// numbers, with states and sums of the scan in f32; norms, residuals, the pairs and the head are in those of the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Of the weights, their gradients and whatever moves them.
    pub weights: DType,
    /// Of products.
    pub products: DType,
}

impl Numbers {
    /// All in f32.
    pub const F32: Self = Self { weights: DType::F32, products: DType::F32 };
    /// Weights in f32 and products in bf16; only a card has all that it takes.
    pub const BF16: Self = Self { weights: DType::F32, products: DType::BF16 };
}

impl From<DType> for Numbers {
    fn from(dtype: DType) -> Self {
        Self { weights: dtype, products: dtype }
    }
}

#[derive(Debug)]
struct Parts {
    projections: Sides<Projection>,
    body: Body,
    head: PairHead,
}

#[derive(Debug)]
enum Body {
    Late(LateRelay),
    Deep(DeepRelay),
    Joint(JointScan),
    Pair(PairScan),
    Attention(CrossAttention),
    MeanTokens,
}

impl Parts {
    fn build(mut builder: Builder<'_>, config: &ModelConfig, widths: Sides<Widths>) -> Result<Self> {
        let projections =
            Sides::try_of(|side| Projection::build(builder.at(side.name()), side, widths[side], config))?;
        let body = match config.fusion {
            Fusion::LateRelay => Body::Late(LateRelay::build(&mut builder, config)?),
            Fusion::DeepRelay => Body::Deep(DeepRelay::build(&mut builder, config)?),
            Fusion::JointScan => Body::Joint(JointScan::build(&mut builder, config)?),
            Fusion::Pair => Body::Pair(PairScan::build(&mut builder, config)?),
            Fusion::CrossAttention => Body::Attention(CrossAttention::build(&mut builder, config)?),
            Fusion::Gated | Fusion::GatedInput | Fusion::Mlp => Body::MeanTokens,
        };
        let head = PairHead::build(builder.at("head").exact(), config)?;
        Ok(Self { projections, body, head })
    }
}

impl FusionModel {
    /// Makes a model in f32 with initial weights that depend on the generator's seed only.
    ///
    /// It lives on this device and computes there, wherever its inputs come from.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Setting`] if the configuration has a value out of range or a side has no inputs.
    pub fn new(config: &ModelConfig, widths: Sides<Widths>, rng: &Rng, device: &Device) -> Result<Self> {
        Self::new_in(config, widths, rng, DType::F32, device)
    }

    /// Makes a model with other numbers.
    ///
    /// # Errors
    ///
    /// As [`FusionModel::new`].
    pub fn new_in(
        config: &ModelConfig,
        widths: Sides<Widths>,
        rng: &Rng,
        numbers: impl Into<Numbers>,
        device: &Device,
    ) -> Result<Self> {
        config.validate()?;
        let mut params = ParamStore::default();
        let rng = rng.fork("weights");
        let Numbers { weights, products } = numbers.into();
        let builder = Builder::new(&mut params, &rng, weights, device).computing(products);
        let parts = Parts::build(builder, config, widths)?;
        Ok(Self { config: config.clone(), widths, device: device.clone(), params, parts })
    }

    /// Counts the trainable values of a model without making it.
    ///
    /// # Errors
    ///
    /// As [`FusionModel::new`].
    pub(crate) fn values_of(config: &ModelConfig, widths: Sides<Widths>) -> Result<u64> {
        config.validate()?;
        // Layers are alike, and there may be very many.
        let of = |layers: usize| -> Result<u64> {
            let mut values = 0;
            let config = ModelConfig { layers, ..config.clone() };
            Parts::build(Builder::counting(&mut values, &Rng::new(0)), &config, widths)?;
            Ok(values)
        };
        let (one, two) = (of(1)?, of(2)?);
        Ok(one + (config.layers as u64 - 1) * (two - one))
    }

    /// Returns the configuration.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Returns the widths of the inputs.
    pub fn widths(&self) -> Sides<Widths> {
        self.widths
    }

    /// Returns where it computes.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Returns the trainable tensors, ordered by name.
    pub fn params(&self) -> &ParamStore {
        &self.params
    }

    /// Scores pairs among the molecules of two batches.
    ///
    /// # Shapes
    ///
    /// → (b), one number per pair.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Setting`] if the inputs have other widths than the model, or a pair names no molecule.
    pub fn forward(
        &self,
        rna: &TokenBatch,
        partner: &TokenBatch,
        pairs: &PairIndex,
        mode: &mut Mode,
    ) -> Result<Tensor> {
        let rna = self.encode(Side::Rna, rna, mode)?;
        let partner = self.encode(Side::Partner, partner, mode)?;
        self.score(&rna, &partner, pairs, mode)
    }

    /// Encodes each molecule of one side, as far as that does not depend on its partner.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Setting`] if the inputs have other widths than the model.
    pub fn encode(&self, side: Side, batch: &TokenBatch, mode: &mut Mode) -> Result<Profiles> {
        let x = self.parts.projections[side].forward(&batch.to_device(&self.device)?, mode)?; // (t, d)
        let segments = batch.segments();
        match &self.parts.body {
            Body::Late(relay) => relay.encode(side, x, segments),
            Body::Deep(_) | Body::Joint(_) | Body::Attention(_) => DeepRelay::encode(x, segments),
            Body::Pair(_) | Body::MeanTokens => {
                Ok(Profiles { base: segment_mean(&x, segments)?, readout: None, tokens: None })
            }
        }
    }

    /// Encodes the molecules of both sides, on two threads where there are any: what is drawn is the same as for one side
    /// after the other.
    ///
    /// # Errors
    ///
    /// As [`FusionModel::encode`].
    pub fn encode_both(&self, batches: &Sides<TokenBatch>, mode: &mut Mode) -> Result<Sides<Profiles>> {
        if !self.device.is_cpu() {
            return Sides::try_of(|side| self.encode(side, &batches[side], mode));
        }
        let of_rna = self.parts.projections.rna.draws(&batches.rna);
        let of_both = of_rna + self.parts.projections.partner.draws(&batches.partner);
        let start = mode.clone();
        *mode = start.after(of_both);
        both_sides(|side| {
            let mut mode = if side == Side::Rna { start.clone() } else { start.after(of_rna) };
            self.encode(side, &batches[side], &mut mode)
        })
    }

    /// Scores pairs of encoded molecules: → (b).
    ///
    /// # Errors
    ///
    /// [`crate::Error::Setting`] if a pair names no molecule, or the profiles come from another kind of model.
    pub fn score(
        &self,
        rna: &Profiles,
        partner: &Profiles,
        pairs: &PairIndex,
        mode: &mut Mode,
    ) -> Result<Tensor> {
        let profiles = Sides { rna, partner };
        pairs.check(profiles.map(Profiles::len))?;
        let vectors = match &self.parts.body {
            Body::Late(relay) => relay.vectors(profiles, pairs)?,
            Body::Deep(relay) => relay.vectors(profiles, pairs)?,
            Body::Joint(scan) => scan.vectors(profiles, pairs)?,
            Body::Pair(scan) => scan.vectors(profiles, pairs)?,
            Body::Attention(attention) => attention.vectors(profiles, pairs)?,
            Body::MeanTokens => mean_tokens(profiles, pairs)?,
        };
        self.parts.head.forward(&vectors, pairs.duplexes(), mode)
    }

    /// Measures how large the crosstalk of a batch is beside what each molecule says by itself, ‖crosstalk‖ / ‖pool‖ over
    /// all pairs; `None` where there is none to measure.
    ///
    /// # Errors
    ///
    /// As [`FusionModel::score`].
    pub fn crosstalk_share(
        &self,
        rna: &Profiles,
        partner: &Profiles,
        pairs: &PairIndex,
    ) -> Result<Option<Sides<f64>>> {
        let profiles = Sides { rna, partner };
        pairs.check(profiles.map(Profiles::len))?;
        match &self.parts.body {
            Body::Late(relay) => relay.share(profiles, pairs),
            _ => Ok(None),
        }
    }
}
