//! How rows of the embedding stores become tokens.

use std::num::NonZero;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::within;
use crate::Result;
use crate::pair::Sides;

/// How rows of the embedding stores become tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct InputsConfig {
    /// Mean over windows of residues, for RNA stores with one row per residue; null keeps one token per residue.
    /// A store that holds windows already sets the windows for the residue stores beside it.
    pub rna_window: Option<WindowConfig>,
    /// The same for the partner's stores.
    pub partner_window: Option<WindowConfig>,
    /// Standardised columns are clipped at plus and minus this many standard deviations.
    pub clip: f64,
    /// A column is divided by its standard deviation, but never by less than this fraction of the largest one
    /// of its store: columns that hardly vary in training must not explode on new molecules.
    pub floor: f64,
}

/// Windows along a molecule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WindowConfig {
    /// Residues per window.
    pub size: NonZero<usize>,
    /// At most this many windows per molecule, evenly spread when it is longer.
    pub cap: NonZero<usize>,
}

impl Default for InputsConfig {
    fn default() -> Self {
        Self { rna_window: None, partner_window: None, clip: 6.0, floor: 0.05 }
    }
}

impl InputsConfig {
    /// Gives the windows of both sides.
    pub fn windows(&self) -> Sides<Option<WindowConfig>> {
        Sides { rna: self.rna_window, partner: self.partner_window }
    }

    pub(super) fn check(&self) -> Result<()> {
        within("inputs.clip", self.clip, 0.1..=1e6)?;
        within("inputs.floor", self.floor, 1e-6..=1.0)
    }
}
