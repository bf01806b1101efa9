//! Black-box tests of `crossmamba-split`.

mod support;

use support::Place;

fn place(pairs: usize) -> Place {
    let place = Place::new();
    let row = |i: usize| format!("r{}\tp{i}\t{}\n", i % 10, u8::from(i.is_multiple_of(4)));
    place.write(
        "pairs.tsv",
        format!("rna_id\tpartner_id\tlabel\n{}", (0..pairs).map(row).collect::<String>()),
    );
    // Every second RNA is a copy of the one before it.
    let rna = |i: usize| format!(">r{i}\n{}\n", "ACGU".repeat(i / 2 + 1));
    place.write("rna.fa", (0..10).map(rna).collect::<String>());
    place
}

/// Gives a column of a table.
fn column(table: &str, name: &str) -> Vec<String> {
    let at = table.lines().next().and_then(|header| header.split('\t').position(|other| other == name));
    let at = at.unwrap_or_else(|| panic!("no column {name} in {table}"));
    table.lines().skip(1).map(|row| row.split('\t').nth(at).unwrap_or_default().to_owned()).collect()
}

fn count(cells: &[String], wanted: &str) -> usize {
    cells.iter().filter(|cell| *cell == wanted).count()
}

#[test]
fn random_folds_are_even_seeded_and_audited() {
    let place = place(200);
    let command = |seed, name: &str| {
        format!(
            "random --folds 5 --seed {seed} --pairs pairs.tsv --output {name} --audit {name}.audit --rna rna.fa"
        )
    };
    place.run("split", &format!("{} --threads 1", command(1, "a"))).done();
    place.run("split", &format!("{} --threads 3", command(1, "b"))).done();
    place.run("split", &command(2, "c")).done();
    for name in ["", ".audit", ".provenance.json", ".audit.provenance.json"] {
        assert_eq!(place.bytes(&format!("a{name}")), place.bytes(&format!("b{name}")), "{name}");
    }
    assert_ne!(place.bytes("a"), place.bytes("c"));
    let folds = column(&place.read("a"), "fold");
    assert!((0..5).all(|fold| count(&folds, &fold.to_string()) == 40), "{folds:?}");
    let audit = place.read("a.audit");
    assert_eq!(column(&audit, "test_positive"), ["10"; 5]);
    assert_eq!(column(&audit, "test_partner_in_train"), ["0"; 5]);
    assert_eq!(column(&audit, "test_rna_sequences_in_train"), ["5"; 5]);
    assert_eq!(column(&audit, "test_partner_sequences"), ["NA"; 5]);
}

#[test]
fn a_holdout_has_its_shares() {
    let place = place(200);
    place.run("split", "holdout --test 0.2 --validation 0.1 --pairs pairs.tsv --output s").done();
    let folds = column(&place.read("s"), "fold");
    assert_eq!(["train", "validation", "test"].map(|part| count(&folds, part)), [140, 20, 40]);
}

#[test]
fn folds_of_a_table_are_taken_over_and_gaps_are_loud() {
    let place = place(4);
    place.write(
        "folds.tsv",
        "rna_id\tpartner_id\tcold\tcluster\nr0\tp0\t3\t7\nr1\tp1\t5\t8\nr2\tp2\t\t9\nr3\tp3\t3\t7\nr9\tp9\t8\t1\n",
    );
    let command =
        "table --table folds.tsv --column cold --rna-group-column cluster --pairs pairs.tsv --output s";
    place.run("split", command).done().says("1 of 4 pairs are unused, the table gives them no fold: `r2 p2`");
    let wanted =
        "rna_id\tpartner_id\tfold\trna_group\nr0\tp0\t0\t7\nr1\tp1\t1\t8\nr2\tp2\tunused\t9\nr3\tp3\t0\t7\n";
    assert_eq!(place.read("s"), wanted);
    place.run("split", "audit --splits s --pairs pairs.tsv --audit a").done();
    assert_eq!(column(&place.read("a"), "test"), ["2", "1"]);

    place.write("folds.tsv", place.read("folds.tsv").replace("cold\tcluster", "cold\tx") + "r0\tp0\t5\t7\n");
    let command = "table --table folds.tsv --column cold --pairs pairs.tsv --output t";
    place.run("split", command).ended(1).says("the table gives them two folds: `r0 p0`");
    assert_eq!(column(&place.read("t"), "fold"), ["unused", "1", "unused", "0"]);
}

