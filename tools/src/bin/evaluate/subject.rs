//! Joins predictions, labels and split into what is measured.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crossmamba::io::Source;
use crossmamba::pair::{Pair, PairTable, Task};
use crossmamba::prediction::Predictions;
use crossmamba::split::{Fold, Groups, Part, Split};
use crossmamba::{Place, Result};

/// What is measured: the test pairs, their labels and predictions, and the pairs that were trained on.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) task: Task,
    /// Every known pair.
    pub(super) table: PairTable,
    /// The pairs that are measured, as indices into the table, ascending.
    pub(super) test: Vec<usize>,
    /// The label of each measured pair.
    pub(super) truth: Vec<f64>,
    /// For each file of predictions, the value of each measured pair.
    pub(super) values: Vec<Vec<f64>>,
    /// For each file of predictions, the bounds of each measured affinity, where the file has any.
    pub(super) bounds: Vec<Option<Vec<(f64, f64)>>>,
    /// For each measured pair, its row in the first file of predictions.
    pub(super) rows: Vec<Option<usize>>,
    /// The trainings with their tests, if they are known; validation pairs count as training pairs.
    pub(super) folds: Vec<Fold>,
    /// For each measured pair, the name of its fold.
    names: Vec<String>,
}

impl Subject {
    pub(super) fn join(
        predictions: &[Predictions],
        pairs: Option<&Source>,
        splits: Option<&Source>,
    ) -> Result<Self> {
        let first = &predictions[0];
        if let Some(other) = predictions.iter().find(|other| other.task != first.task) {
            let problem = format!("predicts {}, {} {}", other.task, first.path().display(), first.task);
            return Err(Place::file(other.path()).error(problem, "compare predictions of one task"));
        }
        let table = match pairs {
            Some(path) => PairTable::read(path)?,
            None => PairTable::new(
                first
                    .rows
                    .iter()
                    .map(|row| Pair { rna: row.rna.clone(), partner: row.partner.clone(), label: row.label })
                    .collect(),
            ),
        };
        // Where labels come from, for errors.
        let source = pairs.map_or(first.path(), Source::path);
        if let (Some(own), Some(known)) = (&first.unit, &table.unit)
            && own != known
        {
            let problem = format!("affinities are in {own}, labels of {} in {known}", source.display());
            return Err(Place::file(first.path()).error(problem, "convert one of them"));
        }
        let mut found = Vec::new();
        for one in predictions {
            found.push(matched(one, &table, source)?);
        }
        let split = match splits {
            Some(path) => {
                let split = Split::read(path, &table)?;
                agrees(&split, predictions, &found, path)?;
                Some(split)
            }
            None => split_of(first, &found[0], table.pairs.len()),
        };
        let mut folds = split.as_ref().map_or(Vec::new(), Split::folds);
        for fold in &mut folds {
            fold.train.append(&mut fold.validation);
            fold.train.sort_unstable();
        }
        let test: Vec<usize> = if split.is_some() {
            let test: BTreeSet<usize> = folds.iter().flat_map(|fold| fold.test.iter().copied()).collect();
            test.into_iter().collect()
        } else {
            (0..table.pairs.len()).filter(|&i| found[0][i].is_some()).collect()
        };
        let truth = labels(first.task, &table, &test, source)?;
        let mut values = Vec::new();
        for (one, rows) in predictions.iter().zip(&found) {
            values.push(complete(one, rows, &table, &test)?);
        }
        let names = match &split {
            Some(_) => {
                let mut names = vec![String::new(); table.pairs.len()];
                for fold in &folds {
                    for &i in &fold.test {
                        fold.name.cell().clone_into(&mut names[i]);
                    }
                }
                test.iter().map(|&i| std::mem::take(&mut names[i])).collect()
            }
            None => test
                .iter()
                .map(|&i| found[0][i].and_then(|row| first.rows[row].fold.as_ref()))
                .map(|fold| fold.map_or_else(String::new, |fold| fold.cell().to_owned()))
                .collect(),
        };
        let bounds = predictions.iter().zip(&found).map(|(one, rows)| bounds_of(one, rows, &test)).collect();
        let rows = test.iter().map(|&i| found[0][i]).collect();
        Ok(Self { task: first.task, table, test, truth, values, bounds, rows, folds, names })
    }

    /// Gives the folds by name with the places of their pairs among the measured ones.
    pub(super) fn groups(&self) -> Vec<(String, Vec<usize>)> {
        let mut names: Vec<&String> = self.names.iter().collect::<BTreeSet<_>>().into_iter().collect();
        names.sort_by_key(|name| (name.parse::<u64>().unwrap_or(u64::MAX), *name));
        names
            .into_iter()
            .map(|name| (name.clone(), (0..self.names.len()).filter(|&i| self.names[i] == *name).collect()))
            .collect()
    }

