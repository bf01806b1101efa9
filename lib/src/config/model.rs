//! Says what a fusion model looks like.

mod choices;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use choices::{Crosstalk, DuplexInput, Fusion, Head, Reading, Selectivity};

use super::AutoFraction;
use crate::record::Molecule;
use crate::{Error, Result};

/// The architecture of a fusion model; every key has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelConfig {
    /// How the two molecules of a pair meet. Default: late-relay.
    pub fusion: Fusion,
    /// Whether the final state passes from one molecule to the other (relays only). Default: learnt.
    pub crosstalk: Crosstalk,
    /// What a scan's time steps and projections depend on; `conditioned` is for the deep relay, as the scans of the
    /// others do not know the other molecule. Default: own.
    pub selectivity: Selectivity,
    /// Which ways an encoder reads a sequence. Default: bidirectional.
    pub reading: Reading,
    /// What the head sees of the two vectors of a pair. Default: auto.
    pub head: Head,
    /// What the head sees of the duplex that two RNAs can form. Default: auto.
    pub duplex: DuplexInput,
    /// Width d of a token inside the model. Default: 64.
    #[schemars(range(min = 1))]
    pub width: usize,
    /// Inner width e of a Mamba layer. Default: 128.
    #[schemars(range(min = 1))]
    pub inner: usize,
    /// States n per inner channel. Default: 16.
    #[schemars(range(min = 1))]
    pub state: usize,
    /// Layers of an encoder. Default: 1.
    #[schemars(range(min = 1))]
    pub layers: usize,
    /// Width of the causal convolution in front of a scan; 1 means that no token sees another one there. Default: 4.
    #[schemars(range(min = 1, max = 16))]
    pub conv: usize,
    /// Initial factor of the state that is handed over, which is scaled to a root mean square of 1. Default: 0.1.
    pub gamma: f64,
    /// Smallest initial time step of a scan. Default: 0.001.
    pub dt_min: f64,
    /// Largest initial time step of a scan. Default: 0.1.
    pub dt_max: f64,
    /// Heads of the cross-attention; they divide the width. Default: 4.
    #[schemars(range(min = 1))]
    pub attention_heads: usize,
    /// Whether each input vector is normalised over its features, after the standardisation of each feature.
    /// Default: false.
    pub input_norm: bool,
    /// Share of input features that are dropped in training; auto: 0.5 when both molecules are RNAs, else 0.1.
    /// Default: auto.
    pub feature_dropout: AutoFraction,
    /// Standard deviation of the noise added to tokens in training, in standard deviations of the tokens.
    /// Default: 0.1.
    #[schemars(range(min = 0.0))]
    pub noise: f64,
    /// Width of the head's hidden layer. Default: 64.
    #[schemars(range(min = 1))]
    pub hidden: usize,
    /// Share of the head's hidden values that are dropped in training. Default: 0.2.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub dropout: f64,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            fusion: Fusion::default(),
            crosstalk: Crosstalk::default(),
            selectivity: Selectivity::default(),
            reading: Reading::default(),
            head: Head::default(),
            duplex: DuplexInput::default(),
            width: 64,
            inner: 128,
            state: 16,
            layers: 1,
            conv: 4,
            gamma: 0.1,
            dt_min: 1e-3,
            dt_max: 0.1,
            attention_heads: 4,
            input_norm: false,
            feature_dropout: AutoFraction::Auto,
            noise: 0.1,
            hidden: 64,
            dropout: 0.2,
        }
    }
}

/// Feature dropout where nothing is known of the molecules.
pub(crate) const FEATURE_DROPOUT: f64 = 0.1;
/// Feature dropout between RNAs.
const FEATURE_DROPOUT_OF_RNAS: f64 = 0.5;

impl ModelConfig {
    /// Replaces what is left open by what the rules give for RNAs and such partners, whose nucleotides are known or not.
    #[must_use]
    pub(crate) fn resolved(mut self, partner: Molecule, nucleotides: bool) -> Self {
        let rule = if partner == Molecule::Rna { FEATURE_DROPOUT_OF_RNAS } else { FEATURE_DROPOUT };
        self.feature_dropout = AutoFraction::Of(self.feature_dropout.or(rule));
        if self.duplex == DuplexInput::Auto {
            let known = partner == Molecule::Rna && nucleotides;
            self.duplex = if known { DuplexInput::Energy } else { DuplexInput::None };
        }
        self
    }

