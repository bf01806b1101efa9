//! Writes tables for people and programs: one row after the other, in the form that is asked for.

use std::fmt::Display;
use std::io::{self, Write};

use self::parquet::ParquetRows;
use super::Number;

mod parquet;

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum TableForm {
    /// Columns divided by tabs.
    #[default]
    Tsv,
    /// Columns divided by commas, in quotes where they must be.
    Csv,
    /// An object per line.
    Jsonl,
    /// Apache Parquet, for data frames: numbers are numbers, and what is not known is null.
    Parquet,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Number`] or [`Cell::Exact`].
    Number,
    /// [`Cell::Count`].
    Count,
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Text without tabs and line ends.
    Text(&'a str),
    /// A number with six significant digits.
    Number(f64),
    /// A number as it is.
    Exact(f64),
    /// A whole number.
    Count(u64),
    /// What is not known.
    Unknown,
}

impl Cell<'_> {
    /// Writes the cell as a JSON value; what is not known, or not finite, is `null`.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn write_json(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Text(text) => Ok(serde_json::to_writer(out, text)?),
            Self::Number(value) => json_number(out, value, Number(value)),
            Self::Exact(value) => json_number(out, value, value),
            Self::Count(count) => write!(out, "{count}"),
            Self::Unknown => write!(out, "null"),
        }
    }
}

/// Writes the rows of a table.
///
/// ```
/// use crossmamba::io::{Cell, Holds, RowWriter, TableForm};
///
/// let write = |form| {
///     let mut table = Vec::new();
///     let columns = [("id", Holds::Text), ("score", Holds::Number)];
///     let mut rows = RowWriter::start(&mut table, form, columns).unwrap();
///     rows.row(&[Cell::Text("a,b"), Cell::Number(2.0 / 3.0)]).unwrap();
///     rows.finish().unwrap();
///     String::from_utf8(table).unwrap()
/// };
/// assert_eq!(write(TableForm::Tsv), "id\tscore\na,b\t0.666667\n");
/// assert_eq!(write(TableForm::Csv), "id,score\n\"a,b\",0.666667\n");
/// assert_eq!(write(TableForm::Jsonl), "{\"id\":\"a,b\",\"score\":0.666667}\n");
/// ```
pub struct RowWriter<W: Write + Send>(Rows<W>);

enum Rows<W: Write + Send> {
    Text { out: W, separator: char },
    Objects { out: W, columns: Vec<&'static str> },
    Parquet(Box<ParquetRows<W>>),
}

impl<W: Write + Send> RowWriter<W> {
    /// Writes the header, if the form has one.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn start(
        mut out: W,
        form: TableForm,
        columns: impl IntoIterator<Item = (&'static str, Holds)>,
    ) -> io::Result<Self> {
        let columns: Vec<(&'static str, Holds)> = columns.into_iter().collect();
        let names: Vec<&'static str> = columns.iter().map(|&(name, _)| name).collect();
        let separator = if form == TableForm::Csv { ',' } else { '\t' };
        Ok(Self(match form {
            TableForm::Tsv | TableForm::Csv => {
                writeln!(out, "{}", names.join(&separator.to_string()))?;
                Rows::Text { out, separator }
            }
            TableForm::Jsonl => Rows::Objects { out, columns: names },
            TableForm::Parquet => Rows::Parquet(Box::new(ParquetRows::start(out, &columns)?)),
        }))
    }

    /// Writes one row, a cell for each column; what is not known is empty, or `null`.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match &mut self.0 {
            Rows::Text { out, separator } => text_row(out, *separator, cells),
            Rows::Objects { out, columns } => {
                write!(out, "{{")?;
                for (number, (column, cell)) in columns.iter().zip(cells).enumerate() {
                    write!(out, "{}\"{column}\":", if number == 0 { "" } else { "," })?;
                    cell.write_json(out)?;
                }
                writeln!(out, "}}")
            }
            Rows::Parquet(rows) => rows.row(cells),
        }
    }

    /// Writes what comes after the rows; without it, a table of some forms cannot be read.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Rows::Text { .. } | Rows::Objects { .. } => Ok(()),
            Rows::Parquet(rows) => rows.finish(),
        }
    }
}

