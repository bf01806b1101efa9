//! Reads tables of predictions, those of other programs included.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Predicted, Row};
use crate::calibrate::probability;
use crate::io::{Source, TsvReader, TsvRow};
use crate::pair::Task;
use crate::record::RecordId;
use crate::split::FoldName;
use crate::trust::Flag;
use crate::{Place, Result};

const AGAIN: &str = "make the table with crossmamba-predict";

/// A table of predictions.
#[derive(Debug)]
pub struct Predictions {
    path: PathBuf,
    /// What is predicted.
    pub task: Task,
    /// The unit of affinities, where the table names it.
    pub unit: Option<String>,
    /// The rows, each about another pair.
    pub rows: Vec<Row>,
    /// How well training knows each pair, where a column `trust` says so.
    pub flags: Vec<Option<Flag>>,
    lines: Vec<u64>,
}

/// Where the prediction stands and what it is.
enum Column {
    Interaction { score: Option<usize>, probability: Option<usize> },
    Affinity(usize),
}

impl Predictions {
    /// Reads `rna_id`, `partner_id`, perhaps `label` and `fold`, and either `affinity`, perhaps with its `unit`, or `probability`, or `score`: a
    /// logit, from which the probability is computed if there is none. Of a table that says so, how well training knows each
    /// pair (`trust`) and within which bounds an affinity lies (`low`, `high`) is read as well. The file may be compressed; `-` is standard input.
    ///
    /// ```
    /// use crossmamba::prediction::Predictions;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("predictions.tsv");
    /// std::fs::write(&path, "rna_id\tpartner_id\tfold\tscore\nr1\tp1\t0\t0\n").unwrap();
    /// let predictions = Predictions::read(&path).unwrap();
    /// assert_eq!(predictions.rows[0].value(), 0.5);
    /// ```
    ///
    /// # Errors
    /// A missing column, both kinds of prediction, a value that is not finite, a probability outside 0 to 1, a pair that
    /// stands in the table twice, or no row at all. The error names the line.
    pub fn read(source: impl Into<Source>) -> Result<Self> {
        let source = source.into();
        let (path, mut table) = (source.path(), TsvReader::open(&source)?);
        let (rna, partner) = (table.require("rna_id")?, table.require("partner_id")?);
        let (label, fold, trust) = (table.find("label"), table.find("fold"), table.find("trust"));
        let column = Column::find(&table, path)?;
        let bounds = table.find("low").zip(table.find("high"));
        let bounds = bounds.filter(|_| matches!(column, Column::Affinity(_)));
        let in_unit = table.find("unit").filter(|_| matches!(column, Column::Affinity(_)));
        let mut unit: Option<String> = None;
        let (mut rows, mut flags, mut lines): (Vec<Row>, Vec<_>, Vec<u64>) = Default::default();
        let mut seen = HashMap::new();
        while let Some(cells) = table.next_row()? {
            let id = |column| {
                RecordId::new(cells.get(column)).map_err(|problem| cells.place().error(problem, AGAIN))
            };
            let row = Row {
                rna: id(rna)?,
                partner: id(partner)?,
                label: label.map(|column| label_of(&cells, column)).transpose()?.flatten(),
                fold: fold
                    .map(|column| cells.get(column))
                    .filter(|fold| !fold.is_empty())
                    .map(FoldName::of_cell),
                predicted: column.of(&cells)?,
                interval: bounds.map(|columns| bounds_of(&cells, columns)).transpose()?.flatten(),
                trusted: None,
            };
            if let Some(first) = seen.insert((row.rna.clone(), row.partner.clone()), cells.line()) {
                let problem = format!("the pair stands on line {first} already");
                return Err(cells.place().record(row.pair()).error(problem, "keep one of the rows"));
            }
            if let Some(text) = in_unit.map(|column| cells.get(column)).filter(|text| !text.is_empty()) {
                let first = unit.get_or_insert_with(|| text.to_owned());
                if first.as_str() != text {
                    let problem = format!("the unit `{text}` is not that of the rows before, `{first}`");
                    return Err(cells.place().record(row.pair()).error(problem, "convert them to one unit"));
                }
            }
            rows.push(row);
            flags.push(trust.and_then(|column| Flag::named(cells.get(column))));
            lines.push(cells.line());
        }
        if rows.is_empty() {
            return Err(Place::file(path).error("holds no prediction", "check how the file was made"));
        }
        let task = if matches!(column, Column::Affinity(_)) { Task::Affinity } else { Task::Classification };
        Ok(Self { path: path.to_path_buf(), task, unit, rows, flags, lines })
    }

    /// Gives the file that the predictions came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names a row for an error.
    pub fn place(&self, at: usize) -> Place {
        Place::file(&self.path).line(self.lines[at]).record(self.rows[at].pair())
    }
}

impl Column {
    fn find(table: &TsvReader, path: &Path) -> Result<Self> {
        let wrong = |problem: &str, remedy: &str| Err(Place::file(path).line(1).error(problem, remedy));
        match (table.find("probability"), table.find("score"), table.find("affinity")) {
            (None, None, Some(column)) => Ok(Self::Affinity(column)),
            (None, None, None) => {
                wrong("has no column `probability`, `score` or `affinity`", "make it with crossmamba-predict")
            }
            (None, Some(_), None) if table.find("p_value").is_some() => wrong(
                "has scores of p-values, which are no logits",
                "ask crossmamba-audit --predictions, which goes by their order",
            ),
            (probability, score, None) => Ok(Self::Interaction { score, probability }),
            _ => wrong("has probabilities (or scores) and affinities", "keep the columns of one of them"),
        }
    }

