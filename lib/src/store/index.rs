//! Reads and writes the lines of `index.tsv`.

use std::path::Path;

use flate2::Crc;

use super::manifest::Manifest;
use crate::record::{Digest, RecordId};
use crate::{Place, Result};

/// The name of the index inside the store.
pub(super) const NAME: &str = "index.tsv";

/// The first line; `checksum` is the CRC-32 of the entry's bytes, `line` that of the line's other columns.
pub(super) const HEADER: &str = "digest\tid\tlength\trows\tshard\toffset\tchecksum\tline\n";

/// Where the entry of one sequence lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) length: u64,
    pub(super) rows: u64,
    pub(super) shard: u32,
    pub(super) offset: u64,
    pub(super) checksum: u32,
}

impl Location {
    /// Gives the first byte after the entry.
    pub(super) fn end(&self, manifest: &Manifest) -> u64 {
        self.offset.saturating_add(manifest.entry_bytes(self.rows as usize))
    }
}

/// One line: a record and where its embedding lies; the first line of a digest stands for the entry itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) digest: Digest,
    pub(super) id: RecordId,
    pub(super) location: Location,
}

/// The lines that can be trusted, and where they end.
pub(super) struct Index {
    /// Each line with the byte at which it starts.
    pub(super) lines: Vec<(Line, u64)>,
    /// The first byte after the last whole line: what follows is a torn tail.
    pub(super) end: u64,
}

pub(super) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub(super) fn shard_name(shard: u32) -> String {
    format!("shard-{shard:05}.bin")
}

impl Line {
    pub(super) fn to_text(&self) -> String {
        let Location { length, rows, shard, offset, checksum } = self.location;
        let text =
            format!("{}\t{}\t{length}\t{rows}\t{shard}\t{offset}\t{checksum:08x}", self.digest, self.id);
        format!("{text}\t{:08x}\n", crc(text.as_bytes()))
    }

    /// Reads a line without its newline; nothing when it is damaged.
    fn parse(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let (text, check) = line.rsplit_once('\t')?;
        if check.len() != 8
            || check.bytes().any(|byte| byte.is_ascii_uppercase())
            || u32::from_str_radix(check, 16).ok()? != crc(text.as_bytes())
        {
            return None;
        }
        let mut columns = text.split('\t');
        let digest = columns.next()?.parse().ok()?;
        let id = RecordId::new(columns.next()?).ok()?;
        let location = Location {
            length: columns.next()?.parse().ok()?,
            rows: columns.next()?.parse().ok()?,
            shard: columns.next()?.parse().ok()?,
            offset: columns.next()?.parse().ok()?,
            checksum: u32::from_str_radix(columns.next()?, 16).ok()?,
        };
        columns.next().is_none().then_some(Self { digest, id, location })
    }
}

/// Reads an index; a damaged or incomplete tail is left out, as an interrupted run leaves one.
///
/// # Errors
/// A file that is no index, and damage in front of whole lines.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Index> {
    const REMEDY: &str = "restore the file, or delete the store and make it again with crossmamba-embed";
    if HEADER.as_bytes().starts_with(bytes) && bytes.len() < HEADER.len() {
        return Ok(Index { lines: Vec::new(), end: 0 });
    }
    if !bytes.starts_with(HEADER.as_bytes()) {
        return Err(Place::file(path).line(1).error("is not the index of an embedding store", REMEDY));
    }
    let mut index = Index { lines: Vec::new(), end: HEADER.len() as u64 };
    let mut damaged = None;
    for (number, line) in bytes[HEADER.len()..].split_inclusive(|&b| b == b'\n').enumerate() {
        let whole = line.strip_suffix(b"\n").and_then(Line::parse);
        match (whole, damaged) {
            (Some(_), Some(number)) => {
                return Err(Place::file(path).line(number).error("is damaged", REMEDY));
            }
            (Some(line_read), None) => {
                index.lines.push((line_read, index.end));
                index.end += line.len() as u64;
            }
            (None, _) => damaged = damaged.or(Some(number as u64 + 2)),
        }
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str) -> Line {
        let location = Location { length: 9, rows: 2, shard: 1, offset: 64, checksum: 0xdead_beef };
        Line { digest: Digest::of(id.as_bytes()), id: RecordId::new(id).unwrap(), location }
    }

    #[test]
    fn lines_survive_text_and_a_torn_tail_is_left_out_at_every_byte() {
        let (a, b) = (line("a"), line("b"));
        let head = format!("{HEADER}{}", a.to_text());
        let whole = format!("{head}{}", b.to_text());
        let read = |bytes: &[u8]| parse(bytes, Path::new("i")).unwrap();
        assert_eq!(read(whole.as_bytes()).lines[1], (b, head.len() as u64));
        for cut in 0..whole.len() {
            let found = read(&whole.as_bytes()[..cut]);
            let (lines, end) = match cut {
                cut if cut < HEADER.len() => (0, 0),
                cut if cut < head.len() => (0, HEADER.len()),
                _ => (1, head.len()),
            };
            assert_eq!((found.lines.len(), found.end), (lines, end as u64), "cut at {cut}");
        }
    }

    #[test]
    fn a_changed_byte_is_a_torn_tail_in_the_last_line_and_an_error_before_it() {
        let text = format!("{HEADER}{}{}", line("a").to_text(), line("b").to_text());
        let second = text.len() - line("b").to_text().len();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let found = parse(&bytes, Path::new("i"));
            if at == second - 1 {
                // Without the newline between them the two are one line, and that is the last.
                assert_eq!(found.unwrap().lines.len(), 0);
            } else if at < second {
                assert!(found.is_err(), "byte {at}");
            } else {
                assert_eq!(found.unwrap().lines.len(), 1, "byte {at}");
            }
        }
    }
}
