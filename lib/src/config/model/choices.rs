//! The choices that make a fusion model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the two molecules of a pair meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fusion {
    /// Each molecule is encoded once; in the last layer each is read out from the other's final state.
    #[default]
    LateRelay,
    /// The hand-over happens in every layer, so each pair is scanned on its own.
    DeepRelay,
    /// The tokens of both molecules are scanned as one sequence, in both orders, by one shared encoder.
    JointScan,
    /// The two mean token vectors are scanned as a sequence of length two, in both orders.
    Pair,
    /// Every token of one molecule attends to the tokens of the other, in one layer, both ways.
    CrossAttention,
    /// A learnt gate, the same for every input, mixes the two mean token vectors (`BioLLMNet`, RNA–protein form).
    Gated,
    /// A gate computed from both mean token vectors mixes them (`BioLLMNet`, RNA–molecule form).
    GatedInput,
    /// The two mean token vectors go to the head as they are.
    Mlp,
}

/// Whether the final state passes from one molecule to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Crosstalk {
    /// It does, scaled by a learnt factor per channel and state.
    #[default]
    Learnt,
    /// It does not; everything else, the initial weights too, stays the same.
    None,
}

/// Which ways an encoder reads a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// From both ends, with own weights per direction; the two results are averaged.
    #[default]
    Bidirectional,
    /// From the first token to the last.
    Forward,
}

/// What a scan's time steps and projections depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Selectivity {
    /// On the molecule that is scanned.
    #[default]
    Own,
    /// On the other molecule's final state as well.
    Conditioned,
}

/// What the head sees of the two vectors `a` and `b` of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// `concat` where partners are new, other experts stand beside the network (`--experts auto`) and it ranks better so on
    /// the inner folds; else `product`.
    #[default]
    Auto,
    /// `a`, `b`, their product and their absolute difference.
    Product,
    /// `a` and `b`.
    Concat,
}

impl Head {
    /// Gives the name, as in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Product => "product",
            Self::Concat => "concat",
        }
    }
}

/// What the head sees of the duplex that two RNAs can form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DuplexInput {
    /// `energy` between RNAs whose nucleotides are in the stores (encoder `onehot`, one row per residue), else `none`.
    #[default]
    Auto,
    /// The free energy of the best duplex, that of the seed (nucleotides 2 to 8 of the molecule in `rna_id`), and the
    /// number of the seed's sites.
    Energy,
    /// Nothing.
    None,
}

impl Reading {
    /// Names the directions in parameter names.
    pub(crate) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Bidirectional => &["forward", "reverse"],
            Self::Forward => &["forward"],
        }
    }
}
