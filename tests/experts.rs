//! Black-box tests of the experts beside the network, and of the choice among them.

mod support;
mod trained;

use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Place, binary};
use trained::{STORES, prepare};

const PAIRS: &str = "--pairs pairs.tsv --splits splits.tsv --config config.yaml";

fn train(place: &Place, arguments: &str) -> support::Ran {
    place.run("fuse-train", &format!("{PAIRS} {STORES} {arguments}"))
}

fn predict(place: &Place, arguments: &str) -> support::Ran {
    place.run("predict", &format!("{STORES} --pairs pairs.tsv {arguments}"))
}

/// The files of a folder with their bytes, but for the records, which name the folder's own inputs.
fn contents(place: &Place, folder: &str) -> Vec<(String, Vec<u8>)> {
    let prefix = format!("{folder}/");
    let names = place.files().into_iter().filter(|name| name.starts_with(&prefix));
    names.map(|name| (name[prefix.len()..].to_owned(), place.bytes(&name))).collect()
}

/// The numbers in a column of a table.
fn column(table: &str, name: &str) -> Vec<f64> {
    let header: Vec<&str> = table.lines().next().expect("a header").split('\t').collect();
    let column = header.iter().position(|other| *other == name).expect("the column");
    let cell = |line: &str| line.split('\t').nth(column).expect("a cell").parse().expect("a number");
    table.lines().skip(1).map(cell).collect()
}

/// The probabilities of one fold's pairs.
fn of_fold(table: &str, splits: &str, fold: usize) -> Vec<f64> {
    let folds = splits.lines().skip(1).map(|line| line.ends_with(&format!("\t{fold}")));
    column(table, "probability")
        .into_iter()
        .zip(folds)
        .filter(|(_, is)| *is)
        .map(|(value, _)| value)
        .collect()
}

/// Reads what a bundle says of its model.
fn model_of(place: &Place, bundle: &str) -> serde_json::Value {
    serde_json::from_str(&place.read(&format!("{bundle}/model.json"))).expect("JSON")
}

#[test]
fn the_choice_is_recorded_and_predicting_gives_what_training_said_of_unseen_pairs() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output model --experts auto").done();
    let model = model_of(&place, "model/fold-1");
    let experts = &model["experts"];
    assert_eq!((&experts["regime"], &experts["folds"]), (&"pairs".into(), &3.into()));
    let candidates = experts["candidates"].as_array().expect("a list");
    let figure = |one: &serde_json::Value| one["figure"].as_f64().expect("a figure");
    let best = candidates.iter().map(figure).fold(0.0, f64::max);
    let chosen = &candidates[experts["chosen"].as_u64().expect("a number") as usize];
    assert_eq!(figure(chosen), best);
    assert_eq!(model["calibration"], chosen["calibration"]);
    assert_eq!(model["calibration"]["pairs"], experts["pairs"]);
    for one in candidates {
        let name = format!("model/predictions.{}.tsv", one["name"].as_str().expect("a name"));
        assert_eq!(place.read(&name).lines().count(), 121, "{name}");
        assert!(place.path(&format!("{name}.provenance.json")).exists());
    }
    predict(&place, "--model model/fold-1 --output p.tsv").done();
    let splits = place.read("splits.tsv");
    let (said, found) = (place.read("model/predictions.tsv"), place.read("p.tsv"));
    assert_eq!(of_fold(&said, &splits, 1), of_fold(&found, &splits, 1));
    let own = format!("model/predictions.{}.tsv", chosen["name"].as_str().expect("a name"));
    assert_eq!(of_fold(&said, &splits, 1), of_fold(&place.read(&own), &splits, 1));
    // Every expert as a row of the report.
    let names = "--predictions model/predictions.tsv model/predictions.relay.tsv model/predictions.trees.tsv \
                 --name auto relay trees --bootstrap 20 --output report";
    place.run("evaluate", names).done();
    let metrics = place.read("report/metrics.tsv");
    assert!(["auto\t", "relay\t", "trees\t"].iter().all(|name| metrics.contains(*name)), "{metrics}");
}

/// Divides the pairs by their partners, so that these are new.
fn divide_by_partner(place: &Place) {
    let mut splits = String::from("rna_id\tpartner_id\tfold\n");
    for line in place.read("pairs.tsv").lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let partner: usize = cells[1].trim_start_matches('p').parse().expect("a number");
        splits.push_str(&format!("{}\t{}\t{}\n", cells[0], cells[1], partner % 3));
    }
    place.write("splits.tsv", splits);
}

