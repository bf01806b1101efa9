//! The layouts in which models are published, as tables of names.

use std::fmt;

use super::shape::AttentionEpsilon;
use crate::lm::family::Family;

/// Who wrote a file: it decides the names of its tensors, and some constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// ESM-2 as transformers names it (Hugging Face).
    HfEsm,
    /// ESM-2 as fair-esm names it.
    FairEsm,
    /// RiNALMo as its authors publish it.
    Rinalmo,
    /// RiNALMo as multimolecule names it.
    Multimolecule,
    /// MoLFormer as transformers names it (Hugging Face).
    HfMolformer,
    /// MoLFormer as its authors publish it.
    IbmMolformer,
    /// Tensors that the program made itself.
    Made(Family),
}

impl Layout {
    /// The layouts of files, the most particular first.
    pub(super) const ALL: [Self; 6] = [
        Self::Rinalmo,
        Self::IbmMolformer,
        Self::FairEsm,
        Self::Multimolecule,
        Self::HfMolformer,
        Self::HfEsm,
    ];

    /// Gives the family of its models.
    pub const fn family(self) -> Family {
        match self {
            Self::HfEsm | Self::FairEsm => Family::Esm2,
            Self::Rinalmo | Self::Multimolecule => Family::Rinalmo,
            Self::HfMolformer | Self::IbmMolformer => Family::Molformer,
            Self::Made(family) => family,
        }
    }

    /// Gives its table of names.
    pub(super) const fn table(self) -> &'static Table {
        match self {
            Self::HfEsm | Self::Made(_) => &HF_ESM,
            Self::FairEsm => &FAIR_ESM,
            Self::Rinalmo => &RINALMO,
            Self::Multimolecule => &MULTIMOLECULE,
            Self::HfMolformer => &HF_MOLFORMER,
            Self::IbmMolformer => &IBM_MOLFORMER,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HfEsm => "ESM-2 in the layout of transformers",
            Self::FairEsm => "ESM-2 in the layout of fair-esm",
            Self::Rinalmo => "RiNALMo in its authors' layout",
            Self::Multimolecule => "RiNALMo in the layout of multimolecule",
            Self::HfMolformer => "MoLFormer in the layout of transformers",
            Self::IbmMolformer => "MoLFormer in its authors' layout",
            Self::Made(family) => return write!(f, "{} with made tensors", family.title()),
        })
    }
}

/// The names of one layout. Names end in `.weight` and `.bias` unless they stand among the whole names.
pub(super) struct Table {
    /// What precedes the number of a block.
    pub(super) blocks: &'static str,
    /// Names inside a block that no other layout has.
    pub(super) marks: &'static [&'static str],
    /// Modules of a block: theirs, ours.
    pub(super) block: &'static [(&'static str, &'static str)],
    /// Tensors of a block by their whole name.
    pub(super) block_whole: &'static [(&'static str, &'static str)],
    /// Modules outside the blocks.
    pub(super) outer: &'static [(&'static str, &'static str)],
    /// Tensors outside the blocks by their whole name.
    pub(super) outer_whole: &'static [(&'static str, &'static str)],
    /// What else may stand in a block and is not needed.
    pub(super) block_spare: &'static [&'static str],
    /// How names of other parts begin, which are not needed: heads, unused tables.
    pub(super) spare: &'static [&'static str],
    /// The files beside the weights that may list the tokens, best first; none where the layout fixes them.
    pub(super) vocabularies: &'static [&'static str],
    /// Whether a `config.json` belongs to the layout; beside other files it may be another model's.
    pub(super) own_config: bool,
    /// What layer normalisation adds to the variance.
    pub(super) norm_epsilon: f32,
    /// What keeps linear attention's denominator from zero.
    pub(super) attention_epsilon: AttentionEpsilon,
    /// Whether a `config.json` may state other constants than these two.
    pub(super) states_constants: bool,
}

const HF_ESM: Table = Table {
    blocks: "encoder.layer.",
    marks: &["attention.LayerNorm.weight", "attention.LayerNorm.gamma", "attention.LayerNorm.bias"],
    block: &[
        ("attention.self.query", "query"),
        ("attention.self.key", "key"),
        ("attention.self.value", "value"),
        ("attention.output.dense", "out"),
        ("attention.LayerNorm", "norm1"),
        ("intermediate.dense", "up"),
        ("output.dense", "down"),
        ("LayerNorm", "norm2"),
    ],
    block_whole: &[("attention.self.rotary_embeddings.inv_freq", "inv_freq")],
    outer: &[("encoder.emb_layer_norm_after", "norm")],
    outer_whole: &[
        ("embeddings.word_embeddings.weight", "embedding"),
        ("rotary_embeddings.inv_freq", "inv_freq"),
    ],
    block_spare: &[],
    spare: &[
        "embeddings.position_embeddings.",
        "embeddings.position_ids",
        "contact_head.",
        "lm_head.",
        "pooler.",
    ],
    vocabularies: &["vocab.txt", "vocab.json", "tokenizer.json"],
    own_config: true,
    norm_epsilon: 1e-5,
    attention_epsilon: AttentionEpsilon::Floor(1e-6),
    states_constants: true,
};

