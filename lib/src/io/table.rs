//! Reads tables as people and programs write them: tabs, commas or semicolons, quotes, comments, row names of R.

mod columns;
mod head;

use std::io::{Chain, Cursor, Read as _};
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use super::lines::Lines;
use super::{Input, Source};
use crate::{Error, Place, Result};

pub use columns::{Column, same_name};

/// What separates the cells of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Delimiter {
    /// The one that yields the wanted columns
    #[default]
    Auto,
    /// Tabs
    Tab,
    /// Commas
    Comma,
    /// Semicolons
    Semicolon,
}

/// How a table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What separates the cells.
    pub delimiter: Delimiter,
    /// Whether the first line names the columns; without header they are named by their numbers, from 1.
    pub header: bool,
}

/// A table, read row by row.
///
/// The file may be compressed. Blank lines, a byte-order mark, a first line `sep=;` and comments (`#`) are passed over;
/// a column of row names without a header, as R writes it, is left out; names of columns are found in any case.
///
/// # Examples
/// ```
/// use crossmamba::io::{Column, Delimiter, Dialect, TableReader};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("pairs.csv");
/// std::fs::write(&path, "sep=;\nRNA_ID;score;partner_id\nr1;0,5;p1\n").unwrap();
/// let wanted = [
///     Column::required("--rna-column", None, &["rna_id"], 1),
///     Column::required("--partner-column", None, &["partner_id"], 2),
/// ];
/// let dialect = Dialect { delimiter: Delimiter::Auto, header: true };
/// let mut table = TableReader::open(&path, dialect, &wanted)?;
/// assert_eq!(table.unused().collect::<Vec<_>>(), ["score"]);
/// let row = table.next_row()?.unwrap();
/// assert_eq!((row.line, row.cell(0), row.cell(1)), (3, Some(&b"r1"[..]), Some(&b"p1"[..])));
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub struct TableReader {
    path: PathBuf,
    reader: csv::Reader<Chain<Cursor<Vec<u8>>, Lines<Input>>>,
    record: ByteRecord,
    /// Lines before the first that the reader was given.
    before: u64,
    width: usize,
    names: Vec<String>,
    columns: Vec<Option<usize>>,
    /// One where each row begins with a name that the header lacks.
    row_names: usize,
    comments: u64,
    /// Whether `record` holds a row that has not been given yet.
    waiting: bool,
}

/// One row of a table.
pub struct TableRow<'a> {
    /// The line of the file, counted from 1.
    pub line: u64,
    record: &'a ByteRecord,
    columns: &'a [Option<usize>],
    /// Whether the row has as many cells as the table.
    pub whole: bool,
}

impl TableRow<'_> {
    /// Gives the number of cells.
    pub fn width(&self) -> usize {
        self.record.len()
    }

    /// Gives the first cell.
    pub fn first(&self) -> &[u8] {
        self.record.get(0).unwrap_or_default().trim_ascii()
    }

    /// Gives all cells, without white space around them.
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.record.iter().map(<[u8]>::trim_ascii)
    }

    /// Gives the cell of a wanted column, by its place in the list of them, without white space around it; `None`
    /// where the table has no such column.
    pub fn cell(&self, column: usize) -> Option<&[u8]> {
        Some(self.record.get(self.columns[column]?).unwrap_or_default().trim_ascii())
    }
}

