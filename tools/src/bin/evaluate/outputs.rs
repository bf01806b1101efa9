//! Writes the folder of a report.

use std::io::Write as _;
use std::path::Path;

use crossmamba::identity::Shares;
use crossmamba::io::{AtomicFile, to_json};
use crossmamba::pair::{Task, Unit};
use crossmamba::provenance::Provenance;
use crossmamba::report::{self, Page};
use crossmamba::{Error, Result};
use serde_json::{Map, Value, json};

use super::subject::Subject;
use super::{Measured, Settings};

/// Every file that a report may have.
pub(super) const NAMES: [&str; 31] = [
    "metrics.tsv",
    "differences.tsv",
    "metrics.json",
    "regimes.tsv",
    "seeds.tsv",
    "roc.tsv",
    "pr.tsv",
    "reliability.tsv",
    "scatter.tsv",
    "roc.svg",
    "roc.png",
    "pr.svg",
    "pr.png",
    "reliability.svg",
    "reliability.png",
    "scores.svg",
    "scores.png",
    "scatter.svg",
    "scatter.png",
    "scatter-baseline.svg",
    "scatter-baseline.png",
    "models.svg",
    "models.png",
    "folds.svg",
    "folds.png",
    "calibration.svg",
    "calibration.png",
    "learning.svg",
    "learning.png",
    "report.html",
    "provenance.json",
];

/// Makes the folder and proves that it can be written.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::io("write", folder))?;
    tempfile::tempfile_in(folder).map_err(Error::io("write", folder))?;
    Ok(())
}

/// Writes all files, to be committed together.
pub(super) fn write(
    settings: &Settings,
    subject: &Subject,
    measured: &Measured,
    provenance: &Provenance,
) -> Result<Vec<AtomicFile>> {
    let Measured { evaluation, regimes, seeds, familiarity: [by_id, by_sequence], training } = measured;
    let (by_id, by_sequence) = (*by_id, *by_sequence);
    let mut files = Vec::new();
    let mut save = |name: &str, bytes: &[u8]| -> Result<()> {
        if !NAMES.contains(&name) {
            return Err(Error::defect("writing the report", format!("{name} is not among its files")));
        }
        let mut file = AtomicFile::create(settings.output.join(name))?;
        file.write_all(bytes).map_err(Error::io("write", file.path()))?;
        files.push(file);
        Ok(())
    };
    let remarks = report::remarks(evaluation, by_id, by_sequence);
    let named = [("by identifier", by_id), ("by sequence", by_sequence)];
    let familiarity: Vec<(&str, Shares)> =
        named.into_iter().filter_map(|(how, shares)| Some((how, shares?))).collect();
    let mut figures = report::figures(evaluation, settings.unit.as_deref().unwrap_or(Unit::UNSTATED))?;
    figures.extend(report::calibration(regimes)?);
    figures.extend(report::learning_curves(&training.courses, subject.task)?);
    let record = to_json(settings.output.join("provenance.json"), provenance)?;

    save("metrics.tsv", report::metrics_table(evaluation).as_bytes())?;
    save("differences.tsv", report::differences_table(evaluation).as_bytes())?;
    if !regimes.is_empty() {
        save("regimes.tsv", report::regimes_table(regimes).as_bytes())?;
    }
    if !seeds.is_empty() {
        save("seeds.tsv", report::seeds_table(seeds).as_bytes())?;
    }
    let mut extra = Map::new();
    extra.insert("remarks".into(), remarks.iter().map(|remark| Value::from(remark.text.clone())).collect());
    extra.insert("familiarity".into(), json!(familiarity));
    extra.insert("provenance".into(), record_as_value(&record)?);
    save("metrics.json", report::metrics_json(evaluation, extra).as_bytes())?;
    match subject.task {
        Task::Classification => {
            save("roc.tsv", report::roc_table(evaluation).as_bytes())?;
            save("pr.tsv", report::precision_recall_table(evaluation).as_bytes())?;
            save("reliability.tsv", report::reliability_table(evaluation).as_bytes())?;
        }
        Task::Affinity => {
            save("scatter.tsv", report::scatter_table(evaluation, &subject.pairs()).as_bytes())?;
        }
    }
    for figure in &figures {
        save(&format!("{}.svg", figure.name), figure.svg.as_bytes())?;
        save(&format!("{}.png", figure.name), &report::png(&figure.svg)?)?;
    }
    let html = report::page(&Page {
        title: &settings.title,
        evaluation,
        figures: &figures,
        remarks: &remarks,
        regimes,
        seeds,
        card: training.card.as_deref(),
        familiarity: &familiarity,
        provenance: &record,
    });
    save("report.html", html.as_bytes())?;
    save("provenance.json", record.as_bytes())?;
    // What an earlier report wrote and this one has not would be taken for its own.
    for name in NAMES {
        let path = settings.output.join(name);
        if files.iter().all(|file| file.path() != path) && path.is_file() {
            std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(files)
}

/// Reads a record back, to stand inside another file.
fn record_as_value(record: &str) -> Result<Value> {
    serde_json::from_str(record).map_err(|error| Error::defect("writing the report", error.to_string()))
}