    /// Gives the measured pairs.
    pub(super) fn pairs(&self) -> Vec<&Pair> {
        self.test.iter().map(|&i| &self.table.pairs[i]).collect()
    }
}

/// Finds for each pair of the table its row among the predictions.
fn matched(predictions: &Predictions, table: &PairTable, source: &Path) -> Result<Vec<Option<usize>>> {
    let index: HashMap<(&str, &str), usize> = table
        .pairs
        .iter()
        .enumerate()
        .map(|(i, pair)| ((pair.rna.as_str(), pair.partner.as_str()), i))
        .collect();
    let mut rows = vec![None; table.pairs.len()];
    for (r, row) in predictions.rows.iter().enumerate() {
        let Some(&i) = index.get(&(row.rna.as_str(), row.partner.as_str())) else {
            let problem = format!("the pair is not in {}", source.display());
            return Err(predictions.place(r).error(problem, "use the table that was predicted"));
        };
        if let (Some(own), Some(known)) = (row.label, table.pairs[i].label)
            && (own - known).abs() > 1e-6 * own.abs().max(known.abs())
        {
            let problem = format!("label {own} is {known} in {}", source.display());
            return Err(predictions.place(r).error(problem, "use the table that was predicted"));
        }
        rows[i] = Some(r);
    }
    Ok(rows)
}

/// Refuses predictions that say they were made in another fold than the split says.
fn agrees(
    split: &Split,
    predictions: &[Predictions],
    found: &[Vec<Option<usize>>],
    path: &Path,
) -> Result<()> {
    for (one, rows) in predictions.iter().zip(found) {
        let folds = rows.iter().map(|row| one.rows[(*row)?].fold.as_ref());
        if let Some((at, problem)) = split.contradiction(folds, path) {
            let place = rows[at].map_or_else(|| Place::file(one.path()), |row| one.place(row));
            return Err(place.error(problem, "use the split that was trained on"));
        }
    }
    Ok(())
}

/// Takes the split from the predictions themselves, when they hold every pair with its fold.
fn split_of(predictions: &Predictions, rows: &[Option<usize>], pairs: usize) -> Option<Split> {
    let parts: Vec<Part> =
        rows.iter().filter_map(|row| predictions.rows[(*row)?].fold.as_ref()?.cell().parse().ok()).collect();
    if parts.len() == pairs { Split::new(parts, Groups::default()).ok() } else { None }
}

fn labels(task: Task, table: &PairTable, test: &[usize], source: &Path) -> Result<Vec<f64>> {
    let place = || Place::file(source);
    if test.iter().all(|&i| table.pairs[i].label.is_none()) {
        let remedy = "add a column `label`, or give the table that has it with --pairs";
        return Err(place().error("has no labels to measure against", remedy));
    }
    let label = |&i: &usize| {
        let pair = &table.pairs[i];
        let here = || place().record(format!("{} {}", pair.rna, pair.partner));
        match pair.label {
            None => Err(here().error("has no label", "add it or remove the pair")),
            Some(label) if task == Task::Classification && label != 0.0 && label != 1.0 => {
                let remedy = "measure probabilities against 0 and 1, or predict affinities";
                Err(here().error(format!("label {label} is not 0 or 1"), remedy))
            }
            Some(label) => Ok(label),
        }
    };
    test.iter().map(label).collect()
}

/// Gives the bounds of each measured pair, NaN where it has none; `None` where none has any.
fn bounds_of(predictions: &Predictions, rows: &[Option<usize>], test: &[usize]) -> Option<Vec<(f64, f64)>> {
    let of = |&pair: &usize| rows[pair].and_then(|row| predictions.rows[row].interval);
    let found: Vec<Option<(f64, f64)>> = test.iter().map(of).collect();
    found
        .iter()
        .any(Option::is_some)
        .then(|| found.into_iter().map(|bounds| bounds.unwrap_or((f64::NAN, f64::NAN))).collect())
}

/// Gives the value of each measured pair.
fn complete(
    predictions: &Predictions,
    rows: &[Option<usize>],
    table: &PairTable,
    test: &[usize],
) -> Result<Vec<f64>> {
    let missing: Vec<usize> = test.iter().copied().filter(|&i| rows[i].is_none()).collect();
    if let Some(&first) = missing.first() {
        let pair = &table.pairs[first];
        let problem = format!("has no prediction for {} of the {} test pairs", missing.len(), test.len());
        return Err(Place::file(predictions.path())
            .record(format!("{} {}", pair.rna, pair.partner))
            .error(problem, "predict every test pair"));
    }
    let unused = rows.iter().flatten().count() - test.len();
    if unused > 0 {
        tracing::info!(
            "{}: {unused} predictions of pairs that are not tested are left out",
            predictions.path().display()
        );
    }
    Ok(test.iter().filter_map(|&i| Some(predictions.rows[rows[i]?].value())).collect())
}