#[test]
fn on_new_partners_the_network_has_the_head_that_ranks_better_on_inner_folds() {
    let place = Place::new();
    prepare(&place);
    divide_by_partner(&place);
    train(&place, "--output model --experts auto").done();
    let mut heads = Vec::new();
    for fold in 0..3 {
        let model = model_of(&place, &format!("model/fold-{fold}"));
        let experts = &model["experts"];
        assert_eq!((&experts["regime"], &model["format"]), (&"partner".into(), &7.into()));
        let figure = |head: &str| experts["heads"][head].as_f64().expect("a figure");
        let (concat, product) = (figure("concat"), figure("product"));
        let relay = experts["candidates"][0]["figure"].as_f64().expect("a figure");
        assert_eq!((&experts["candidates"][0]["name"], relay), (&"relay".into(), concat.max(product)));
        let head = if concat > product { "concat" } else { "product" };
        let config = place.read(&format!("model/fold-{fold}/config.yaml"));
        assert!(config.contains(&format!("head: {head}\n")), "{config}");
        heads.push(head);
    }
    // If every fold took the first, nothing would be told.
    assert!(heads.contains(&"concat"), "{heads:?}");
    predict(&place, "--model model/fold-1 --output p.tsv").done();
    let splits = place.read("splits.tsv");
    let (said, found) = (place.read("model/predictions.tsv"), place.read("p.tsv"));
    assert_eq!(of_fold(&said, &splits, 1), of_fold(&found, &splits, 1));
    // Nothing is compared where the head is named.
    place.write("config.yaml", place.read("config.yaml").replace("model: {", "model: {head: concat, "));
    train(&place, "--output named --experts auto").done();
    assert!(!place.read("named/fold-0/model.json").contains("heads"));
    assert!(place.read("named/fold-0/config.yaml").contains("head: concat"));
}

#[test]
fn what_the_network_alone_gives_does_not_depend_on_there_being_experts() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output alone").done();
    train(&place, "--output asked --experts relay").done();
    train(&place, "--output beside --experts auto").done();
    assert_eq!(contents(&place, "alone"), contents(&place, "asked"));
    assert_eq!(
        place.bytes("alone/fold-0/weights-0.safetensors"),
        place.bytes("beside/fold-0/weights-0.safetensors")
    );
    assert!(!place.read("alone/fold-0/model.json").contains("experts"));
    train(&place, "--output alone --experts auto --resume").ended(2).says("holds the model of another run");
    train(&place, "--output x --no-transfer").ended(2).says("--no-transfer");
}

#[test]
fn trees_alone_need_no_network_and_without_transfer_the_model_tells_no_label() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output trees --experts trees --no-transfer").done();
    assert!(place.path("trees/fold-0/trees.json").exists());
    for name in ["transfer.safetensors", "weights-0.safetensors"] {
        assert!(!place.path(&format!("trees/fold-0/{name}")).exists(), "{name}");
    }
    predict(&place, "--model trees --output p.tsv").done();
    assert_eq!(place.read("p.tsv").lines().count(), 121);
    // Affinities, and one model of all pairs.
    let affinities = "--pairs affinities.tsv --config config.yaml --experts auto --output all";
    place.run("fuse-train", &format!("{affinities} {STORES}")).done();
    predict(&place, "--model all --output a.tsv").done();
    let model = place.read("all/model.json");
    assert!(model.contains("\"metric\": \"pearson\"") && model.contains("\"residual\""), "{model}");
    let mean = column(&place.read("a.tsv"), "affinity").iter().sum::<f64>() / 120.0;
    assert!((4.5..6.0).contains(&mean), "{mean}");
    assert!(["gp", "blend"].iter().all(|name| model.contains(&format!("\"name\": \"{name}\""))), "{model}");
}

#[test]
fn a_gaussian_process_stands_alone_for_affinities_and_is_refused_elsewhere() {
    let place = Place::new();
    prepare(&place);
    let affinities = format!("--pairs affinities.tsv --splits splits.tsv --config config.yaml {STORES}");
    place.run("fuse-train", &format!("{affinities} --experts gp --output gp")).done();
    assert!(!place.path("gp/fold-0/weights-0.safetensors").exists());
    predict(&place, "--model gp/fold-1 --output p.tsv").done();
    let splits = place.read("splits.tsv");
    let tested = |table: &str| {
        let folds = splits.lines().skip(1).map(|line| line.ends_with("\t1"));
        column(table, "affinity")
            .into_iter()
            .zip(folds)
            .filter(|(_, is)| *is)
            .map(|(v, _)| v)
            .collect::<Vec<_>>()
    };
    // Read back, it solves for what it learnt to the same numbers.
    assert_eq!(tested(&place.read("gp/predictions.tsv")), tested(&place.read("p.tsv")));
    let bytes = place.bytes("gp/fold-0/gp.safetensors");
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    place.copy(&place.path("gp/fold-0"), "torn").write("torn/gp.safetensors", changed);
    predict(&place, "--model torn --output q.tsv").ended(2).says("torn/gp.safetensors: is damaged");
    train(&place, "--output x --experts gp")
        .ended(2)
        .says("gp is for affinities, and the labels are classes");
    train(&place, "--output x --experts gp --no-transfer").ended(2).says("--no-transfer");
    for of_network in [
        "--ensemble 2",
        "--batches blocks",
        "--negatives-per-positive 3",
        "--precision bf16",
        "--device cuda",
    ] {
        let name = of_network.split(' ').next().unwrap();
        train(&place, &format!("--output x --experts trees {of_network}"))
            .ended(2)
            .says(&format!("setting `{name}`: is for the network, and none is trained"));
    }
}

