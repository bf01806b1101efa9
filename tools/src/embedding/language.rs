//! The options of language models.

use std::num::NonZero;
use std::path::PathBuf;

use crate::kit::Files;
use clap::ValueEnum;
use crossmamba::lm::{Checkpoint, Family, LmEncoder, LmSettings, Long, Precision, Tokenizer};
use crossmamba::nn::device::Device;
use crossmamba::record::Molecule;
use crossmamba::store::TokenRule;
use crossmamba::tensors::ElementType;
use crossmamba::{Error, Result};
use serde::Serialize;

use super::weights::{TrustArgs, Weights};

/// What is typed about a language model.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Language models")]
pub struct LanguageArgs {
    /// The model's published file or folder, of any layout; told by its content
    #[arg(long, value_name = "PATH")]
    checkpoint: Option<PathBuf>,

    #[command(flatten)]
    trust: TrustArgs,

    /// Layer whose output is stored, 0 for the embedding [default: the last, after its final norm]
    #[arg(long, value_name = "N")]
    layer: Option<usize>,

    /// Precision of weights and products
    #[arg(long, value_enum, default_value_t = PrecisionRule::Auto)]
    precision: PrecisionRule,

    /// Sequences longer than the context: read in windows that overlap, skip and list, or refuse
    #[arg(long, value_enum, default_value_t = LongRule::Window)]
    long: LongRule,

    /// Residues (SMILES: tokens) that the model reads at once [default: 1022, molformer 200]
    #[arg(long, value_name = "N")]
    context: Option<NonZero<usize>>,

    /// Residues from one window of a long sequence to the next [default: half the context]
    #[arg(long, value_name = "N")]
    stride: Option<NonZero<usize>>,

    /// Tokens read at once; the values do not depend on it [default: by the free memory, up to 4096, on a GPU 32768]
    #[arg(long, value_name = "N")]
    max_tokens: Option<NonZero<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum PrecisionRule {
    /// bf16 for weights that are stored so, else f32
    Auto,
    /// Single precision
    F32,
    /// Half the memory, about twice as fast on processors that have it; about 3 digits
    Bf16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum LongRule {
    /// Read in windows that overlap; each residue's row is the distance-weighted mean of its windows
    Window,
    /// Leave out, list in STORE.rejects.tsv, exit 1
    Skip,
    /// Stop before anything is computed
    Error,
}

/// The resolved settings of a language model.
#[derive(Debug, Serialize)]
pub struct LanguageSettings {
    #[serde(skip)]
    family: Family,
    #[serde(flatten)]
    /// The checkpoint.
    pub weights: Weights,
    layer: Option<usize>,
    precision: PrecisionRule,
    long: LongRule,
    context: NonZero<usize>,
    stride: Option<NonZero<usize>>,
    #[serde(skip)]
    max_tokens: Option<NonZero<usize>>,
}

impl PrecisionRule {
    /// Gives the precision for weights that are stored in some format.
    fn resolve(self, stored: ElementType) -> Precision {
        match self {
            Self::Auto if stored == ElementType::Bf16 => Precision::Bf16,
            Self::Auto | Self::F32 => Precision::F32,
            Self::Bf16 => Precision::Bf16,
        }
    }
}

impl LanguageArgs {
    /// Adds the files of the model to those of the run.
    pub fn files(&self, files: Files) -> Files {
        files.reads_anywhere(&self.checkpoint).reads(&self.trust.vocabulary)
    }

    /// Checks the options, for a language model or, with `None`, for an encoder that is none.
    pub fn settings(&self, family: Option<Family>) -> Result<Option<LanguageSettings>> {
        let Some(family) = family else { return self.none_given().map(|()| None) };
        let Some(checkpoint) = self.checkpoint.clone() else {
            let remedy =
                "name the published file or folder with `--checkpoint`; the README says where to get it";
            return Err(Error::setting("checkpoint", format!("{family} needs its weights"), remedy));
        };
        let context = self.context.unwrap_or(family.context());
        let windows = self.long == LongRule::Window;
        if let Some(stride) = self.stride {
            if !windows {
                let remedy = "leave it out, or use `--long window`";
                return Err(Error::setting("stride", "only `--long window` has windows", remedy));
            }
            if stride > context {
                let problem =
                    format!("{stride} is more than the context of {context}: residues would be left out");
                return Err(Error::setting("stride", problem, format!("give 1 to {context}")));
            }
        }
        let half = NonZero::new(context.get() / 2).unwrap_or(NonZero::<usize>::MIN);
        Ok(Some(LanguageSettings {
            family,
            weights: self.trust.weights(Some(family), checkpoint),
            layer: self.layer,
            precision: self.precision,
            long: self.long,
            context,
            stride: windows.then(|| self.stride.unwrap_or(half)),
            max_tokens: self.max_tokens,
        }))
    }

    /// Refuses options that only language models have.
    fn none_given(&self) -> Result<()> {
        let given = [
            ("checkpoint", self.checkpoint.is_some()),
            ("vocabulary", self.trust.vocabulary.is_some()),
            ("verify", self.trust.verify.is_some()),
            ("layer", self.layer.is_some()),
            ("precision", self.precision != PrecisionRule::Auto),
            ("long", self.long != LongRule::Window),
            ("context", self.context.is_some()),
            ("stride", self.stride.is_some()),
            ("max-tokens", self.max_tokens.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((name, _)) => {
                let remedy = "leave it out, or choose `--encoder esm2`, `rinalmo` or `molformer`";
                Err(Error::setting(*name, "only language models have it", remedy))
            }
        }
    }
}

impl LanguageSettings {
    /// Refuses to embed one kind of molecule with the model of another.
    pub fn check_kind(&self, kind: Molecule) -> Result<()> {
        let reads = self.family.molecule();
        if reads == kind {
            return Ok(());
        }
        let right = match kind {
            Molecule::Protein => "esm2",
            Molecule::Rna => "rinalmo",
            Molecule::SmallMolecule => "molformer",
        };
        let problem = format!("{} reads {reads} sequences, not {kind}", self.family);
        Err(Error::setting("encoder", problem, format!("choose `--encoder {right}`, or `--kind {reads}`")))
    }

    /// Tells whether long sequences are left out.
    pub fn skips(&self) -> bool {
        self.long == LongRule::Skip
    }

    /// Makes the encoder on a device.
    pub fn encoder(
        &self,
        device: &Device,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        tokens: TokenRule,
    ) -> Result<LmEncoder> {
        let stored = checkpoint.tensor("embedding")?.dtype;
        let long = self.stride.map_or(Long::Refused, |stride| Long::Windows { stride });
        let settings = LmSettings {
            tokens,
            layer: self.layer,
            precision: self.precision.resolve(stored),
            context: self.context,
            long,
            max_tokens: self.max_tokens,
        };
        LmEncoder::on(device, checkpoint, tokenizer, settings)
    }
}
