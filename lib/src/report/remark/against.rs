//! Says what the baselines beside the model mean.

use super::{Contender, Remark, note, shown, three, warning, with_interval};
use crate::baseline::{Baseline, Sees};
use crate::metrics::Metric;
use crate::pair::Task;
use crate::report::Evaluation;

/// How the model's figure stands to that of a baseline.
enum Standing {
    Ahead(f64),
    Level,
    Behind,
    /// There is no interval to tell by.
    Open,
}

/// Gives what there is to say, the weightiest first.
pub(super) fn remarks(evaluation: &Evaluation) -> Vec<Remark> {
    let baselines: Vec<(usize, Baseline)> = (evaluation.contenders.iter().enumerate())
        .filter_map(|(c, contender)| Some((c, contender.baseline?)))
        .collect();
    if baselines.is_empty() {
        return vec![warning(
            "No baseline stands beside the model, because no labelled training pairs are known: give the table of all \
             labelled pairs and the split. Without a baseline it stays open whether the figures come from the sequences."
                .into(),
        )];
    }
    let mut found = Vec::new();
    found.extend(ahead_of_the_blind(evaluation, &baselines));
    found.extend(baselines.iter().filter_map(|&(c, baseline)| match baseline.sees() {
        Sees::Occurrence => blind(evaluation, c, baseline),
        _ => reading(evaluation, c, baseline),
    }));
    found.extend(open(evaluation, &baselines));
    found
}

fn standing(evaluation: &Evaluation, contender: usize) -> Standing {
    let difference = evaluation.difference(contender, evaluation.main_metrics()[0]);
    match difference.interval {
        None => Standing::Open,
        Some(interval) if interval.low > 0.0 => Standing::Ahead(difference.value),
        Some(interval) if interval.high < 0.0 => Standing::Behind,
        Some(_) => Standing::Level,
    }
}

/// Gives the measure, and the value of it that needs no knowledge.
fn chance(evaluation: &Evaluation) -> (Metric, f64) {
    match evaluation.task {
        Task::Classification => (Metric::Auroc, 0.5),
        Task::Affinity => (Metric::Pearson, 0.0),
    }
}

/// Tells whether a contender is above chance beyond its interval.
fn beats_chance(evaluation: &Evaluation, contender: usize) -> bool {
    let (metric, chance) = chance(evaluation);
    evaluation.pooled(contender, metric).interval.is_some_and(|interval| interval.low > chance)
}

fn figures(evaluation: &Evaluation, contender: usize) -> String {
    let metric = evaluation.main_metrics()[0];
    format!(
        "({} {} for {}, {} for {}; difference {})",
        shown(metric),
        three(evaluation.pooled(0, metric).value),
        evaluation.contenders[0].name,
        three(evaluation.pooled(contender, metric).value),
        evaluation.contenders[contender].name,
        with_interval(evaluation.difference(contender, metric))
    )
}

fn ahead_of_the_blind(evaluation: &Evaluation, baselines: &[(usize, Baseline)]) -> Option<Remark> {
    let blind = baselines.iter().filter(|(_, baseline)| baseline.sees() == Sees::Occurrence);
    let leads = blind.map(|&(c, baseline)| match standing(evaluation, c) {
        Standing::Ahead(lead) => Some((lead, baseline)),
        _ => None,
    });
    let leads = leads.collect::<Option<Vec<(f64, Baseline)>>>()?;
    let (lead, closest) = leads.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let (metric, _) = chance(evaluation);
    // Ahead of baselines that are themselves below chance is not yet above it.
    let text = format!(
        "The model is ahead of every baseline that looks at no sequence; the closest is {closest}, {} of {} behind.",
        three(lead),
        shown(evaluation.main_metrics()[0])
    );
    Some(if beats_chance(evaluation, 0) {
        note(text)
    } else {
        let own = with_interval(evaluation.pooled(0, metric));
        warning(format!("{text} But it is not above chance itself ({} {own}).", shown(metric)))
    })
}