const FAIR_ESM: Table = Table {
    blocks: "layers.",
    marks: &["self_attn.q_proj.weight", "self_attn_layer_norm.weight", "fc1.weight"],
    block: &[
        ("self_attn.q_proj", "query"),
        ("self_attn.k_proj", "key"),
        ("self_attn.v_proj", "value"),
        ("self_attn.out_proj", "out"),
        ("self_attn_layer_norm", "norm1"),
        ("fc1", "up"),
        ("fc2", "down"),
        ("final_layer_norm", "norm2"),
    ],
    block_whole: &[("self_attn.rot_emb.inv_freq", "inv_freq")],
    outer: &[("emb_layer_norm_after", "norm")],
    outer_whole: &[("embed_tokens.weight", "embedding")],
    block_spare: &[],
    spare: &["lm_head.", "contact_head."],
    vocabularies: &[],
    own_config: false,
    norm_epsilon: 1e-5,
    attention_epsilon: AttentionEpsilon::Floor(1e-6),
    states_constants: true,
};

const RINALMO: Table = Table {
    blocks: "transformer.blocks.",
    marks: &["transition.0.linear_gate.weight", "attn_layer_norm.weight", "transition.0.beta"],
    block: &[
        ("mh_attn.Wqkv", "qkv"),
        ("mh_attn.out_proj", "out"),
        ("mh_attn.mh_attn.to_q", "query"),
        ("mh_attn.mh_attn.to_k", "key"),
        ("mh_attn.mh_attn.to_v", "value"),
        ("mh_attn.mh_attn.out_proj", "out"),
        ("attn_layer_norm", "norm1"),
        ("out_layer_norm", "norm2"),
        ("transition.0.linear", "up"),
        ("transition.0.linear_gate", "gate"),
        ("transition.2", "down"),
    ],
    block_whole: &[("transition.0.beta", "beta")],
    outer: &[("transformer.final_layer_norm", "norm")],
    outer_whole: &[("embedding.weight", "embedding")],
    block_spare: &["rotary_emb.", "rotary_emb.inv_freq"],
    spare: &["lm_mask_head.", "pred_head.", "threshold"],
    vocabularies: &[],
    own_config: false,
    norm_epsilon: 1e-5,
    attention_epsilon: AttentionEpsilon::Floor(1e-6),
    states_constants: false,
};

const MULTIMOLECULE: Table = Table {
    blocks: "encoder.layer.",
    marks: &["intermediate.linear_gate.weight", "intermediate.linear.weight", "attention.layer_norm.weight"],
    block: &[
        ("attention.self.query", "query"),
        ("attention.self.key", "key"),
        ("attention.self.value", "value"),
        ("attention.output.dense", "out"),
        ("attention.layer_norm", "norm1"),
        ("layer_norm", "norm2"),
        ("intermediate.linear", "up"),
        ("intermediate.linear_gate", "gate"),
        ("output.dense", "down"),
    ],
    // Their name for the learned slope of the activation.
    block_whole: &[("intermediate.bias", "beta")],
    outer: &[("encoder.layer_norm", "norm")],
    outer_whole: &[("embeddings.word_embeddings.weight", "embedding")],
    block_spare: &["rotary_embeddings."],
    spare: &[
        "lm_head.",
        "pooler.",
        "embeddings.position_ids",
        "rotary_embeddings.",
        "contact_head.",
        "ss_head.",
    ],
    vocabularies: &["vocab.txt", "vocab.json", "tokenizer.json"],
    own_config: true,
    // What RiNALMo was trained with; some conversions state another number.
    norm_epsilon: 1e-5,
    attention_epsilon: AttentionEpsilon::Floor(1e-6),
    states_constants: false,
};

const HF_MOLFORMER: Table = Table {
    blocks: "encoder.layer.",
    marks: &["attention.self.feature_map.weight"],
    block: &[
        ("attention.self.query", "query"),
        ("attention.self.key", "key"),
        ("attention.self.value", "value"),
        ("attention.output.dense", "out"),
        ("attention.output.LayerNorm", "norm1"),
        ("intermediate.dense", "up"),
        ("output.dense", "down"),
        ("output.LayerNorm", "norm2"),
    ],
    block_whole: &[("attention.self.feature_map.weight", "features")],
    outer: &[("LayerNorm", "norm")],
    outer_whole: &[("embeddings.word_embeddings.weight", "embedding")],
    block_spare: &["attention.self.rotary_embeddings.", "rotary_embeddings."],
    spare: &["lm_head.", "pooler.", "embeddings.position_ids", "rotary_embeddings.", "classifier."],
    vocabularies: &["vocab.json", "bert_vocab.txt", "vocab.txt", "tokenizer.json"],
    own_config: true,
    norm_epsilon: 1e-12,
    attention_epsilon: AttentionEpsilon::Floor(1e-6),
    states_constants: true,
};

const IBM_MOLFORMER: Table = Table {
    blocks: "blocks.layers.",
    marks: &["attention.query_projection.weight", "attention.inner_attention.feature_map.omega"],
    block: &[
        ("attention.query_projection", "query"),
        ("attention.key_projection", "key"),
        ("attention.value_projection", "value"),
        ("attention.out_projection", "out"),
        ("norm1", "norm1"),
        ("linear1", "up"),
        ("linear2", "down"),
        ("norm2", "norm2"),
    ],
    block_whole: &[("attention.inner_attention.feature_map.omega", "features")],
    outer: &[("blocks.norm", "norm")],
    outer_whole: &[("tok_emb.weight", "embedding")],
    block_spare: &["attention.rotaryemb."],
    spare: &["lang_model.", "net.", "pos_emb."],
    vocabularies: &["vocab.json", "bert_vocab.txt", "vocab.txt", "tokenizer.json"],
    own_config: false,
    norm_epsilon: 1e-5,
    attention_epsilon: AttentionEpsilon::Added(1e-6),
    states_constants: false,
};