#[test]
fn with_groups_of_both_sides_a_fold_learns_from_what_shares_neither() {
    let place = Place::new();
    let mut pairs = String::from("rna_id\tpartner_id\tlabel\n");
    let mut folds = String::from("rna_id\tpartner_id\tfold\tr\tp\n");
    for (rna, partner) in (0..6).flat_map(|rna| (0..6).map(move |partner| (rna, partner))) {
        pairs += &format!("r{rna}\tp{partner}\t{}\n", (rna + partner) % 2);
        folds +=
            &format!("r{rna}\tp{partner}\t{}\t{}\t{}\n", rna / 2 * 3 + partner / 2, rna / 2, partner / 2);
    }
    place.write("pairs.tsv", pairs).write("folds.tsv", folds);
    let command = "table --table folds.tsv --column fold --pairs pairs.tsv --output s --audit a";
    let both = format!("{command} --rna-group-column r --partner-group-column p");
    place.run("split", &both).done();
    // Of nine blocks of four pairs the four that lie in other rows and columns; no molecule of the test part is in them.
    assert_eq!(column(&place.read("a"), "train"), ["16"; 9]);
    assert_eq!(column(&place.read("a"), "test"), ["4"; 9]);
    for shared in ["test_rna_in_train", "test_partner_in_train"] {
        assert_eq!(column(&place.read("a"), shared), ["0"; 9], "{shared}");
    }
    let one = command.replace("--output s --audit a", "--output t --audit b --rna-group-column r");
    place.run("split", &one).done();
    assert_eq!(column(&place.read("b"), "train"), ["32"; 9]);
}

#[test]
fn folds_are_read_as_other_programs_write_them() {
    for (table, column_name, wanted) in [
        (
            "rna_id,partner_id,fold\nr0,p0,0.0\nr1,p1,1.0\nr2,p2,0.0\nr3,p3,2.0\n",
            "fold",
            ["0", "1", "0", "2"],
        ),
        (
            "partner_id;RNA_ID;part\np0;r0;Train\np1;r1;val\np2;r2;TEST\np3;r3;training\n",
            "part",
            ["train", "validation", "test", "train"],
        ),
        (
            "E_ID\tF_ID\tSplit\nr0\tp0\ttrain\nr1\tp1\tnot selected\nr2\tp2\ttest\nr3\tp3\ttrain\n",
            "Split",
            ["train", "unused", "test", "train"],
        ),
    ] {
        let place = place(4);
        place.write("folds", table);
        let command = format!("table --table folds --column {column_name} --pairs pairs.tsv --output s");
        place.run("split", &command).done();
        assert_eq!(column(&place.read("s"), "fold"), wanted, "{table}");
    }
    let place = place(4);
    place.write("inter.tsv", "E_ID\tF_ID\tSplit\np0\tr0\ttrain\np1\tr1\ttest\np2\tr2\ttest\np3\tr3\ttrain\n");
    let command = "table --table inter.tsv --column Split --rna-column F_ID --partner-column E_ID --pairs pairs.tsv \
                   --output s";
    place.run("split", command).done().says("RNAs are those of `F_ID`, partners those of `E_ID`");
    assert_eq!(column(&place.read("s"), "fold"), ["train", "test", "test", "train"]);
}