/// A baseline that looks at no sequence, and that the model does not beat.
fn blind(evaluation: &Evaluation, c: usize, baseline: Baseline) -> Option<Remark> {
    let how = match standing(evaluation, c) {
        Standing::Ahead(_) | Standing::Open => return None,
        Standing::Level => "as good as the model within the interval",
        Standing::Behind => "better than the model",
    };
    let figures = figures(evaluation, c);
    let sees = baseline.sees().words();
    Some(warning(if beats_chance(evaluation, c) {
        format!(
            "{baseline} {sees} and is {how} {figures}. On this split the labels can be told from which molecules occur \
             how often, and the model's figure is no evidence that it reads sequences."
        )
    } else {
        let (metric, _) = chance(evaluation);
        format!(
            "{baseline} {sees} and is {how} {figures}, although it is at chance itself ({} {}): the model's figure is no \
             evidence that it reads sequences, and none that the labels follow from which molecules occur how often.",
            shown(metric),
            with_interval(evaluation.pooled(c, metric))
        )
    }))
}

/// A baseline that looks at sequences.
fn reading(evaluation: &Evaluation, c: usize, baseline: Baseline) -> Option<Remark> {
    let how = match standing(evaluation, c) {
        Standing::Open => return None,
        Standing::Ahead(_) => "behind the model",
        Standing::Level => "as good as the model within the interval",
        Standing::Behind => "better than the model",
    };
    let text = format!("{baseline}, which {}, is {how} {}.", baseline.sees().words(), figures(evaluation, c));
    Some(Remark { warning: how != "behind the model", text })
}

/// Baselines that cannot be told from the model, because a difference has no interval.
fn open(evaluation: &Evaluation, baselines: &[(usize, Baseline)]) -> Option<Remark> {
    let open = baselines.iter().filter(|(c, _)| matches!(standing(evaluation, *c), Standing::Open));
    let names: Vec<&str> = open.map(|(_, baseline)| baseline.name()).collect();
    (!names.is_empty()).then(|| {
        let why = if evaluation.resamples == 0 {
            "no intervals were asked for"
        } else {
            "too few resamples define the difference"
        };
        warning(format!("Whether the model is ahead of {} cannot be told: {why}.", names.join(", ")))
    })
}

/// Says which part of the figures is reading: how pairs of one molecule are ordered.
pub(super) fn within(evaluation: &Evaluation) -> Option<Remark> {
    let (metrics, chance, name) = match evaluation.task {
        Task::Classification => ([Metric::AurocInRna, Metric::AurocInPartner], 0.5, "AUROC"),
        Task::Affinity => ([Metric::TauInRna, Metric::TauInPartner], 0.0, "rank correlation"),
    };
    let defined = metrics.iter().any(|&metric| !evaluation.pooled(0, metric).value.is_nan());
    if !defined {
        return None;
    }
    let blind = |metric: Metric| {
        (evaluation.contenders.iter().enumerate())
            .filter(|(_, contender)| contender.is_blind())
            .map(|(c, contender)| (evaluation.pooled(c, metric).value, contender))
            .filter(|(value, _)| !value.is_nan())
            .max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let against = |metric: Metric| {
        blind(metric).map_or_else(String::new, |(value, contender): (f64, &Contender)| {
            format!(" (the best baseline without sequences: {}, {})", three(value), contender.name)
        })
    };
    let one = |place: usize, side: &str| {
        let own = with_interval(evaluation.pooled(0, metrics[place]));
        format!("{own} among the pairs of one {side}{}", against(metrics[place]))
    };
    let intervals = metrics.map(|metric| evaluation.pooled(0, metric).interval);
    let mut known = intervals.iter().flatten().peekable();
    // Where nothing was measured, nothing is told.
    let at_chance = known.peek().is_some() && known.all(|interval| interval.low <= chance);
    let text = format!(
        "Within one molecule, whose own share of positives orders nothing, the model's {name} is {}, and {}.",
        one(0, "RNA"),
        one(1, "partner")
    );
    let pooled = super::against::chance(evaluation);
    let all = evaluation.pooled(0, pooled.0).interval;
    Some(if at_chance && all.is_some_and(|interval| interval.low > pooled.1) {
        warning(format!(
            "{text} Neither is above chance: what the model reaches over all pairs together ({} {}) can come from how often \
             each molecule binds alone.",
            shown(pooled.0),
            with_interval(evaluation.pooled(0, pooled.0))
        ))
    } else {
        note(text)
    })
}
