//! Normalises one piece of a file.

use std::path::Path;

use crossmamba::io::{Chunk, Format, RawRecord, for_each_record};
use crossmamba::normalise::{Changes, Fault, Normaliser, check_id, one_word};
use crossmamba::record::Digest;
use crossmamba::{Result, record::Molecule};

use super::id_rule::IdRule;
use super::letters::LetterCounts;

/// A piece of a file after normalisation, with its records in order.
pub(crate) struct Piece {
    /// The normalised records as they will be written, one after the other.
    pub(crate) text: Vec<u8>,
    pub(crate) items: Vec<Item>,
    pub(crate) changes: Changes,
    /// The letters of the usable records.
    pub(crate) letters: LetterCounts,
}

/// One record of a piece.
pub(crate) struct Item {
    pub(crate) line: u64,
    pub(crate) fate: Fate,
}

/// What becomes of a record, as far as it depends on itself alone.
pub(crate) enum Fate {
    /// It can be used unless it was seen before.
    Usable {
        id: Span,
        sequence: Span,
        end: usize,
        id_key: [u64; 2],
        sequence_key: u64,
    },
    Rejected {
        id: Vec<u8>,
        fault: Fault,
    },
}

/// A range of a piece's text.
#[derive(Clone, Copy)]
pub(crate) struct Span(pub(crate) usize, pub(crate) usize);

/// How records get their identifiers, where not as they stand.
#[derive(Clone, Copy, Default)]
pub struct Naming<'a> {
    /// What the made identifiers of records without one begin with.
    pub prefix: Option<&'a str>,
    /// Which part of a header is the identifier.
    pub rule: Option<&'a IdRule>,
}

impl Naming<'_> {
    /// Gives the identifier that the rule finds, or one that is made; `None` where that of the record stays.
    fn name(&self, record: &RawRecord<'_>) -> Option<String> {
        let Some(rule) = self.rule.filter(|_| !record.id.is_empty()) else {
            return self
                .prefix
                .filter(|_| record.id.is_empty())
                .map(|prefix| format!("{prefix}{}", record.line));
        };
        let header = [record.id, record.description].join(&b' ');
        // What a rule does not find is rejected as a record without identifier is.
        str::from_utf8(&header).ok().map(|header| rule.apply(header).unwrap_or_default())
    }
}

impl Piece {
    /// Gives the bytes of a range.
    pub(crate) fn bytes(&self, span: Span) -> &[u8] {
        &self.text[span.0..span.1]
    }

    /// Normalises the records of a chunk.
    pub(crate) fn new(
        chunk: &Chunk,
        format: Format,
        path: &Path,
        normaliser: &Normaliser,
        naming: Naming<'_>,
    ) -> Result<Self> {
        let mut piece = Self {
            text: Vec::new(),
            items: Vec::new(),
            changes: Changes::default(),
            letters: LetterCounts::default(),
        };
        match chunk {
            Chunk::TooLong { line, id } => {
                let fate = Fate::Rejected { id: id.clone(), fault: normaliser.too_long() };
                piece.items.push(Item { line: *line, fate });
            }
            Chunk::Records { line, text } => {
                piece.text.reserve(text.len() + text.len() / 8);
                for_each_record(format, text, *line, path, |record| {
                    let named = naming.name(&record);
                    let id = one_word(named.as_ref().map_or(record.id, String::as_bytes));
                    let fate = match piece.add(&RawRecord { id: &id, ..record }, normaliser) {
                        Ok(fate) => fate,
                        Err(fault) => Fate::Rejected { id: id.to_vec(), fault },
                    };
                    piece.items.push(Item { line: record.line, fate });
                })?;
            }
        }
        Ok(piece)
    }

    fn add(&mut self, record: &RawRecord<'_>, normaliser: &Normaliser) -> Result<Fate, Fault> {
        let id = check_id(record.id)?;
        let kind = normaliser.rules().kind;
        let start = self.text.len();
        let (id_span, sequence);
        if kind == Molecule::SmallMolecule {
            normaliser.apply(record, &mut self.text, &mut self.changes)?;
            sequence = Span(start, self.text.len());
            self.text.push(b'\t');
            id_span = self.push(id);
        } else {
            self.text.push(b'>');
            id_span = self.push(id);
            self.text.push(b'\n');
            let letters = self.text.len();
            if let Err(fault) = normaliser.apply(record, &mut self.text, &mut self.changes) {
                self.text.truncate(start);
                return Err(fault);
            }
            sequence = Span(letters, self.text.len());
        }
        self.text.push(b'\n');
        self.letters.add(&self.text[sequence.0..sequence.1]);
        let [id_key, [sequence_key, _]] = [self.key(id_span), self.key(sequence)];
        Ok(Fate::Usable { id: id_span, sequence, end: self.text.len(), id_key, sequence_key })
    }

    fn push(&mut self, id: &str) -> Span {
        let start = self.text.len();
        self.text.extend_from_slice(id.as_bytes());
        Span(start, self.text.len())
    }

    /// Gives 128 bits that stand for some bytes.
    fn key(&self, span: Span) -> [u64; 2] {
        let digest = Digest::of(self.bytes(span));
        let word = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&digest.as_bytes()[at..at + 8]);
            u64::from_le_bytes(bytes)
        };
        [word(0), word(8)]
    }
}