#[test]
fn a_blank_number_of_threads_is_none_and_an_absurd_one_is_refused() {
    let place = place(8);
    let arguments = "random --folds 2 --pairs pairs.tsv --output s";
    place
        .run("split", &format!("{arguments} --threads 20000"))
        .ended(2)
        .says("more than 1024 threads only wait for each other");
    let mut command = std::process::Command::new(support::binary("split"));
    command.args(arguments.split_whitespace()).current_dir(place.path("")).env("CROSSMAMBA_THREADS", "");
    let ran = command.output().expect("the tool ends");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn what_cannot_be_split_ends_the_run_and_leaves_nothing() {
    let place = place(8);
    place.write("plain.tsv", "rna_id\tpartner_id\na\tb\nc\td\n").write("other.fa", ">x\nA\n");
    place.write("folds.tsv", "rna_id\tpartner_id\tf\nr0\tp0\tone\n");
    place.write("short.tsv", "rna_id\tpartner_id\tfold\nr0\tp0\t0\n");
    let before = place.files();
    for (arguments, sentence) in [
        ("random --pairs pairs.tsv", "setting `--output`: is missing"),
        ("random --output s", "setting `--pairs`: is missing"),
        (
            "random --folds 1 --pairs pairs.tsv --output s",
            "setting `folds`: one fold leaves nothing to train on",
        ),
        (
            "random --folds 9 --pairs pairs.tsv --output s",
            "setting `folds`: 9 folds cannot be made of 8 pairs",
        ),
        ("random --folds 0 --pairs pairs.tsv --output s", "invalid value '0'"),
        ("random --folds 2 --stratify label --pairs plain.tsv --output s", "plain.tsv: has no labels"),
        (
            "holdout --test 1.5 --pairs pairs.tsv --output s",
            "setting `test`: the share is not between 0 and 1",
        ),
        (
            "holdout --test NaN --pairs pairs.tsv --output s",
            "setting `test`: the share is not between 0 and 1",
        ),
        ("holdout --test 0.5 --validation 0.5 --pairs pairs.tsv --output s", "nothing is left to train on"),
        (
            "holdout --test 0.01 --pairs pairs.tsv --output s",
            "setting `test`: 0.01 of 8 pairs is less than one",
        ),
        (
            "table --table folds.tsv --column g --pairs pairs.tsv --output s",
            "folds.tsv, line 1: has no column `g`",
        ),
        (
            "table --table folds.tsv --column f --pairs pairs.tsv --output s",
            "line 2, record `r0 p0`: `one` in column",
        ),
        (
            "table --table short.tsv --column fold --pairs pairs.tsv --output s",
            "has no row for 7 of the 8 pairs",
        ),
        ("audit --splits short.tsv --pairs pairs.tsv --audit a", "has no row for 7 of the 8 pairs"),
        ("audit --splits short.tsv --pairs pairs.tsv", "setting `--audit`: is missing"),
        ("random --pairs pairs.tsv --output s --audit s", "s: is another output, too"),
        ("random --pairs pairs.tsv --output pairs.tsv", "pairs.tsv: is an input, too"),
        (
            "random --pairs pairs.tsv --output s --rna rna.fa",
            "setting `--rna, --partner`: serve the audit only",
        ),
        (
            "random --pairs pairs.tsv --output s --audit a --rna other.fa",
            "record `r0`: is not among the sequences",
        ),
        ("random --pairs none.tsv --output s", "none.tsv: cannot read: No such file or directory"),
        ("random --pairs pairs.tsv --output /dev/full", "/dev/full: cannot write: No space left"),
    ] {
        place.run("split", arguments).ended(2).says(sentence);
        assert_eq!(place.files(), before, "{arguments}");
    }
}

/// The folds in which each value of a column is tested.
fn folds_of(
    table: &str,
    name: &str,
) -> std::collections::HashMap<String, std::collections::BTreeSet<String>> {
    let mut folds = std::collections::HashMap::<_, std::collections::BTreeSet<_>>::new();
    for (value, fold) in column(table, name).into_iter().zip(column(table, "fold")) {
        if fold != "unused" {
            folds.entry(value).or_default().insert(fold);
        }
    }
    folds
}

#[test]
fn unseen_molecules_are_held_out_by_whole_clusters() {
    let place = place(200);
    let clusters = (0..200).map(|i| format!("p{i}\tc{}\n", i / 7)).collect::<String>();
    place.write("clusters.tsv", format!("id\tcluster\n{clusters}"));
    let run = |rest: &str| place.run("split", &format!("unseen --pairs pairs.tsv {rest}")).done();
    run("--regime partner --folds 4 --partner-clusters clusters.tsv --output a --threads 1")
        .says("29 families of partners stay whole; the largest has 7 pairs");
    run("--regime partner --folds 4 --partner-clusters clusters.tsv --output b --threads 3");
    assert_eq!(place.bytes("a"), place.bytes("b"));
    assert_eq!(place.bytes("a.provenance.json"), place.bytes("b.provenance.json"));
    let split = place.read("a");
    let groups = folds_of(&split, "partner_group");
    assert!(groups.len() == 29 && groups.values().all(|folds| folds.len() == 1), "{groups:?}");
    let folds = column(&split, "fold");
    assert!((0..4).all(|fold| (45..=55).contains(&count(&folds, &fold.to_string()))), "{folds:?}");
    // Copies under other names are held out together where the sequences are given.
    run("--regime rna --folds 5 --rna rna.fa --output c");
    let groups = folds_of(&place.read("c"), "rna_group");
    assert!(groups.len() == 5 && groups.values().all(|folds| folds.len() == 1), "{groups:?}");
}

#[test]
fn pairs_between_two_parts_are_counted_and_what_cannot_be_is_refused_with_numbers() {
    let place = place(200);
    let command = "unseen --regime both --test 0.3 --validation 0 --pairs pairs.tsv --output s";
    place.run("split", command).done().says("210 families of RNAs and partners stay whole");
    // Each partner has one pair: it goes where its RNA goes, and nothing is lost.
    assert_eq!(count(&column(&place.read("s"), "fold"), "unused"), 0);
    place
        .run("split", "unseen --regime rna --folds 11 --pairs pairs.tsv --output t")
        .ended(2)
        .says("11 parts cannot be made of 10 families of RNAs");
    place.write("c.tsv", "id\tcluster\nr0\t0\n");
    place
        .run("split", "unseen --regime rna --rna-clusters c.tsv --pairs pairs.tsv --output t")
        .ended(2)
        .says("record `r1`: is in none of the clusters of the rna side; cluster all molecules of the table");
    assert!(!place.path("t").exists());
}

/// Positive pairs of 11 RNAs, some of which bind far more than others, and 30 proteins.
fn positives() -> Place {
    let place = Place::new();
    let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 7) % 1009;
    let row =
        |i: usize| format!("r{}\tp{}\n", (noise(i) % 12).min(noise(i + 500) % 12), noise(3 * i + 7) % 30);
    let mut rows: Vec<String> = (0..90).map(row).collect();
    rows.sort();
    rows.dedup();
    place.write("positives.tsv", format!("rna_id\tpartner_id\n{}", rows.concat()));
    place.write("c.tsv", (0..30).map(|i| format!("p{i}\t{}\n", i / 3)).collect::<String>());
    place
}

