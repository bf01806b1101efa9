//! Tables of pairs: their dialects, their labels, their identifiers.

use super::support::Place;

const PAIRS: &str = "pairs --rna rna.fa --partner protein.fa --pairs in --output out --rejects rejects";

fn with_sequences() -> Place {
    let place = Place::new();
    place.write("rna.fa", ">r1\nA\n>r2\nC\n").write("protein.fa", ">p1\nM\n>p2\nK\n");
    place
}

#[test]
fn every_way_to_write_the_same_pairs_gives_the_same_table() {
    let wanted = "rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp2\t0\n";
    for (text, options) in [
        ("rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp2\t0\n", ""),
        ("\u{feff}partner_id,rna_id,label\r\np1,r1,1.0\r\np2,r2,0\r\n", ""),
        ("\"label\";\"rna_id\";\"partner_id\"\n\"1\";\"r1\";\"p1\"\n0;r2;p2", ""),
        ("R,P,y\nr1,p1,1\n\nr2,p2,-0\n", "--rna-column R --partner-column P --label-column y"),
        ("r1\tp1\t1\nr2\tp2\t0\n", "--no-header"),
        (
            "\u{feff}\n\nthe_identifier_of_the_RNA,P,label\nr1,p1,1\nr2,p2,0\n",
            "--rna-column the_identifier_of_the_RNA --partner-column P",
        ),
        ("rna_id,partner_id,label,note\nr1, p1 ,1,\"a, b\"\nr2,p2,0,x\nr1,p1,1,again\n", ""),
    ] {
        let place = with_sequences();
        place.write("in", text);
        place.run("parse", &format!("{PAIRS} {options}")).done();
        assert_eq!(place.read("out"), wanted, "{text}");
        place.run("parse", "pairs --pairs out --output again").done();
        assert_eq!(place.read("again"), wanted, "{text} parsed again");
    }
}

#[test]
fn each_rejected_row_has_one_reason() {
    let place = with_sequences();
    let rows = "r1,p1,1\nr1,p1\nr9,p1,1\nr1,p9,1\n,p1,1\nr 1,p1,1\nr1,p2,\nr1,p2,NaN\nr1,p2,inf\nr1,p2,perhaps\n\
                r2,p1,1\nr2,p1,0\nr2,p1,1\nr2,p2,0\nr1,p2,>9\n";
    place.write("in", format!("rna_id,partner_id,label\n{rows}"));
    place.run("parse", PAIRS).ended(1);
    assert_eq!(place.read("out"), "rna_id\tpartner_id\tlabel\nr1\tp1\t1\nr2\tp2\t0\n");
    let wanted = "3 r1 ragged-row 2 cells, not 3|4 r9 p1 unknown-rna r9|5 r1 p9 unknown-partner p9|6  p1 no-id RNA|\
        7 r 1 p1 bad-id RNA: the identifier holds white space or a control character|8 r1 p2 no-label |\
        9 r1 p2 bad-label `NaN` is not finite|10 r1 p2 bad-label `inf` is not finite|\
        11 r1 p2 bad-label `perhaps` is not a number|12 r2 p1 contradictory-label 3 rows with 0 and 1|\
        13 r2 p1 contradictory-label 3 rows with 0 and 1|14 r2 p1 contradictory-label 3 rows with 0 and 1|\
        16 r1 p2 inexact-label `>9` is a bound, not a value; see --inexact";
    let rejects = place.read("rejects").replace('\t', " ");
    let found: Vec<&str> =
        rejects.lines().skip(1).map(|row| row.strip_prefix("in ").expect("the file")).collect();
    assert_eq!(found, wanted.split('|').collect::<Vec<_>>());
}