impl TableReader {
    /// Opens a table and finds the wanted columns; `-` is standard input.
    ///
    /// # Errors
    /// A file that cannot be read or is empty, a required column that is not there or there twice.
    pub fn open(source: impl Into<Source>, dialect: Dialect, wanted: &[Column<'_>]) -> Result<Self> {
        let source = source.into();
        Self::from_input(source.open()?, source.path(), dialect, wanted)
    }

    /// Reads as [`TableReader::open`] does, from an opened input; `path` is its name in errors.
    ///
    /// # Errors
    /// As for [`TableReader::open`].
    pub fn from_input(
        mut input: Input,
        path: &Path,
        dialect: Dialect,
        wanted: &[Column<'_>],
    ) -> Result<Self> {
        let head = head::Head::read(&mut input, path, dialect, wanted)?;
        let reader = csv::ReaderBuilder::new()
            .delimiter(head.delimiter)
            // Behind `\r\n` the reader counts the lines one short; here `\r` is white space at the end of a cell.
            .terminator(csv::Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            // A file that begins with comments has them.
            .comment((head.comments > 0).then_some(b'#'))
            .from_reader(Cursor::new(head.line).chain(Lines::new(input)));
        let mut table = Self {
            path: path.to_path_buf(),
            reader,
            record: ByteRecord::new(),
            before: head.before,
            width: 0,
            names: Vec::new(),
            columns: Vec::new(),
            row_names: 0,
            comments: head.comments,
            waiting: false,
        };
        if !table.read()? {
            return Err(Place::file(path).error("is empty", "check how the file was made"));
        }
        table.name_columns(dialect, wanted)?;
        Ok(table)
    }

    /// Tells whether a wanted column is there, by its place in the list of them.
    pub fn has(&self, column: usize) -> bool {
        self.columns[column].is_some()
    }

    /// Gives the name that a wanted column has in the table.
    pub fn name(&self, column: usize) -> Option<&str> {
        Some(&self.names[self.columns[column]? - self.row_names])
    }

    /// Gives the names of the columns that nobody wants.
    pub fn unused(&self) -> impl Iterator<Item = &str> {
        let used = |i: usize| self.columns.contains(&Some(i + self.row_names));
        self.names.iter().enumerate().filter(move |(i, _)| !used(*i)).map(|(_, name)| name.as_str())
    }

    /// Gives the number of cells of a whole row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Gives the file that is read, for errors about it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says what was passed over in silence: row names and comments.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.row_names > 0 {
            remarks.push("each row has one cell more than the header: the first is taken for a row name, as R writes it, and left out".to_owned());
        }
        if self.comments > 0 {
            remarks.push("lines that begin with `#` are taken for comments".to_owned());
        }
        remarks
    }

    /// Gives the next row; `None` after the last.
    ///
    /// # Errors
    /// A read that fails; a quoted cell that goes on over the end of its line.
    pub fn next_row(&mut self) -> Result<Option<TableRow<'_>>> {
        loop {
            if !std::mem::take(&mut self.waiting) && !self.read()? {
                return Ok(None);
            }
            if !self.is_comment() {
                break;
            }
            self.comments += 1;
        }
        let line = self.line();
        if self.record.iter().any(|cell| cell.contains(&b'\n')) {
            let place = Place::file(&self.path).line(line);
            return Err(
                place.error("a quoted cell goes on over the end of its line", "close the quotation mark")
            );
        }
        let whole = self.record.len() == self.width;
        Ok(Some(TableRow { line, record: &self.record, columns: &self.columns, whole }))
    }

    /// Tells a comment between the rows: it has not the cells of a row.
    fn is_comment(&self) -> bool {
        self.record.len() != self.width && self.record.get(0).is_some_and(|cell| cell.starts_with(b"#"))
    }

