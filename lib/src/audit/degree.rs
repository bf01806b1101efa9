//! Predicts without reading a sequence.

use super::construction::one;
use super::{Finding, Section, Subject};
use crate::baseline::{Baseline, Boosted, Entries, additive, counts, inner_parts, partner_rule};
use crate::identity::Identity;
use crate::metrics::{Metric, auroc};
use crate::pair::{Side, Task};
use crate::report::{Contender, Evaluation, Resampling, shown, usual_metrics};
use crate::split::Fold;

/// Gives the predictions of every rule that reads no sequence, for the test pairs.
pub(super) fn contenders(subject: &Subject<'_>) -> Vec<Contender> {
    let labels = subject.labels();
    let mut found = Vec::new();
    let mut told: Vec<(&Identity, [Baseline; 2])> =
        vec![(&subject.by_id, [Baseline::CountsById, Baseline::AdditiveById])];
    told.extend(
        subject
            .told
            .as_ref()
            .map(|told| (&told.molecules, [Baseline::CountsBySequence, Baseline::AdditiveBySequence])),
    );
    for (molecules, [of_classes, of_affinities]) in told {
        let entries = Entries { molecules, labels: &labels };
        if subject.task() == Task::Affinity {
            let values = over_folds(subject, |_, fold| additive(entries, &fold.train, &fold.test));
            found.push(Contender::baseline(of_affinities, values));
            continue;
        }
        let values = over_folds(subject, |at, fold| {
            counts(entries, &inner_parts(&subject.folds, at, molecules), &fold.test)
        });
        found.push(Contender::baseline(of_classes, values));
    }
    if subject.task() == Task::Classification {
        let entries = Entries { molecules: &subject.by_id, labels: &labels };
        // Where a molecule stands in either column there is no partner for the rule to be about.
        if subject.by_id.in_both_columns() == 0 {
            let values = over_folds(subject, |_, fold| partner_rule(entries, &fold.train, &fold.test));
            found.push(Contender::baseline(Baseline::IdRule, values));
        }
        found.extend(lengths(subject).map(|values| Contender::model("length", values)));
    }
    found
}

fn over_folds(subject: &Subject<'_>, predict: impl Fn(usize, &Fold) -> Vec<f64>) -> Vec<f64> {
    let mut values = vec![f64::NAN; subject.pairs.pairs.len()];
    for (at, fold) in subject.folds.iter().enumerate() {
        for (&pair, value) in fold.test.iter().zip(predict(at, fold)) {
            values[pair] = value;
        }
    }
    subject.test.iter().map(|&pair| values[pair]).collect()
}

/// The lengths of a pair's two sequences.
fn length(subject: &Subject<'_>, side: Side, pair: usize) -> Option<u32> {
    let told = subject.told.as_ref()?;
    Some(told.letters[told.molecules.of(side)[pair] as usize].len() as u32)
}

/// Predicts by boosted trees on the lengths of the two sequences.
fn lengths(subject: &Subject<'_>) -> Option<Vec<f64>> {
    subject.told.as_ref()?;
    let row = |pair: usize| {
        let [rna, partner] = Side::BOTH.map(|side| length(subject, side, pair).unwrap_or(0));
        [rna, partner, 0, 0]
    };
    Some(over_folds(subject, |_, fold| {
        let train: Vec<usize> =
            fold.train.iter().copied().filter(|&i| subject.pairs.pairs[i].label.is_some()).collect();
        let rows: Vec<_> = train.iter().map(|&pair| row(pair)).collect();
        let labels: Vec<bool> = train.iter().map(|&pair| subject.positive(pair)).collect();
        let trees = Boosted::fit(&rows, &labels);
        fold.test.iter().map(|&pair| trees.probability(row(pair))).collect()
    }))
}

/// Measures the rules that read no sequence.
pub(super) fn section(subject: &Subject<'_>, draws: Resampling) -> Section {
    let contenders = contenders(subject);
    let all: Vec<usize> = (0..subject.test.len()).collect();
    let mut findings = Vec::new();
    if !all.is_empty() {
        let evaluation = Evaluation::measure(subject.test_pairs(&all), contenders, draws);
        for (at, contender) in evaluation.contenders.iter().enumerate() {
            let name = contender.name.replace('-', "_");
            for metric in usual_metrics(subject.task()) {
                let label = format!("{}: {}", contender.name, shown(metric));
                findings.push(Finding::estimate(
                    format!("{name}_{}", metric.name()),
                    label,
                    evaluation.pooled(at, metric),
                ));
            }
        }
    }
    if subject.task() == Task::Classification {
        for side in Side::BOTH {
            let values: Option<Vec<f64>> =
                subject.test.iter().map(|&pair| length(subject, side, pair).map(f64::from)).collect();
            if let Some(values) = values {
                let area = auroc(&values, &subject.truth());
                let label = format!("AUROC of the length of the {}, whichever way it points", one(side));
                let area = area.max(1.0 - area);
                let name = format!("{}_length_{}", side.name(), Metric::Auroc.name());
                findings.push(Finding::new(name, label, super::Form::Measure, area));
            }
        }
    }
    let text = match subject.task() {
        Task::Classification => {
            "counts: boosted trees on how often each molecule was positive in training, a training pair's numbers from the \
             other folds alone. id-rule: negative if the partner has a positive pair in training, positive otherwise. \
             length: boosted trees on the lengths of the two sequences. What these reach says nothing about binding."
        }
        Task::Affinity => "additive: the mean affinity plus an effect of each of the two molecules.",
    };
    Section { title: "Without reading a sequence".into(), text: text.into(), findings }
}