#[test]
fn bytes_depend_on_neither_threads_nor_interruptions() {
    let place = Place::new();
    prepare(&place);
    // Where networks of either head are compared, members wait for them.
    divide_by_partner(&place);
    train(&place, "--output one --experts auto --threads 1").done();
    train(&place, "--output many --experts auto --threads 5").done();
    assert_eq!(contents(&place, "one"), contents(&place, "many"));
    let mut stops = 0;
    for attempt in 0..60 {
        let child = Command::new(binary("fuse-train"))
            .args(format!("{PAIRS} {STORES} --output parts --experts auto --resume").split_whitespace())
            .current_dir(place.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the tool starts");
        std::thread::sleep(Duration::from_millis(60 + 90 * (attempt * 7 % 6)));
        let signal = if attempt % 3 == 2 { "-KILL" } else { "-TERM" };
        Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
        let code = child.wait_with_output().expect("the tool ends").status.code();
        assert_ne!(code, Some(2));
        if code == Some(0) {
            break;
        }
        stops += 1;
    }
    train(&place, "--output parts --experts auto --resume").done();
    assert!(stops > 0, "the run was never hit");
    assert_eq!(contents(&place, "one"), contents(&place, "parts"), "after {stops} stops");
}

#[test]
fn damaged_files_of_experts_are_refused_by_name() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output model --experts trees").done();
    for name in ["trees.json", "transfer.safetensors"] {
        let bytes = place.bytes(&format!("model/fold-0/{name}"));
        for at in [0, bytes.len() / 3, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            place.copy(&place.path("model/fold-0"), "torn").write(&format!("torn/{name}"), changed);
            predict(&place, "--model torn --output p.tsv").ended(2).says(&format!("torn/{name}: is damaged"));
        }
        place.copy(&place.path("model/fold-0"), "lacking");
        std::fs::remove_file(place.path(&format!("lacking/{name}"))).expect("a removed file");
        predict(&place, "--model lacking --output p.tsv").ended(2).says(&format!("lacks the file {name}"));
        assert!(!place.path("p.tsv").exists());
    }
}

/// Writes proteins of eight families, which share a domain of which half is changed, amid letters of their own; a protein binds
/// if its family is even. Each is in a group of its own, so that its fold has kin in training and no like.
fn families(place: &Place) {
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let letters = b"ACDEFGHIKLMNPQRSTVWY";
    let mut random = |length: usize| -> Vec<u8> { (0..length).map(|_| letters[draw(20)]).collect() };
    let domains: Vec<Vec<u8>> = (0..8).map(|_| random(90)).collect();
    let (mut proteins, mut rnas) = (String::new(), String::new());
    let mut pairs = String::from("rna_id\tpartner_id\tlabel\n");
    let mut splits = String::from("rna_id\tpartner_id\tfold\tpartner_group\n");
    for rna in 0..3 {
        let letters: String = random(60).iter().map(|letter| b"ACGU"[*letter as usize % 4] as char).collect();
        rnas.push_str(&format!(">r{rna}\n{letters}\n"));
    }
    for at in 0..80 {
        let family = at % 8;
        let (own, changed) = (random(120), random(90));
        let domain: Vec<u8> = domains[family]
            .iter()
            .zip(&changed)
            .enumerate()
            .map(|(place, (kept, other))| if (place * 7 + at) % 20 < 9 { *other } else { *kept })
            .collect();
        let protein = [&own[..at], &domain, &own[at..]].concat();
        proteins.push_str(&format!(">p{at}\n{}\n", String::from_utf8_lossy(&protein)));
        for rna in 0..3 {
            pairs.push_str(&format!("r{rna}\tp{at}\t{}\n", 1 - family % 2));
            splits.push_str(&format!("r{rna}\tp{at}\t{}\t{at}\n", at / 8 % 4));
        }
    }
    place.write("rna.fa", rnas).write("partner.fa", proteins).write("pairs.tsv", pairs);
    place.write("splits.tsv", splits).write("config.yaml", trained::CONFIG);
    for (side, kind) in [("rna", "rna"), ("partner", "protein")] {
        for (encoder, store) in [("kmer2", "store"), ("sequence", "sequences")] {
            let arguments =
                format!("--kind {kind} --encoder {encoder} --input {side}.fa --output {side}.{store}");
            place.run("embed", &arguments).done();
        }
    }
}

