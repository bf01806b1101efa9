//! Reads predictions of either task.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crossmamba::calibrate::probability;
use crossmamba::io::{Row, TsvReader};
use crossmamba::pair::Task;
use crossmamba::record::RecordId;
use crossmamba::{Place, Result};

/// A file of predictions.
#[derive(Debug)]
pub(super) struct Predictions {
    pub(super) path: PathBuf,
    pub(super) task: Task,
    pub(super) rows: Vec<Prediction>,
}

/// One row.
#[derive(Debug)]
pub(super) struct Prediction {
    pub(super) line: u64,
    pub(super) rna: RecordId,
    pub(super) partner: RecordId,
    pub(super) label: Option<f64>,
    pub(super) fold: Option<String>,
    /// A probability or an affinity.
    pub(super) value: f64,
}

impl Prediction {
    /// Names the pair as in errors.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.rna, self.partner)
    }
}

/// Where the value stands and what it is.
enum Value {
    Probability(usize),
    Score(usize),
    Affinity(usize),
}

impl Predictions {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut table = TsvReader::open(path)?;
        let (rna, partner) = (table.require("rna_id")?, table.require("partner_id")?);
        let (label, fold) = (table.find("label"), table.find("fold"));
        let value = match (table.find("probability"), table.find("score"), table.find("affinity")) {
            (None, None, Some(column)) => Value::Affinity(column),
            (Some(column), _, None) => Value::Probability(column),
            (None, Some(column), None) => Value::Score(column),
            (None, None, None) => {
                let problem = "has no column `probability`, `score` or `affinity`";
                return Err(Place::file(path).line(1).error(problem, "make it with crossmamba-predict"));
            }
            _ => {
                let problem = "has probabilities (or scores) and affinities";
                return Err(Place::file(path).line(1).error(problem, "keep the columns of one of them"));
            }
        };
        let mut rows: Vec<Prediction> = Vec::new();
        let mut lines = HashMap::new();
        while let Some(row) = table.next_row()? {
            let id = |column| {
                RecordId::new(row.get(column))
                    .map_err(|problem| row.place().error(problem, "make the table with crossmamba-predict"))
            };
            let prediction = Prediction {
                line: row.line(),
                rna: id(rna)?,
                partner: id(partner)?,
                label: label.map(|column| label_of(&row, column)).transpose()?.flatten(),
                fold: fold.map(|column| row.get(column)).filter(|fold| !fold.is_empty()).map(named),
                value: value.of(&row)?,
            };
            let pair = (prediction.rna.clone(), prediction.partner.clone());
            if let Some(first) = lines.insert(pair, row.line()) {
                let problem = format!("the pair stands on line {first} already");
                return Err(row.place().record(prediction.name()).error(problem, "keep one of the rows"));
            }
            rows.push(prediction);
        }
        if rows.is_empty() {
            return Err(Place::file(path).error("holds no prediction", "check how the file was made"));
        }
        let task = if matches!(value, Value::Affinity(_)) { Task::Affinity } else { Task::Classification };
        Ok(Self { path: path.to_path_buf(), task, rows })
    }

    /// Names a row for an error.
    pub(super) fn place(&self, row: &Prediction) -> Place {
        Place::file(&self.path).line(row.line).record(row.name())
    }
}

/// Folds are named by their number in splits and may be `fold-<number>` elsewhere.
fn named(fold: &str) -> String {
    fold.strip_prefix("fold-").unwrap_or(fold).to_owned()
}

fn label_of(row: &Row<'_>, column: usize) -> Result<Option<f64>> {
    let text = row.get(column);
    if text.is_empty() || text == "NA" {
        return Ok(None);
    }
    finite(row, column, "label").map(Some)
}

fn finite(row: &Row<'_>, column: usize, what: &str) -> Result<f64> {
    let text = row.get(column);
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => {
            let problem = format!("{what} `{}` is not a finite number", text.escape_debug());
            Err(row.place().error(problem, "predict the pair again or remove its row"))
        }
    }
}

impl Value {
    fn of(&self, row: &Row<'_>) -> Result<f64> {
        match *self {
            Self::Affinity(column) => finite(row, column, "affinity"),
            Self::Score(column) => Ok(probability(finite(row, column, "score")?, 1.0)),
            Self::Probability(column) => {
                let value = finite(row, column, "probability")?;
                if (0.0..=1.0).contains(&value) {
                    return Ok(value);
                }
                let problem = format!("probability `{value}` is not between 0 and 1");
                Err(row.place().error(problem, "name a column of logits `score`"))
            }
        }
    }
}
