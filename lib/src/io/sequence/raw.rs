//! Takes text apart into records as they stand in the file, with their line numbers.

use std::io::BufRead as _;
use std::path::Path;

use memchr::{memchr, memchr_iter};
use noodles::{fasta, fastq};

use super::Format;
use crate::{Place, Result};

/// One record as it stands in a file, before any rule was applied to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// The line that the record starts on, counted from 1.
    pub line: u64,
    /// The first word of the header, or what follows a SMILES string; may be empty, and need not be UTF-8.
    pub id: &'a [u8],
    /// What follows the identifier in the header of a FASTA or FASTQ record.
    pub description: &'a [u8],
    /// The letters of all sequence lines, joined.
    pub sequence: &'a [u8],
    /// FASTQ: the number of quality values, which should be that of the letters.
    pub qualities: Option<usize>,
    /// The number of bytes of the record's text.
    pub bytes: usize,
}

/// Hands the records of a text to `take`, in order; the text consists of whole records, and `line` is the
/// number of its first line.
///
/// noodles is given one record at a time and the whole of it at once: over a stream it takes a `>` or a
/// carriage return inside a sequence line for something else whenever it falls on the edge of a buffer, and
/// it accepts a FASTQ record that was cut off.
///
/// # Errors
/// FASTQ that is not made of four lines per record.
pub fn for_each_record(
    format: Format,
    text: &[u8],
    line: u64,
    path: &Path,
    mut take: impl FnMut(RawRecord<'_>),
) -> Result<()> {
    let (mut rest, mut line) = (text, line);
    let mut buffers = Buffers::default();
    while !rest.is_empty() {
        let end = format.first_end(rest).unwrap_or(rest.len());
        let record = &rest[..end];
        rest = &rest[end..];
        let place = || Place::file(path).line(line);
        match format {
            Format::Fasta => take(buffers.fasta(record, line)),
            Format::Fastq if !record.trim_ascii().is_empty() => take(buffers.fastq(record, line, &place)?),
            Format::Smiles if !record.trim_ascii().is_empty() => take(smiles(record, line)),
            Format::IdSmiles if !record.trim_ascii().is_empty() => take(id_smiles(record, line)),
            Format::Fastq | Format::Smiles | Format::IdSmiles => {}
        }
        line += memchr_iter(b'\n', record).count() as u64;
    }
    Ok(())
}

#[derive(Default)]
struct Buffers {
    definition: fasta::record::Definition,
    sequence: Vec<u8>,
    fastq: fastq::Record,
}

impl Buffers {
    fn fasta(&mut self, text: &[u8], line: u64) -> RawRecord<'_> {
        let mut reader = fasta::io::Reader::new(text);
        // All that noodles can find wrong here is a missing name: it has passed the line, and the id is
        // empty.
        let named = reader.read_definition(&mut self.definition).is_ok();
        self.sequence.clear();
        self.sequence.reserve(text.len());
        let mut letters = reader.sequence_reader();
        // Line by line: `read_sequence` would read in pieces, and stop at a piece that starts with `>`.
        // Reading from memory cannot fail.
        while let Ok(piece) = letters.fill_buf()
            && !piece.is_empty()
        {
            self.sequence.extend_from_slice(piece);
            let count = piece.len();
            letters.consume(count);
        }
        // What noodles leaves, after a carriage return and a `>`, is no end of the record.
        self.sequence.extend_from_slice(reader.get_ref());
        let id: &[u8] = if named { self.definition.name() } else { &[] };
        let description = self.definition.description().filter(|_| named).map_or(&[][..], AsRef::as_ref);
        RawRecord { line, id, description, sequence: &self.sequence, qualities: None, bytes: text.len() }
    }

    fn fastq(&mut self, text: &[u8], line: u64, place: &dyn Fn() -> Place) -> Result<RawRecord<'_>> {
        const FOUR: &str = "four lines are read for each record: @id, letters, +, qualities";
        let lines = memchr_iter(b'\n', text).count();
        let open = !text.ends_with(b"\n");
        let mut reader = fastq::io::Reader::new(text);
        if let Err(error) = reader.read_record(&mut self.fastq)
            && error.kind() != std::io::ErrorKind::UnexpectedEof
        {
            return Err(place().error(format!("is not FASTQ: {error}"), FOUR));
        }
        let (letters, values) =
            (self.fastq.sequence().trim_ascii_end(), self.fastq.quality_scores().trim_ascii_end());
        if lines + usize::from(open) < 4 || (open && values.len() < letters.len()) {
            return Err(place().error("the file ends inside this record", "copy or download the file again"));
        }
        let (id, qualities): (&[u8], _) = (self.fastq.name(), Some(values.len()));
        let description = self.fastq.description().as_ref();
        Ok(RawRecord { line, id, description, sequence: letters, qualities, bytes: text.len() })
    }
}

