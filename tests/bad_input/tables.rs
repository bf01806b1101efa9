//! Tables of pairs and of folds.

use super::{PNG, check, row};

#[test]
fn parse_refuses_bad_tables_of_pairs_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"")],
            2,
            "x.tsv: is empty; check how the file was made",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"rna_id\nr1\n")],
            2,
            "x.tsv, line 1: the first line holds no tab, comma or semicolon; separate the columns by \
             tabs",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"rna\tprotein\nr1\tp1\n")],
            2,
            "x.tsv, line 1: has no column `rna_id`; its columns are rna, protein; name it with \
             --rna-column",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv",
            &[("x.tsv", PNG)],
            2,
            "x.tsv: is a PNG image, not plain text; export what it holds as plain text",
        ),
        row(
            "parse",
            "pairs --pairs pairs.tsv --output out.tsv --rna pairs.tsv",
            &[],
            2,
            "pairs.tsv, line 1: is a table, not a list of sequences; name the FASTA file or the list of SMILES",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv --rejects rejects.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp1\n")],
            1,
            "x.tsv\t3\tr2\tragged-row\t2 cells, not 3",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv --rejects rejects.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp1\tNaN\n")],
            1,
            "\tbad-label\t",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv --rejects rejects.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp1\t1\nr2\tp1\t0\n")],
            1,
            "\tcontradictory-label\t",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv --rejects rejects.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp1\t\n")],
            1,
            "\tno-label\t",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv --rejects rejects.tsv --rna rna.fa",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nrna01\tp1\t1\nr2\tp1\t1\n")],
            1,
            "\tunknown-rna\t",
        ),
        row(
            "parse",
            "pairs --pairs x.tsv --output out.tsv --rejects rejects.tsv --partner protein.fa",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\nrna01\tprotein01\t1\nr2\tp1\t1\n")],
            1,
            "\tunknown-partner\t",
        ),
        row(
            "parse",
            "pairs --pairs pairs.tsv --output pairs.tsv",
            &[],
            2,
            "pairs.tsv: is an input, too; name another output",
        ),
    ]);
}

#[test]
fn split_refuses_bad_input_in_one_sentence_and_leaves_nothing() {
    check(&[
        row(
            "split",
            "random --folds 1 --pairs pairs.tsv --output out.tsv",
            &[],
            2,
            "setting `folds`: one fold leaves nothing to train on; ask for two or more",
        ),
        row(
            "split",
            "random --folds 41 --pairs pairs.tsv --output out.tsv",
            &[],
            2,
            "setting `folds`: 41 folds cannot be made of 40 pairs; ask for fewer",
        ),
        row(
            "split",
            "holdout --test 1.5 --pairs pairs.tsv --output out.tsv",
            &[],
            2,
            "setting `test`: the share is not between 0 and 1; use 0.2, for example",
        ),
        row(
            "split",
            "holdout --test 0.5 --validation 0.5 --pairs pairs.tsv --output out.tsv",
            &[],
            2,
            "setting `validation`: nothing is left to train on",
        ),
        row("split", "random --output out.tsv", &[], 2, "setting `--pairs`: is missing; name a file"),
        row("split", "random --pairs pairs.tsv", &[], 2, "setting `--output`: is missing; name a file"),
        row(
            "split",
            "random --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\na\tb\tNaN\nc\td\t1\n")],
            2,
            "x.tsv, line 2: label `NaN` is not a finite number",
        ),
        row(
            "split",
            "random --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tlabel\na\tb\t1\na\tb\t1\n")],
            2,
            "x.tsv, line 3, record `a b`: the pair stands on line 2 already",
        ),
        row(
            "split",
            "random --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"rna_id\na\nb\n")],
            2,
            "x.tsv, line 1: has no column `partner_id`",
        ),
        row(
            "split",
            "random --pairs x.tsv --output out.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\n")],
            2,
            "x.tsv: holds no pair; check how the file was made",
        ),
        row(
            "split",
            "random --pairs rna.store --output out.tsv",
            &[],
            2,
            "rna.store: is a folder, not a file",
        ),
        row(
            "split",
            "random --pairs pairs.tsv --output pairs.tsv",
            &[],
            2,
            "pairs.tsv: is an input, too; name another output",
        ),
        row(
            "split",
            "table --table splits.tsv --column cold --pairs pairs.tsv --output out.tsv",
            &[],
            2,
            "splits.tsv, line 1: has no column `cold`",
        ),
        row(
            "split",
            "table --table x.tsv --column f --pairs pairs.tsv --output out.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tf\na\tb\t0\nc\td\t1\n")],
            2,
            "x.tsv",
        ),
        row(
            "split",
            "table --table x.tsv --column f --pairs y.tsv --output out.tsv",
            &[
                ("y.tsv", b"rna_id\tpartner_id\na\tb\nc\td\n"),
                ("x.tsv", b"rna_id\tpartner_id\tf\na\tb\tleft\nc\td\t1\n"),
            ],
            2,
            "x.tsv, line 2",
        ),
        row(
            "split",
            "audit --splits x.tsv --pairs pairs.tsv --audit audit.tsv",
            &[("x.tsv", b"rna_id\tpartner_id\tfold\na\tb\t0\n")],
            2,
            "x.tsv",
        ),
    ]);
}