    fn of(&self, row: &TsvRow<'_>) -> Result<Predicted> {
        let (score, column) = match *self {
            Self::Affinity(column) => return finite(row, column, "affinity").map(Predicted::Affinity),
            Self::Interaction { score, probability } => (score, probability),
        };
        let Some(column) = column else {
            let score = score.map(|column| finite(row, column, "score")).transpose()?;
            let probability = probability(score.unwrap_or(f64::NAN), 1.0);
            if probability == 1.0 {
                // All such would be one, whatever their order.
                let problem = format!("score `{}` is no logit", score.unwrap_or(f64::NAN));
                let remedy =
                    "give probabilities; crossmamba-audit --predictions takes any scores, by their order";
                return Err(row.place().error(problem, remedy));
            }
            return Ok(Predicted::Interaction { score, probability });
        };
        let probability = finite(row, column, "probability")?;
        if !(0.0..=1.0).contains(&probability) {
            let problem = format!("probability `{probability}` is not between 0 and 1");
            return Err(row.place().error(problem, "name a column of logits `score`"));
        }
        // Beside a probability a score only informs.
        let score =
            score.and_then(|column| row.get(column).parse().ok()).filter(|score: &f64| score.is_finite());
        Ok(Predicted::Interaction { score, probability })
    }
}

fn label_of(row: &TsvRow<'_>, column: usize) -> Result<Option<f64>> {
    match row.get(column) {
        "" | "NA" => Ok(None),
        _ => finite(row, column, "label").map(Some),
    }
}

/// Reads the bounds of an affinity; none where both cells are empty.
fn bounds_of(row: &TsvRow<'_>, (low, high): (usize, usize)) -> Result<Option<(f64, f64)>> {
    let unknown = |column| matches!(row.get(column), "" | "NA");
    if unknown(low) && unknown(high) {
        return Ok(None);
    }
    let (low, high) = (finite(row, low, "low")?, finite(row, high, "high")?);
    if low > high {
        let problem = format!("the bounds {low} to {high} hold no value");
        return Err(row.place().error(problem, "exchange `low` and `high`"));
    }
    Ok(Some((low, high)))
}

fn finite(row: &TsvRow<'_>, column: usize, what: &str) -> Result<f64> {
    let text = row.get(column);
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => {
            let problem = format!("{what} `{}` is not a finite number", text.escape_debug());
            Err(row.place().error(problem, "predict the pair again or remove its row"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::{Columns, Writer};

    fn read(text: &str) -> std::result::Result<Predictions, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.tsv");
        std::fs::write(&path, text).unwrap();
        Predictions::read(&path).map_err(|e| e.to_string().rsplit_once('/').unwrap().1.to_owned())
    }

    #[test]
    fn what_was_written_is_read_back() {
        let tables = [
            "rna_id\tpartner_id\tlabel\tfold\tscore\tprobability\nr\tp\t1\t0\t-2.5\t0.0759\nr\tq\t0\t12\t3\t0.9\n",
            "rna_id\tpartner_id\tlabel\tfold\taffinity\nr\tp\t4.25e-9\ttest\t3.1e-9\n",
            "rna_id\tpartner_id\taffinity\tunit\nr\tp\t3.1\t-log10 M\nr\tq\t5\t-log10 M\n",
            "rna_id\tpartner_id\tscore\tprobability\nr\tp\t0\t0.5\n",
        ];
        for text in tables {
            let found = read(text).unwrap();
            let header = text.lines().next().unwrap();
            let columns = Columns {
                label: header.contains("label"),
                fold: header.contains("fold"),
                task: found.task,
                unit: found.unit.as_deref(),
                trust: header.contains("trust"),
            };
            let mut out = Vec::new();
            let mut writer = Writer::start(&mut out, columns).unwrap();
            found.rows.iter().try_for_each(|row| writer.row(row)).unwrap();
            writer.finish().unwrap();
            assert_eq!(String::from_utf8(out).unwrap().replace("0.00000000425", "4.25e-9"), text);
        }
    }

    #[test]
    fn each_fault_has_its_sentence() {
        let cases = [
            ("rna_id\tpartner_id\nr\tp\n", "p.tsv, line 1: has no column `probability`, `score` or"),
            (
                "rna_id\tpartner_id\tscore\taffinity\nr\tp\t1\t2\n",
                "p.tsv, line 1: has probabilities (or scores)",
            ),
            ("rna_id\tpartner_id\tscore\nr\tp\tinf\n", "p.tsv, line 2: score `inf` is not a finite number"),
            ("rna_id\tpartner_id\tscore\nr\tp\t57.3\n", "p.tsv, line 2: score `57.3` is no logit"),
            ("rna_id\tpartner_id\tscore\tp_value\nr\tp\t3\t0.001\n", "p.tsv, line 1: has scores of p-values"),
            (
                "rna_id\tpartner_id\tprobability\nr\tp\t1.5\n",
                "p.tsv, line 2: probability `1.5` is not between",
            ),
            (
                "rna_id\tpartner_id\tscore\nr\tp\t1\nr\tp\t1\n",
                "p.tsv, line 3, record `r p`: the pair stands on line 2",
            ),
            ("rna_id\tpartner_id\tscore\n", "p.tsv: holds no prediction"),
        ];
        for (text, start) in cases {
            let message = read(text).unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
