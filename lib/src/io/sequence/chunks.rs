//! Cuts a stream of sequences into pieces of whole records, in bounded memory.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use memchr::{memchr_iter, memchr2};

use super::Format;
use crate::io::Input;
use crate::record::Molecule;
use crate::{Error, Place, Result};

/// Large enough to keep a thread busy, small enough to stay in its cache.
const PIECE: usize = 1 << 20;

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// Whole records; `line` is the number of the first line.
    Records {
        /// The line that the text starts on, counted from 1.
        line: u64,
        /// The text.
        text: Vec<u8>,
    },
    /// A record that is longer than the limit and was passed over.
    TooLong {
        /// The line that the record starts on, counted from 1.
        line: u64,
        /// The record's identifier.
        id: Vec<u8>,
    },
}

/// Reads a file of sequences in pieces of whole records.
///
/// Never holds more than the longest allowed record and 2 MiB.
///
/// ```
/// use std::path::Path;
///
/// use crossmamba::io::{Chunk, Chunks, for_each_record};
/// use crossmamba::record::Molecule;
///
/// let text = Box::new(&b">a\nAC\nGU\n>b\nGG\n"[..]);
/// let path = Path::new("rna.fa");
/// let mut chunks = Chunks::new(text, path, Molecule::Rna, 1 << 20).unwrap();
/// let format = chunks.format();
/// let mut lengths = Vec::new();
/// while let Some(Chunk::Records { line, text }) = chunks.next_chunk().unwrap() {
///     for_each_record(format, &text, line, path, |record| lengths.push(record.sequence.len())).unwrap();
/// }
/// assert_eq!(lengths, [4, 2]);
/// ```
pub struct Chunks {
    path: PathBuf,
    input: Input,
    format: Format,
    rest: Vec<u8>,
    line: u64,
    longest: usize,
    piece: usize,
    ended: bool,
}

impl Chunks {
    /// Starts reading; `path` is the input's name in errors, and `longest` the number of bytes that the text
    /// of one record may have. A byte order mark and blank lines before the first record are passed over.
    ///
    /// # Errors
    /// An empty input, one that is not in a format of this kind of molecule, or one with the line ends of old
    /// Macs.
    pub fn new(input: Input, path: &Path, kind: Molecule, longest: usize) -> Result<Self> {
        Self::with_piece(input, path, kind, longest, PIECE)
    }

    /// Starts reading with another size of pieces.
    fn with_piece(input: Input, path: &Path, kind: Molecule, longest: usize, piece: usize) -> Result<Self> {
        let mut chunks = Self {
            path: path.to_path_buf(),
            input,
            format: Format::Smiles,
            rest: Vec::new(),
            line: 1,
            longest,
            piece,
            ended: false,
        };
        chunks.fill()?;
        if chunks.rest.starts_with(b"\xef\xbb\xbf") {
            chunks.rest.drain(..3);
        }
        loop {
            let blank = chunks.rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            chunks.line += newlines(&chunks.rest[..blank]);
            chunks.rest.drain(..blank);
            if chunks.ended || !chunks.rest.is_empty() {
                break;
            }
            chunks.fill()?;
        }
        chunks.format = chunks.tell_format(kind)?;
        Ok(chunks)
    }

    /// Reads the lines of a SMILES list as an identifier and a SMILES string, in this order.
    #[must_use]
    pub fn identifier_before(mut self) -> Self {
        if self.format == Format::Smiles {
            self.format = Format::IdSmiles;
        }
        self
    }

    /// Gives the format that was found.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Gives the next piece; `None` after the last.
    ///
    /// # Errors
    /// A read that fails, as that of damaged compressed data does.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        loop {
            if self.rest.len() < self.piece && !self.ended {
                self.fill()?;
                continue;
            }
            if self.rest.is_empty() {
                return Ok(None);
            }
            let end = if self.ended { Some(self.rest.len()) } else { self.format.last_end(&self.rest) };
            match end {
                Some(end) => {
                    let rest = self.rest.split_off(end);
                    let text = std::mem::replace(&mut self.rest, rest);
                    let line = self.line;
                    self.line += newlines(&text);
                    return Ok(Some(Chunk::Records { line, text }));
                }
                None if self.rest.len() > self.longest => return self.pass_over().map(Some),
                None => self.fill()?,
            }
        }
    }

    /// Drops the record that `rest` starts with, and reads until it ends.
    fn pass_over(&mut self) -> Result<Chunk> {
        let line = self.line;
        // A line without end may be all that was read: an identifier is not that long.
        let mut id = self.format.id_of(&self.rest).to_vec();
        id.truncate(1000);
        let mut left = self.format.lines().unwrap_or(0);
        loop {
            let end = match self.format.lines() {
                None => self.format.first_end(&self.rest),
                Some(_) => memchr_iter(b'\n', &self.rest).nth(left - 1).map(|at| at + 1),
            };
            // The last byte may be the line feed before a `>` that is not read yet.
            let drop = end.unwrap_or(match self.format.lines() {
                None if !self.ended => self.rest.len().saturating_sub(1),
                _ => self.rest.len(),
            });
            let lines = newlines(&self.rest[..drop]);
            self.line += lines;
            self.rest.drain(..drop);
            if end.is_some() || self.ended {
                return Ok(Chunk::TooLong { line, id });
            }
            left -= (lines as usize).min(left);
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<()> {
        self.rest.reserve(self.piece);
        let count = (&mut self.input)
            .take(self.piece as u64)
            .read_to_end(&mut self.rest)
            .map_err(Error::io("read", &self.path))?;
        self.ended = count < self.piece;
        Ok(())
    }

    fn tell_format(&self, kind: Molecule) -> Result<Format> {
        let place = || Place::file(&self.path).line(self.line);
        let Some(&first) = self.rest.first() else {
            return Err(Place::file(&self.path).error("is empty", "check how the file was made"));
        };
        if self.rest.starts_with(b"\xff\xfe") || self.rest.starts_with(b"\xfe\xff") {
            return Err(place().error("is UTF-16 text", "convert the file to UTF-8"));
        }
        let head = &self.rest;
        // A carriage return at the end of what was read so far may have its line feed yet.
        let lone =
            |at: usize| head[at] == b'\r' && head.get(at + 1).map_or(self.ended, |&next| next != b'\n');
        if memchr2(b'\n', b'\r', head).is_some_and(lone) {
            let problem = "the first line ends in a carriage return alone, as on old Macs";
            return Err(place().error(problem, "convert the line ends, for example with `tr '\\r' '\\n'`"));
        }
        match (kind, first) {
            (Molecule::Rna | Molecule::Protein, b'>') => Ok(Format::Fasta),
            (Molecule::Rna, b'@') => Ok(Format::Fastq),
            (Molecule::Protein, b'@') => {
                Err(place().error("is FASTQ, which holds no protein", "pass a FASTA file"))
            }
            (Molecule::Rna, _) => {
                Err(place().error("starts with neither `>` nor `@`", "pass a FASTA or FASTQ file"))
            }
            (Molecule::Protein, _) => Err(place().error("does not start with `>`", "pass a FASTA file")),
            (Molecule::SmallMolecule, b'>') => {
                Err(place().error("is FASTA", "pass lines of a SMILES string and an identifier"))
            }
            (Molecule::SmallMolecule, _) => Ok(Format::Smiles),
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests;
