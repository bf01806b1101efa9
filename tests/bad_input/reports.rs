//! Predictions to measure.

use super::{PNG, check, row};

#[test]
fn evaluate_refuses_bad_input_in_one_sentence_and_leaves_nothing() {
    check(&[
        row("evaluate", "--predictions x.tsv --output out", &[("x.tsv", b"")], 2, "x.tsv: is empty"),
        row(
            "evaluate",
            "--predictions x.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\tprobability\na\tb\t1\tNaN\n")],
            2,
            "x.tsv, line 2",
        ),
        row(
            "evaluate",
            "--predictions x.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\tprobability\na\tb\t1\t1.5\n")],
            2,
            "probability `1.5` is not between 0 and 1; name a column of logits `score`",
        ),
        row(
            "evaluate",
            "--predictions x.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\na\tb\t1\n")],
            2,
            "x.tsv, line 1: has no column `probability`, `score` or `affinity`",
        ),
        row(
            "evaluate",
            "--predictions x.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tprobability\na\tb\t0.5\n")],
            2,
            "has no labels to measure against",
        ),
        row(
            "evaluate",
            "--predictions x.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\tprobability\na\tb\t1\t0.5\na\tb\t1\t0.6\n")],
            2,
            "the pair stands on line 2 already; keep one of the rows",
        ),
        row(
            "evaluate",
            "--predictions x.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\tprobability\n")],
            2,
            "x.tsv: holds no prediction; check how the file was made",
        ),
        row(
            "evaluate",
            "--predictions x.tsv --pairs pairs.tsv --output out",
            &[("x.tsv", b"rna_id\tpartner_id\tprobability\na\tb\t0.5\n")],
            2,
            "the pair is not in pairs.tsv; use the table that was predicted",
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv --output rna.fa",
            &[],
            2,
            "rna.fa: is a file, not a folder; name a folder for the report",
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv predictions.tsv --name one --output out",
            &[],
            2,
            "1 names for 2 files of predictions; give one name for each file",
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv --trained rna.fa --output out",
            &[],
            2,
            "rna.fa: is a file, not the folder of a training; name the folder that crossmamba-fuse-train wrote",
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv --rna rna.fa --output out",
            &[],
            2,
            "--partner <FILE>",
        ),
        row("evaluate", "--predictions predictions.tsv --output rna.fa/out", &[], 2, "rna.fa/out: cannot"),
        row(
            "evaluate",
            "--predictions model --output out",
            &[],
            2,
            "model: is a folder, not a file; name the file inside it",
        ),
        row("evaluate", "--predictions x.tsv --output out", &[("x.tsv", PNG)], 2, "x.tsv"),
    ]);
}
