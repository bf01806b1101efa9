//! Measures predictions by how near the test molecules are to training, and where degree cannot act.

use super::construction::one;
use super::likeness::{Bin, Near, Nearest};
use super::{Finding, Section, Subject};
use crate::metrics::Metric;
use crate::pair::{Side, Task};
use crate::report::{Contender, Evaluation, Resampling, shown, usual_metrics};

/// Pairs from which on a bin is measured.
const FEWEST: usize = 20;

/// Measures predictions: all together, within one molecule, and by bins of identity.
pub(super) fn sections(
    subject: &Subject<'_>,
    name: &str,
    values: &[f64],
    nearest: &Nearest,
    draws: Resampling,
) -> Vec<Section> {
    let all: Vec<usize> = (0..subject.test.len()).collect();
    let measured = |places: &[usize]| {
        let own = places.iter().map(|&place| values[place]).collect();
        Evaluation::measure(subject.test_pairs(places), vec![Contender::model(name, own)], draws)
    };
    let whole = measured(&all);
    let metrics: &[Metric] = match subject.task() {
        Task::Classification => {
            &[Metric::Mcc, Metric::Auroc, Metric::Auprc, Metric::AurocInRna, Metric::AurocInPartner]
        }
        Task::Affinity => {
            &[Metric::Pearson, Metric::Spearman, Metric::Rmse, Metric::TauInRna, Metric::TauInPartner]
        }
    };
    let findings = metrics
        .iter()
        .map(|&metric| {
            Finding::estimate(
                format!("predictions_{}", metric.name()),
                format!("{name}: {}", shown(metric)),
                whole.pooled(0, metric),
            )
        })
        .collect();
    let mut sections = vec![Section {
        title: "The predictions".into(),
        text: "All test pairs together, then within one molecule: how the pairs of one RNA, or of one partner, are ordered \
               among themselves in each fold, where how often a molecule is positive orders nothing."
            .into(),
        findings,
    }];
    let Some(told) = &subject.told else { return sections };
    let mut findings = Vec::new();
    for side in Side::BOTH {
        let Some(Near { identities, .. }) = &nearest[side] else { continue };
        for bin in Bin::all(told.described.kinds[side]) {
            let places: Vec<usize> =
                all.iter().copied().filter(|&place| bin.holds(identities[place])).collect();
            let Bin { name: bin, words: label, .. } = bin;
            let stem = format!("predictions_{}_{bin}", side.name());
            let of = one(side);
            findings.push(Finding::count(
                format!("{stem}_pairs"),
                format!("{of} {label}: test pairs"),
                places.len(),
            ));
            if places.len() < FEWEST {
                continue;
            }
            let evaluation = measured(&places);
            for metric in usual_metrics(subject.task()) {
                findings.push(Finding::estimate(
                    format!("{stem}_{}", metric.name()),
                    format!("{of} {label}: {}", shown(metric)),
                    evaluation.pooled(0, metric),
                ));
            }
        }
    }
    if !findings.is_empty() {
        sections.push(Section {
            title: "The predictions by nearest relative".into(),
            text: format!(
                "The same pairs, divided by the identity of the nearest molecule in training; bins of fewer than {FEWEST} pairs \
                 are not measured."
            ),
            findings,
        });
    }
    sections
}
