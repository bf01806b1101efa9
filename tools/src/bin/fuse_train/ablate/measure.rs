//! Measures the rows of a table of settings on what their models predicted out of fold.

use std::path::PathBuf;

use crossmamba::Result;
use crossmamba::identity::Identity;
use crossmamba::metrics::{Metric, Resample};
use crossmamba::pair::{Pair, PairTable, Sides};
use crossmamba::prediction::{Predictions, Row as PredictionRow};
use crossmamba::report::{Effect, Resampling, TestPairs, Trials};

use super::table::Row;

/// The resamples behind an interval.
const RESAMPLES: usize = 1000;

/// Gives the effects of each row, by measure. Intervals are over molecules.
pub(super) fn effects(
    rows: &[Row],
    seeds: &[u64],
    folder: &impl Fn(&Row, u64) -> PathBuf,
    seed: u64,
) -> Result<Vec<Vec<Effect>>> {
    let read = |row: &Row, seed: u64| Predictions::read(folder(row, seed).join("predictions.tsv"));
    let test = test_pairs(&read(&rows[0], seeds[0])?);
    let mut trials = Vec::new();
    for row in rows {
        let values =
            seeds.iter().map(|&seed| Ok(read(row, seed)?.rows.iter().map(PredictionRow::value).collect()));
        trials.push(Trials { name: row.name.clone(), values: values.collect::<Result<_>>()? });
    }
    let draws = Resampling { seed, resamples: RESAMPLES, by: Resample::Molecules };
    Ok(rows.iter().zip(&trials).map(|(row, own)| own.beside(&trials[row.against], &test, draws)).collect())
}

/// Describes the pairs that were predicted: those of one table and one split in all rows.
fn test_pairs(predictions: &Predictions) -> TestPairs {
    let pair =
        |row: &PredictionRow| Pair { rna: row.rna.clone(), partner: row.partner.clone(), label: row.label };
    let table = PairTable::new(predictions.rows.iter().map(pair).collect());
    let molecules = Identity::by_id(&table, None);
    let mut folds: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, row) in predictions.rows.iter().enumerate() {
        let name = row.fold.as_ref().map_or("", |fold| fold.cell());
        match folds.iter_mut().find(|(known, _)| known == name) {
            Some((_, pairs)) => pairs.push(at),
            None => folds.push((name.to_owned(), vec![at])),
        }
    }
    TestPairs {
        task: predictions.task,
        truth: predictions.rows.iter().map(|row| row.label.unwrap_or(f64::NAN)).collect(),
        folds,
        molecules: Sides::new(molecules.rna().to_vec(), molecules.partner().to_vec()),
        units: molecules.pairs(),
    }
}

/// Picks the measures that reports begin with.
pub(super) fn main(effects: &[Effect]) -> impl Iterator<Item = &Effect> {
    let main = [Metric::Mcc, Metric::Auroc, Metric::Pearson, Metric::Rmse];
    effects.iter().filter(move |effect| main.contains(&effect.metric))
}
