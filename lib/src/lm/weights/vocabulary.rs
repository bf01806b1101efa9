//! Reads the vocabulary that stands beside a model: its order decides the tokens' numbers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::layout::Layout;
use crate::{Error, Place, Result};

/// Far beyond any vocabulary of these models.
const LONGEST: u64 = 1 << 22;
const REMEDY: &str = "put the model's own vocabulary beside its weights";

/// Reads the folder's vocabulary, which must have one token per row of the embedding; none where there is no such
/// file, or where the layout fixes the tokens.
pub(super) fn read(weights: &Path, layout: Layout, rows: usize) -> Result<Option<Vec<String>>> {
    let names: &[&str] = match layout {
        Layout::HfEsm | Layout::Multimolecule => &["vocab.txt", "vocab.json", "tokenizer.json"],
        Layout::HfMolformer | Layout::IbmMolformer => {
            &["vocab.json", "bert_vocab.txt", "vocab.txt", "tokenizer.json"]
        }
        Layout::FairEsm | Layout::Rinalmo | Layout::Made(_) => &[],
    };
    let Some(path) = names.iter().map(|name| weights.with_file_name(name)).find(|path| path.is_file()) else {
        return Ok(None);
    };
    let tokens = tokens(&path)?;
    if tokens.len() != rows {
        let problem = format!("has {} tokens, but the embedding has {rows} rows", tokens.len());
        return Err(Place::file(&path).error(problem, REMEDY));
    }
    Ok(Some(tokens))
}

fn tokens(path: &PathBuf) -> Result<Vec<String>> {
    let length = path.metadata().map_err(Error::io("read", path))?.len();
    if length > LONGEST {
        let problem = format!("has {length} bytes, more than a vocabulary needs");
        return Err(Place::file(path).error(problem, REMEDY));
    }
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let name = path.file_name().unwrap_or_default();
    let tokens: Vec<String> = if name == "vocab.json" {
        ordered(path, json(path, &text)?)?
    } else if name == "tokenizer.json" {
        let Tokenizer { model } = json(path, &text)?;
        ordered(path, model.vocab)?
    } else {
        text.lines().map(|line| line.trim_end().to_owned()).collect()
    };
    let mut sorted: Vec<_> = tokens.iter().enumerate().map(|(at, token)| (token, at as u64 + 1)).collect();
    sorted.sort_unstable();
    if let Some((_, line)) = sorted.first().filter(|(token, _)| token.is_empty()) {
        return Err(Place::file(path).line(*line).error("holds an empty token", REMEDY));
    }
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Place::file(path).record(pair[0].0).error("is a token that occurs twice", REMEDY));
    }
    Ok(tokens)
}

#[derive(Deserialize)]
struct Tokenizer {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: BTreeMap<String, u64>,
}

fn json<'t, T: Deserialize<'t>>(path: &Path, text: &'t str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| {
        Place::file(path).line(e.line() as u64).error(format!("is not a vocabulary: {e}"), REMEDY)
    })
}

/// Puts tokens in the order of their numbers, which must be 0, 1, 2, ….
fn ordered(path: &Path, vocabulary: BTreeMap<String, u64>) -> Result<Vec<String>> {
    let mut tokens: Vec<_> = vocabulary.into_iter().map(|(token, number)| (number, token)).collect();
    tokens.sort_unstable();
    if let Some((_, (_, token))) = (0..).zip(&tokens).find(|(at, (number, _))| at != number) {
        return Err(Place::file(path).record(token).error("is not numbered in the order 0, 1, 2, …", REMEDY));
    }
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}
