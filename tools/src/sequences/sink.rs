//! Takes normalised pieces in order, drops what was seen before, and writes the rest.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::kit::Rejects;
use crossmamba::normalise::{Changes, Fault, Reason};
use crossmamba::{Error, Result};
use serde_json::{Map, Value, json};

use super::lengths::Lengths;
use super::letters::LetterCounts;
use super::piece::{Fate, Piece, Span};

/// Where the records go, and what is known of those that went.
///
/// Sequences are not kept: 24 bytes stand for each identifier and 8 for each distinct sequence, which the
/// tables that hold them turn into 40 to 80 bytes per record. Two different identifiers would be taken for
/// one with a probability of 2⁻¹²⁸ for each pair of them.
pub struct Sink<'a, W> {
    out: W,
    /// What the output is called in errors.
    name: PathBuf,
    /// The records that are rejected.
    pub rejects: &'a mut Rejects,
    ids: HashMap<[u64; 2], u64>,
    sequences: HashSet<u64>,
    lengths: Lengths,
    letters: LetterCounts,
    changes: Changes,
    /// The records so far.
    pub records: u64,
    /// Those that were written.
    pub kept: u64,
    /// Those whose sequence another one has.
    pub duplicate_sequences: u64,
}

impl<'a, W: Write> Sink<'a, W> {
    /// Starts with an output, which errors call by a name.
    pub fn new(out: W, name: &Path, rejects: &'a mut Rejects) -> Self {
        Self {
            out,
            name: name.to_path_buf(),
            rejects,
            ids: HashMap::new(),
            sequences: HashSet::new(),
            lengths: Lengths::default(),
            letters: LetterCounts::default(),
            changes: Changes::default(),
            records: 0,
            kept: 0,
            duplicate_sequences: 0,
        }
    }

    /// Takes the next piece of a file.
    pub(super) fn take(&mut self, piece: &Piece, path: &Path) -> Result<()> {
        self.changes.add(piece.changes);
        self.letters.merge(&piece.letters);
        self.records += piece.items.len() as u64;
        let (mut from, mut until) = (0, 0);
        for item in &piece.items {
            match &item.fate {
                Fate::Rejected { id, fault } => self.rejects.add(path, item.line, id, fault)?,
                Fate::Usable { id, sequence, end, id_key, sequence_key } => {
                    match self.ids.get(id_key).map(|first| first == sequence_key) {
                        None => {
                            self.ids.insert(*id_key, *sequence_key);
                            self.keep(*sequence, *sequence_key);
                        }
                        Some(same) => {
                            self.write(&piece.text[from..until])?;
                            from = *end;
                            self.letters.remove(piece.bytes(*sequence));
                            let (reason, detail) = if same {
                                (Reason::DuplicateRecord, "the first is kept")
                            } else {
                                (Reason::IdConflict, "the first record with this identifier is kept")
                            };
                            let fault = Fault::new(reason, detail);
                            self.rejects.add(path, item.line, piece.bytes(*id), &fault)?;
                        }
                    }
                    until = *end;
                }
            }
        }
        self.write(&piece.text[from..until])
    }

    fn keep(&mut self, sequence: Span, key: u64) {
        self.kept += 1;
        self.duplicate_sequences += u64::from(!self.sequences.insert(key));
        self.lengths.add(sequence.1 - sequence.0);
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        self.out.write_all(text).map_err(Error::io("write", &self.name))
    }

    /// Counts each letter of the records that were kept.
    pub fn letter_counts(&self) -> [u64; 256] {
        self.letters.totals()
    }

    /// Gives the counts as they stand in the summary.
    pub fn summary(&self) -> Value {
        let letters: Map<String, Value> = (0_u8..=255)
            .zip(self.letters.totals())
            .filter(|(_, count)| *count > 0)
            .map(|(letter, count)| (char::from(letter).to_string(), count.into()))
            .collect();
        json!({
            "records": self.records,
            "kept": self.kept,
            "rejected": self.rejects.total(),
            "reasons": self.rejects.counts(),
            "duplicate_sequences": self.duplicate_sequences,
            "length": self.lengths.to_json(),
            "letters": letters,
            "changed": self.changes,
        })
    }

    /// Gives the output.
    pub fn into_output(self) -> W {
        self.out
    }
}