fn text_row(out: &mut impl Write, separator: char, cells: &[Cell<'_>]) -> io::Result<()> {
    for (number, cell) in cells.iter().enumerate() {
        if number > 0 {
            write!(out, "{separator}")?;
        }
        match *cell {
            Cell::Text(text) if separator == ',' && text.contains([',', '"']) => {
                write!(out, "\"{}\"", text.replace('"', "\"\""))?;
            }
            Cell::Text(text) => write!(out, "{text}")?,
            Cell::Number(value) => write!(out, "{}", Number(value))?,
            Cell::Exact(value) => write!(out, "{value}")?,
            Cell::Count(count) => write!(out, "{count}")?,
            Cell::Unknown => {}
        }
    }
    writeln!(out)
}

/// JSON knows finite numbers only.
fn json_number(out: &mut impl Write, value: f64, shown: impl Display) -> io::Result<()> {
    if value.is_finite() { write!(out, "{shown}") } else { write!(out, "null") }
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::Field;

    use super::*;

    /// Reads a table as the readers of the crate read it: the cells of each row by column.
    fn read_parquet(table: &[u8]) -> Vec<Vec<(String, Field)>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(table).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        rows.map(|row| row.unwrap().into_columns()).collect()
    }

    #[test]
    fn parquet_keeps_the_rows_of_many_groups_in_their_order_and_their_numbers_as_text_shows_them() {
        let columns = [("id", Holds::Text), ("score", Holds::Number)];
        let (count, id) = (150_000_u32, |at: u32| format!("r{}", at % 1000));
        let score =
            |at: u32| if at.is_multiple_of(7) { Cell::Unknown } else { Cell::Number(f64::from(at) / 3.0) };
        let mut table = Vec::new();
        let mut rows = RowWriter::start(&mut table, TableForm::Parquet, columns).unwrap();
        for at in 0..count {
            rows.row(&[Cell::Text(&id(at)), score(at)]).unwrap();
        }
        rows.finish().unwrap();
        let read = read_parquet(&table);
        assert_eq!(read.len(), count as usize);
        for (at, row) in (0..count).zip(read) {
            let score = match score(at) {
                Cell::Number(value) => Field::Double(Number(value).to_string().parse().unwrap()),
                _ => Field::Null,
            };
            assert_eq!(row, [("id".to_owned(), Field::Str(id(at))), ("score".to_owned(), score)]);
        }
    }

    #[test]
    fn a_disk_that_is_full_is_said_as_it_is() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let columns = [("id", Holds::Text)];
        let written = RowWriter::start(Full, TableForm::Parquet, columns).and_then(RowWriter::finish);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn every_form_holds_the_same_cells_and_readers_of_its_kind_read_them() {
        let cells = [
            Cell::Text("r\"1\""),
            Cell::Unknown,
            Cell::Number(1.5e-9),
            Cell::Exact(0.1 + 0.2),
            Cell::Count(7),
        ];
        let names = ["id", "label", "p", "exact", "start"];
        let holds = [Holds::Text, Holds::Number, Holds::Number, Holds::Number, Holds::Count];
        let write = |form| {
            let mut table = Vec::new();
            let mut rows = RowWriter::start(&mut table, form, names.into_iter().zip(holds)).unwrap();
            rows.row(&cells).unwrap();
            rows.finish().unwrap();
            table
        };
        let expected = ["r\"1\"", "", "1.5e-9", "0.30000000000000004", "7"];
        let csv = write(TableForm::Csv);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), names);
        assert_eq!(reader.records().next().unwrap().unwrap().iter().collect::<Vec<_>>(), expected);
        let tsv = String::from_utf8(write(TableForm::Tsv)).unwrap();
        assert_eq!(tsv.lines().nth(1).unwrap().split('\t').collect::<Vec<_>>(), expected);
        let value: serde_json::Value = serde_json::from_slice(&write(TableForm::Jsonl)).unwrap();
        let wanted = serde_json::json!({
            "id": "r\"1\"", "label": null, "p": 1.5e-9, "exact": 0.1 + 0.2, "start": 7
        });
        assert_eq!(value, wanted);
        let row = &read_parquet(&write(TableForm::Parquet))[0];
        let fields = [
            Field::Str("r\"1\"".to_owned()),
            Field::Null,
            Field::Double(1.5e-9),
            Field::Double(0.1 + 0.2),
            Field::Long(7),
        ];
        let fields: Vec<_> = names.map(str::to_owned).into_iter().zip(fields).collect();
        assert_eq!(*row, fields);
    }
}
