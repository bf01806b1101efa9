//! Says in words what the figures mean, above all where they mean less than they seem to.

mod against;
mod known;
mod limits;
mod probability;

use super::{Contender, Estimate, Evaluation};
use crate::identity::Shares;
use crate::metrics::Metric;
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

/// Gives the remarks that these figures call for, the weightiest first; the shares say how well the test pairs' molecules
/// are known from training, by identifier and by sequence.
///
/// ```
/// use crossmamba::metrics::Resample;
/// use crossmamba::pair::{Sides, Task};
/// use crossmamba::report::{Contender, Evaluation, Resampling, TestPairs, remarks};
///
/// let test = TestPairs {
///     task: Task::Classification,
///     truth: vec![1.0, 0.0],
///     folds: vec![("holdout".into(), vec![0, 1])],
///     molecules: Sides::new(vec![0, 0], vec![1, 2]),
///     units: vec![0, 1],
/// };
/// let model = Contender::model("crossmamba", vec![0.5, 0.5]);
/// let draws = Resampling { seed: 1, resamples: 100, by: Resample::Pairs };
/// let evaluation = Evaluation::measure(test, vec![model], draws);
/// let texts: Vec<String> = remarks(&evaluation, None, None).into_iter().map(|remark| remark.text).collect();
/// assert!(texts.iter().any(|text| text.contains("predicts the same for every pair")));
/// ```
pub fn remarks(evaluation: &Evaluation, by_id: Option<Shares>, by_sequence: Option<Shares>) -> Vec<Remark> {
    let mut remarks = against::remarks(evaluation);
    remarks.extend(by_id.and_then(|known| known::remark(&known, by_sequence.as_ref())));
    remarks.extend(against::within(evaluation));
    remarks.extend(limits::remarks(evaluation));
    if evaluation.task == Task::Classification {
        remarks.extend(probability::calibration(evaluation));
        remarks.extend(probability::imbalance(evaluation));
        remarks.extend(probability::rare(evaluation));
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

pub(crate) fn shown(metric: Metric) -> &'static str {
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
        Metric::AurocInRna => "AUROC in RNA",
        Metric::AurocInPartner => "AUROC in partner",
        Metric::TauInRna => "τ in RNA",
        Metric::TauInPartner => "τ in partner",
        Metric::AuprcOverChance => "AUPRC / chance",
        Metric::Enrichment1 => "enrichment in the top 1 %",
        Metric::Enrichment5 => "enrichment in the top 5 %",
        Metric::Bedroc => "BEDROC",
        Metric::Coverage => "coverage",
        Metric::Width => "width of the bounds",
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::metrics::Resample;
    use crate::pair::Sides;
    use crate::report::{Resampling, TestPairs};

    fn texts(truth: &[f64], contenders: Vec<Contender>, task: Task) -> Vec<String> {
        let n = truth.len();
        let test = TestPairs {
            task,
            truth: truth.to_vec(),
            folds: vec![("holdout".into(), (0..n).collect())],
            molecules: Sides::new(
                (0..n as u32).map(|i| i / 10).collect(),
                (0..n as u32).map(|i| i % 10).collect(),
            ),
            units: (0..n as u32).collect(),
        };
        let evaluation = Evaluation::measure(
            test,
            contenders,
            Resampling { seed: 1, resamples: 200, by: Resample::Pairs },
        );
        remarks(&evaluation, None, None).into_iter().map(|remark| remark.text).collect()
    }

    fn says(texts: &[String], words: &str) -> bool {
        texts.iter().any(|text| text.contains(words))
    }

    /// Labels of a hundred pairs, and values that know nothing of them.
    fn unrelated() -> (Vec<f64>, Vec<f64>) {
        let labels = (0..100).map(|i| f64::from(i / 3 % 2)).collect();
        (labels, (0..100).map(|i| f64::from(i * 37 % 100) / 100.0).collect())
    }

    #[test]
    fn labels_follow_from_occurrence_only_where_that_baseline_beats_chance() {
        let (truth, values) = unrelated();
        let blind =
            |of| vec![Contender::model("m", values.clone()), Contender::baseline(Baseline::CountsById, of)];
        let at_chance =
            texts(&truth, blind(values.iter().map(|value| 1.0 - value).collect()), Task::Classification);
        assert!(says(&at_chance, "although it is at chance itself"), "{at_chance:#?}");
        assert!(!says(&at_chance, "the labels can be told from"), "{at_chance:#?}");
        let knowing = texts(&truth, blind(truth.clone()), Task::Classification);
        assert!(
            says(&knowing, "the labels can be told from which molecules occur how often"),
            "{knowing:#?}"
        );
    }

    #[test]
    fn what_is_not_defined_is_said_with_its_reason() {
        let mut truth = vec![0.0; 30];
        truth[3] = 1.0;
        let values: Vec<f64> = (0..30).map(|i| f64::from(i) / 30.0).collect();
        let one_positive = texts(&truth, vec![Contender::model("m", values.clone())], Task::Classification);
        let reason = "because of 1 positive and 29 negative pairs more than one resample in ten holds none of one class";
        assert!(says(&one_positive, reason), "{one_positive:#?}");
        let constant = texts(&truth, vec![Contender::model("m", vec![0.3; 30])], Task::Classification);
        assert!(says(&constant, "m (always 0.300) predicts the same for every pair"), "{constant:#?}");
        let one_class =
            texts(&vec![1.0; 30], vec![Contender::model("m", values.clone())], Task::Classification);
        assert!(says(&one_class, "All test pairs have the same label"), "{one_class:#?}");
        let one_value = texts(&vec![6.5; 30], vec![Contender::model("m", values)], Task::Affinity);
        assert!(says(&one_value, "the same measured affinity"), "{one_value:#?}");
    }

    #[test]
    fn a_figure_that_comes_from_degree_alone_is_told_from_reading() {
        // The label follows the block of ten pairs of one RNA, but for a few; the model gives each RNA its share.
        let truth: Vec<f64> =
            (0..100).map(|i| f64::from(u8::from((i / 10 % 2 == 0) != (i % 10 == i / 10)))).collect();
        let of_rna: Vec<f64> = (0..100).map(|i| if i / 10 % 2 == 0 { 0.9 } else { 0.1 }).collect();
        let degree = texts(&truth, vec![Contender::model("m", of_rna)], Task::Classification);
        assert!(says(&degree, "the model's AUROC is 0.500"), "{degree:#?}");
        let read = texts(&truth, vec![Contender::model("m", truth.clone())], Task::Classification);
        assert!(says(&read, "the model's AUROC is 1.000"), "{read:#?}");
    }

    #[test]
    fn few_positives_are_measured_at_the_top_of_the_list() {
        let truth: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i >= 190))).collect();
        let values: Vec<f64> = (0..200).map(|i| f64::from(i) / 200.0).collect();
        let rare = texts(&truth, vec![Contender::model("m", values)], Task::Classification);
        assert!(says(&rare, "Only 5.00 % of the pairs are positive"), "{rare:#?}");
        assert!(says(&rare, "enrichment in the top 5 % 20.000"), "{rare:#?}");
    }
}
