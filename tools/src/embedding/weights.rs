//! The weights of a language model: which file, and whether it is the one that is meant.

use std::path::PathBuf;

use crossmamba::lm::{Checkpoint, Family, Tokenizer};
use crossmamba::provenance::file_name;
use crossmamba::record::Digest;
use crossmamba::{Place, Result};
use serde::Serialize;

/// What is typed about a checkpoint beside its name.
#[derive(Debug, Clone, clap::Args)]
pub struct TrustArgs {
    /// The model's list of tokens, if it does not lie beside the checkpoint
    #[arg(long, value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,

    /// Stop unless the checkpoint has this digest: `sha256:` and what `sha256sum` prints
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    pub verify: Option<Digest>,
}

/// A checkpoint, and what it must be.
#[derive(Debug, Clone, Serialize)]
pub struct Weights {
    /// `None` when any family will do.
    #[serde(skip)]
    family: Option<Family>,
    #[serde(serialize_with = "file_name")]
    /// The published file or folder.
    pub checkpoint: PathBuf,
    #[serde(skip)]
    vocabulary: Option<PathBuf>,
    #[serde(skip)]
    verify: Option<Digest>,
}

impl TrustArgs {
    /// Resolves the options for a checkpoint, of one family or of any.
    pub fn weights(&self, family: Option<Family>, checkpoint: PathBuf) -> Weights {
        Weights { family, checkpoint, vocabulary: self.vocabulary.clone(), verify: self.verify }
    }
}

impl Weights {
    /// Opens the checkpoint and its vocabulary, and checks that they are what was asked for.
    pub fn open(&self) -> Result<(Checkpoint, Tokenizer)> {
        let checkpoint = Checkpoint::open(&self.checkpoint)?;
        let found = checkpoint.shape().family;
        if let Some(wanted) = self.family
            && found != wanted
        {
            return Err(Place::file(&self.checkpoint).error(
                format!("holds the weights of {found}, not of {wanted}"),
                format!("choose `--encoder {found}`, or another checkpoint"),
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
}

fn digest(text: &str) -> std::result::Result<Digest, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    digits.parse().map_err(|why| format!("{why}, as in sha256:0123…"))
}
