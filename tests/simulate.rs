//! Black-box tests of `crossmamba-simulate`.

mod support;

use support::Place;

const SMALL: &str = "--classes 2 --families 10 --rna 40 --partners 40 --pairs 120 --output set";

#[test]
fn a_set_has_its_files_and_their_records() {
    for (kind, partners) in
        [("rna-protein", "protein.fa"), ("rna-small-molecule", "molecules.smi"), ("rna-rna", "rna2.fa")]
    {
        let place = Place::new();
        place.run("simulate", &format!("--kind {kind} {SMALL}")).done().says("rules.md explains the rule");
        let names = ["rna.fa", partners, "pairs.tsv", "folds.tsv", "rules.tsv", "planted.tsv", "rules.md"]
            .map(|name| [format!("set/{name}"), format!("set/{name}.provenance.json")]);
        assert_eq!(place.files(), names.into_iter().flatten().collect());
        assert!(place.read("set/pairs.tsv").starts_with("rna_id\tpartner_id\tlabel\n"));
        assert_eq!(place.read("set/pairs.tsv").lines().count(), 121);
        assert_eq!(place.read("set/folds.tsv").lines().count(), 121);
        assert_eq!(place.read("set/rules.tsv").lines().count(), 81);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let place = Place::new();
    place.run("simulate", &format!("{SMALL}1 --threads 1")).done();
    place.run("simulate", &format!("{SMALL}2 --threads 3")).done();
    place.run("simulate", &format!("{SMALL}3 --seed 2")).done();
    for name in ["rna.fa", "protein.fa", "pairs.tsv", "folds.tsv", "rules.tsv", "rules.md.provenance.json"] {
        assert_eq!(place.bytes(&format!("set1/{name}")), place.bytes(&format!("set2/{name}")), "{name}");
        assert_ne!(place.bytes(&format!("set1/{name}")), place.bytes(&format!("set3/{name}")), "{name}");
    }
}

#[test]
fn a_set_that_a_killed_run_left_in_part_is_completed_and_another_is_kept() {
    let place = Place::new();
    place.run("simulate", SMALL).done();
    let files = place.files();
    let whole = place.bytes("set/folds.tsv");
    for name in ["folds.tsv", "pairs.tsv.provenance.json"] {
        std::fs::remove_file(place.path(&format!("set/{name}"))).expect("a removed file");
    }
    place.run("simulate", SMALL).done();
    assert_eq!((place.files(), place.bytes("set/folds.tsv")), (files, whole.clone()));
    place.run("simulate", &format!("{SMALL} --seed 2")).ended(2).says("set/rna.fa: exists already");
    assert_eq!(place.bytes("set/folds.tsv"), whole);
}

#[test]
fn a_refused_setting_makes_no_folder() {
    let place = Place::new();
    let ran = place.run("simulate", &format!("{SMALL} --interaction-only --pairs 121"));
    ran.ended(2).says("cannot be used multiple times");
    let ran = place.run(
        "simulate",
        "--classes 2 --families 10 --rna 40 --partners 40 --pairs 121 --interaction-only \
                                     --output set",
    );
    ran.ended(2)
        .says("121 pairs cannot give every one of 40 molecules equally many; choose a multiple of 80");
    assert!(!place.path("set").exists());
}

#[test]
fn an_interaction_only_set_is_even_in_every_molecule() {
    let place = Place::new();
    place.run("simulate", "--interaction-only --output set").done();
    let text = place.read("set/pairs.tsv");
    for column in [0, 1] {
        let mut counts = std::collections::BTreeMap::<&str, [u32; 2]>::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            counts.entry(fields[column]).or_default()[usize::from(fields[2] == "1")] += 1;
        }
        assert_eq!(counts.len(), 400);
        assert!(counts.values().all(|&[no, yes]| no == yes && yes == 4));
    }
}
