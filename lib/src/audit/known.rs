//! Counts the test pairs whose molecules are known from training.

use super::{Finding, Form, Section, Subject};
use crate::identity::{Familiarity, Identity};

/// Shares of test pairs by what of them stands in training pairs: by identifier, by sequence and by cluster.
pub(super) fn section(subject: &Subject<'_>) -> Section {
    let mut findings = Vec::new();
    let mut add = |how: &str, words: &str, molecules: &Identity| {
        let folds = subject.folds.iter().map(|fold| Familiarity::of(molecules, &fold.train, &fold.test));
        let Some(shares) = folds.fold(Familiarity::default(), Familiarity::and).shares() else { return };
        for (what, label, value) in [
            ("rna", "test pairs whose RNA is in training", shares.both + shares.rna_only),
            ("partner", "test pairs whose partner is in training", shares.both + shares.partner_only),
            ("both", "test pairs with both in training", shares.both),
            ("pair", "test pairs that are a training pair", shares.same_pair),
        ] {
            let name = format!("test_pairs_{what}_{how}_known");
            findings.push(Finding::new(name, format!("By {words}: {label}"), Form::Share, value));
        }
    };
    add("id", "identifier", &subject.by_id);
    if let Some(told) = &subject.told {
        add("sequence", "sequence", &told.molecules);
    }
    if let Some(clusters) = &subject.by_cluster {
        add("cluster", "cluster", clusters);
    }
    let (folds, test) = (subject.folds.len(), subject.test.len());
    Section {
        title: "What the test parts share with training".into(),
        text: format!(
            "{test} test pairs{}. A model can do well on a molecule that it knows without \
             having read anything that holds for others.",
            if folds > 1 { format!(" in {folds} folds, all together") } else { String::new() }
        ),
        findings,
    }
}
