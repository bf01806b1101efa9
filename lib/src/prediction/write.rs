//! Writes tables of predictions.

use std::io::{self, Write};

use super::{Predicted, Row};
use crate::io::Number;
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
}

/// Writes a table of predictions row by row; numbers have six significant digits, labels are copied.
///
/// ```
/// use crossmamba::pair::Task;
/// use crossmamba::prediction::{Columns, Predicted, Row, Writer};
/// use crossmamba::record::RecordId;
///
/// let columns = Columns { label: false, fold: false, task: Task::Affinity, unit: Some("pKd") };
/// let id = |text| RecordId::new(text).unwrap();
/// let row =
///     Row { rna: id("r1"), partner: id("m1"), label: None, fold: None, predicted: Predicted::Affinity(6.25) };
/// let mut table = Vec::new();
/// Writer::start(&mut table, columns).unwrap().row(&row).unwrap();
/// assert_eq!(table, b"rna_id\tpartner_id\taffinity\tunit\nr1\tm1\t6.25\tpKd\n");
/// ```
pub struct Writer<'a, W> {
    out: W,
    columns: Columns<'a>,
}

impl<'a, W: Write> Writer<'a, W> {
    /// Writes the header.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn start(mut out: W, columns: Columns<'a>) -> io::Result<Self> {
        write!(out, "rna_id\tpartner_id\t")?;
        if columns.label {
            write!(out, "label\t")?;
        }
        if columns.fold {
            write!(out, "fold\t")?;
        }
        writeln!(
            out,
            "{}",
            match (columns.task, columns.unit) {
                (Task::Classification, _) => "score\tprobability",
                (Task::Affinity, None) => "affinity",
                (Task::Affinity, Some(_)) => "affinity\tunit",
            }
        )?;
        Ok(Self { out, columns })
    }

    /// Writes one row; what is not known of it leaves its cell empty.
    ///
    /// # Errors
    /// An output that cannot be written.
    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        let out = &mut self.out;
        write!(out, "{}\t{}\t", row.rna, row.partner)?;
        if self.columns.label {
            write!(out, "{}\t", row.label.map(|label| label.to_string()).unwrap_or_default())?;
        }
        if self.columns.fold {
            write!(out, "{}\t", row.fold.as_ref().map_or("", |fold| fold.cell()))?;
        }
        match row.predicted {
            Predicted::Interaction { score, probability } => {
                let score = score.map(|score| Number(score).to_string()).unwrap_or_default();
                writeln!(out, "{score}\t{}", Number(probability))
            }
            Predicted::Affinity(value) => match self.columns.unit {
                None => writeln!(out, "{}", Number(value)),
                Some(unit) => writeln!(out, "{}\t{unit}", Number(value)),
            },
        }
    }
}
