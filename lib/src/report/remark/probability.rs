//! Says whether probabilities can be read as such, and what few positives mean.

use super::{Remark, note, percent, shown, three, warning, with_interval};
use crate::metrics::{Metric, brier};
use crate::report::Evaluation;

/// From this calibration error on, probabilities should not be read as such.
const MISCALIBRATED: f64 = 0.1;

pub(super) fn calibration(evaluation: &Evaluation) -> Option<Remark> {
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

pub(super) fn imbalance(evaluation: &Evaluation) -> Option<Remark> {
    let share = evaluation.truth.iter().sum::<f64>() / evaluation.truth.len() as f64;
    let more = share.max(1.0 - share);
    ((0.8..1.0).contains(&more) && !evaluation.has_few_positives()).then(|| {
        note(format!(
            "{} of the pairs are {}: calling all of them so has that accuracy. MCC and AUPRC say more here.",
            percent(more),
            if share > 0.5 { "positive" } else { "negative" }
        ))
    })
}

/// Says how a screen with few positives should be read.
pub(super) fn rare(evaluation: &Evaluation) -> Option<Remark> {
    let share = evaluation.share_of_positives()?;
    evaluation.has_few_positives().then(|| {
        let figure = |metric| format!("{} {}", shown(metric), with_interval(evaluation.pooled(0, metric)));
        let early = [Metric::Enrichment1, Metric::Enrichment5, Metric::Bedroc].map(figure).join(", ");
        note(format!(
            "Only {:.2} % of the pairs are positive: calling none so is right for {:.2} %, and a random order has their share as its \
             AUPRC. The model reaches {} times that (AUPRC {}). At the top of its list, where a screen looks: {early}.",
            100.0 * share,
            100.0 - 100.0 * share,
            with_interval(evaluation.pooled(0, Metric::AuprcOverChance)),
            with_interval(evaluation.pooled(0, Metric::Auprc)),
        ))
    })
}
