//! Takes FASTA text apart into records as they stand in the file, with their line numbers.

use noodles::fasta;

/// One record as it stands in a file, before any rule was applied to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// The line that the record starts on, counted from 1.
    pub line: u64,
    /// The first word of the header; may be empty, and need not be UTF-8.
    pub id: Vec<u8>,
    /// The letters of all sequence lines, joined.
    pub sequence: Vec<u8>,
}

/// Gives the records of FASTA text that starts with `>`; `line` is the number of its first line.
///
/// noodles is given one record at a time and the whole of it at once: over a stream, it takes a `>` or a carriage
/// return inside a sequence line for something else whenever it happens to fall on the edge of a buffer.
pub fn fasta_records(text: &[u8], line: u64) -> impl Iterator<Item = RawRecord> {
    let mut rest = text;
    let mut next_line = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let record = rest.split_off(..record_end(rest)).unwrap_or_default();
        let line = next_line;
        next_line += record.iter().filter(|&&b| b == b'\n').count() as u64;
        Some(fasta_record(record, line))
    })
}

/// Finds where the record at the start of `text` ends: after the line before the next `>` that begins a line.
fn record_end(text: &[u8]) -> usize {
    text.windows(2).position(|pair| pair == b"\n>").map_or(text.len(), |at| at + 1)
}

fn fasta_record(text: &[u8], line: u64) -> RawRecord {
    let mut reader = fasta::io::Reader::new(text);
    let mut definition = fasta::record::Definition::default();
    // The only fault that noodles can find here is a missing name: the line is consumed and the id stays empty.
    let id = match reader.read_definition(&mut definition) {
        Ok(_) => definition.name().to_vec(),
        Err(_) => Vec::new(),
    };
    let mut sequence = Vec::with_capacity(reader.get_ref().len());
    // Reading from memory cannot fail.
    let _ = reader.read_sequence(&mut sequence);
    RawRecord { line, id, sequence }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: u64, id: &str, sequence: &str) -> RawRecord {
        RawRecord { line, id: id.into(), sequence: sequence.into() }
    }

    #[test]
    fn records_carry_their_line() {
        let text = b">a x\nAC\nGU\n\n>\nA\n>b\n>c\r\nAC\r\nG";
        let found: Vec<_> = fasta_records(text, 1).collect();
        assert_eq!(
            found,
            [record(1, "a", "ACGU"), record(5, "", "A"), record(7, "b", ""), record(8, "c", "ACG")]
        );
    }

    #[test]
    fn a_greater_sign_inside_a_line_stays_in_the_sequence() {
        assert_eq!(fasta_records(b">a\nAC>GU\n", 1).next(), Some(record(1, "a", "AC>GU")));
    }
}
