//! Says in words what the figures mean, above all where they mean less than they seem to.

use super::{Contender, Estimate, Evaluation};
use crate::identity::Shares;
use crate::metrics::{Metric, brier};
use crate::pair::Task;

/// A sentence or two about the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Whether the reader should be careful.
    pub warning: bool,
    /// The words.
    pub text: String,
}

fn warning(text: String) -> Remark {
    Remark { warning: true, text }
}

fn note(text: String) -> Remark {
    Remark { warning: false, text }
}

/// An interval wider than this says that the pairs are too few to tell models apart.
const WIDE: f64 = 0.2;
/// From this calibration error on, probabilities should not be read as such.
const MISCALIBRATED: f64 = 0.1;

/// Gives the remarks that these figures call for, the weightiest first.
pub fn remarks(evaluation: &Evaluation, by_id: Option<Shares>, by_sequence: Option<Shares>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    remarks.extend(against_baselines(evaluation));
    remarks.extend(by_id.and_then(|known| familiarity(&known, by_sequence.as_ref())));
    remarks.extend(one_class(evaluation));
    remarks.extend(width(evaluation));
    if evaluation.task == Task::Classification {
        remarks.extend(calibration(evaluation));
        remarks.extend(imbalance(evaluation));
    }
    remarks
}

pub(super) fn three(value: f64) -> String {
    if value.is_nan() {
        return "NA".into();
    }
    let text = format!("{value:.3}");
    let text = if text == "-0.000" { "0.000".to_owned() } else { text };
    text.replace('-', "−")
}

fn with_interval(estimate: Estimate) -> String {
    match estimate.interval {
        Some(i) => format!("{} [{}, {}]", three(estimate.value), three(i.low), three(i.high)),
        None => three(estimate.value),
    }
}

pub(super) fn shown(metric: Metric) -> &'static str {
    match metric {
        Metric::Accuracy => "accuracy",
        Metric::Mcc => "MCC",
        Metric::F1 => "F1",
        Metric::Auroc => "AUROC",
        Metric::Auprc => "AUPRC",
        Metric::Sensitivity => "sensitivity",
        Metric::Specificity => "specificity",
        Metric::Brier => "Brier score",
        Metric::Ece => "ECE",
        Metric::Pearson => "Pearson r",
        Metric::Spearman => "Spearman ρ",
        Metric::Rmse => "RMSE",
        Metric::Mae => "MAE",
    }
}

fn against_baselines(evaluation: &Evaluation) -> Vec<Remark> {
    let metric = evaluation.main_metrics()[0];
    let name = shown(metric);
    let Some(model) = evaluation.contenders.first() else { return Vec::new() };
    let mut found = Vec::new();
    let mut beaten = Vec::new();
    for (c, contender) in evaluation.contenders.iter().enumerate() {
        let Some(baseline) = contender.baseline else { continue };
        let (own, other) = (evaluation.pooled(0, metric), evaluation.pooled(c, metric));
        let difference = evaluation.difference(c, metric);
        let Some(interval) = difference.interval else { continue };
        let how = if interval.low > 0.0 {
            if contender.is_blind() {
                beaten.push((difference.value, contender.name.as_str()));
                continue;
            }
            "behind the model"
        } else if interval.high < 0.0 {
            "better than the model"
        } else {
            "as good as the model within the interval"
        };
        let figures = format!(
            "{how} ({name} {} for {}, {} for {}; difference {})",
            three(own.value),
            model.name,
            three(other.value),
            contender.name,
            with_interval(difference)
        );
        found.push(if contender.is_blind() {
            warning(format!(
                "{} looks at no sequence and is {figures}. On this split the labels can be told from which molecules \
                 occur how often, and the model's figure is no evidence that it reads sequences.",
                contender.name
            ))
        } else {
            let text = format!("{baseline}, which {}, is {figures}.", baseline.sees().words());
            Remark { warning: interval.low <= 0.0, text }
        });
    }
    let blind = evaluation.contenders.iter().filter(|other| other.is_blind()).count();
    if let (true, Some((lead, closest))) =
        (blind == beaten.len(), beaten.iter().min_by(|a, b| a.0.total_cmp(&b.0)))
    {
        found.insert(
            0,
            note(format!(
                "The model is ahead of every baseline that looks at no sequence; the closest is {closest}, {} of \
                 {name} behind.",
                three(*lead)
            )),
        );
    }
    if !evaluation.contenders.iter().any(Contender::is_baseline) {
        found.push(warning(
            "No baseline stands beside the model, because no training pairs are known: give the table of all labelled \
             pairs and the split. Without a baseline it stays open whether the figures come from the sequences."
                .into(),
        ));
    }
    found
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Puts a sentence behind another.
fn spaced(sentence: &str) -> String {
    if sentence.is_empty() { String::new() } else { format!(" {sentence}") }
}

fn familiarity(known: &Shares, by_sequence: Option<&Shares>) -> Option<Remark> {
    let same = by_sequence.map_or(0.0, |other| other.same_pair);
    let again = if same >= 0.01 {
        format!(
            "{} of the test pairs stand in training with the same two sequences under other names.",
            percent(same)
        )
    } else {
        String::new()
    };
    if known.both >= 0.5 {
        Some(warning(format!(
            "In {} of the test pairs both molecules were also in training, in other pairs. The figures say how well the \
             model fills in a table of known molecules, not how it does on new ones; a split by unseen molecules \
             answers that.{}",
            percent(known.both),
            spaced(&again)
        )))
    } else if known.neither >= 0.99 {
        Some(note(format!(
            "No molecule of the test pairs was in training by its identifier.{}",
            spaced(&again)
        )))
    } else if !again.is_empty() {
        Some(warning(again))
    } else {
        None
    }
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
            "The interval of {} is wide, from {} to {}: {} pairs are too few to tell apart models whose figures differ \
             by less.",
            shown(metric),
            three(interval.low),
            three(interval.high),
            evaluation.truth.len()
        ))
    })
}

fn calibration(evaluation: &Evaluation) -> Option<Remark> {
    let error = evaluation.pooled(0, Metric::Ece).value;
    let labels = evaluation.labels();
    let share = labels.iter().filter(|&&label| label).count() as f64 / labels.len() as f64;
    // The Brier score of a forecast that always gives the share of positives.
    let constant = brier(&vec![share; labels.len()], &labels);
    let own = evaluation.pooled(0, Metric::Brier).value;
    if own > constant && share > 0.0 && share < 1.0 {
        Some(warning(format!(
            "The probabilities are worse than always giving the share of positives (Brier score {} against {}): rank \
             by them, but do not read them as probabilities.",
            three(own),
            three(constant)
        )))
    } else if error > MISCALIBRATED {
        Some(warning(format!(
            "The probabilities are off by {} on average (ECE): see the reliability figure before using them as such.",
            three(error)
        )))
    } else {
        None
    }
}

fn imbalance(evaluation: &Evaluation) -> Option<Remark> {
    let share = evaluation.truth.iter().sum::<f64>() / evaluation.truth.len() as f64;
    let more = share.max(1.0 - share);
    (0.8..1.0).contains(&more).then(|| {
        note(format!(
            "{} of the pairs are {}: calling all of them so has that accuracy. MCC and AUPRC say more here.",
            percent(more),
            if share > 0.5 { "positive" } else { "negative" }
        ))
    })
}
