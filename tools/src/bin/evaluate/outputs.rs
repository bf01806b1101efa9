//! Writes the folder of a report.

use std::path::Path;

use crossmamba::identity::Shares;
use crossmamba::io::write_atomic;
use crossmamba::pair::Task;
use crossmamba::provenance::Provenance;
use crossmamba::report::{self, Evaluation, Page};
use crossmamba::{Error, Result};
use serde_json::{Map, Value, json};

use super::Settings;
use super::subject::Subject;

/// Makes the folder and proves that it can be written.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::io("write", folder))?;
    tempfile::tempfile_in(folder).map_err(Error::io("write", folder))?;
    Ok(())
}

pub(super) fn write(
    settings: &Settings,
    subject: &Subject,
    evaluation: &Evaluation,
    [by_id, by_sequence]: [Option<Shares>; 2],
    provenance: &Provenance,
) -> Result<()> {
    let save = |name: &str, text: String| write_atomic(settings.output.join(name), text.as_bytes());
    let remarks = report::remarks(evaluation, by_id, by_sequence);
    let named = [("by identifier", by_id), ("by sequence", by_sequence)];
    let familiarity: Vec<(&str, Shares)> =
        named.into_iter().filter_map(|(how, shares)| Some((how, shares?))).collect();
    let figures = report::figures(evaluation, &settings.unit)?;
    let record = provenance.to_json();

    save("metrics.tsv", report::metrics_table(evaluation))?;
    save("differences.tsv", report::differences_table(evaluation))?;
    let mut extra = Map::new();
    extra.insert("remarks".into(), remarks.iter().map(|remark| Value::from(remark.text.clone())).collect());
    extra.insert("familiarity".into(), json!(familiarity));
    extra.insert("provenance".into(), serde_json::from_str(&record).unwrap_or(Value::Null));
    save("metrics.json", report::metrics_json(evaluation, extra))?;
    match subject.task {
        Task::Classification => {
            save("roc.tsv", report::roc_table(evaluation))?;
            save("pr.tsv", report::precision_recall_table(evaluation))?;
            save("reliability.tsv", report::reliability_table(evaluation))?;
        }
        Task::Affinity => save("scatter.tsv", report::scatter_table(evaluation, &subject.pairs()))?,
    }
    for figure in &figures {
        save(&format!("{}.svg", figure.name), figure.svg.clone())?;
        write_atomic(settings.output.join(format!("{}.png", figure.name)), &report::png(&figure.svg)?)?;
    }
    let html = report::page(&Page {
        title: &settings.title,
        evaluation,
        figures: &figures,
        remarks: &remarks,
        familiarity: &familiarity,
        resamples: settings.bootstrap,
        provenance: &record,
    });
    save("report.html", html)?;
    save("provenance.json", record)
}
