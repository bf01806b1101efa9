//! Reads identifiers, and digests of sequences, without keeping the sequences.

use std::collections::{HashMap, HashSet};

use super::strict::LONGEST;
use super::{Chunk, Chunks, for_each_record};
use crate::io::Source;
use crate::record::{Digest, Molecule, RecordId};
use crate::{Error, Place, Result};

const NORMALISE: &str = "normalise the file with crossmamba-parse";

/// Reads the identifiers of FASTA or of a SMILES list, told by the first character.
///
/// The file may be compressed; `-` is standard input. Letters are not checked.
///
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("molecules.smi");
/// std::fs::write(&path, "CCO\tethanol\nC\tmethane\n").unwrap();
/// assert_eq!(crossmamba::io::read_ids(&path).unwrap().len(), 2);
/// ```
///
/// # Errors
/// A file that cannot be read or is empty, or a record whose identifier is missing or cannot be used.
pub fn read_ids(source: impl Into<Source>) -> Result<HashSet<RecordId>> {
    let mut ids = HashSet::new();
    for_each(&source.into(), |id, _| {
        ids.insert(id);
    })?;
    Ok(ids)
}

/// Reads the identifiers as [`read_ids`] does, each with a digest that is equal for equal sequences of one
/// file.
///
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("rna.fa");
/// std::fs::write(&path, ">a\nACGU\n>b\nAC\nGU\n").unwrap();
/// let digests = crossmamba::io::read_digests(&path).unwrap();
/// let mut digests = digests.values();
/// assert_eq!(digests.next(), digests.next());
/// ```
///
/// # Errors
/// As for [`read_ids`].
pub fn read_digests(source: impl Into<Source>) -> Result<HashMap<RecordId, Digest>> {
    let mut digests = HashMap::new();
    for_each(&source.into(), |id, sequence| {
        digests.insert(id, Digest::of(sequence));
    })?;
    Ok(digests)
}

fn for_each(source: &Source, mut take: impl FnMut(RecordId, &[u8])) -> Result<()> {
    let (path, mut input) = (source.path(), source.open()?);
    let head = input.fill_buf().map_err(Error::io("read", path))?;
    // A list of SMILES has no header: this is a table of pairs or of folds.
    if head.starts_with(b"rna_id\t") || head.starts_with(b"partner_id\t") {
        let problem = "is a table, not a list of sequences";
        return Err(Place::file(path).line(1).error(problem, "name the FASTA file or the list of SMILES"));
    }
    let kind = if head.first() == Some(&b'>') { Molecule::Protein } else { Molecule::SmallMolecule };
    let mut chunks = Chunks::new(input, path, kind, LONGEST)?;
    let format = chunks.format();
    let mut wrong = None;
    let mut add = |line, id: &[u8], sequence: &[u8]| {
        let id = str::from_utf8(id).map_err(|_| "the identifier is not UTF-8 text");
        match id.and_then(RecordId::new) {
            Ok(id) => take(id, sequence),
            Err(problem) => drop(wrong.get_or_insert((line, problem))),
        }
    };
    while let Some(chunk) = chunks.next_chunk()? {
        match chunk {
            Chunk::TooLong { line, .. } => {
                let place = Place::file(path).line(line);
                return Err(place.error("the record is longer than 256 MiB", NORMALISE));
            }
            Chunk::Records { line, text } => {
                for_each_record(format, &text, line, path, |record| {
                    add(record.line, record.id, record.sequence);
                })?;
            }
        }
    }
    match wrong {
        Some((line, problem)) => Err(Place::file(path).line(line).error(problem, NORMALISE)),
        None => Ok(()),
    }
}
