//! The options of language models.

use std::num::NonZero;
use std::path::PathBuf;

use clap::ValueEnum;
use crossmamba::lm::{Checkpoint, Family, LmEncoder, LmSettings, Long, Precision, Tokenizer};
use crossmamba::provenance::file_name;
use crossmamba::record::{Digest, Molecule};
use crossmamba::store::TokenRule;
use crossmamba::tensors::ElementType;
use crossmamba::{Error, Place, Result};
use serde::Serialize;

/// What is typed about a language model.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Language models")]
pub(crate) struct LanguageArgs {
    /// The model's published file or folder, of any layout; told by its content
    #[arg(long, value_name = "PATH")]
    checkpoint: Option<PathBuf>,

    /// The model's list of tokens, if it does not lie beside the checkpoint
    #[arg(long, value_name = "FILE")]
    vocabulary: Option<PathBuf>,

    /// Stop unless the checkpoint has this digest: `sha256:` and what `sha256sum` prints
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    verify: Option<Digest>,

    /// Layer whose output is stored, 0 for the embedding [default: the last, after its final norm]
    #[arg(long, value_name = "N")]
    layer: Option<usize>,

    /// Precision of weights and products
    #[arg(long, value_enum, default_value_t = PrecisionName::Auto)]
    precision: PrecisionName,

    /// Sequences longer than the context: read in windows that overlap, skip and list, or refuse
    #[arg(long, value_enum, default_value_t = LongName::Window)]
    long: LongName,

    /// Residues (SMILES: tokens) that the model reads at once [default: 1022, molformer 200]
    #[arg(long, value_name = "N")]
    context: Option<NonZero<usize>>,

    /// Residues from one window of a long sequence to the next [default: half the context]
    #[arg(long, value_name = "N")]
    stride: Option<NonZero<usize>>,

    /// Tokens read at once; the values do not depend on it [default: up to 4096, by the free memory]
    #[arg(long, value_name = "N")]
    max_tokens: Option<NonZero<usize>>,

    /// Compute the numbers that the published file must give, compare, and stop; needs --encoder and --checkpoint only
    #[arg(long)]
    pub(crate) self_check: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PrecisionName {
    /// bf16 for weights that are stored so, else f32
    Auto,
    /// Single precision
    F32,
    /// Half the memory, about twice as fast on processors that have it; about 3 digits
    Bf16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LongName {
    /// Read in windows that overlap; each residue's row is the distance-weighted mean of its windows
    Window,
    /// Leave out, list in STORE.rejects.tsv, exit 1
    Skip,
    /// Stop before anything is computed
    Error,
}

/// The resolved settings of a language model.
#[derive(Debug, Serialize)]
pub(crate) struct LanguageSettings {
    #[serde(skip)]
    family: Family,
    #[serde(serialize_with = "file_name")]
    pub(crate) checkpoint: PathBuf,
    #[serde(skip)]
    vocabulary: Option<PathBuf>,
    #[serde(skip)]
    verify: Option<Digest>,
    layer: Option<usize>,
    precision: &'static str,
    long: &'static str,
    context: NonZero<usize>,
    stride: Option<NonZero<usize>>,
    #[serde(skip)]
    max_tokens: Option<NonZero<usize>>,
}

impl LanguageArgs {
    /// Checks the options, for a language model or, with `None`, for an encoder that is none.
    pub(crate) fn settings(&self, family: Option<Family>) -> Result<Option<LanguageSettings>> {
        let Some(family) = family else { return self.none_given().map(|()| None) };
        let Some(checkpoint) = self.checkpoint.clone() else {
            let remedy =
                "name the published file or folder with `--checkpoint`; the README says where to get it";
            return Err(Error::setting("checkpoint", format!("{family} needs its weights"), remedy));
        };
        let context = self.context.unwrap_or(family.context());
        let windows = self.long == LongName::Window;
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
            checkpoint,
            vocabulary: self.vocabulary.clone(),
            verify: self.verify,
            layer: self.layer,
            precision: match self.precision {
                PrecisionName::Auto => "auto",
                PrecisionName::F32 => "f32",
                PrecisionName::Bf16 => "bf16",
            },
            long: match self.long {
                LongName::Window => "window",
                LongName::Skip => "skip",
                LongName::Error => "error",
            },
            context,
            stride: windows.then(|| self.stride.unwrap_or(half)),
            max_tokens: self.max_tokens,
        }))
    }

    /// Refuses options that only language models have.
    fn none_given(&self) -> Result<()> {
        let given = [
            ("checkpoint", self.checkpoint.is_some()),
            ("vocabulary", self.vocabulary.is_some()),
            ("verify", self.verify.is_some()),
            ("layer", self.layer.is_some()),
            ("precision", self.precision != PrecisionName::Auto),
            ("long", self.long != LongName::Window),
            ("context", self.context.is_some()),
            ("stride", self.stride.is_some()),
            ("max-tokens", self.max_tokens.is_some()),
            ("self-check", self.self_check),
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
    pub(crate) fn check_kind(&self, kind: Molecule) -> Result<()> {
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
    pub(crate) fn skips(&self) -> bool {
        self.long == "skip"
    }

    /// Opens the checkpoint and its vocabulary, and checks that they are what was asked for.
    pub(crate) fn open(&self) -> Result<(Checkpoint, Tokenizer)> {
        let checkpoint = Checkpoint::open(&self.checkpoint)?;
        let shape = checkpoint.shape();
        if shape.family != self.family {
            return Err(Place::file(&self.checkpoint).error(
                format!("holds the weights of {}, not of {}", shape.family, self.family),
                format!("choose `--encoder {}`, or another checkpoint", shape.family),
            ));
        }
        if let Some(wanted) = self.verify {
            let found = checkpoint.digest();
            if found != wanted {
                return Err(Place::file(&self.checkpoint).error(
                    format!("has the digest sha256:{found}, not sha256:{wanted}"),
                    "fetch the file again, or give the digest of the file that you mean",
                ));
            }
        }
        let tokenizer = Tokenizer::for_checkpoint(&checkpoint, self.vocabulary.as_deref())?;
        Ok((checkpoint, tokenizer))
    }

    /// Loads the model.
    pub(crate) fn encoder(
        &self,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        tokens: TokenRule,
    ) -> Result<LmEncoder> {
        let precision = match self.precision {
            "bf16" => Precision::Bf16,
            "auto" if checkpoint.tensor("embedding")?.dtype == ElementType::Bf16 => Precision::Bf16,
            _ => Precision::F32,
        };
        let long = self.stride.map_or(Long::Refused, |stride| Long::Windows { stride });
        let settings = LmSettings {
            tokens,
            layer: self.layer,
            precision,
            context: self.context,
            long,
            max_tokens: self.max_tokens,
        };
        LmEncoder::new(checkpoint, tokenizer, settings)
    }
}

fn digest(text: &str) -> std::result::Result<Digest, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    digits.parse().map_err(|why| format!("{why}, as in sha256:0123…"))
}
