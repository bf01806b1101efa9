//! Writes tables for people and programs: one row after the other, in the form that is asked for.

use std::fmt::Display;
use std::io::{self, Write};

use super::Number;

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
/// use crossmamba::io::{Cell, RowWriter, TableForm};
///
/// let write = |form| {
///     let mut table = Vec::new();
///     let mut rows = RowWriter::start(&mut table, form, ["id", "score"]).unwrap();
///     rows.row(&[Cell::Text("a,b"), Cell::Number(2.0 / 3.0)]).unwrap();
///     String::from_utf8(table).unwrap()
/// };
/// assert_eq!(write(TableForm::Tsv), "id\tscore\na,b\t0.666667\n");
/// assert_eq!(write(TableForm::Csv), "id,score\n\"a,b\",0.666667\n");
/// assert_eq!(write(TableForm::Jsonl), "{\"id\":\"a,b\",\"score\":0.666667}\n");
/// ```
pub struct RowWriter<W> {
    out: W,
    form: TableForm,
    columns: Vec<&'static str>,
}

impl<W: Write> RowWriter<W> {
    /// Writes the header, if the form has one.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn start(
        mut out: W,
        form: TableForm,
        columns: impl IntoIterator<Item = &'static str>,
    ) -> io::Result<Self> {
        let columns: Vec<&'static str> = columns.into_iter().collect();
        match form {
            TableForm::Tsv => writeln!(out, "{}", columns.join("\t"))?,
            TableForm::Csv => writeln!(out, "{}", columns.join(","))?,
            TableForm::Jsonl => {}
        }
        Ok(Self { out, form, columns })
    }

    /// Writes one row, a cell for each column; what is not known is empty, or `null`.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        let out = &mut self.out;
        if self.form == TableForm::Jsonl {
            write!(out, "{{")?;
            for (number, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
                write!(out, "{}\"{column}\":", if number == 0 { "" } else { "," })?;
                cell.write_json(out)?;
            }
            return writeln!(out, "}}");
        }
        for (number, cell) in cells.iter().enumerate() {
            if number > 0 {
                write!(out, "{}", if self.form == TableForm::Csv { ',' } else { '\t' })?;
            }
            match *cell {
                Cell::Text(text) if self.form == TableForm::Csv && text.contains([',', '"']) => {
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
}

/// JSON knows finite numbers only.
fn json_number(out: &mut impl Write, value: f64, shown: impl Display) -> io::Result<()> {
    if value.is_finite() { write!(out, "{shown}") } else { write!(out, "null") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_holds_the_same_cells_and_readers_of_its_kind_read_them() {
        let cells = [
            Cell::Text("r\"1\""),
            Cell::Unknown,
            Cell::Number(1.5e-9),
            Cell::Exact(0.1 + 0.2),
            Cell::Count(7),
        ];
        let columns = ["id", "label", "p", "exact", "start"];
        let write = |form| {
            let mut table = Vec::new();
            RowWriter::start(&mut table, form, columns).unwrap().row(&cells).unwrap();
            table
        };
        let expected = ["r\"1\"", "", "1.5e-9", "0.30000000000000004", "7"];
        let csv = write(TableForm::Csv);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), columns);
        assert_eq!(reader.records().next().unwrap().unwrap().iter().collect::<Vec<_>>(), expected);
        let tsv = String::from_utf8(write(TableForm::Tsv)).unwrap();
        assert_eq!(tsv.lines().nth(1).unwrap().split('\t').collect::<Vec<_>>(), expected);
        let value: serde_json::Value = serde_json::from_slice(&write(TableForm::Jsonl)).unwrap();
        let wanted = serde_json::json!({
            "id": "r\"1\"", "label": null, "p": 1.5e-9, "exact": 0.1 + 0.2, "start": 7
        });
        assert_eq!(value, wanted);
    }
}
