//! Scores the pairs and writes the table.

use crossmamba::calibrate::prior_shift;
use crossmamba::nn::bundle::{Bundle, Calibration};
use crossmamba::nn::device::{Device, Opened};
use crossmamba::nn::predict::{AtLeast, AtPrior, Best, Sink, predict_into};
use crossmamba::nn::{Dataset, Side, Sides};
use crossmamba::pair::Task;
use crossmamba::provenance::Provenance;
use crossmamba::record::{Digest, Molecule};
use crossmamba::simd::Instructions;
use crossmamba::trust::COVERAGE;
use crossmamba::{Error, Result};
use serde::Serialize;

use super::Settings;
use super::candidates::Candidates;
use super::page::Known;
use super::write::{Output, Rows};
use crossmamba_tools::kit::{Outcome, Tool as _, open_device};

/// What a reader of the predictions needs to know about the model.
#[derive(Serialize)]
struct Record<'a> {
    #[serde(flatten)]
    settings: &'a Settings,
    task: Task,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    models: Vec<ModelRecord>,
}

#[derive(Serialize)]
struct ModelRecord {
    fold: String,
    digest: Digest,
    calibration: Calibration,
}

pub(super) fn run(
    settings: &Settings,
    read: impl FnOnce(&Device) -> Result<Vec<Bundle>>,
) -> anyhow::Result<Outcome> {
    let Opened { device, name: device_name, .. } = open_device(settings.device)?;
    let bundles = read(&device)?;
    let Some(first) = bundles.first() else { return Ok(Outcome::done()) };
    if let Some(old) = bundles.iter().find(|bundle| !bundle.model().is_sealed()) {
        tracing::warn!(
            "{}: was trained by an earlier version, without a digest of model.json and without the list of its folds: \
             damage to it and missing folds may pass unnoticed",
            old.folder().display()
        );
    }
    check_threshold(settings.threshold, first.task())?;
    if settings.coverage.is_some() && first.task() == Task::Classification {
        let problem = "the model gives probabilities, which have no bounds";
        return Err(Error::setting("--coverage", problem, "leave it out").into());
    }
    let shift = settings.prior.map(|prior| shift(prior, &bundles)).transpose()?;
    let mut output = Output::create(settings)?;
    let mut molecules = output.molecules(settings, first, &device)?;
    let records = Sides::of(|side| molecules[side].records.take());
    let (candidates, mut data, rejects) = Candidates::find(settings, molecules)?;
    let task = first.task();
    tracing::info!("scoring {} pair(s)", candidates.source().len());
    if let Some(bundle) = bundles.iter().find(|bundle| bundle.neighbours().is_none()) {
        tracing::info!(
            "the model {} keeps none of its training molecules: the columns from `trust` on say NA",
            bundle.folder().display()
        );
    }
    let mut rows = output.rows(
        &candidates,
        &bundles,
        settings.coverage.unwrap_or(COVERAGE),
        task,
        first.model().unit.as_deref(),
    )?;
    score(settings, &bundles, &mut data, &candidates, shift, &mut rows)?;
    let kept = rows.finish()?;
    let lost = output.reject(&rejects)?;
    let models = bundles.iter().map(|bundle| ModelRecord {
        fold: bundle.model().fold.clone(),
        digest: bundle.digest(),
        calibration: bundle.model().calibration,
    });
    let record = Record { settings, task, unit: first.model().unit.as_deref(), models: models.collect() };
    let mut record = Provenance::new(super::Args::NAME, &record);
    if let Some(pairs) = &settings.pairs {
        record.input("pairs", pairs)?;
    }
    for side in Side::BOTH {
        settings.given[side].record(side, data.table(side), &mut record)?;
    }
    let digests: String = bundles.iter().map(|bundle| bundle.digest().to_string()).collect();
    record.model(if bundles.len() == 1 { first.digest() } else { Digest::of(digests.as_bytes()) });
    record.device(device_name);
    record.instructions(Instructions::chosen()?.to_string());
    let known = Known {
        model: settings.model.name(),
        partner: first
            .inputs(Side::Partner)
            .stores
            .first()
            .map_or(Molecule::Protein, |inputs| inputs.molecule),
        records: records.as_ref().map(Option::as_deref),
    };
    let files = output.into_files(&known, &record)?;
    if !rejects.is_empty() {
        let what = if settings.all {
            "molecule(s) are not in all stores of their side"
        } else if settings.embeds() {
            "pair(s) have a molecule that is not among the sequences"
        } else {
            "pair(s) have a molecule that the stores lack"
        };
        tracing::warn!("{} {what}", rejects.len());
    }
    let mut outcome = Outcome::done().figure("pairs", candidates.source().len());
    if settings.top.is_some() || settings.threshold.is_some() {
        outcome = outcome.figure("kept", kept);
    }
    Ok(outcome
        .figure("models", bundles.iter().map(|b| b.members().len()).sum::<usize>())
        .rejected(lost)
        .outputs(files))
}

/// Refuses a threshold that no prediction can be compared with.
fn check_threshold(threshold: Option<f64>, task: Task) -> Result<()> {
    match threshold {
        Some(least) if task == Task::Classification && !(0.0..=1.0).contains(&least) => Err(Error::setting(
            "--threshold",
            format!("{least} is no probability"),
            "give a number from 0 to 1",
        )),
        Some(least) if !least.is_finite() => {
            Err(Error::setting("--threshold", format!("{least} is no affinity"), "give a finite number"))
        }
        _ => Ok(()),
    }
}

/// Gives what makes probabilities hold for another share of positive pairs than that of training.
fn shift(prior: f64, bundles: &[Bundle]) -> Result<f64> {
    let wrong = |problem: &str, remedy: &str| Err(Error::setting("--prior", problem.to_owned(), remedy));
    if !(prior > 0.0 && prior < 1.0) {
        return wrong(&format!("{prior} is no share"), "give a number between 0 and 1");
    }
    let shares = bundles.iter().map(|bundle| bundle.model().reliability.as_ref()?.positives);
    let Some(shares) = shares.collect::<Option<Vec<f64>>>() else {
        let problem = "the model does not say how many of its training pairs were positive";
        return wrong(problem, "train it again with this version, on classes");
    };
    let trained = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    Ok(prior_shift(trained, prior))
}

/// Scores the pairs into the table, through what is asked to be left out.
fn score(
    settings: &Settings,
    bundles: &[Bundle],
    data: &mut Dataset,
    candidates: &Candidates,
    shift: Option<f64>,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let task = rows.task();
    let mut predict = |next: &mut dyn Sink| match shift {
        Some(shift) => predict_into(bundles, data, candidates.source(), &mut AtPrior::new(shift, next)),
        None => predict_into(bundles, data, candidates.source(), next),
    };
    let mut through_threshold = |next: &mut dyn Sink| match settings.threshold {
        Some(least) => predict(&mut AtLeast::new(least, task, next)),
        None => predict(next),
    };
    match settings.top {
        Some(count) => through_threshold(&mut Best::new(count, |place| candidates.rna(place), rows)),
        None => through_threshold(rows),
    }
}
