//! Turns the two vectors of a pair into one number.

use candle_core::Tensor;

use super::Mode;
use super::layers::{LayerNorm, Linear};
use crate::config::{DuplexInput, Fusion, Head, ModelConfig};
use crate::nn::data::DUPLEX_VALUES;
use crate::nn::ops::product_features;
use crate::nn::params::{Builder, Init};
use crate::pair::Sides;
use crate::{Error, Result};

/// Normalises both vectors, combines them, and applies one hidden layer.
#[derive(Debug)]
pub(crate) struct PairHead {
    norms: Sides<LayerNorm>,
    combine: Combine,
    /// Between RNAs, what the duplex adds in front of the hidden layer's activation: few values of much weight, which
    /// the start of a layer as wide as the vectors would drown.
    duplex: Option<Linear>,
    hidden: Linear,
    output: Linear,
    dropout: f64,
}

#[derive(Debug)]
enum Combine {
    Product,
    Concat,
    /// `σ(g) ⊙ a + (1 − σ(g)) ⊙ b`, the same g for every pair.
    Gate(Tensor),
    /// The same with g computed from `[a, b]`.
    GateInput(Linear, Linear),
}

impl PairHead {
    pub(crate) fn build(mut params: Builder<'_>, config: &ModelConfig) -> Result<Self> {
        let d = config.width;
        let (combine, width) = match (config.fusion, config.head) {
            (Fusion::Gated, _) => (Combine::Gate(params.free("gate", &[d], Init::Constant(0.0))?), d),
            (Fusion::GatedInput, _) => {
                let mut params = params.at("gate");
                let hidden = Linear::new(params.at("hidden"), 2 * d, d)?;
                (Combine::GateInput(hidden, Linear::new(params.at("output"), d, d)?), d)
            }
            (_, Head::Concat) => (Combine::Concat, 2 * d),
            // What is left open is a product where nothing has been compared.
            (_, Head::Product | Head::Auto) => (Combine::Product, 4 * d),
        };
        let duplex = (config.duplex == DuplexInput::Energy)
            .then(|| Linear::new(params.at("duplex"), DUPLEX_VALUES, config.hidden))
            .transpose()?;
        let norms = Sides::try_of(|side| LayerNorm::new(params.at(&format!("norm.{}", side.name())), d))?;
        Ok(Self {
            norms,
            combine,
            duplex,
            hidden: Linear::new(params.at("hidden"), width, config.hidden)?,
            output: Linear::new(params.at("output"), config.hidden, 1)?,
            dropout: config.dropout,
        })
    }

    /// Scores pairs: two vectors (b, d), and their duplexes (b, 3) where the model looks at them → (b).
    pub(crate) fn forward(
        &self,
        vectors: &Sides<Tensor>,
        duplexes: Option<&Tensor>,
        mode: &mut Mode,
    ) -> Result<Tensor> {
        let a = self.norms.rna.forward(&vectors.rna)?;
        let b = self.norms.partner.forward(&vectors.partner)?;
        let features = match &self.combine {
            Combine::Product => product_features(&a, &b)?, // (b, 4 d)
            Combine::Concat => Tensor::cat(&[&a, &b], 1)?, // (b, 2 d)
            Combine::Gate(gate) => mix(&a, &b, &gate.broadcast_as(a.shape())?)?,
            Combine::GateInput(hidden, output) => {
                let hidden = hidden.forward(&Tensor::cat(&[&a, &b], 1)?)?.silu()?;
                mix(&a, &b, &output.forward(&hidden)?)?
            }
        };
        let hidden = self.hidden.forward(&features)?; // (b, hidden)
        let hidden = match (&self.duplex, duplexes) {
            (None, _) => hidden,
            (Some(layer), Some(duplexes)) => {
                let duplexes = duplexes.to_dtype(hidden.dtype())?.to_device(hidden.device())?;
                (hidden + layer.forward(&duplexes)?)?
            }
            (Some(_), None) => {
                let problem = "the model looks at the duplex of a pair, and the pairs come without";
                return Err(Error::defect("head", problem));
            }
        };
        let hidden = hidden.silu()?;
        let output = self.output.forward(&mode.dropout(&hidden, self.dropout)?)?; // (b, 1)
        Ok(output.squeeze(1)?)
    }
}

/// Computes `σ(g) ⊙ a + (1 − σ(g)) ⊙ b`.
fn mix(a: &Tensor, b: &Tensor, gate: &Tensor) -> Result<Tensor> {
    // As a hyperbolic tangent, which neither overflows nor loses its gradient.
    let share = gate.affine(0.5, 0.0)?.tanh()?.affine(0.5, 0.5)?;
    Ok((b + (share * (a - b)?)?)?)
}