/// Divides a line of a SMILES list: the string, extensions between bars, the identifier. What follows is left out.
///
/// In a line with tabs the identifier ends at a tab and may hold blanks; in one without, it is one word.
fn smiles(text: &[u8], line: u64) -> RawRecord<'_> {
    let (string, rest) = word(text.trim_ascii());
    let rest = match rest.strip_prefix(b"|").map(|inside| (inside, memchr(b'|', inside))) {
        Some((inside, Some(end))) => inside[end + 1..].trim_ascii_start(),
        _ => rest,
    };
    let id = if memchr(b'\t', text).is_some() { column(rest).0 } else { word(rest).0 };
    RawRecord { line, id, description: b"", sequence: string, qualities: None, bytes: text.len() }
}

/// Divides a line of a list that has the identifier in front of the SMILES string.
fn id_smiles(text: &[u8], line: u64) -> RawRecord<'_> {
    let text_of_line = text.trim_ascii();
    let (id, rest) =
        if memchr(b'\t', text_of_line).is_some() { column(text_of_line) } else { word(text_of_line) };
    RawRecord { line, id, description: b"", sequence: word(rest).0, qualities: None, bytes: text.len() }
}

/// Divides a text behind its first word.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim_ascii_start())
}

/// Divides a text at its first tab.
fn column(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr(b'\t', text).unwrap_or(text.len());
    (text[..end].trim_ascii(), text[end..].trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(format: Format, text: &str) -> std::result::Result<Vec<(u64, String, String)>, String> {
        let mut found = Vec::new();
        let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for_each_record(format, text.as_bytes(), 1, Path::new("x"), |record| {
            found.push((record.line, text_of(record.id), text_of(record.sequence)));
        })
        .map_err(|e| e.to_string())?;
        Ok(found)
    }

    #[expect(clippy::unnecessary_wraps, reason = "compared with what may fail")]
    fn expected(records: &[(u64, &str, &str)]) -> std::result::Result<Vec<(u64, String, String)>, String> {
        Ok(records.iter().map(|(line, id, text)| (*line, (*id).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn records_carry_their_line() {
        let text = ">a x\nAC\nGU\n\n>\nA\n>b\n> d\n>c\r\nAC\r\nG";
        let wanted = [(1, "a", "ACGU"), (5, "", "A"), (7, "b", ""), (8, "", ""), (9, "c", "ACG")];
        assert_eq!(records(Format::Fasta, text), expected(&wanted));
        let wanted = [(1, "a", "AC"), (5, "b", "G")];
        assert_eq!(records(Format::Fastq, "@a x\nAC\n+\nII\n@b\nG\n+b\n@\n\n\n"), expected(&wanted));
        let wanted = [(1, "m 1", "CCO"), (3, "m2", "C"), (4, "", "N")];
        assert_eq!(records(Format::Smiles, "CCO m 1\tx\n\nC\tm2\r\nN"), expected(&wanted));
    }

    #[test]
    fn lines_of_smiles_lists_are_read_as_other_programs_write_them() {
        for (line, id, smiles) in [
            ("CCO m1", "m1", "CCO"),
            ("CCO m1 46.07 0.3", "m1", "CCO"),
            ("CCO\tacetic acid\t60.05", "acetic acid", "CCO"),
            ("CC* |$;;R1$| m1", "m1", "CC*"),
            ("CC* |$;;R 1$|\tm 1", "m 1", "CC*"),
            ("CC* |$;;R1$|", "", "CC*"),
            ("CCO |m1", "|m1", "CCO"),
            ("CCO", "", "CCO"),
        ] {
            assert_eq!(records(Format::Smiles, line), expected(&[(1, id, smiles)]), "{line}");
        }
        for (line, id, smiles) in [
            ("m1 CCO", "m1", "CCO"),
            ("m1 CCO 46.07", "m1", "CCO"),
            ("acetic acid\tCC(=O)O\t60.05", "acetic acid", "CC(=O)O"),
            ("m1\tCC* |$;;R1$|", "m1", "CC*"),
            ("m1", "m1", ""),
        ] {
            assert_eq!(records(Format::IdSmiles, line), expected(&[(1, id, smiles)]), "{line}");
        }
    }

    #[test]
    fn nothing_inside_a_line_ends_a_record() {
        for before in [0, 1, 8191, 8192, 20_000] {
            let letters = format!("{}>{}", "A".repeat(before), "C".repeat(9000));
            let text = format!(">a\nG{letters}\n");
            assert_eq!(records(Format::Fasta, &text), expected(&[(1, "a", &format!("G{letters}"))]));
        }
        assert_eq!(records(Format::Fasta, ">a\nAC\n\r>GU\n"), expected(&[(1, "a", "AC>GU\n")]));
    }

    #[test]
    fn fastq_that_is_cut_or_of_many_lines_is_named() {
        let whole = "@a\nACGU\n+\nIIII\n@b\nACGU\n+\nIIII\n";
        for cut in 16..whole.len() - 1 {
            let message = records(Format::Fastq, &whole[..cut]).unwrap_err();
            assert!(message.starts_with("x, line 5: the file ends inside this record"), "{cut}: {message}");
        }
        let message = records(Format::Fastq, "@a\nAC\nGU\n+\nII\nII\n").unwrap_err();
        assert!(message.starts_with("x, line 1: is not FASTQ: invalid description prefix"), "{message}");
    }
}
