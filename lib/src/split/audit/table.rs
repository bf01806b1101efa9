//! Writes an audit as a table.

use std::io::Write;

use super::{FoldAudit, Overlap, PartAudit};
use crate::io::Number;

const COLUMNS: [&str; 20] = [
    "fold",
    "train",
    "validation",
    "test",
    "train_positive",
    "test_positive",
    "train_label_mean",
    "test_label_mean",
    "test_rna",
    "test_rna_in_train",
    "test_partner",
    "test_partner_in_train",
    "test_rna_sequences",
    "test_rna_sequences_in_train",
    "test_partner_sequences",
    "test_partner_sequences_in_train",
    "test_pairs_rna_in_train",
    "test_pairs_partner_in_train",
    "test_pairs_both_in_train",
    "test_pairs_same_sequences_in_train",
];

/// Writes one row for each fold; what is not known is `NA`.
pub(super) fn write(folds: &[FoldAudit], mut out: impl Write) -> std::io::Result<()> {
    writeln!(out, "{}", COLUMNS.join("\t"))?;
    folds.iter().try_for_each(|fold| writeln!(out, "{}", cells(fold).join("\t")))
}

fn cells(fold: &FoldAudit) -> [String; COLUMNS.len()] {
    let FoldAudit { train, test, pairs, .. } = fold;
    let positives = |part: &PartAudit| known(part.positives);
    let mean = |part: &PartAudit| Number(part.label_mean.unwrap_or(f64::NAN)).to_string();
    let all = |overlap: Option<Overlap>| known(overlap.map(|overlap| overlap.test));
    let shared = |overlap: Option<Overlap>| known(overlap.map(|overlap| overlap.in_train));
    [
        fold.name.to_string(),
        train.pairs.to_string(),
        fold.validation.to_string(),
        test.pairs.to_string(),
        positives(train),
        positives(test),
        mean(train),
        mean(test),
        fold.rna_ids.test.to_string(),
        fold.rna_ids.in_train.to_string(),
        fold.partner_ids.test.to_string(),
        fold.partner_ids.in_train.to_string(),
        all(fold.rna_sequences),
        shared(fold.rna_sequences),
        all(fold.partner_sequences),
        shared(fold.partner_sequences),
        (pairs.both + pairs.rna_only).to_string(),
        (pairs.both + pairs.partner_only).to_string(),
        pairs.both.to_string(),
        pairs.same_pair.to_string(),
    ]
}

fn known(count: Option<usize>) -> String {
    count.map_or_else(|| "NA".into(), |count| count.to_string())
}