#[test]
fn several_measurements_of_a_pair_become_one_as_asked() {
    for (rule, code, wanted) in [
        ("mean", 0, "r1\tp1\t5.5\nr2\tp2\t7\n"),
        ("first", 0, "r1\tp1\t5\nr2\tp2\t7\n"),
        ("reject", 1, "r2\tp2\t7\n"),
    ] {
        let place = with_sequences();
        place.write("in", "rna_id\tpartner_id\tlabel\nr1\tp1\t5\nr2\tp2\t7\nr1\tp1\t6\n");
        place.run("parse", &format!("{PAIRS} --replicates {rule}")).ended(code);
        assert_eq!(place.read("out"), format!("rna_id\tpartner_id\tlabel\n{wanted}"));
    }
}

#[test]
fn a_table_that_cannot_be_read_has_its_sentence() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "in: is empty"),
        (b"rna_id partner_id\nr1 p1\n", "in, line 1: the first line holds no tab, comma or semicolon"),
        (
            b"rna,partner_id\nr1,p1\n",
            "in, line 1: has no column `rna_id`; its columns are rna, partner_id; name it with --rna-column",
        ),
        (b"rna_id,rna_id,partner_id\n", "in, line 1: has two columns `rna_id`"),
        (
            b"rna_id,partner_id\n\"r1,p1\nr2,p2\n",
            "in, line 2: a quoted cell goes on over the end of its line",
        ),
        (b"rna_id,partner_id\rr1,p1\r", "in, line 1: the first line ends in a carriage return alone"),
        (b"\xff\xfer\0n\0a\0", "in, line 1: is UTF-16 text"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "in: cannot read: the compressed data"),
    ];
    for (bytes, sentence) in cases {
        let place = with_sequences();
        place.write("in", bytes);
        place.run("parse", PAIRS).ended(2).says(&format!("crossmamba-parse: error: {sentence}"));
        assert_eq!(place.files().len(), 3, "{sentence}");
    }
    let place = with_sequences();
    place.write("in", "rna_id,partner_id\nr1,p1\n");
    place.run("parse", &format!("{PAIRS} --label-column y")).ended(2).says("has no column `y`");
}

/// Parses a table of pairs without sequences, and gives the labels that were kept.
#[track_caller]
fn labels(text: &str, options: &str, code: i32) -> (Vec<String>, String) {
    let place = Place::new();
    place.write("in", text);
    let ran = place.run("parse", &format!("pairs --pairs in --output out {options}")).ended(code);
    let kept = if code == 2 { String::new() } else { place.read("out") };
    let cell = |row: &str| row.split('\t').nth(2).unwrap_or("none").to_owned();
    (kept.lines().skip(1).map(cell).collect(), ran.stderr)
}

/// Makes a table of one column of labels.
fn table(labels: &[&str]) -> String {
    let row = |(i, label): (usize, &&str)| format!("r{i},p{i},{label}\n");
    format!("rna_id,partner_id,label\n{}", labels.iter().enumerate().map(row).collect::<String>())
}

#[test]
fn words_for_classes_are_read_and_said() {
    for (words, wanted) in [
        (["True", "False", "true", "FALSE"], ["1", "0", "1", "0"]),
        (["yes", "no", "Y", "N"], ["1", "0", "1", "0"]),
        (["+", "-", "+", "-"], ["1", "0", "1", "0"]),
        (["positive", "negative", "Positive", "interacting"], ["1", "0", "1", "1"]),
        (["hit", "non-hit", "Non-Hit", "hit"], ["1", "0", "0", "1"]),
        (["1.0", "0.0", "1.000", "0"], ["1", "0", "1", "0"]),
    ] {
        let (found, said) = labels(&table(&words), "", 0);
        assert_eq!(found, wanted);
        assert!(said.contains("kept 4 pairs for classification"), "{said}");
        assert_eq!(said.contains("labels read as 1: "), words[0].parse::<f64>().is_err(), "{said}");
    }
}

#[test]
fn what_is_called_positive_is_found_however_late_it_comes() {
    let mut words: Vec<String> = (0..20).map(|i| format!("class{i}")).collect();
    words.push("binder".into());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (found, _) = labels(&table(&words), "--positive binder", 0);
    assert_eq!(found.iter().filter(|label| *label == "1").count(), 1);
    assert_eq!(found.len(), 21);
}

