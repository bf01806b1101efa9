//! Reads normalised sequences and refuses everything else.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};
use std::path::Path;

use memchr::memchr_iter;

use super::Format;
use super::raw::for_each_record;
use crate::alphabet::is_letter;
use crate::io::Source;
use crate::record::{Molecule, Record, RecordId};
use crate::{Error, Place, Result};

/// What is read at a time.
const PIECE: usize = 1 << 20;
/// Beyond the text of any normalised record.
pub(super) const LONGEST: usize = 1 << 28;
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

/// Reads piece by piece, so that what a small compressed file unpacks to is refused before it fills the memory.
fn read(mut input: impl BufRead, path: &Path, kind: Molecule) -> Result<Records<'_>> {
    let format = if kind == Molecule::SmallMolecule { Format::Smiles } else { Format::Fasta };
    let mut records = Records::new(path, kind);
    let (mut rest, mut line, mut ended) = (Vec::new(), 1, false);
    while !ended {
        // Twice as much each time: a long record is searched for its end a few times only.
        let wanted = rest.len().max(PIECE);
        let more =
            (&mut input).take(wanted as u64).read_to_end(&mut rest).map_err(Error::io("read", path))?;
        ended = more < wanted;
        let end = if ended { Some(rest.len()) } else { format.last_end(&rest) };
        let Some(end) = end.filter(|&end| end > 0) else {
            if rest.len() > LONGEST {
                let problem = format!("the record is longer than {} MiB", LONGEST >> 20);
                return Err(Place::file(path).line(line).error(problem, NORMALISE));
            }
            continue;
        };
        match format {
            Format::Fasta => read_fasta(&mut records, &rest[..end], line)?,
            _ => read_smiles(&mut records, &rest[..end], line)?,
        }
        line += memchr_iter(b'\n', &rest[..end]).count() as u64;
        rest.drain(..end);
    }
    if records.done.is_empty() {
        return Err(Place::file(path).error("holds no sequence", "check how the file was made"));
    }
    Ok(records)
}

fn read_fasta(records: &mut Records<'_>, text: &[u8], line: u64) -> Result<()> {
    let path = records.path;
    if text.first().is_some_and(|&b| b != b'>') {
        let place = Place::file(path).line(line);
        return Err(place.error("is not FASTA: the first character is not `>`", NORMALISE));
    }
    let mut outcome = Ok(());
    for_each_record(Format::Fasta, text, line, path, |raw| {
        if outcome.is_ok() {
            outcome = records.push(raw.line, raw.id, raw.sequence.to_vec());
        }
    })?;
    outcome
}

fn read_smiles(records: &mut Records<'_>, text: &[u8], first: u64) -> Result<()> {
    let path = records.path;
    let lines = text.strip_suffix(b"\n").unwrap_or(text);
    if first == 1 && lines.is_empty() {
        return Ok(());
    }
    for (line, text) in (first..).zip(lines.split(|&b| b == b'\n')) {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let Some(tab) = text.iter().position(|&b| b == b'\t') else {
            let problem = "is not a SMILES string, a tab and an identifier";
            return Err(Place::file(path).line(line).error(problem, NORMALISE));
        };
        records.push(line, &text[tab + 1..], text[..tab].to_vec())?;
    }
    Ok(())
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
    fn a_record_without_end_is_refused_and_any_number_of_pieces_is_one_file() {
        let bomb = std::io::Cursor::new(b">a\n").chain(std::io::repeat(b'A').take(1 << 40));
        let message = read_sequences_from(std::io::BufReader::new(bomb), Path::new("x.fa"), Molecule::Rna)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("x.fa, line 1: the record is longer than 256 MiB"), "{message}");
        let long = "ACGU".repeat(PIECE);
        let text: String = (0..9).map(|at| format!(">r{at}\n{long}\n{}\n", "GA".repeat(at + 1))).collect();
        let records = read(&text, Molecule::Rna).unwrap();
        assert_eq!(records.len(), 9);
        assert!(records.iter().all(|(_, sequence)| sequence.starts_with(&long) && sequence.ends_with("GA")));
        let message = read(&format!("{text}>r3\nA\n"), Molecule::Rna).unwrap_err();
        assert!(
            message.starts_with("x.fa, line 28, record `r3`: the identifier stands on line 10"),
            "{message}"
        );
        let list: String = (0..200_000).map(|at| format!("CCO\tm{at}\n")).collect();
        assert_eq!(read(&list, Molecule::SmallMolecule).unwrap().len(), 200_000);
        let message = read(&format!("{list}\n"), Molecule::SmallMolecule).unwrap_err();
        assert!(message.starts_with("x.fa, line 200001: is not a SMILES string"), "{message}");
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
