//! Names every reason why a record or a row is rejected.

use std::fmt;

/// Why a record or a row was rejected. The list is closed: each reject has exactly one of these, and if
/// several hold it is the first in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A row of another width than the header.
    RaggedRow,
    /// No identifier.
    NoId,
    /// An identifier that holds white space or control characters, or is not UTF-8.
    BadId,
    /// More letters than `--max-length`.
    TooLong,
    /// FASTQ: another number of quality values than of letters.
    QualityLength,
    /// No letters, or none that are left.
    Empty,
    /// A letter outside the alphabet.
    BadLetter,
    /// A gap, where gaps are rejected.
    Gap,
    /// An ambiguity letter, where these are rejected.
    Ambiguous,
    /// A stop inside a protein.
    Stop,
    /// A SMILES string whose letters, brackets, branches or ring bonds are wrong.
    BadSmiles,
    /// Among the embeddings of another program there is none that fits the sequence.
    NoEmbedding,
    /// The identifier and the sequence of an earlier record.
    DuplicateRecord,
    /// The identifier of an earlier record with another sequence.
    IdConflict,
    /// An RNA that is not among the sequences.
    UnknownRna,
    /// A partner that is not among the sequences.
    UnknownPartner,
    /// An empty label.
    NoLabel,
    /// A label that is a bound, or that holds an uncertainty.
    InexactLabel,
    /// A label that is not a finite number, or neither 0 nor 1 in a classification.
    BadLabel,
    /// One of several rows about a pair whose labels contradict each other.
    ContradictoryLabel,
    /// One of several measurements of a pair, where replicates are rejected.
    Replicate,
}

impl Reason {
    /// All reasons, in order.
    pub const ALL: [Self; 21] = [
        Self::RaggedRow,
        Self::NoId,
        Self::BadId,
        Self::TooLong,
        Self::QualityLength,
        Self::Empty,
        Self::BadLetter,
        Self::Gap,
        Self::Ambiguous,
        Self::Stop,
        Self::BadSmiles,
        Self::NoEmbedding,
        Self::DuplicateRecord,
        Self::IdConflict,
        Self::UnknownRna,
        Self::UnknownPartner,
        Self::NoLabel,
        Self::InexactLabel,
        Self::BadLabel,
        Self::ContradictoryLabel,
        Self::Replicate,
    ];

    /// Gives the word that stands in the file of rejects.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RaggedRow => "ragged-row",
            Self::NoId => "no-id",
            Self::BadId => "bad-id",
            Self::TooLong => "too-long",
            Self::QualityLength => "quality-length",
            Self::Empty => "empty",
            Self::BadLetter => "bad-letter",
            Self::Gap => "gap",
            Self::Ambiguous => "ambiguous",
            Self::Stop => "stop",
            Self::BadSmiles => "bad-smiles",
            Self::NoEmbedding => "no-embedding",
            Self::DuplicateRecord => "duplicate-record",
            Self::IdConflict => "id-conflict",
            Self::UnknownRna => "unknown-rna",
            Self::UnknownPartner => "unknown-partner",
            Self::NoLabel => "no-label",
            Self::InexactLabel => "inexact-label",
            Self::BadLabel => "bad-label",
            Self::ContradictoryLabel => "contradictory-label",
            Self::Replicate => "replicate",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A reason, and what exactly was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The reason.
    pub reason: Reason,
    /// What was found; may be empty.
    pub detail: String,
}

impl Fault {
    /// Makes a fault.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