/// Gives a figure of an audit.
fn audited(place: &Place, pairs: &str, name: &str) -> f64 {
    place.run("audit", &format!("--pairs {pairs} --bootstrap 0 --output audited")).done();
    let table = place.read("audited/audit.tsv");
    let row = table.lines().find(|row| row.split('\t').next() == Some(name));
    row.and_then(|row| row.split('\t').nth(1)?.parse().ok()).unwrap_or(f64::NAN)
}

#[test]
fn negatives_are_drawn_as_asked_and_the_audit_tells_how() {
    let place = positives();
    let count = column(&place.read("positives.tsv"), "rna_id").len();
    let run = |how: &str, name: &str| {
        place.run("split", &format!("negatives {how} --pairs positives.tsv --output {name}")).done();
        let table = place.read(name);
        assert_eq!(count_rows(&table, "given"), count);
        table
    };
    let degree = run("--draw degree --threads 1", "degree.tsv");
    assert_eq!(count_rows(&degree, "drawn-degree"), count);
    assert_eq!(degree, run("--draw degree --threads 3", "again.tsv"));
    assert!(place.read("degree.tsv.provenance.json").contains("\"draw\": \"degree\""));
    for side in ["rna", "partner"] {
        assert_eq!(audited(&place, "degree.tsv", &format!("{side}_ids_balanced")), 1.0);
    }
    assert!(place.read("audited/audit.html").contains("negatives were drawn to match degree"));
    let uniform = run("--draw uniform --per-positive 1.5", "uniform.tsv");
    assert_eq!(count_rows(&uniform, "drawn-uniform"), (count * 3).div_ceil(2));
    assert!(audited(&place, "uniform.tsv", "rna_ids_balanced") < 0.5);
    let apart = run("--draw uniform --partner-clusters c.tsv", "apart.tsv");
    assert_eq!(count_rows(&apart, "drawn-uniform-apart"), count);
    let family = |row: &str| {
        let cells: Vec<&str> = row.split('\t').collect();
        (cells[0].to_owned(), cells[1][1..].parse::<usize>().unwrap() / 3, cells[2] == "1")
    };
    let rows: Vec<_> = apart.lines().skip(1).map(family).collect();
    let binds = |rna: &str, of: usize| rows.iter().any(|row| row.2 && row.0 == rna && row.1 == of);
    assert!(rows.iter().filter(|row| !row.2).all(|(rna, of, _)| !binds(rna, *of)));
}

fn count_rows(table: &str, origin: &str) -> usize {
    count(&column(table, "origin"), origin)
}

#[test]
fn negatives_that_cannot_be_drawn_are_refused_with_numbers() {
    let place = positives();
    place
        .run("split", "negatives --draw uniform --per-positive 100 --pairs positives.tsv --output n")
        .ended(2)
        .says("negatives were asked for, but of the");
    place.write("mixed.tsv", "rna_id\tpartner_id\tlabel\nr\tp\t1\ns\tp\t0\n");
    place
        .run("split", "negatives --draw degree --pairs mixed.tsv --output n")
        .ended(2)
        .says("mixed.tsv: 1 of 2 pairs are not positive; give the positive pairs alone");
    assert!(!place.path("n").exists());
}