const SEQUENCES: &str = "--rna-store rna.sequences --partner-store partner.sequences";

#[test]
fn of_new_proteins_with_kin_trees_know_what_the_kin_does_where_sequences_are_given() {
    let place = Place::new();
    families(&place);
    let right = |model: &str| {
        let said = column(&place.read(&format!("{model}/predictions.tsv")), "probability");
        let labels = column(&place.read("pairs.tsv"), "label");
        let hits = said.iter().zip(&labels).filter(|(said, label)| (**said > 0.5) == (**label > 0.5)).count();
        hits as f64 / labels.len() as f64
    };
    train(&place, "--output without --experts trees").done();
    train(&place, &format!("{SEQUENCES} --output with --experts trees --threads 1")).done();
    let (without, with) = (right("without"), right("with"));
    assert!(with > 0.9 && with > without + 0.15, "{with} {without}");
    train(&place, &format!("{SEQUENCES} --output many --experts trees --threads 5")).done();
    assert_eq!(contents(&place, "with"), contents(&place, "many"));
    // The network does not read them: its weights are the same.
    train(&place, "--output beside --experts auto --fold fold-1").done();
    train(&place, &format!("{SEQUENCES} --output both --experts auto --fold fold-1")).done();
    let weights = |model: &str| place.bytes(&format!("{model}/fold-1/weights-0.safetensors"));
    assert_eq!(weights("beside"), weights("both"));
    // One fold's model, and all together, say of new pairs what training said; sequences are embedded as they were.
    let splits = place.read("splits.tsv");
    let said = place.read("with/predictions.tsv");
    predict(&place, &format!("{SEQUENCES} --model with/fold-1 --output p.tsv")).done();
    let of_one = |table: &str| {
        let folds = splits.lines().skip(1).map(|line| line.split('\t').nth(2) == Some("1"));
        let values = column(table, "probability").into_iter().zip(folds);
        values.filter(|(_, is)| *is).map(|(value, _)| value).collect::<Vec<_>>()
    };
    assert_eq!(of_one(&said), of_one(&place.read("p.tsv")));
    predict(&place, &format!("{SEQUENCES} --model with --output all.tsv")).done();
    let by_sequence = "--rna rna.fa --partner partner.fa --pairs pairs.tsv --model with --output again.tsv";
    place.run("predict", by_sequence).done();
    assert_eq!(
        column(&place.read("all.tsv"), "probability"),
        column(&place.read("again.tsv"), "probability")
    );
    // What the model holds is said, and what it needs is asked for.
    assert!(
        place.read("with/model-card.md").contains("It keeps sequences, descriptors, identifiers and labels")
    );
    assert!(place.read("without/model-card.md").contains("It keeps descriptors, identifiers and labels"));
    predict(&place, "--model with --output x.tsv")
        .ended(2)
        .says("was trained on 2 rna store(s), and 1 are given");
    let alone = "--rna-store rna.sequences --partner-store partner.store --experts trees --output x";
    place.run("fuse-train", &format!("{PAIRS} {alone}")).ended(2).says("holds the sequences alone");
}

#[test]
fn trees_of_pairs_too_few_for_transfer_numbers_still_answer() {
    let place = Place::new();
    prepare(&place);
    let pairs = place.read("pairs.tsv");
    let few: String = pairs.lines().take(12).map(|row| format!("{row}\n")).collect();
    place.write("few.tsv", few);
    let command = format!("--pairs few.tsv --config config.yaml {STORES}");
    place.run("fuse-train", &format!("{command} --experts trees --output few")).done();
    let command = format!("{STORES} --pairs few.tsv --model few --output few.predictions.tsv");
    place.run("predict", &command).done();
    assert_eq!(place.read("few.predictions.tsv").lines().count(), 12);
    // Of three RNAs, each held out in turn, no two are left to draw inner folds from.
    let of_three = |row: &&str| ["r0\t", "r1\t", "r2\t"].iter().any(|rna| row.starts_with(rna));
    let rows: Vec<&str> = pairs.lines().skip(1).filter(of_three).collect();
    let table: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let parts: String = rows
        .iter()
        .map(|row| format!("{}\t{fold}\t{fold}\n", &row[..row.rfind('\t').unwrap_or(0)], fold = &row[1..2]))
        .collect();
    place.write("three.tsv", format!("rna_id\tpartner_id\tlabel\n{table}"));
    place.write("three.splits.tsv", format!("rna_id\tpartner_id\tfold\trna_group\n{parts}"));
    let command = format!("--pairs three.tsv --splits three.splits.tsv --config config.yaml {STORES}");
    place.run("fuse-train", &format!("{command} --experts auto --output three")).done();
    assert_eq!(place.read("three/predictions.tsv").lines().count(), rows.len() + 1);
}
