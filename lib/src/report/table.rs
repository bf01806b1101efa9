//! Writes figures and curves as tab-separated tables and as JSON; an undefined value is `NA`, or null.

use std::fmt::{Display, Write as _};

use serde_json::{Map, Value, json};

use super::{Estimate, Evaluation, Regime, Seeds, Spread};
use crate::io::{Number, rounded};
use crate::metrics::{Interval, Point, precision_recall_curve, reliability, roc_curve};
use crate::pair::Pair;

fn ends(interval: Option<Interval>) -> (String, String) {
    interval.map_or(("NA".into(), "NA".into()), |i| (Number(i.low).to_string(), Number(i.high).to_string()))
}

fn row(text: &mut String, cells: &[&dyn Display]) {
    for (i, cell) in cells.iter().enumerate() {
        let _ = write!(text, "{}{cell}", if i > 0 { "\t" } else { "" });
    }
    text.push('\n');
}

/// Gives `model fold metric value low high`: one row for each contender, group of pairs and metric.
///
/// ```
/// use crossmamba::metrics::Resample;
/// use crossmamba::pair::{Sides, Task};
/// use crossmamba::report::{Contender, Evaluation, Resampling, TestPairs, metrics_table, roc_table};
///
/// let test = TestPairs {
///     task: Task::Classification,
///     truth: vec![1.0, 0.0, 1.0, 0.0],
///     folds: vec![("holdout".into(), (0..4).collect())],
///     molecules: Sides::new(vec![0, 0, 1, 1], vec![2, 3, 4, 5]),
///     units: vec![0, 1, 2, 3],
/// };
/// let model = Contender::model("crossmamba", vec![0.9, 0.2, 0.7, 0.8]);
/// let draws = Resampling { seed: 1, resamples: 0, by: Resample::Pairs };
/// let evaluation = Evaluation::measure(test, vec![model], draws);
/// assert!(metrics_table(&evaluation).contains("crossmamba\tpooled\tauroc\t0.75"));
/// assert_eq!(roc_table(&evaluation).lines().count(), 1 + 5);
/// ```
pub fn metrics_table(evaluation: &Evaluation) -> String {
    let mut text = String::from("model\tfold\tmetric\tvalue\tlow\thigh\n");
    for (contender, by_group) in evaluation.contenders.iter().zip(&evaluation.estimates) {
        for (group, estimates) in evaluation.groups.iter().zip(by_group) {
            for (metric, estimate) in evaluation.metrics.iter().zip(estimates) {
                let (low, high) = ends(estimate.interval);
                row(
                    &mut text,
                    &[&contender.name, &group.name, &metric.name(), &Number(estimate.value), &low, &high],
                );
            }
        }
    }
    text
}

/// Gives `model against metric difference low high`: the first contender's pooled figure minus each other's.
pub fn differences_table(evaluation: &Evaluation) -> String {
    let mut text = String::from("model\tagainst\tmetric\tdifference\tlow\thigh\n");
    let Some(first) = evaluation.contenders.first() else { return text };
    for (contender, estimates) in evaluation.contenders.iter().zip(&evaluation.differences).skip(1) {
        for (metric, estimate) in evaluation.metrics.iter().zip(estimates) {
            let (low, high) = ends(estimate.interval);
            row(
                &mut text,
                &[&first.name, &contender.name, &metric.name(), &Number(estimate.value), &low, &high],
            );
        }
    }
    text
}

/// Gives `regime pairs positives model metric value low high`: one row for each regime, contender and metric.
pub fn regimes_table(regimes: &[Regime]) -> String {
    let mut text = String::from("regime\tpairs\tpositives\tmodel\tmetric\tvalue\tlow\thigh\n");
    for Regime { flag, evaluation } in regimes {
        let Some(all) = evaluation.groups.first() else { continue };
        let positives = all.positives.map_or_else(|| "NA".to_owned(), |positives| positives.to_string());
        for (contender, by_group) in evaluation.contenders.iter().zip(&evaluation.estimates) {
            for (metric, estimate) in evaluation.metrics.iter().zip(&by_group[0]) {
                let (low, high) = ends(estimate.interval);
                row(
                    &mut text,
                    &[
                        &flag.name(),
                        &all.pairs,
                        &positives,
                        &contender.name,
                        &metric.name(),
                        &Number(estimate.value),
                        &low,
                        &high,
                    ],
                );
            }
        }
    }
    text
}

