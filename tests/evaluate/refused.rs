//! What cannot be measured is refused with a sentence.

use std::fmt::Write as _;

use super::support::Place;

#[test]
fn each_bad_input_gets_its_sentence_and_leaves_nothing() {
    const HEAD: &str = "rna_id\tpartner_id\tlabel\tprobability\n";
    let good = format!("{HEAD}r\tp\t1\t0.9\nr\tq\t0\t0.2\n");
    let pairs = "rna_id\tpartner_id\tlabel\nr\tp\t1\nr\tq\t0\n";
    let cases: &[(&str, &str, &str, &str)] = &[
        ("", "", "", "p.tsv: is empty; a table starts with a line that names its columns"),
        (HEAD, "", "", "p.tsv: holds no prediction; check how the file was made"),
        (
            "rna_id\tpartner_id\tlabel\nr\tp\t1\n",
            "",
            "",
            "p.tsv, line 1: has no column `probability`, `score` or `affinity`",
        ),
        (
            "rna_id\tpartner_id\tscore\taffinity\nr\tp\t1\t1\n",
            "",
            "",
            "has probabilities (or scores) and affinities",
        ),
        ("partner_id\tscore\np\t1\n", "", "", "p.tsv, line 1: has no column `rna_id`"),
        (
            "rna_id\tpartner_id\tlabel\tscore\nr\tp\t1\tNaN\n",
            "",
            "",
            "p.tsv, line 2: score `NaN` is not a finite number; predict the pair again",
        ),
        (
            "rna_id\tpartner_id\tlabel\taffinity\nr\tp\t1\tinf\n",
            "",
            "",
            "line 2: affinity `inf` is not a finite number",
        ),
        (
            "rna_id\tpartner_id\tlabel\tprobability\nr\tp\t1\t1.5\n",
            "",
            "",
            "probability `1.5` is not between 0 and 1; name a column of logits `score`",
        ),
        (
            "rna_id\tpartner_id\tlabel\tprobability\nr\tp\tyes\t0.5\n",
            "",
            "",
            "label `yes` is not a finite number",
        ),
        (
            "rna_id\tpartner_id\tlabel\tprobability\nr\tp\t6.5\t0.5\n",
            "",
            "",
            "record `r p`: label 6.5 is not 0 or 1",
        ),
        (
            "rna_id\tpartner_id\tlabel\tprobability\nr\tp\t1\t0.5\nr\tp\t1\t0.5\n",
            "",
            "",
            "line 3, record `r p`: the pair stands on line 2 already",
        ),
        (
            "rna_id\tpartner_id\tprobability\nr\tp\t0.5\n",
            "",
            "",
            "p.tsv: has no labels to measure against; add a column `label`, or give the table that has it with --pairs",
        ),
        (
            "rna_id\tpartner_id\tlabel\tprobability\nr\tp\t1\t0.5\nr\tq\t\t0.5\n",
            "",
            "",
            "record `r q`: has no label",
        ),
        (
            "rna_id\tpartner_id\tprobability\nr\tz\t0.5\n",
            pairs,
            "--pairs x.tsv",
            "p.tsv, line 2, record `r z`: the pair is not in x.tsv",
        ),
        (
            "rna_id\tpartner_id\tlabel\tprobability\nr\tq\t1\t0.5\n",
            pairs,
            "--pairs x.tsv",
            "record `r q`: label 1 is 0 in x.tsv",
        ),
        (
            &good,
            "rna_id\tpartner_id\tfold\nr\tp\t0\n",
            "--splits x.tsv",
            "record `r q`: has no row for 1 of the 2 pairs",
        ),
        (
            "rna_id\tpartner_id\tlabel\tfold\tscore\nr\tp\t1\t0\t1\nr\tq\t0\t1\t1\n",
            "rna_id\tpartner_id\tfold\nr\tp\t1\nr\tq\t0\n",
            "--splits x.tsv",
            "the pair was predicted in fold 0, in x.tsv it is in 1; use the split that was trained on",
        ),
        (
            &good,
            "rna_id\tpartner_id\tlabel\taffinity\nr\tp\t1\t0.9\nr\tq\t0\t0.2\n",
            "--predictions p.tsv x.tsv",
            "x.tsv: predicts affinity, p.tsv classification; compare predictions of one task",
        ),
        (&good, "", "--name counts-by-id", "the name `counts-by-id` is that of a baseline"),
        (&good, "", "--name a b", "2 names for 1 files of predictions"),
        (
            &good,
            ">r\nACGU\n",
            "--rna x.tsv --partner x.tsv",
            "x.tsv, record `p`: has no sequence; give the sequences of all pairs",
        ),
        (&good, "", "--rna x.tsv", "--partner"),
        (
            "rna_id\tpartner_id\tlabel\taffinity\tunit\nr\tp\t7\t7.1\tpKd\n",
            "rna_id\tpartner_id\tlabel\tunit\nr\tp\t80\tnM\n",
            "--pairs x.tsv",
            "p.tsv: affinities are in pKd, labels of x.tsv in nM; convert one of them",
        ),
        (
            "rna_id\tpartner_id\taffinity\nr\tp\t5e-9\n",
            "rna_id\tpartner_id\tlabel\nr\tq\t5e-9\n",
            "--pairs x.tsv",
            "the pair is not in x.tsv",
        ),
        (
            "rna_id\tpartner_id\tlabel\taffinity\nr\tp\t4e-9\t1e-9\n",
            "rna_id\tpartner_id\tlabel\nr\tp\t5e-7\n",
            "--pairs x.tsv",
            "is 0.0000005 in x.tsv; use the table that was predicted",
        ),
        (
            "rna_id\tpartner_id\tlabel\tscore\nr\tp\t1\t80\n",
            "",
            "",
            "p.tsv, line 2: score `80` is no logit; give probabilities",
        ),
        (
            "rna_id\tpartner_id\tlabel\tscore\tp_value\nr\tp\t1\t3\t0.001\n",
            "",
            "",
            "p.tsv, line 1: has scores of p-values, which are no logits",
        ),
        (&good, "", "--pairs nothing.tsv", "nothing.tsv: cannot read"),
        (&good, "", "--predictions .", "is a folder, not a file"),
        (&good, "", "--output p.tsv", "p.tsv: is a file, not a folder; name a folder for the report"),
        (&good, "", "--bootstrap many", "--bootstrap"),
    ];
    for (text, other, arguments, sentence) in cases {
        let place = Place::new();
        place.write("p.tsv", text).write("x.tsv", other);
        let mut line = (*arguments).to_owned();
        if !line.contains("--predictions") {
            line += " --predictions p.tsv";
        }
        if !line.contains("--output") {
            line += " --output report";
        }
        place.run("evaluate", &line).ended(2).says(sentence);
        assert_eq!(place.files().len(), 2, "{arguments}");
        assert!(!place.path("report").exists(), "{arguments}");
    }
}

#[test]
fn a_test_pair_without_prediction_is_named() {
    let place = Place::new();
    let rows = |fold: bool| {
        let mut text =
            String::from(if fold { "rna_id\tpartner_id\tfold\n" } else { "rna_id\tpartner_id\tlabel\n" });
        for i in 0..4 {
            let _ = writeln!(text, "r{i}\tp\t{}", i % 2);
        }
        text
    };
    place.write("pairs.tsv", rows(false)).write("splits.tsv", rows(true));
    place.write("p.tsv", "rna_id\tpartner_id\tscore\nr0\tp\t1\nr1\tp\t2\nr2\tp\t2\n");
    place
        .run("evaluate", "--predictions p.tsv --pairs pairs.tsv --splits splits.tsv --output report")
        .ended(2)
        .says("p.tsv, record `r3 p`: has no prediction for 1 of the 4 test pairs; predict every test pair");
}
