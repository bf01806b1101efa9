//! Compares the metrics with `scikit-learn` and `SciPy`, and with properties that they must have.

use std::collections::BTreeMap;

use crossmamba::calibrate::fit_temperature;
use crossmamba::metrics::{Sample, auprc, auroc, mcc, pearson, spearman};
use proptest::prelude::*;

/// The largest difference from the golden values; both sides compute in f64, in another order of summation.
const TOLERANCE: f64 = 1e-12;
/// The minimum is found by search on both sides; `SciPy` stops short of a bound of the range.
const TEMPERATURE_TOLERANCE: f64 = 1e-5;

fn rows(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        (cells[0], cells[1], cells[2])
    })
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

#[test]
fn metrics_equal_those_of_scikit_learn_and_scipy() {
    let mut cases: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for (case, predicted, truth) in rows(include_str!("golden/metrics/cases.tsv")) {
        let (x, y) = cases.entry(case).or_default();
        x.push(number(predicted));
        y.push(number(truth));
    }
    let mut compared = 0;
    for (case, metric, value) in rows(include_str!("golden/metrics/values.tsv")) {
        let (x, y) = &cases[case];
        let labels: Vec<bool> = y.iter().map(|&label| label == 1.0).collect();
        let (found, tolerance) = if metric == "temperature" {
            let logit = |p: f64| (((p + 1e-3) / (1.0 - p + 1e-3)).ln() * 3e6).round() / 1e6;
            let logits: Vec<f64> = x.iter().map(|&p| logit(p)).collect();
            (fit_temperature(&logits, &labels), TEMPERATURE_TOLERANCE)
        } else {
            let sample = if y.iter().all(|&label| label == 0.0 || label == 1.0) {
                Sample::classification(x.clone(), labels)
            } else {
                Sample::affinity(x.clone(), y.clone())
            };
            let place = sample.metrics().iter().position(|m| m.name() == metric).unwrap();
            (sample.measure()[place], TOLERANCE)
        };
        assert!((found - number(value)).abs() <= tolerance, "{case} {metric}: {found}, not {value}");
        compared += 1;
    }
    assert_eq!(compared, 4 * 10 + 3 * 4);
}

/// Scores on a coarse grid, so that ties happen, with labels.
fn scored() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec((0..20_i32, any::<bool>()), 2..80)
        .prop_map(|pairs| pairs.into_iter().map(|(score, label)| (f64::from(score) / 20.0, label)).unzip())
}

fn same(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-12
}

proptest! {
    #[test]
    fn a_rising_map_leaves_the_ranking_metrics((scores, labels) in scored()) {
        let mapped: Vec<f64> = scores.iter().map(|s| (3.0 * s).exp() - 7.0).collect();
        prop_assert!(same(auroc(&scores, &labels), auroc(&mapped, &labels)));
        prop_assert!(same(auprc(&scores, &labels), auprc(&mapped, &labels)));
        let truth: Vec<f64> = (0..scores.len()).map(|i| (i * 7 % 11) as f64).collect();
        prop_assert!(same(spearman(&scores, &truth), spearman(&mapped, &truth)));
    }

    #[test]
    fn turning_scores_round_mirrors_the_auroc((scores, labels) in scored()) {
        let turned: Vec<f64> = scores.iter().map(|s| -s).collect();
        prop_assert!(same(auroc(&scores, &labels), 1.0 - auroc(&turned, &labels)));
    }

    #[test]
    fn swapping_the_classes_leaves_mcc((scores, labels) in scored()) {
        // Off the grid, so that no score lies on the threshold.
        let scores: Vec<f64> = scores.iter().map(|s| s + 0.01).collect();
        let turned: Vec<f64> = scores.iter().map(|s| 1.0 - s).collect();
        let swapped: Vec<bool> = labels.iter().map(|label| !label).collect();
        prop_assert!(same(mcc(&scores, &labels), mcc(&turned, &swapped)));
    }

    #[test]
    fn the_order_of_pairs_does_not_matter((scores, labels) in scored()) {
        let reversed: (Vec<f64>, Vec<bool>) = (scores.iter().rev().copied().collect(), labels.iter().rev().copied().collect());
        let (one, other) = (Sample::classification(scores, labels), Sample::classification(reversed.0, reversed.1));
        for (a, b) in one.measure().into_iter().zip(other.measure()) {
            prop_assert!(same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn correlation_ignores_scale_and_offset(values in prop::collection::vec((-5.0..5.0_f64, -5.0..5.0_f64), 3..40)) {
        let (x, y): (Vec<f64>, Vec<f64>) = values.into_iter().unzip();
        let scaled: Vec<f64> = x.iter().map(|x| 4.0 * x + 3.0).collect();
        prop_assert!((pearson(&x, &y) - pearson(&scaled, &y)).abs() < 1e-9);
        prop_assert!((pearson(&x, &y) - pearson(&y, &x)).abs() < 1e-12);
    }
}