    fn name_columns(&mut self, dialect: Dialect, wanted: &[Column<'_>]) -> Result<()> {
        self.width = self.record.len();
        self.names = if dialect.header {
            columns::names(&self.record)
        } else {
            (1..=self.width).map(|number| number.to_string()).collect()
        };
        let place = Place::file(&self.path).line(self.line());
        self.columns = columns::find(&self.names, wanted, dialect.header, &place)?;
        if !dialect.header {
            self.waiting = true;
            return Ok(());
        }
        // The first row tells whether there are row names, and waits to be given.
        loop {
            self.waiting = self.read()?;
            if self.waiting && self.record.len() == self.width + 1 {
                self.row_names = 1;
                self.width += 1;
                self.columns.iter_mut().flatten().for_each(|column| *column += 1);
            }
            if !self.waiting || !self.is_comment() {
                return Ok(());
            }
            self.comments += 1;
        }
    }

    /// Reads the next line that is not blank.
    fn read(&mut self) -> Result<bool> {
        loop {
            let read =
                self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
                    csv::ErrorKind::Io(source) => Error::io("read", &self.path)(source),
                    other => {
                        Place::file(&self.path).error(format!("{other:?}"), "check how the file was made")
                    }
                })?;
            if !read || self.record.len() > 1 || !self.record.as_slice().trim_ascii().is_empty() {
                return Ok(read);
            }
        }
    }

    fn line(&self) -> u64 {
        self.before + self.record.position().map_or(0, csv::Position::line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [Column<'_>; 3] = [
        Column::required("--rna-column", None, &["rna_id"], 1),
        Column::required("--partner-column", None, &["partner_id"], 2),
        Column::optional("--label-column", None, &["label"], 3),
    ];

    /// Each row's line and cells, and the columns that nobody wants.
    fn read(text: &str, dialect: Dialect) -> std::result::Result<(Vec<String>, Vec<String>), String> {
        let input: Input = Box::new(Cursor::new(text.to_owned().into_bytes()));
        let mut table =
            TableReader::from_input(input, Path::new("t"), dialect, &WANTED).map_err(|e| e.to_string())?;
        let unused = table.unused().map(str::to_owned).collect();
        let mut rows = Vec::new();
        while let Some(row) = table.next_row().map_err(|e| e.to_string())? {
            let cell = |i| String::from_utf8_lossy(row.cell(i).unwrap_or(b"-")).into_owned();
            let whole = if row.whole { "" } else { "!" };
            rows.push(format!("{}{whole} {} {} {}", row.line, cell(0), cell(1), cell(2)));
        }
        Ok((rows, unused))
    }

    const WITH: Dialect = Dialect { delimiter: Delimiter::Auto, header: true };
    const WITHOUT: Dialect = Dialect { delimiter: Delimiter::Auto, header: false };

    #[test]
    fn the_delimiter_is_the_one_that_yields_the_columns() {
        for (text, unused) in [
            ("rna_id;partner_id;label;pKd (M, 25 C)\nr1;p1;1;6\n", vec!["pKd (M, 25 C)"]),
            ("rna_id,partner_id,label,a;b;c;d\nr1,p1,1,x\n", vec!["a;b;c;d"]),
            ("rna_id\tpartner_id\tlabel\tx,y,z\nr1\tp1\t1\t2\n", vec!["x,y,z"]),
            ("\"rna_id\",\"partner_id\",\"label\"\nr1,p1,1\n", vec![]),
        ] {
            assert_eq!(
                read(text, WITH).unwrap(),
                (vec!["2 r1 p1 1".to_owned()], unused.into_iter().map(str::to_owned).collect())
            );
        }
        assert_eq!(read("r1;p1;6,5\nr2;p2;7,25\n", WITHOUT).unwrap().0, ["1 r1 p1 6,5", "2 r2 p2 7,25"]);
    }

    #[test]
    fn what_programs_write_around_a_table_is_passed_over() {
        for (text, rows) in [
            ("sep=;\nrna_id;partner_id;label\nr1;p1;1\n", "3 r1 p1 1"),
            ("\"sep=;\"\r\nrna_id;partner_id;label\r\nr1;p1;1\r\n", "3 r1 p1 1"),
            (
                "\u{feff}\n \n# made by hand, in May\nrna_id,partner_id,label\nr1,p1,1\n# the end\n",
                "5 r1 p1 1",
            ),
            ("rna_id,partner_id,label\r\n\r\n\"r1\",p1,\"1\"\r\n \r\n", "3 r1 p1 1"),
            ("#rna_id\tpartner_id\tlabel\nr1\tp1\t1\n", "2 r1 p1 1"),
            ("rna_id,partner_id,label\n# measured twice\nr1,p1,1\n", "3 r1 p1 1"),
            ("\"rna_id\"\t\"partner_id\"\t\"label\"\n\"1\"\t\"r1\"\t\"p1\"\t1\n", "2 r1 p1 1"),
            ("\"\",\"RNA ID\",\"Partner_Id\",\"LABEL\"\n\"1\",\"r1\",\"p1\",1\n", "2 r1 p1 1"),
        ] {
            assert_eq!(read(text, WITH).unwrap().0, [rows], "{text}");
        }
        // An identifier may begin with the sign of a comment, where no line says that there are comments.
        assert_eq!(read("rna_id,partner_id,label\n#1,p1,1\n", WITH).unwrap().0, ["2 #1 p1 1"]);
    }

    #[test]
    fn a_row_of_another_width_is_told() {
        let (rows, _) = read("rna_id,partner_id,label\nr1,p1,1\nr2,p2\nr3,p3,0,x\n", WITH).unwrap();
        assert_eq!(rows, ["2 r1 p1 1", "3! r2 p2 ", "4! r3 p3 0"]);
    }

    #[test]
    fn each_fault_has_its_sentence() {
        for (text, dialect, sentence) in [
            ("", WITH, "t: is empty; check how the file was made"),
            ("\n\n# only a comment\n", WITH, "t: is empty; check how the file was made"),
            (
                "rna_id partner_id\n",
                WITH,
                "t, line 1: the first line holds no tab, comma or semicolon; separate the columns by tabs",
            ),
            (
                "\nrna,partner_id\n",
                WITH,
                "t, line 2: has no column `rna_id`; its columns are rna, partner_id; name it with --rna-column",
            ),
            ("rna_id,RNA_ID,partner_id\n", WITH, ""),
            ("rna_id,rna_id,partner_id\n", WITH, "t, line 1: has two columns `rna_id`; rename one of them"),
            ("Rna_id,RNA_ID,partner_id\n", WITH, "t, line 1: has two columns `rna_id`; rename one of them"),
            ("r1\n", WITHOUT, "t, line 1: the first line holds no tab"),
            ("rna_id,partner_id\n\"r1,p1\nr2,p2\n", WITH, "t, line 2: a quoted cell goes on"),
        ] {
            match read(text, dialect) {
                Ok(_) => assert!(sentence.is_empty(), "{text}"),
                Err(found) => assert!(!sentence.is_empty() && found.starts_with(sentence), "{text}: {found}"),
            }
        }
    }

    #[test]
    fn many_blank_lines_before_a_table_take_no_longer_than_reading_them() {
        let text = format!("{}rna_id,partner_id\nr1,p1\n", "\n".repeat(3_000_000));
        assert_eq!(read(&text, WITH).unwrap().0, ["3000002 r1 p1 -"]);
    }
}