#[test]
fn labels_that_look_like_classes_never_become_affinities_in_silence() {
    for (text, says, option) in [
        (table(&["1", "-1", "1", "-1"]), "in: the labels are -1 and 1 only", "--positive 1"),
        (table(&["1", "2", "2", "1"]), "in: the labels are 1 and 2 only", "--positive 2"),
    ] {
        let (_, said) = labels(&text, "", 2);
        assert!(said.contains(says) && said.contains(option), "{said}");
        let (found, _) = labels(&text, option, 0);
        assert_eq!(found.iter().filter(|label| *label == "1").count(), 2);
        let (found, _) = labels(&text, "--task affinity", 0);
        assert_eq!(found.len(), 4);
    }
    let mut stray: Vec<&str> = ["1", "0"].repeat(20);
    stray.push("10");
    let (_, said) = labels(&table(&stray), "", 2);
    assert!(
        said.contains("in: 40 of 41 labels are 0 or 1, and 1 are not: 10 on line 42; correct it"),
        "{said}"
    );
    let (found, _) = labels(&table(&stray), "--task classification", 1);
    assert_eq!(found.len(), 40);
}

#[test]
fn a_table_of_which_nothing_is_left_fails_with_the_commonest_reason() {
    let place = with_sequences();
    place.write("in", "rna_id,partner_id,label\nr8,p1,1\nr9,p1,0\nr1,p1,\n");
    place.run("parse", PAIRS).ended(2).says(
        "in: no pair of 3 is left: 2 are rejected as unknown-rna, such as `r8 p1` on line 2 (r8); compare the \
         identifiers with those of --rna; see --id-rule",
    );
    assert_eq!(place.files().len(), 3);
    let (_, said) = labels(&table(&["perhaps", "perhaps not"]), "", 2);
    assert!(said.contains("no pair of 2 is left: 2 are rejected as bad-label"), "{said}");
    let (_, said) = labels("rna_id,partner_id,label\n", "", 2);
    assert!(said.contains("in: holds no pair"), "{said}");
    let (found, _) = labels(&table(&["1", "nan", "NA", "", "0", "None", "#N/A", "NULL"]), "", 1);
    assert_eq!(found, ["1", "0"]);
}

#[test]
fn a_column_that_looks_like_labels_is_not_dropped_in_silence() {
    for (header, says) in [
        (
            "rna_id,partner_id,y",
            "the pairs get no labels, and these columns look like some: `y`; name one with --label-column",
        ),
        ("rna_id,partner_id,Affinity", "look like some: `Affinity`"),
        ("rna_id,partner_id,pKd (25 C)", "look like some: `pKd (25 C)`"),
    ] {
        let (found, said) = labels(&format!("{header}\nr1,p1,1\nr2,p2,0\n"), "", 0);
        assert_eq!(found, ["none", "none"]);
        assert!(said.contains(says) && said.contains("WARN"), "{said}");
    }
    let (found, _) = labels("rna_id,partner_id,Label\nr1,p1,1\nr2,p2,0\n", "", 0);
    assert_eq!(found, ["1", "0"]);
    let (found, said) = labels("rna_id;partner_id;label;pKd (M, 25 C)\nr1;p1;1;6\nr2;p2;0;5\n", "", 0);
    assert_eq!(found, ["1", "0"]);
    assert!(said.contains("the labels are those of `label`; not used: `pKd (M, 25 C)`"), "{said}");
}

