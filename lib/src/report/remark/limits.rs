//! Says which figures are not defined, and which are too uncertain.

use super::{Contender, Remark, shown, three, warning};
use crate::pair::Task;
use crate::report::Evaluation;

/// An interval wider than this says that hardly anything is known of the figure.
const WIDE: f64 = 0.2;

/// Gives what there is to say, the weightiest first.
pub(super) fn remarks(evaluation: &Evaluation) -> Vec<Remark> {
    [
        constant(evaluation),
        one_class(evaluation),
        one_value(evaluation),
        undefined(evaluation),
        width(evaluation),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A model that says the same of every pair.
fn constant(evaluation: &Evaluation) -> Option<Remark> {
    let models = evaluation.contenders.iter().filter(|contender| !contender.is_baseline());
    let alike = |contender: &&Contender| {
        let first = contender.values.first();
        contender.values.len() > 1 && contender.values.iter().all(|value| Some(value) == first)
    };
    let found: Vec<String> = models
        .filter(alike)
        .map(|contender| format!("{} (always {})", contender.name, three(contender.values[0])))
        .collect();
    let what = match evaluation.task {
        Task::Classification => "AUROC is 0.5 and MCC 0 whatever the labels are",
        Task::Affinity => "its correlations are not defined (NA)",
    };
    (!found.is_empty()).then(|| {
        warning(format!(
            "{} predicts the same for every pair, so that it orders nothing: {what}. Look into how it was trained.",
            found.join(", ")
        ))
    })
}

/// Affinities that are all alike.
fn one_value(evaluation: &Evaluation) -> Option<Remark> {
    let first = evaluation.truth.first();
    let alike = evaluation.truth.iter().all(|value| Some(value) == first);
    (evaluation.task == Task::Affinity && alike).then(|| {
        warning(
            "All test pairs have the same measured affinity: correlations are not defined (NA), and there is nothing to \
             put in order."
                .into(),
        )
    })
}

/// Intervals that are missing although the figure is there.
fn undefined(evaluation: &Evaluation) -> Option<Remark> {
    let without: Vec<&str> = evaluation
        .metrics
        .iter()
        .filter(|&&metric| {
            let estimate = evaluation.pooled(0, metric);
            estimate.value.is_finite() && estimate.interval.is_none()
        })
        .map(|&metric| shown(metric))
        .collect();
    if evaluation.resamples == 0 || without.is_empty() {
        return None;
    }
    let pairs = evaluation.truth.len();
    let why = match evaluation.groups.first().and_then(|pooled| pooled.positives) {
        Some(positives) => format!(
            "of {positives} positive and {} negative pairs more than one resample in ten holds none of one class, or no \
             couple to compare",
            pairs - positives
        ),
        None => format!("more than one resample in ten of {pairs} pairs holds one value only"),
    };
    Some(warning(format!(
        "No interval can be given for {}, because {why}. Such a figure may be anything by chance: measure more pairs.",
        without.join(", ")
    )))
}

fn one_class(evaluation: &Evaluation) -> Option<Remark> {
    let names: Vec<&str> = evaluation
        .groups
        .iter()
        .filter(|group| group.has_one_class() && group.name != "mean")
        .map(|group| group.name.as_str())
        .collect();
    if names.is_empty() {
        return None;
    }
    let text = if names.contains(&"pooled") {
        "All test pairs have the same label: MCC, AUROC and AUPRC are not defined (NA).".to_owned()
    } else {
        format!(
            "All test pairs of fold {} have the same label: MCC, AUROC and AUPRC are not defined there (NA) and the \
             means over folds leave them out.",
            names.join(", ")
        )
    };
    Some(warning(text))
}

fn width(evaluation: &Evaluation) -> Option<Remark> {
    let metric = evaluation.main_metrics()[0];
    let interval = evaluation.pooled(0, metric).interval?;
    let width = interval.high - interval.low;
    (width > WIDE).then(|| {
        warning(format!(
            "The interval of {} is wide, from {} to {}: so uncertain is the figure itself with these {} pairs. Models are told \
             apart by their differences on the same resamples, not by such intervals.",
            shown(metric),
            three(interval.low),
            three(interval.high),
            evaluation.truth.len()
        ))
    })
}
