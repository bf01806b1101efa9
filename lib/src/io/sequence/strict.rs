//! Reads normalised sequences and refuses everything else.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;

use super::Format;
use super::raw::for_each_record;
use crate::alphabet::is_letter;
use crate::io::Source;
use crate::record::{Molecule, Record, RecordId};
use crate::{Error, Place, Result};

const NORMALISE: &str = "normalise the file with crossmamba-parse";

/// Reads the normalised sequences of a file in their order.
///
/// The file is FASTA, or for small molecules lines of a SMILES string, a tab and an identifier. It may be
/// compressed; `-` is standard input.
///
/// ```
/// use crossmamba::io::read_sequences;
/// use crossmamba::record::Molecule;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("rna.fa");
/// std::fs::write(&path, ">r1 a description\nACGU\nNN\n").unwrap();
/// let records = read_sequences(&path, Molecule::Rna).unwrap();
/// assert_eq!((records[0].id.as_str(), &records[0].sequence[..]), ("r1", &b"ACGUNN"[..]));
/// ```
///
/// # Errors
/// A file that cannot be read or holds no record; a record without identifier or letters, with a letter
/// outside its alphabet, or with the identifier of an earlier record. The error names the line.
pub fn read_sequences(source: impl Into<Source>, kind: Molecule) -> Result<Vec<Record>> {
    let source = source.into();
    read_sequences_from(source.open()?, source.path(), kind)
}

/// Reads as [`read_sequences`] does, and also gives the line that each record starts on.
pub fn read_sequences_with_lines(
    source: impl Into<Source>,
    kind: Molecule,
) -> Result<(Vec<Record>, Vec<u64>)> {
    let source = source.into();
    let records = read(source.open()?, source.path(), kind)?;
    Ok((records.done, records.lines))
}

/// Reads as [`read_sequences`] does, from an opened input; `path` is its name in errors.
pub fn read_sequences_from(input: impl BufRead, path: &Path, kind: Molecule) -> Result<Vec<Record>> {
    read(input, path, kind).map(|records| records.done)
}

fn read(mut input: impl BufRead, path: &Path, kind: Molecule) -> Result<Records<'_>> {
    let mut text = Vec::new();
    input.read_to_end(&mut text).map_err(Error::io("read", path))?;
    let records = match kind {
        Molecule::Rna | Molecule::Protein => read_fasta(&text, path, kind)?,
        Molecule::SmallMolecule => read_smiles(&text, path)?,
    };
    if records.done.is_empty() {
        return Err(Place::file(path).error("holds no sequence", "check how the file was made"));
    }
    Ok(records)
}

fn read_fasta<'a>(text: &[u8], path: &'a Path, kind: Molecule) -> Result<Records<'a>> {
    if text.first().is_some_and(|&b| b != b'>') {
        let place = Place::file(path).line(1);
        return Err(place.error("is not FASTA: the first character is not `>`", NORMALISE));
    }
    let mut records = Records::new(path, kind);
    let mut outcome = Ok(());
    for_each_record(Format::Fasta, text, 1, path, |raw| {
        if outcome.is_ok() {
            outcome = records.push(raw.line, raw.id, raw.sequence.to_vec());
        }
    })?;
    outcome.map(|()| records)
}

fn read_smiles<'a>(text: &[u8], path: &'a Path) -> Result<Records<'a>> {
    let mut records = Records::new(path, Molecule::SmallMolecule);
    let lines = text.strip_suffix(b"\n").unwrap_or(text);
    if lines.is_empty() {
        return Ok(records);
    }
    for (line, text) in (1..).zip(lines.split(|&b| b == b'\n')) {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let Some(tab) = text.iter().position(|&b| b == b'\t') else {
            let problem = "is not a SMILES string, a tab and an identifier";
            return Err(Place::file(path).line(line).error(problem, NORMALISE));
        };
        records.push(line, &text[tab + 1..], text[..tab].to_vec())?;
    }
    Ok(records)
}

struct Records<'a> {
    path: &'a Path,
    kind: Molecule,
    seen: HashMap<RecordId, u64>,
    done: Vec<Record>,
    lines: Vec<u64>,
}

impl<'a> Records<'a> {
    fn new(path: &'a Path, kind: Molecule) -> Self {
        Self { path, kind, seen: HashMap::new(), done: Vec::new(), lines: Vec::new() }
    }

    fn push(&mut self, line: u64, id: &[u8], sequence: Vec<u8>) -> Result<()> {
        let place = Place::file(self.path).line(line);
        let id = match str::from_utf8(id) {
            Ok(id) => RecordId::new(id),
            Err(_) => Err("the identifier is not UTF-8 text"),
        };
        let id = match id {
            Ok(id) => id,
            Err(problem) => return Err(place.error(problem, NORMALISE)),
        };
        let place = place.record(&id);
        if sequence.is_empty() {
            return Err(place.error("has no letters", NORMALISE));
        }
        if let Some(at) = sequence.iter().position(|&b| !is_letter(self.kind, b)) {
            let letter = char::from(sequence[at]).escape_default();
            let problem = format!("letter `{letter}` at position {} is not a {} letter", at + 1, self.kind);
            return Err(place.error(problem, NORMALISE));
        }
        if let Some(first) = self.seen.insert(id.clone(), line) {
            let problem = format!("the identifier stands on line {first} already");
            return Err(place.error(problem, NORMALISE));
        }
        self.done.push(Record { id, sequence });
        self.lines.push(line);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: Molecule) -> std::result::Result<Vec<(String, String)>, String> {
        let records =
            read_sequences_from(text.as_bytes(), Path::new("x.fa"), kind).map_err(|e| e.to_string())?;
        Ok(records
            .into_iter()
            .map(|r| (r.id.to_string(), String::from_utf8_lossy(&r.sequence).into_owned()))
            .collect())
    }

    #[test]
    fn normalised_records_come_in_order() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read(">b\nAC\nGU\n>a x\nN\n", Molecule::Rna), Ok(vec![pair("b", "ACGU"), pair("a", "N")]));
        assert_eq!(
            read("CCO\tm1\nc1ccccc1\tm2", Molecule::SmallMolecule),
            Ok(vec![pair("m1", "CCO"), pair("m2", "c1ccccc1")])
        );
    }

    #[test]
    fn each_fault_has_its_sentence() {
        let cases = [
            ("", Molecule::Rna, "x.fa: holds no sequence"),
            ("ACGU\n", Molecule::Rna, "x.fa, line 1: is not FASTA"),
            (">a\nACGT\n", Molecule::Rna, "x.fa, line 1, record `a`: letter `T` at position 4"),
            (">a\nA\n>a\nC\n", Molecule::Rna, "x.fa, line 3, record `a`: the identifier stands on line 1"),
            (">a\n>b\nA\n", Molecule::Rna, "x.fa, line 1, record `a`: has no letters"),
            (">a\nA\n>\nA\n", Molecule::Rna, "x.fa, line 3: the identifier is empty"),
            (">a\nMK*\n", Molecule::Protein, "x.fa, line 1, record `a`: letter `*` at position 3"),
            ("CCO m1\n", Molecule::SmallMolecule, "x.fa, line 1: is not a SMILES string, a tab"),
        ];
        for (text, kind, start) in cases {
            let message = read(text, kind).unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
