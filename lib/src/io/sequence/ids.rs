//! Reads the identifiers of a file of sequences, without keeping the sequences.

use std::collections::HashSet;
use std::path::Path;

use super::{Chunk, Chunks, for_each_record};
use crate::record::{Molecule, RecordId};
use crate::{Place, Result, io};

const LONGEST: usize = 1 << 30;
const NORMALISE: &str = "normalise the file with crossmamba-parse";

/// Reads the identifiers of FASTA or of a SMILES list, told by the first character. The file may be compressed; `-`
/// is standard input.
///
/// # Errors
/// A file that cannot be read or is empty, or a record whose identifier is missing or cannot be used.
pub fn read_ids(path: impl AsRef<Path>) -> Result<HashSet<RecordId>> {
    let path = path.as_ref();
    let mut input = io::open(path)?;
    let first = input.fill_buf().map_err(crate::Error::io("read", path))?.first().copied();
    let kind = if first == Some(b'>') { Molecule::Protein } else { Molecule::SmallMolecule };
    let mut chunks = Chunks::new(input, path, kind, LONGEST)?;
    let format = chunks.format();
    let mut ids = HashSet::new();
    let mut wrong = None;
    let mut add =
        |line, id: &[u8]| match str::from_utf8(id).map_err(|_| "is not UTF-8").and_then(RecordId::new) {
            Ok(id) => drop(ids.insert(id)),
            Err(problem) => drop(wrong.get_or_insert((line, problem))),
        };
    while let Some(chunk) = chunks.next_chunk()? {
        match chunk {
            Chunk::TooLong { line, id } => add(line, &id),
            Chunk::Records { line, text } => {
                for_each_record(format, &text, line, path, |record| add(record.line, record.id))?;
            }
        }
    }
    match wrong {
        Some((line, problem)) => Err(Place::file(path).line(line).error(problem, NORMALISE)),
        None => Ok(ids),
    }
}
