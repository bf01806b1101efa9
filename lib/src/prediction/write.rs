//! Writes tables of predictions.

use std::io::{self, Write};

use super::{Predicted, Row, Trusted};
use crate::io::{Cell, Holds, RowWriter, TableForm};
use crate::pair::Task;

/// Which columns a table of predictions has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns<'a> {
    /// Whether labels are known.
    pub label: bool,
    /// Whether each pair was predicted in a fold.
    pub fold: bool,
    /// What is predicted: score and probability, or an affinity.
    pub task: Task,
    /// The unit of an affinity, which gets a column where it is known.
    pub unit: Option<&'a str>,
    /// Whether it is told how far to trust each prediction, and within which bounds an affinity lies.
    pub trust: bool,
}

/// Writes a table of predictions row by row; numbers have six significant digits, labels are copied.
///
/// ```
/// use crossmamba::pair::Task;
/// use crossmamba::prediction::{Columns, Predicted, Row, Writer};
/// use crossmamba::record::RecordId;
///
/// let columns = Columns { label: false, fold: false, task: Task::Affinity, unit: Some("pKd"), trust: false };
/// let id = |text| RecordId::new(text).unwrap();
/// let row =
///     Row { rna: id("r1"), partner: id("m1"), label: None, fold: None, predicted: Predicted::Affinity(6.25), interval: None, trusted: None };
/// let mut table = Vec::new();
/// let mut rows = Writer::start(&mut table, columns).unwrap();
/// rows.row(&row).unwrap();
/// rows.finish().unwrap();
/// assert_eq!(table, b"rna_id\tpartner_id\taffinity\tunit\nr1\tm1\t6.25\tpKd\n");
/// ```
pub struct Writer<'a, W: Write + Send> {
    rows: RowWriter<W>,
    columns: Columns<'a>,
}

impl<'a, W: Write + Send> Writer<'a, W> {
    /// Writes the header of a table divided by tabs.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn start(out: W, columns: Columns<'a>) -> io::Result<Self> {
        Self::start_as(TableForm::Tsv, out, columns)
    }

    /// Writes the header of a table of any form.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn start_as(form: TableForm, out: W, columns: Columns<'a>) -> io::Result<Self> {
        let predicted: &[(&str, Holds)] = match (columns.task, columns.unit) {
            (Task::Classification, _) => &[("score", Holds::Number), ("probability", Holds::Number)],
            (Task::Affinity, None) => &[("affinity", Holds::Number)],
            (Task::Affinity, Some(_)) => &[("affinity", Holds::Number), ("unit", Holds::Text)],
        };
        let bounds: &[(&str, Holds)] = match columns.task {
            Task::Classification => &[],
            Task::Affinity => &[("low", Holds::Number), ("high", Holds::Number)],
        };
        let names = [("rna_id", Holds::Text), ("partner_id", Holds::Text)]
            .into_iter()
            .chain(columns.label.then_some(("label", Holds::Number)))
            .chain(columns.fold.then_some(("fold", Holds::Text)));
        let trust = bounds.iter().copied().chain(Trusted::columns(columns.task)).filter(|_| columns.trust);
        let rows = RowWriter::start(out, form, names.chain(predicted.iter().copied()).chain(trust))?;
        Ok(Self { rows, columns })
    }

    /// Writes one row; what is not known of it leaves its cell empty.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        let mut cells = vec![Cell::Text(row.rna.as_str()), Cell::Text(row.partner.as_str())];
        if self.columns.label {
            cells.push(row.label.map_or(Cell::Unknown, Cell::Exact));
        }
        if self.columns.fold {
            cells.push(row.fold.as_ref().map_or(Cell::Unknown, |fold| Cell::Text(fold.cell())));
        }
        match row.predicted {
            Predicted::Interaction { score, probability } => {
                cells.push(score.map_or(Cell::Unknown, Cell::Number));
                cells.push(Cell::Number(probability));
            }
            Predicted::Affinity(value) => {
                cells.push(Cell::Number(value));
                cells.extend(self.columns.unit.map(Cell::Text));
            }
        }
        if self.columns.trust {
            if self.columns.task == Task::Affinity {
                let bounds = row.interval.map(|(low, high)| [low, high].map(Cell::Number));
                cells.extend(bounds.unwrap_or([Cell::Unknown; 2]));
            }
            cells.extend(Trusted::cells(row.trusted.as_ref(), self.columns.task));
        }
        self.rows.row(&cells)
    }

    /// Writes what comes after the rows.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.rows.finish()
    }
}
