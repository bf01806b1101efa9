//! The whole chain between RNAs, where the duplex tells what neither molecule tells alone.

mod support;

use support::Place;

const SIMULATE: &str =
    "--kind rna-rna --interaction-only --classes 4 --families 20 --rna 80 --partners 80 --noise 0";
const CONFIG: &str = "\
model: {width: 16, inner: 16, state: 4, hidden: 16}
training: {epochs: 20, batch: 32}
";
const STORES: &str = "--rna-store rna.store --partner-store rna2.store";
const NUCLEOTIDES: &str = "--rna-store rna.letters --partner-store rna2.letters";

/// A set whose labels neither side alone tells, split so that no family of a test fold is in its training part.
fn prepared() -> Place {
    let place = Place::new();
    place.write("config.yaml", CONFIG);
    place.run("simulate", &format!("{SIMULATE} --pairs 640 --output set")).done();
    let split = "table --table set/folds.tsv --column cold_both5 --pairs set/pairs.tsv --output splits.tsv";
    place.run("split", split).done();
    for name in ["rna", "rna2"] {
        let input = format!("--kind rna --input set/{name}.fa");
        place.run("embed", &format!("{input} --output {name}.store")).done();
        let letters = format!("{input} --encoder onehot --tokens residue --output {name}.letters");
        place.run("embed", &letters).done();
    }
    place
}

fn train(place: &Place, stores: &str, output: &str) -> support::Ran {
    let settings = "--pairs set/pairs.tsv --splits splits.tsv --config config.yaml";
    place.run("fuse-train", &format!("{settings} {stores} --output {output}"))
}

/// The pooled AUROC of each contender.
fn auroc(place: &Place, output: &str, contender: &str) -> f64 {
    let table = place.read(&format!("{output}/metrics.tsv"));
    let start = format!("{contender}\tpooled\tauroc\t");
    let row = table.lines().find_map(|line| line.strip_prefix(&start)).expect("a row");
    row.split('\t').next().expect("a value").parse().expect("a number")
}

#[test]
fn base_pairing_holds_for_families_never_seen() {
    let place = prepared();
    let both = format!("{STORES} {NUCLEOTIDES}");
    train(&place, &both, "with").done();
    train(&place, STORES, "without").done().says("the model does not see how the two RNAs pair");
    for (model, report) in [("with", "report"), ("without", "report-without")] {
        let inputs =
            format!("--predictions {model}/predictions.tsv --pairs set/pairs.tsv --splits splits.tsv");
        let more = "--rna set/rna.fa --partner set/rna2.fa --forest --bootstrap 0";
        place.run("evaluate", &format!("{inputs} {more} --output {report}")).done();
    }
    assert!(place.read("with/fold-0/config.yaml").contains("duplex: energy"));
    assert!(place.read("without/fold-0/config.yaml").contains("duplex: none"));
    let [with, without] = ["report", "report-without"].map(|report| auroc(&place, report, "crossmamba"));
    let [duplex, words, both_forest] =
        ["duplex", "kmer-forest", "kmer-duplex-forest"].map(|name| auroc(&place, "report", name));
    println!(
        "AUROC with {with}, without {without}; duplex {duplex}, forest {words}, with duplex {both_forest}"
    );
    assert!(with > 0.85 && with > without + 0.1, "{with} with the duplex, {without} without");
    assert!(duplex > 0.95 && both_forest > words, "{duplex} {words} {both_forest}");
}

#[test]
fn a_model_that_sees_duplexes_predicts_as_in_training_and_needs_the_nucleotides() {
    let place = prepared();
    let both = format!("{STORES} {NUCLEOTIDES}");
    train(&place, &format!("{both} --threads 1"), "one").done();
    train(&place, &format!("{both} --threads 5"), "many").done();
    assert_eq!(place.bytes("one/predictions.tsv"), place.bytes("many/predictions.tsv"));

    let predict = |stores: &str, output: &str| {
        let arguments = format!("--model one/fold-0 --pairs set/pairs.tsv {stores} --output {output}");
        place.run("predict", &arguments)
    };
    predict(&both, "p.tsv").done();
    let table = place.read("p.tsv");
    let lines: Vec<&str> = table.lines().skip(1).collect();
    let score = |line: &str, column: usize| -> f64 { line.split('\t').nth(column).unwrap().parse().unwrap() };
    let out_of_fold = place.read("one/predictions.tsv");
    let mut compared = 0;
    for (line, found) in out_of_fold.lines().skip(1).zip(lines) {
        if line.split('\t').nth(3) == Some("0") {
            assert!((score(line, 4) - score(found, 3)).abs() < 1e-4, "{line} {found}");
            compared += 1;
        }
    }
    assert!(compared > 100);
    // All against all, the duplexes of pairs that no table names are looked at, too.
    let all = format!("--model one/fold-0 --all --top 1 {both} --output all.tsv");
    place.run("predict", &all).done();
    let all = place.read("all.tsv");
    assert_eq!(all.lines().count(), 1 + 80);
    let highest = |rna: &str| {
        let own = table.lines().filter(|line| line.starts_with(&format!("{rna}\t")));
        own.map(|line| score(line, 3)).fold(f64::NEG_INFINITY, f64::max)
    };
    for line in all.lines().skip(1) {
        assert!(score(line, 2) > highest(line.split('\t').next().unwrap()) - 1e-4, "{line}");
    }
    // A job without any pair.
    place.write("one.tsv", table.lines().take(2).map(|line| format!("{line}\n")).collect::<String>());
    let none = format!("--model one/fold-0 --pairs one.tsv --shard 1/2 {both} --output none.tsv");
    place.run("predict", &none).done();
    assert_eq!(place.read("none.tsv").lines().count(), 1);
    predict(STORES, "q.tsv").ended(2).says("was trained on 2 rna store(s), and 1 are given");
}
