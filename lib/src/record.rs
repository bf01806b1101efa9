//! Names molecules: their kind, identifier and the digest of their sequence.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The kind of a molecule.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Molecule {
    /// RNA, letters ACGU and the IUPAC ambiguity codes.
    Rna,
    /// Protein, the twenty amino acids and the IUPAC codes BJOUXZ.
    Protein,
    /// A small molecule as a SMILES string.
    SmallMolecule,
}

impl Molecule {
    /// Gives the name used on command lines and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rna => "rna",
            Self::Protein => "protein",
            Self::SmallMolecule => "small-molecule",
        }
    }
}

impl fmt::Display for Molecule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A record's identifier: non-empty, case-sensitive, without white space or control characters.
///
/// A copy shares the text, so that millions of pairs of the same molecules are cheap to hold.
///
/// ```
/// use crossmamba::record::RecordId;
///
/// assert_eq!(RecordId::new("NR_002196.3").unwrap().as_str(), "NR_002196.3");
/// assert!(RecordId::new("two words").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(Arc<str>);

impl RecordId {
    /// Checks and wraps an identifier; the error says what is wrong with it.
    pub fn new(id: impl Into<String>) -> std::result::Result<Self, &'static str> {
        let id = id.into();
        Self::check(&id).map(|()| Self(id.into()))
    }

    /// Checks an identifier; the error says what is wrong with it.
    pub fn check(id: &str) -> std::result::Result<(), &'static str> {
        if id.is_empty() {
            Err("the identifier is empty")
        } else if id.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Err("the identifier holds white space or a control character")
        } else {
            Ok(())
        }
    }

    /// Gives the identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for RecordId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl AsRef<str> for RecordId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256 digest, shown as 64 hexadecimal digits as `sha256sum` prints it.
///
/// ```
/// use crossmamba::record::{Digest, Molecule};
///
/// let digest = Digest::of_sequence(Molecule::Rna, b"ACGU");
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// assert_ne!(digest, Digest::of_sequence(Molecule::Protein, b"ACGU"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Digests a normalised sequence together with its kind, so that equal letters of two kinds differ.
    pub fn of_sequence(kind: Molecule, sequence: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(kind.name());
        hasher.update([0]);
        hasher.update(sequence);
        Self(hasher.finalize().into())
    }

    /// Digests everything that a reader gives.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<Self> {
        let mut hasher = Sha256::new();
        std::io::copy(&mut reader, &mut hasher)?;
        Ok(Self(hasher.finalize().into()))
    }

    /// Wraps the 32 bytes of a finished digest.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Gives the 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Digests what is written into it, however much that is.
///
/// ```
/// use std::io::Write;
///
/// use crossmamba::record::{Digest, Digester};
///
/// let mut digester = Digester::default();
/// digester.write_all(b"AC")?;
/// digester.write_all(b"GU")?;
/// assert_eq!(digester.finish(), Digest::of(b"ACGU"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default)]
pub struct Digester(Sha256);

impl Digester {
    /// Gives the digest of all that was written.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl std::io::Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        const WRONG: &str = "a digest has 64 hexadecimal digits";
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(WRONG);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |d: u8| (d as char).to_digit(16).ok_or(WRONG);
            *byte = (digit(digits[0])? * 16 + digit(digits[1])?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One normalised molecule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its identifier.
    pub id: RecordId,
    /// Its letters, or its SMILES string.
    pub sequence: Vec<u8>,
}

impl Record {
    /// Digests the sequence: the key under which its embedding is stored.
    pub fn digest(&self, kind: Molecule) -> Digest {
        Digest::of_sequence(kind, &self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_survives_text() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("zz".parse::<Digest>().is_err());
    }

    #[test]
    fn equal_letters_of_two_kinds_have_two_digests() {
        assert_ne!(
            Digest::of_sequence(Molecule::Rna, b"ACG"),
            Digest::of_sequence(Molecule::Protein, b"ACG")
        );
    }

    #[test]
    fn identifiers_refuse_white_space() {
        assert!(RecordId::new("a b").is_err());
        assert!(RecordId::new("").is_err());
        assert!(RecordId::new("3cw1-w").is_ok());
    }
}
