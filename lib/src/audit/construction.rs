//! Counts what a set is made of, and tells how its negatives were drawn.

use std::collections::HashMap;

use super::{Finding, Section, Subject};
use crate::pair::{Side, Task};

/// Describes the set.
pub(super) fn section(subject: &Subject<'_>) -> Section {
    let pairs = &subject.pairs.pairs;
    let distinct = |numbers: &[u32]| numbers.iter().collect::<std::collections::HashSet<_>>().len();
    let mut findings = vec![Finding::count("pairs", "Pairs", pairs.len())];
    let labelled = pairs.iter().filter(|pair| pair.label.is_some()).count();
    findings.push(Finding::count("test_pairs", "Test pairs with a label", subject.test.len()));
    let binary = subject.task() == Task::Classification;
    if binary {
        let positives = (0..pairs.len()).filter(|&pair| subject.positive(pair)).count();
        findings.push(Finding::count("positives", "Positive pairs", positives));
        findings.push(Finding::count("negatives", "Negative pairs", labelled - positives));
    }
    for side in Side::BOTH {
        let (name, words) = (side.name(), words(side));
        findings.push(Finding::count(
            format!("{name}_ids"),
            format!("Identifiers of {words}"),
            distinct(subject.by_id.of(side)),
        ));
        if let Some(told) = &subject.told {
            let count = distinct(told.molecules.of(side));
            findings.push(Finding::count(
                format!("{name}_sequences"),
                format!("Distinct sequences of {words}"),
                count,
            ));
        }
        if let Some(clusters) = &subject.by_cluster {
            findings.push(Finding::count(
                format!("{name}_clusters"),
                format!("Clusters of {words}"),
                distinct(clusters.of(side)),
            ));
        }
    }
    // Where sequences are known, they tell.
    let both = subject.by_id.in_both_columns();
    if both > 0 && subject.told.is_none() {
        findings.push(Finding::count("ids_in_both_columns", "Identifiers in both columns", both));
    }
    if let Some(told) = &subject.told {
        findings.push(Finding::count(
            "sequence_pairs",
            "Distinct pairs of sequences",
            distinct(&told.molecules.pairs()),
        ));
    }
    if binary {
        for side in Side::BOTH {
            drawn(subject, side, &mut findings);
        }
    }
    Section {
        title: "The set".into(),
        text: "What the table holds, and the traces that drawing its negatives left: where each molecule has exactly as many \
               positive as negative pairs, or one positive pair only, its identifier tells about the label."
            .into(),
        findings,
    }
}

/// Counts molecules whose labels give away how negatives were drawn.
fn drawn(subject: &Subject<'_>, side: Side, findings: &mut Vec<Finding>) {
    let mut labels: HashMap<u32, [usize; 2]> = HashMap::new();
    for (pair, &number) in subject.by_id.of(side).iter().enumerate() {
        if subject.pairs.pairs[pair].label.is_some() {
            labels.entry(number).or_default()[usize::from(subject.positive(pair))] += 1;
        }
    }
    let (name, words) = (side.name(), words(side));
    let mut share = |trace: &str, label: &str, is_so: &dyn Fn(&[usize; 2]) -> bool| {
        let found = labels.values().filter(|counts| is_so(counts)).count();
        findings.push(Finding::share(
            format!("{name}_ids_{trace}"),
            format!("Identifiers of {words} {label}"),
            found,
            labels.len(),
        ));
    };
    share("balanced", "with as many positive as negative pairs", &|[n, p]| n == p);
    share("one_positive", "with exactly one positive pair", &|[_, p]| *p == 1);
    share("positive_only", "with positive pairs only", &|[n, _]| *n == 0);
    share("negative_only", "with negative pairs only", &|[_, p]| *p == 0);
}

pub(super) const fn words(side: Side) -> &'static str {
    match side {
        Side::Rna => "RNAs",
        Side::Partner => "partners",
    }
}

pub(super) const fn one(side: Side) -> &'static str {
    match side {
        Side::Rna => "RNA",
        Side::Partner => "partner",
    }
}