#[test]
fn what_spreadsheets_and_r_write_around_a_table_is_understood() {
    let (found, _) = labels("sep=;\nrna_id;partner_id;label\nr1;p1;1\n", "", 0);
    assert_eq!(found, ["1"]);
    let r = "\"rna_id\"\t\"partner_id\"\t\"label\"\n\"1\"\t\"r1\"\t\"p1\"\t1\n\"2\"\t\"r2\"\t\"p2\"\t0\n";
    let (found, said) = labels(r, "", 0);
    assert_eq!(found, ["1", "0"]);
    assert!(said.contains("the first is taken for a row name"), "{said}");
    let (found, _) =
        labels("# measured in May\nrna_id;partner_id;label\nr1;p1;6,5\nr2;p2;7,25\n", "--decimal-comma", 0);
    assert_eq!(found, ["6.5", "7.25"]);
}

#[test]
fn concentrations_are_doubted_and_converted_on_request() {
    let molar = ["1.146e-07", "1.057e-08", "9.462e-11"];
    let (found, said) = labels(&table(&molar), "", 0);
    assert_eq!(found.len(), 3);
    assert!(said.contains("the affinities are all below 0.01, as concentrations in mol/L are: if they are, name their unit with --unit"), "{said}");
    let (_, said) = labels(&table(&["1.146e+05", "94.62", "0.5"]), "", 0);
    assert!(said.contains("the affinities span 5.4 decades"), "{said}");
    let (_, said) = labels(&table(&["5.2", "9.1", "7"]), "", 0);
    assert!(!said.contains("WARN"), "{said}");

    let place = Place::new();
    place.write("in", table(&["100", "10", "1"]));
    place.run("parse", "pairs --pairs in --output out --summary s --unit nM").done();
    let wanted =
        "rna_id\tpartner_id\tlabel\tunit\nr0\tp0\t7\t-log10 M\nr1\tp1\t8\t-log10 M\nr2\tp2\t9\t-log10 M\n";
    assert_eq!(place.read("out"), wanted);
    assert!(place.read("s").contains("\"unit\": \"-log10 M\""));
    assert!(place.read("out.provenance.json").contains("\"unit\": \"nM\""));
}

#[test]
fn bounds_and_uncertainties_are_rejected_dropped_or_read_as_asked() {
    let text = table(&["5.1", ">10000", "5.2±0.3", "6"]);
    let (found, said) = labels(&text, "", 1);
    assert_eq!(found, ["5.1", "6"]);
    assert!(said.contains("inexact-label `>10000` is a bound, not a value; see --inexact"), "{said}");
    let (found, said) = labels(&text, "--inexact drop", 0);
    assert_eq!(found, ["5.1", "6"]);
    assert!(said.contains("2 rows with bounds or uncertainties for labels were left out"), "{said}");
    let (found, _) = labels(&text, "--inexact value", 0);
    assert_eq!(found, ["5.1", "10000", "5.2", "6"]);
}

#[test]
fn the_nearest_known_identifier_is_named_and_a_rule_takes_it() {
    let place = Place::new();
    place.write("rna.fa", ">NM_1234\nA\n>HOTAIR\nC\n").write("protein.fa", ">P12345\nM\n");
    place.write(
        "in",
        "rna_id,partner_id\nNM_1234.2,P12345\nHOTAIR,sp|P12345|NAME_HUMAN\nhotair,P12345\nHOTAIR,P12345\n",
    );
    place.run("parse", PAIRS).ended(1);
    let rejects = place.read("rejects");
    for detail in [
        "unknown-rna\tNM_1234.2; the nearest known is NM_1234, see --id-rule",
        "unknown-partner\tsp|P12345|NAME_HUMAN; the nearest known is P12345, see --id-rule",
        "unknown-rna\thotair; the nearest known is HOTAIR, see --id-rule",
    ] {
        assert!(rejects.contains(detail), "{rejects}");
    }
    place.run("parse", &format!("{PAIRS} --id-rule accession")).ended(1);
    assert_eq!(place.read("out"), "rna_id\tpartner_id\nNM_1234\tP12345\nHOTAIR\tP12345\n");
    place.run("parse", &format!("{PAIRS} --id-rule regex:(")).ended(2).says("unclosed group");
}
