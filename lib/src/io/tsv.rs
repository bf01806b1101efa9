//! Reads the project's own tab-separated tables: a header, no quotes, as many cells in each row as in the
//! header.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use super::lines::Lines;
use super::{Input, Source};
use crate::{Error, Place, Result};

/// Beyond any line that names columns.
const LONGEST: usize = 1 << 20;

/// A reader of tab-separated tables with a header.
///
/// ```
/// use crossmamba::io::TsvReader;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("folds.tsv");
/// std::fs::write(&path, "rna_id\tfold\nr1\t0\nr2\t1\n").unwrap();
/// let mut table = TsvReader::open(&path).unwrap();
/// let fold = table.require("fold").unwrap();
/// let mut folds = Vec::new();
/// while let Some(row) = table.next_row().unwrap() {
///     folds.push(row.get(fold).to_owned());
/// }
/// assert_eq!(folds, ["0", "1"]);
/// ```
pub struct TsvReader {
    path: PathBuf,
    input: Lines<Input>,
    header: Vec<String>,
    text: String,
    line: u64,
}

/// One row of a table.
pub struct TsvRow<'a> {
    path: &'a Path,
    line: u64,
    cells: Vec<&'a str>,
}

impl TsvReader {
    /// Opens a table, which may be compressed, and reads its header; `-` is standard input.
    ///
    /// # Errors
    /// A file that cannot be read or is empty.
    pub fn open(source: impl Into<Source>) -> Result<Self> {
        let source = source.into();
        let (path, input) = (source.path().to_path_buf(), Lines::new(source.open()?));
        let mut reader = Self { path, input, header: Vec::new(), text: String::new(), line: 0 };
        if !reader.next_line()? {
            let remedy = "a table starts with a line that names its columns";
            return Err(Place::file(&reader.path).error("is empty", remedy));
        }
        let header = reader.text.strip_prefix('\u{feff}').unwrap_or(&reader.text);
        if header.len() > LONGEST {
            let problem = "the first line is longer than 1 MiB";
            return Err(Place::file(&reader.path)
                .line(1)
                .error(problem, "check whether the file is a table"));
        }
        reader.header = header.split('\t').map(str::to_owned).collect();
        Ok(reader)
    }

    /// Gives the names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Finds a column by its name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Finds a column that must be there, once.
    pub fn require(&self, name: &str) -> Result<usize> {
        let place = Place::file(&self.path).line(1);
        match self.header.iter().filter(|column| *column == name).count() {
            1 => Ok(self.find(name).unwrap_or_default()),
            0 => {
                let remedy = format!("its columns are {}", quoted(&self.header));
                Err(place.error(format!("has no column `{name}`"), remedy))
            }
            _ => Err(place.error(format!("has two columns `{name}`"), "rename one of them")),
        }
    }

    /// Reads the next row; `None` after the last.
    ///
    /// # Errors
    /// A row of another width than the header, text that is not UTF-8, a read that fails.
    pub fn next_row(&mut self) -> Result<Option<TsvRow<'_>>> {
        if !self.next_line()? {
            return Ok(None);
        }
        let row = TsvRow { path: &self.path, line: self.line, cells: self.text.split('\t').collect() };
        let (found, wanted) = (row.cells.len(), self.header.len());
        if found != wanted {
            let problem = format!("has {found} columns, the header has {wanted}");
            return Err(row.place().error(problem, "separate the columns with tabs"));
        }
        Ok(Some(row))
    }

    fn next_line(&mut self) -> Result<bool> {
        self.text.clear();
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        self.input.read_until(b'\n', &mut bytes).map_err(Error::io("read", &self.path))?;
        self.line += 1;
        if bytes.is_empty() {
            return Ok(false);
        }
        if bytes.ends_with(b"\n") {
            bytes.pop();
        }
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
        self.text = String::from_utf8(bytes).map_err(|_| {
            let place = Place::file(&self.path).line(self.line);
            place.error("is not UTF-8 text", "convert the file to UTF-8")
        })?;
        Ok(true)
    }
}

impl TsvRow<'_> {
    /// Gives a cell.
    pub fn get(&self, column: usize) -> &str {
        self.cells[column]
    }

    /// Gives the line number, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Names the row for an error.
    pub fn place(&self) -> Place {
        Place::file(self.path).line(self.line)
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>().join(", ")
}
