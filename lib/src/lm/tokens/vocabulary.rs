//! The list of a model's tokens: built in where it is part of the model, read from a file where it is not.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use crate::record::Digest;
use crate::{Error, Place, Result};

const ESM2: &str =
    "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>";
const RINALMO: &str = "<cls> <pad> <eos> <unk> <mask> A C G T I R Y K M S W B D H V N -";
const CONVERTED_28: &str =
    "<pad> <cls> <eos> <unk> <mask> <null> A C G U N R Y S W K M B D H V I X | . * - ?";
const CONVERTED_26: &str = "<pad> <cls> <eos> <unk> <mask> <null> A C G U N R Y S W K M B D H V . X * - I";

/// More than any vocabulary has, and small beside the memory of any machine.
const MOST_BYTES: u64 = 4 << 20;

/// The tokens of a model, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    tokens: Vec<String>,
    ids: HashMap<Vec<u8>, u32>,
}

impl Vocabulary {
    /// Makes a vocabulary from its tokens in the order of their ids.
    ///
    /// # Errors
    /// A token that is empty or occurs twice: the reason, in words.
    pub fn new(tokens: Vec<String>) -> std::result::Result<Self, String> {
        let mut ids = HashMap::with_capacity(tokens.len());
        for (id, token) in tokens.iter().enumerate() {
            if token.is_empty() {
                return Err(format!("the token with the id {id} is empty"));
            }
            if let Some(first) = ids.insert(token.as_bytes().to_vec(), id as u32) {
                return Err(format!("the token `{token}` has the ids {first} and {id}"));
            }
        }
        Ok(Self { tokens, ids })
    }

    fn built_in(text: &str) -> Self {
        let tokens: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let ids =
            tokens.iter().enumerate().map(|(id, token)| (token.clone().into_bytes(), id as u32)).collect();
        Self { tokens, ids }
    }

    /// Gives the 33 tokens of ESM-2.
    pub fn esm2() -> Self {
        Self::built_in(ESM2)
    }

    /// Gives the tokens of the RiNALMo files with this many embedding rows: 22 in the original ones, 28 and 26 in
    /// converted ones of later and earlier date; nothing for another number.
    pub fn rinalmo(rows: usize) -> Option<Self> {
        let text =
            [RINALMO, CONVERTED_28, CONVERTED_26].into_iter().find(|text| text.split(' ').count() == rows)?;
        Some(Self::built_in(text))
    }

    /// Reads a vocabulary: a token per line, a JSON object of ids by token, or a `tokenizer.json`.
    ///
    /// # Errors
    /// A file that is none of these, ids that do not run from 0 without gaps, a token with two ids.
    ///
    /// ```
    /// use crossmamba::lm::Vocabulary;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("vocab.txt");
    /// std::fs::write(&path, "<pad>\n<unk>\nA\nC\n")?;
    /// assert_eq!(Vocabulary::read(&path)?.id(b"C"), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |why: String| {
            let remedy = "take the vocabulary that was published with the checkpoint";
            Place::file(path).error(format!("is no vocabulary ({why})"), remedy)
        };
        if std::fs::metadata(path).map_err(Error::io("read", path))?.len() > MOST_BYTES {
            return Err(wrong("it is too large".into()));
        }
        let text = std::fs::read(path).map_err(Error::io("read", path))?;
        let text = String::from_utf8(text).map_err(|_| wrong("it is not text".into()))?;
        let tokens =
            if text.trim_start().starts_with('{') { from_json(&text) } else { Ok(from_lines(&text)) };
        let vocabulary = tokens.and_then(Self::new).map_err(wrong)?;
        if vocabulary.len() < 4 { Err(wrong("it is too short".into())) } else { Ok(vocabulary) }
    }

    /// Gives the tokens in the order of their ids.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Gives the number of tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Tells whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Gives the id of a token.
    pub fn id(&self, token: &[u8]) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// Gives the digest of the tokens in order, each followed by a newline: the SHA-256 of a file with one per line.
    pub fn digest(&self) -> Digest {
        let lines: String = self.tokens.iter().flat_map(|token| [token.as_str(), "\n"]).collect();
        Digest::of(lines.as_bytes())
    }

    pub(super) fn require(&self, token: &[u8], model: &str) -> Result<u32> {
        self.id(token).ok_or_else(|| {
            Error::setting(
                "checkpoint",
                format!("the vocabulary beside it has no `{}`", token.escape_ascii()),
                format!("take the vocabulary that was published with this {model} checkpoint"),
            )
        })
    }

    /// Gives the id of each byte that is a token by itself.
    pub(super) fn letters(&self) -> Box<[Option<u32>; 256]> {
        Box::new(std::array::from_fn(|byte| self.id(&[byte as u8])))
    }
}

fn from_lines(text: &str) -> Vec<String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned()).collect()
}

fn from_json(text: &str) -> std::result::Result<Vec<String>, String> {
    let value: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let Value::Object(ids) = value.pointer("/model/vocab").unwrap_or(&value) else {
        return Err("it holds no object of ids by token".into());
    };
    let mut tokens = vec![None; ids.len()];
    for (token, id) in ids {
        let place = id.as_u64().and_then(|id| tokens.get_mut(id as usize));
        match place {
            Some(place @ None) => *place = Some(token.clone()),
            _ => {
                return Err(format!(
                    "the id of `{token}` is {id}, and {} tokens have one each from 0",
                    ids.len()
                ));
            }
        }
    }
    tokens.into_iter().map(|token| token.ok_or_else(|| "an id is missing".to_owned())).collect()
}
