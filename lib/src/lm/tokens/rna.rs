//! Reads RNA letter by letter.

use super::{Tokens, Vocabulary, upper_case};
use crate::Result;

/// Letters that stand for any nucleotide, and are no trained token of the model.
const ANY: &[u8] = b".X?";

/// Gives the id of each letter, `T` and `U` alike.
pub(super) fn letters(vocabulary: &Vocabulary) -> Result<Box<[Option<u32>; 256]>> {
    for base in [b"A", b"C", b"G"] {
        vocabulary.require(base, "RiNALMo")?;
    }
    let thymine = match vocabulary.id(b"U") {
        Some(id) => id,
        None => vocabulary.require(b"T", "RiNALMo")?,
    };
    let mut ids = vocabulary.letters();
    for letter in [b'T', b'U'] {
        ids[usize::from(letter)] = Some(thymine);
    }
    for &letter in ANY {
        ids[usize::from(letter)] = None;
    }
    upper_case(&mut ids);
    Ok(ids)
}

pub(super) fn encode(sequence: &[u8], ids: &[Option<u32>; 256], any: u32, unknown: u32) -> Tokens {
    let mut tokens = Tokens { ids: Vec::with_capacity(sequence.len()), ..Tokens::default() };
    for &letter in sequence.iter().filter(|letter| !letter.is_ascii_whitespace()) {
        let id = ids[usize::from(letter)];
        tokens.unknown += usize::from(id.is_none());
        let other = if ANY.contains(&letter.to_ascii_uppercase()) { any } else { unknown };
        tokens.ids.push(id.unwrap_or(other));
    }
    tokens
}
