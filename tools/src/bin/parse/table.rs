//! Reads tables of pairs as people write them: tabs, commas or semicolons, with or without quotes and header.

use std::io::{BufRead as _, Chain, Cursor, Read as _};
use std::path::{Path, PathBuf};

use crossmamba::io::{Input, Source};
use crossmamba::{Error, Place, Result};
use csv::ByteRecord;

/// Beyond any line that names columns.
const LONGEST_HEADER: u64 = 1 << 20;

/// What separates the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Delimiter {
    /// The first of tab, comma and semicolon that the first line holds.
    Auto,
    Tab,
    Comma,
    Semicolon,
}

/// Which columns hold what: names, or numbers from 1 where there is no header.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) header: bool,
    pub(crate) rna: Option<String>,
    pub(crate) partner: Option<String>,
    pub(crate) label: Option<String>,
}

/// A table of pairs, read row by row.
pub(crate) struct Table {
    path: PathBuf,
    reader: csv::Reader<Chain<Cursor<Vec<u8>>, Input>>,
    record: ByteRecord,
    width: usize,
    rna: usize,
    partner: usize,
    label: Option<usize>,
    /// Whether `record` holds a row that has not been given yet.
    waiting: bool,
}

/// One row; `cells` is `None` when it is not as wide as the first.
pub(crate) struct Row<'a> {
    pub(crate) line: u64,
    pub(crate) width: usize,
    pub(crate) first: &'a [u8],
    pub(crate) cells: Option<Cells<'a>>,
}

/// The cells that matter.
pub(crate) struct Cells<'a> {
    pub(crate) rna: &'a [u8],
    pub(crate) partner: &'a [u8],
    pub(crate) label: Option<&'a [u8]>,
}

impl Table {
    /// Opens a table and finds its columns.
    pub(crate) fn open(source: &Source, delimiter: Delimiter, columns: &Columns) -> Result<Self> {
        let (path, mut input) = (source.path(), source.open()?);
        // The first line with something on it: a read may give any part of it.
        let mut head = Vec::new();
        while head.trim_ascii().is_empty() {
            let before = head.len();
            let mut line = (&mut input).take(LONGEST_HEADER);
            line.read_until(b'\n', &mut head).map_err(Error::io("read", path))?;
            if head.starts_with(b"\xef\xbb\xbf") {
                head.drain(..3);
            }
            if head.len() == before {
                break;
            }
        }
        let delimiter = sniff(&head, delimiter, path)?;
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Cursor::new(head).chain(input));
        let mut table = Self {
            path: path.to_path_buf(),
            reader,
            record: ByteRecord::new(),
            width: 0,
            rna: 0,
            partner: 1,
            label: None,
            waiting: false,
        };
        if !table.read()? {
            return Err(Place::file(path).error("is empty", "check how the file was made"));
        }
        table.width = table.record.len();
        table.find_columns(columns)?;
        table.waiting = !columns.header;
        Ok(table)
    }

    /// Tells whether there is a column of labels.
    pub(crate) fn has_labels(&self) -> bool {
        self.label.is_some()
    }

    /// Gives the next row; `None` after the last.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if !std::mem::take(&mut self.waiting) && !self.read()? {
            return Ok(None);
        }
        let line = self.line();
        if self.record.iter().any(|cell| cell.contains(&b'\n')) {
            let place = Place::file(&self.path).line(line);
            return Err(
                place.error("a quoted cell goes on over the end of its line", "close the quotation mark")
            );
        }
        let cell = |column: usize| self.record.get(column).unwrap_or_default().trim_ascii();
        let cells = (self.record.len() == self.width).then(|| Cells {
            rna: cell(self.rna),
            partner: cell(self.partner),
            label: self.label.map(cell),
        });
        Ok(Some(Row { line, width: self.record.len(), first: cell(0), cells }))
    }

    /// Gives the number of columns.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    fn read(&mut self) -> Result<bool> {
        self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(source) => Error::io("read", &self.path)(source),
            other => Place::file(&self.path).error(format!("{other:?}"), "check how the file was made"),
        })
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn find_columns(&mut self, columns: &Columns) -> Result<()> {
        let names: Vec<String> = if columns.header {
            self.record.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect()
        } else {
            (1..=self.width).map(|number| number.to_string()).collect()
        };
        let find = |name: &str| -> Result<usize> {
            let mut found = names.iter().enumerate().filter(|(_, other)| *other == name).map(|(i, _)| i);
            let place = Place::file(&self.path).line(self.line());
            match (found.next(), found.next()) {
                (Some(column), None) => Ok(column),
                (None, _) => {
                    let remedy =
                        format!("its columns are {}; see --rna-column, --no-header", names.join(", "));
                    Err(place.error(format!("has no column `{name}`"), remedy))
                }
                _ => Err(place.error(format!("has two columns `{name}`"), "rename one of them")),
            }
        };
        let default = |name, number| if columns.header { name } else { number };
        let rna = find(columns.rna.as_deref().unwrap_or(default("rna_id", "1")))?;
        let partner = find(columns.partner.as_deref().unwrap_or(default("partner_id", "2")))?;
        let label = if let Some(name) = columns.label.as_deref() {
            Some(find(name)?)
        } else {
            let name = default("label", "3");
            names.iter().any(|other| other == name).then(|| find(name)).transpose()?
        };
        (self.rna, self.partner, self.label) = (rna, partner, label);
        Ok(())
    }
}

fn sniff(head: &[u8], delimiter: Delimiter, path: &Path) -> Result<u8> {
    let place = || Place::file(path).line(1);
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(place().error("is UTF-16 text", "convert the file to UTF-8"));
    }
    let start = head.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let line = &head[start..];
    let end = line.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(line.len());
    if line.get(end) == Some(&b'\r') && line.get(end + 1).is_some_and(|&next| next != b'\n') {
        let problem = "the first line ends in a carriage return alone, as on old Macs";
        return Err(place().error(problem, "convert the line ends, for example with `tr '\\r' '\\n'`"));
    }
    let line = &line[..end];
    match delimiter {
        Delimiter::Tab => Ok(b'\t'),
        Delimiter::Comma => Ok(b','),
        Delimiter::Semicolon => Ok(b';'),
        Delimiter::Auto if line.is_empty() => Ok(b'\t'),
        Delimiter::Auto => [b'\t', b',', b';'].into_iter().find(|b| line.contains(b)).ok_or_else(|| {
            place().error("the first line holds no tab, comma or semicolon", "separate the columns by tabs")
        }),
    }
}
