//! What is known of each family of models: one table, which everything else reads.

use std::fmt;
use std::num::NonZero;

use serde::{Deserialize, Serialize};

use crate::alphabet::{AMINO_ACIDS, NUCLEOTIDES};
use crate::record::Molecule;

/// A family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// ESM-2, proteins (Lin et al. 2023, doi 10.1126/science.ade2574).
    Esm2,
    /// RiNALMo, RNA (Penić et al. 2025, doi 10.1038/s41467-025-60872-5).
    Rinalmo,
    /// MoLFormer-XL, small molecules (Ross et al. 2022, doi 10.1038/s42256-022-00580-7).
    Molformer,
}

/// Where a block normalises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Before attention and before the feed-forward layer.
    Before,
    /// As `Before`, but the first residual adds the normalised input.
    Replacing,
    /// After each residual.
    After,
}

/// What stands between the two maps of a feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FeedForward {
    /// The Gaussian error linear unit.
    Gelu,
    /// A gate beside the first map, activated with a learned slope.
    SwiGlu,
}

/// How tokens attend to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attention {
    /// By the softmax of products.
    Softmax,
    /// By products of random features.
    Linear,
}

/// A choice that the published models made and others of the same kind did not, as `config.json` states it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    Truth(bool),
    Text(&'static str),
}

/// The facts of one family.
#[derive(Debug)]
pub(super) struct Facts {
    /// The name on command lines and in files.
    name: &'static str,
    /// The name as its authors spell it.
    title: &'static str,
    /// What it reads.
    molecule: Molecule,
    /// Residues (SMILES: tokens) that the published models were trained to read at once, special tokens not counted.
    context: NonZero<usize>,
    pub(super) order: Order,
    pub(super) attention: Attention,
    /// Whether the maps of attention have biases.
    pub(super) attention_biases: bool,
    pub(super) feed_forward: FeedForward,
    /// The share of masked tokens in training, to which embeddings are scaled; none where they are not.
    pub(super) masked: Option<f32>,
    /// The token of a masked position in the published vocabularies.
    pub(super) mask_token: usize,
    /// What rotary frequencies are powers of, where a file does not hold them.
    pub(super) rotary_base: f32,
    /// Whether files may hold the rotary frequencies.
    pub(super) stores_frequencies: bool,
    /// Whether the usual summary of a molecule includes the two special tokens.
    pub(super) special_in_summary: bool,
    /// Widths of published models and their numbers of attention heads, for files that do not tell.
    pub(super) heads: &'static [(usize, usize)],
    /// The `model_type` of a `config.json`.
    pub(super) model_type: &'static str,
    /// What else a `config.json` must not contradict.
    pub(super) choices: &'static [(&'static str, Choice)],
    /// Letters to measure the speed on.
    pub(super) letters: &'static [u8],
    /// Three inputs for a self-check, of different lengths.
    pub(super) examples: [&'static [u8]; 3],
}

const ESM2: Facts = Facts {
    name: "esm2",
    title: "ESM-2",
    molecule: Molecule::Protein,
    context: NonZero::new(1022).unwrap(),
    order: Order::Before,
    attention: Attention::Softmax,
    attention_biases: true,
    feed_forward: FeedForward::Gelu,
    masked: Some(0.15 * 0.8),
    mask_token: 32,
    rotary_base: 10_000.0,
    stores_frequencies: true,
    special_in_summary: false,
    heads: &[(320, 20), (480, 20), (640, 20), (1280, 20), (2560, 40), (5120, 40)],
    model_type: "esm",
    choices: &[("emb_layer_norm_before", Choice::Truth(false)), ("is_folding_model", Choice::Truth(false))],
    letters: AMINO_ACIDS,
    examples: [b"MKTVRQERLKSIVRILERSKEPVSGAQLAEELSVSRQVIVQDIAYLRSLGYNIVATPRGYVLAGG", b"M", AMINO_ACIDS],
};

const RINALMO: Facts = Facts {
    name: "rinalmo",
    title: "RiNALMo",
    molecule: Molecule::Rna,
    context: NonZero::new(1022).unwrap(),
    order: Order::Replacing,
    attention: Attention::Softmax,
    attention_biases: false,
    feed_forward: FeedForward::SwiGlu,
    masked: Some(0.12),
    mask_token: 4,
    rotary_base: 10_000.0,
    stores_frequencies: false,
    special_in_summary: false,
    heads: &[(320, 20), (480, 20), (640, 20), (1280, 20)],
    model_type: "rinalmo",
    choices: &[("learnable_beta", Choice::Truth(true))],
    letters: NUCLEOTIDES,
    examples: [b"GGGUGCUCAGUACGAGAGGAACCGCACCCUUGCAUGUCGUAGCUAGCUAAGG", b"A", b"ACGUNRYSWKM"],
};

const MOLFORMER: Facts = Facts {
    name: "molformer",
    title: "MoLFormer",
    molecule: Molecule::SmallMolecule,
    context: NonZero::new(200).unwrap(),
    order: Order::After,
    attention: Attention::Linear,
    attention_biases: true,
    feed_forward: FeedForward::Gelu,
    masked: None,
    mask_token: 3,
    rotary_base: 10_000.0,
    stores_frequencies: false,
    special_in_summary: true,
    heads: &[(768, 12)],
    model_type: "molformer",
    choices: &[("feature_map_kernel", Choice::Text("relu"))],
    letters: b"CO",
    examples: [b"CC(=O)Oc1ccccc1C(=O)O", b"C", b"Cn1c(=O)c2c(ncn2C)n(C)c1=O"],
};

impl Family {
    /// Gives what is known of the family.
    pub(super) const fn facts(self) -> &'static Facts {
        match self {
            Self::Esm2 => &ESM2,
            Self::Rinalmo => &RINALMO,
            Self::Molformer => &MOLFORMER,
        }
    }

    /// Gives the name used on command lines and in files.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// Gives the name as its authors spell it.
    pub const fn title(self) -> &'static str {
        self.facts().title
    }

    /// Gives the kind of molecule that the family reads.
    ///
    /// ```
    /// use crossmamba::lm::Family;
    /// use crossmamba::record::Molecule;
    ///
    /// assert_eq!(Family::Rinalmo.molecule(), Molecule::Rna);
    /// ```
    pub const fn molecule(self) -> Molecule {
        self.facts().molecule
    }

    /// Gives the residues (SMILES: tokens) that the family's published models were trained to read at once: 1022, or
    /// 200 for MoLFormer, beside the two special tokens.
    ///
    /// ```
    /// use crossmamba::lm::Family;
    ///
    /// assert_eq!(Family::Esm2.context().get(), 1022);
    /// ```
    pub const fn context(self) -> NonZero<usize> {
        self.facts().context
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
