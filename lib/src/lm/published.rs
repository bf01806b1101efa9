//! Finds the tokenizer that belongs to a checkpoint.

use std::path::Path;

use super::family::Family;
use super::tokens::{Tokenizer, Vocabulary};
use super::weights::{Checkpoint, Layout};
use crate::{Place, Result};

const REMEDY: &str = "take the vocabulary that was published with the checkpoint";

impl Tokenizer {
    /// Makes the tokenizer of a checkpoint, whose vocabulary may be named, or else lies beside the weights.
    ///
    /// ESM-2 has one vocabulary, and so have the original files of RiNALMo. Converted RiNALMo files have that of their
    /// folder, or the one that was published with as many tokens. MoLFormer's must be there.
    ///
    /// # Errors
    /// A vocabulary that is missing, cannot be read, or is not that of the model.
    pub fn for_checkpoint(checkpoint: &Checkpoint, vocabulary: Option<&Path>) -> Result<Self> {
        let rows = checkpoint.shape().vocabulary;
        let path = vocabulary.unwrap_or_else(|| checkpoint.path());
        let found = match vocabulary {
            Some(path) => Some(Vocabulary::read(path)?),
            None => checkpoint.vocabulary().cloned(),
        };
        let found = match (checkpoint.shape().family, found) {
            (Family::Esm2, None) => Some(Vocabulary::esm2()),
            (Family::Rinalmo, None) => Vocabulary::rinalmo(rows),
            (_, found) => found,
        };
        let Some(found) = found else {
            return Err(Place::file(path).error(
                format!("has no vocabulary of {rows} tokens beside it"),
                "put vocab.json, tokenizer.json or bert_vocab.txt of the published model there, or name the file \
                 with `--vocabulary`",
            ));
        };
        if found.len() != rows {
            let problem = format!("has {} tokens, but the checkpoint has {rows} embedding rows", found.len());
            return Err(Place::file(path).error(problem, REMEDY));
        }
        match checkpoint.shape().family {
            Family::Esm2 if found.tokens() != Vocabulary::esm2().tokens() => {
                Err(Place::file(path).error("has other tokens than the published ESM-2 models", REMEDY))
            }
            Family::Esm2 => Ok(Self::esm2()),
            Family::Rinalmo => Self::rinalmo(found),
            Family::Molformer => Self::molformer(found, checkpoint.layout() == Layout::IbmMolformer),
        }
    }
}