/// Gives `model seeds metric least median most`: where the pooled figures of each model's seeds lie.
pub fn seeds_table(seeds: &[Seeds]) -> String {
    let mut text = String::from("model\tseeds\tmetric\tleast\tmedian\tmost\n");
    for Seeds { name, count, spreads } in seeds {
        for (metric, Spread { least, median, most }) in spreads {
            row(&mut text, &[name, count, &metric.name(), &Number(*least), &Number(*median), &Number(*most)]);
        }
    }
    text
}

/// Gives all figures as JSON: the groups with their sizes, and per model and group each metric.
pub fn metrics_json(evaluation: &Evaluation, extra: Map<String, Value>) -> String {
    let shown = |estimate: &Estimate| {
        json!({
            "value": figure(estimate.value),
            "low": estimate.interval.map(|i| figure(i.low)),
            "high": estimate.interval.map(|i| figure(i.high)),
        })
    };
    let figures = |estimates: &[Estimate]| -> Map<String, Value> {
        let named = evaluation.metrics.iter().zip(estimates);
        named.map(|(metric, estimate)| (metric.name().to_owned(), shown(estimate))).collect()
    };
    let models: Vec<Value> = evaluation
        .contenders
        .iter()
        .enumerate()
        .map(|(c, contender)| {
            let folds: Map<String, Value> = evaluation
                .groups
                .iter()
                .zip(&evaluation.estimates[c])
                .map(|(group, estimates)| (group.name.clone(), figures(estimates).into()))
                .collect();
            let difference = if c == 0 { Value::Null } else { figures(&evaluation.differences[c]).into() };
            json!({
                "name": contender.name,
                "baseline": contender.is_baseline(),
                "folds": folds,
                "first_minus_this": difference,
            })
        })
        .collect();
    let mut whole = Map::new();
    whole.insert("task".into(), evaluation.task.name().into());
    whole.insert("groups".into(), json!(evaluation.groups));
    whole.insert("models".into(), models.into());
    whole.extend(extra);
    format!("{:#}\n", Value::Object(whole))
}

/// Rounds to the digits of the tables; null for NaN.
fn figure(value: f64) -> Value {
    if value.is_finite() { json!(rounded(value)) } else { Value::Null }
}

/// Gives the pooled ROC curves: `model false_positive_rate true_positive_rate threshold`.
pub fn roc_table(evaluation: &Evaluation) -> String {
    curves(evaluation, "false_positive_rate\ttrue_positive_rate", roc_curve)
}

/// Gives the pooled precision–recall curves: `model recall precision threshold`.
pub fn precision_recall_table(evaluation: &Evaluation) -> String {
    curves(evaluation, "recall\tprecision", precision_recall_curve)
}

fn curves(evaluation: &Evaluation, axes: &str, curve: impl Fn(&[f64], &[bool]) -> Vec<Point>) -> String {
    let mut text = format!("model\t{axes}\tthreshold\n");
    let labels = evaluation.labels();
    for contender in &evaluation.contenders {
        for point in curve(&contender.values, &labels) {
            row(&mut text, &[&contender.name, &Number(point.x), &Number(point.y), &Number(point.threshold)]);
        }
    }
    text
}

/// Gives the reliability bins: `model bin_low bin_high pairs mean_probability share_positive`.
pub fn reliability_table(evaluation: &Evaluation) -> String {
    let mut text = String::from("model\tbin_low\tbin_high\tpairs\tmean_probability\tshare_positive\n");
    let labels = evaluation.labels();
    for contender in &evaluation.contenders {
        let bins = reliability(&contender.values, &labels);
        for (k, bin) in bins.iter().enumerate() {
            let edge = |k: usize| Number(k as f64 / bins.len() as f64);
            row(
                &mut text,
                &[
                    &contender.name,
                    &edge(k),
                    &edge(k + 1),
                    &bin.count,
                    &Number(bin.predicted),
                    &Number(bin.observed),
                ],
            );
        }
    }
    text
}

/// Gives each pair's measured and predicted affinity: `model rna_id partner_id measured predicted`.
pub fn scatter_table(evaluation: &Evaluation, pairs: &[&Pair]) -> String {
    let mut text = String::from("model\trna_id\tpartner_id\tmeasured\tpredicted\n");
    for contender in &evaluation.contenders {
        for ((pair, &measured), &predicted) in pairs.iter().zip(&evaluation.truth).zip(&contender.values) {
            row(
                &mut text,
                &[&contender.name, &pair.rna, &pair.partner, &Number(measured), &Number(predicted)],
            );
        }
    }
    text
}
