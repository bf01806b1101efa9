//! What a model's card says at its head.

use std::path::Path;

use crossmamba::{Error, Result};

/// The name of the file.
const CARD: &str = "model-card.md";

/// The head of a card: lines `key: value` between two lines `---`, as other model cards have it.
///
/// ```
/// use crossmamba_tools::models::Card;
///
/// let card = Card::of("---\nversion: 1.0.0\npurpose: does RNA bind protein?\nlicense: MIT\n---\n# A model\n");
/// assert_eq!((card.version.as_str(), card.license.as_str()), ("1.0.0", "MIT"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The version of the model.
    pub version: String,
    /// What it is for, in a few words.
    pub purpose: String,
    /// The licence of the model.
    pub license: String,
}

impl Card {
    /// Reads the card of a model; without one nothing is known.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub fn read(model: &Path) -> Result<Self> {
        let path = model.join(CARD);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Self::of(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::of("")),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// Reads the head of a card.
    pub fn of(text: &str) -> Self {
        let head =
            text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")).map_or("", |(head, _)| head);
        let value = |key: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            line.map_or_else(|| "-".into(), |value| value.trim().to_owned())
        };
        Self { version: value("version"), purpose: value("purpose"), license: value("license") }
    }
}