    /// Checks every value.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] names the first value that is out of range.
    pub fn validate(&self) -> Result<()> {
        self.check_sizes()?;
        self.check_randomness()?;
        self.check_scan()?;
        self.check_fusion()
    }

    fn check_sizes(&self) -> Result<()> {
        let counts = [
            ("width", self.width),
            ("inner", self.inner),
            ("state", self.state),
            ("layers", self.layers),
            ("conv", self.conv),
            ("attention-heads", self.attention_heads),
            ("hidden", self.hidden),
        ];
        for (name, value) in counts {
            if value == 0 {
                return Err(setting(name, "it is 0", "give a whole number from 1"));
            }
            if value > 65_536 {
                return Err(setting(name, &format!("{value} is too large"), "give at most 65536"));
            }
        }
        if self.conv > 16 {
            return Err(setting("conv", &format!("{} is too wide", self.conv), "give 1 to 16"));
        }
        Ok(())
    }

    fn check_randomness(&self) -> Result<()> {
        let shares =
            [("feature-dropout", self.feature_dropout.or(FEATURE_DROPOUT)), ("dropout", self.dropout)];
        for (name, value) in shares {
            if !(0.0..1.0).contains(&value) {
                return Err(setting(name, &format!("{value} is no share"), "give 0 or more and less than 1"));
            }
        }
        if !(self.noise >= 0.0 && self.noise.is_finite()) {
            return Err(setting("noise", &format!("{} is out of range", self.noise), "give 0 or more"));
        }
        Ok(())
    }

    fn check_scan(&self) -> Result<()> {
        if !self.gamma.is_finite() {
            return Err(setting("gamma", "it is not finite", "give a number such as 0.1"));
        }
        if !(self.dt_min > 0.0 && self.dt_min <= self.dt_max && self.dt_max.is_finite()) {
            return Err(setting(
                "dt-min",
                &format!("the time steps {} to {} are no range", self.dt_min, self.dt_max),
                "give 0 < dt-min ≤ dt-max",
            ));
        }
        Ok(())
    }

    fn check_fusion(&self) -> Result<()> {
        if self.selectivity == Selectivity::Conditioned && self.fusion != Fusion::DeepRelay {
            return Err(setting(
                "selectivity",
                "`conditioned` needs scans that know the other molecule",
                "set `fusion: deep-relay`, or `selectivity: own`",
            ));
        }
        if self.fusion == Fusion::CrossAttention && !self.width.is_multiple_of(self.attention_heads) {
            return Err(setting(
                "attention-heads",
                &format!("{} heads do not divide the width {}", self.attention_heads, self.width),
                "change one of them",
            ));
        }
        Ok(())
    }

    /// Gives the rank of the time step's projection, a sixteenth of the width.
    pub(crate) fn dt_rank(&self) -> usize {
        self.width.div_ceil(16)
    }
}

fn setting(name: &str, problem: &str, remedy: &str) -> Error {
    Error::setting(format!("model.{name}"), problem, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_an_unknown_key_is_refused() {
        ModelConfig::default().validate().unwrap();
        let read = |text: &str| serde_json::from_str::<ModelConfig>(text);
        assert_eq!(read("{}").unwrap(), ModelConfig::default());
        assert_eq!(read(r#"{"fusion":"gated-input"}"#).unwrap().fusion, Fusion::GatedInput);
        assert!(read(r#"{"widht":3}"#).is_err());
    }

    #[test]
    fn values_out_of_range_are_named() {
        let wrong = [
            ModelConfig { width: 0, ..Default::default() },
            ModelConfig { conv: 17, ..Default::default() },
            ModelConfig { dropout: 1.0, ..Default::default() },
            ModelConfig { noise: f64::NAN, ..Default::default() },
            ModelConfig { dt_min: 0.2, ..Default::default() },
            ModelConfig { selectivity: Selectivity::Conditioned, ..Default::default() },
            ModelConfig { fusion: Fusion::CrossAttention, attention_heads: 5, ..Default::default() },
        ];
        for config in wrong {
            assert!(config.validate().unwrap_err().to_string().starts_with("setting `model."));
        }
    }
}
