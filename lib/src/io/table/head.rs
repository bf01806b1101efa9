//! Reads what stands before the rows of a table, and finds out what separates its cells.

use std::io::{BufRead as _, Read as _};
use std::path::Path;

use csv::ByteRecord;

use super::columns::{self, Column};
use super::{Delimiter, Dialect};
use crate::io::Input;
use crate::{Error, Place, Result};

/// Beyond any line that names columns.
const LONGEST: u64 = 1 << 20;

/// The first line of a table, and what was found before it.
pub(super) struct Head {
    /// The first line of cells, with its end.
    pub(super) line: Vec<u8>,
    /// Lines before it.
    pub(super) before: u64,
    pub(super) comments: u64,
    pub(super) delimiter: u8,
}

impl Head {
    pub(super) fn read(
        input: &mut Input,
        path: &Path,
        dialect: Dialect,
        wanted: &[Column<'_>],
    ) -> Result<Self> {
        let mut head = Self { line: Vec::new(), before: 0, comments: 0, delimiter: b'\t' };
        let mut said = None;
        loop {
            head.before += pass_blank_lines(input).map_err(Error::io("read", path))?;
            head.line.clear();
            let mut limited = input.take(LONGEST);
            limited.read_until(b'\n', &mut head.line).map_err(Error::io("read", path))?;
            let place = || Place::file(path).line(head.before + 1);
            if head.line.is_empty() {
                return Ok(head);
            }
            if head.before == 0 {
                if head.line.starts_with(b"\xff\xfe") || head.line.starts_with(b"\xfe\xff") {
                    return Err(place().error("is UTF-16 text", "convert the file to UTF-8"));
                }
                if head.line.starts_with(b"\xef\xbb\xbf") {
                    head.line.drain(..3);
                }
            }
            let text = head.line.trim_ascii();
            if text.is_empty() {
                head.before += 1;
                continue;
            }
            if let Some(separator) = separator(text).filter(|_| said.is_none()) {
                said = Some(separator);
                head.before += 1;
                continue;
            }
            if let Some(rest) = text.strip_prefix(b"#") {
                // A header may be marked as a comment is.
                if !(dialect.header && names_columns(rest.trim_ascii(), wanted)) {
                    head.comments += 1;
                    head.before += 1;
                    continue;
                }
                let mark = head.line.iter().position(|&byte| byte == b'#').unwrap_or_default();
                head.line.drain(..=mark);
            }
            if head.line.len() as u64 == LONGEST && !head.line.ends_with(b"\n") {
                let problem = "the first line is longer than 1 MiB";
                return Err(place().error(problem, "check whether the file is a table"));
            }
            let line = trim_end(&head.line);
            if line.iter().position(|&byte| byte == b'\r').is_some_and(|at| at + 1 < line.len()) {
                let problem = "the first line ends in a carriage return alone, as on old Macs";
                let remedy = "convert the line ends, for example with `tr '\\r' '\\n'`";
                return Err(place().error(problem, remedy));
            }
            head.delimiter = match dialect.delimiter {
                Delimiter::Tab => b'\t',
                Delimiter::Comma => b',',
                Delimiter::Semicolon => b';',
                Delimiter::Auto => {
                    let chosen = said.or_else(|| choose(line, dialect.header, wanted));
                    let problem = "the first line holds no tab, comma or semicolon";
                    chosen.ok_or_else(|| place().error(problem, "separate the columns by tabs"))?
                }
            };
            return Ok(head);
        }
    }
}

/// Passes over blank lines, a buffer at a time, as a packed file can hold very many; gives their number.
fn pass_blank_lines(input: &mut Input) -> std::io::Result<u64> {
    let mut lines = 0;
    loop {
        let buffer = input.fill_buf()?;
        let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some(end) = memchr::memrchr(b'\n', &buffer[..blank]) else { return Ok(lines) };
        lines += memchr::memchr_iter(b'\n', &buffer[..=end]).count() as u64;
        input.consume(end + 1);
    }
}

/// Reads the line `sep=;` of spreadsheets.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(line);
    match line.strip_prefix(b"sep=").or_else(|| line.strip_prefix(b"SEP="))? {
        [separator] => Some(*separator),
        // Of a tab nothing is left where the line's ends were trimmed.
        b"\\t" | b"" => Some(b'\t'),
        _ => None,
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Takes a line apart.
fn cells(line: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(line);
    let mut record = ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => columns::names(&record),
        _ => Vec::new(),
    }
}

/// Gives the separator that yields the wanted columns, or else the most cells.
fn choose(line: &[u8], header: bool, wanted: &[Column<'_>]) -> Option<u8> {
    let candidates = [b'\t', b',', b';'].into_iter().filter(|byte| line.contains(byte));
    let mut best = None;
    for delimiter in candidates {
        let found = cells(line, delimiter);
        let value =
            if header { (columns::score(&found, wanted, true), found.len()) } else { ((0, 0), found.len()) };
        // Among equals the first stays.
        if best.is_none_or(|(_, other)| value > other) {
            best = Some((delimiter, value));
        }
    }
    best.map(|(delimiter, _)| delimiter)
}

/// Tells whether a line holds every column that must be there.
fn names_columns(line: &[u8], wanted: &[Column<'_>]) -> bool {
    let required = wanted.iter().filter(|column| column.is_required()).count();
    // Taking a line apart takes long where comments are many.
    let holds = |delimiter: &u8| memchr::memchr_iter(*delimiter, line).count() + 1 >= required;
    let whole = |delimiter: u8| columns::score(&cells(line, delimiter), wanted, true).0 == required;
    required > 0 && [b'\t', b',', b';'].into_iter().filter(holds).any(whole)
}
