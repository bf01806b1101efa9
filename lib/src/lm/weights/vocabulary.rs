//! Finds the vocabulary that stands beside a model: its order decides the tokens' numbers.

use std::path::Path;

use super::layout::Layout;
use crate::lm::Vocabulary;
use crate::{Place, Result};

/// Reads the folder's vocabulary, which must have one token per row of the embedding; none where there is no such
/// file, or where the layout fixes the tokens.
pub(super) fn read(weights: &Path, layout: Layout, rows: usize) -> Result<Option<Vocabulary>> {
    let names = layout.table().vocabularies;
    let Some(path) = names.iter().map(|name| weights.with_file_name(name)).find(|path| path.is_file()) else {
        return Ok(None);
    };
    let vocabulary = Vocabulary::read(&path)?;
    if vocabulary.len() != rows {
        let problem = format!("has {} tokens, but the embedding has {rows} rows", vocabulary.len());
        return Err(Place::file(&path).error(problem, "put the model's own vocabulary beside its weights"));
    }
    Ok(Some(vocabulary))
}
