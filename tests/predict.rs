//! Black-box tests of `crossmamba-predict`.

mod support;
mod trained;

use crossmamba::record::Digest;
use support::Place;
use trained::{STORES, prepare};

fn trained() -> Place {
    let place = Place::new();
    prepare(&place);
    let pairs = "--pairs pairs.tsv --splits splits.tsv --config config.yaml";
    place.run("fuse-train", &format!("{pairs} {STORES} --ensemble 2 --output model")).done();
    place
}

fn predict(place: &Place, arguments: &str) -> support::Ran {
    place.run("predict", &format!("{STORES} {arguments}"))
}

fn column(table: &str, name: &str) -> Vec<f64> {
    let mut lines = table.lines();
    let at = lines.next().expect("a header").split('\t').position(|c| c == name).expect("the column");
    lines.map(|line| line.split('\t').nth(at).expect("a field").parse().expect("a number")).collect()
}

#[test]
fn a_bundle_predicts_as_it_did_out_of_fold_and_a_folder_of_bundles_averages() {
    let place = trained();
    for fold in 0..3 {
        predict(&place, &format!("--model model/fold-{fold} --pairs pairs.tsv --output p{fold}.tsv")).done();
    }
    let tables: Vec<String> = (0..3).map(|fold| place.read(&format!("p{fold}.tsv"))).collect();
    let scores: Vec<Vec<f64>> = tables.iter().map(|table| column(table, "score")).collect();
    let out_of_fold = place.read("model/predictions.tsv");
    let (folds, expected) = (column(&out_of_fold, "fold"), column(&out_of_fold, "score"));
    for (at, (&fold, expected)) in folds.iter().zip(&expected).enumerate() {
        assert!((scores[fold as usize][at] - expected).abs() < 1e-4);
    }
    predict(&place, "--model model --pairs pairs.tsv --output all.tsv").done();
    for (at, mean) in column(&place.read("all.tsv"), "score").into_iter().enumerate() {
        let expected = scores.iter().map(|fold| fold[at]).sum::<f64>() / 3.0;
        assert!((mean - expected).abs() < 1e-4);
    }
    let record = place.read("p1.tsv.provenance.json");
    let digest = Digest::of(&place.bytes("model/fold-1/model.json")).to_string();
    assert!(record.contains(&format!("\"model\": \"{digest}\"")), "{record}");
    predict(&place, "--model model --pairs pairs.tsv --output again.tsv --threads 3").done();
    assert_eq!(place.bytes("all.tsv"), place.bytes("again.tsv"));
}

#[test]
fn two_ids_of_one_sequence_have_one_prediction_and_an_order_changes_nothing() {
    let place = trained();
    place.write("two.tsv", "partner_id\tx\trna_id\np3\t.\tr12\np3\t.\tr0\np1\t.\tr0\n");
    let table = predict(&place, "--model model --pairs two.tsv --output -").done().stdout;
    let scores = column(&table, "score");
    assert!(table.starts_with("rna_id\tpartner_id\tscore\tprobability\ttrust\t"), "{table}");
    assert!(table.contains("\nr12\tp3\t"), "{table}");
    assert_eq!(scores[0], scores[1]);
    assert_ne!(scores[0], scores[2]);
}

#[test]
fn a_prediction_names_the_nearest_molecules_of_training_and_says_how_well_it_knows_the_pair() {
    let place = trained();
    place.write("some.tsv", "rna_id\tpartner_id\nr12\tp3\nr0\tp3\n");
    let table = predict(&place, "--model model --pairs some.tsv --output -").done().stdout;
    let cell = |line: usize, name: &str| {
        let at = table.lines().next().expect("a header").split('\t').position(|one| one == name);
        let cell = table.lines().nth(line).and_then(|line| line.split('\t').nth(at.expect("the column")));
        cell.expect("a cell").to_owned()
    };
    // Two ids of one sequence are one molecule, under the name that training met first.
    for line in [1, 2] {
        assert!(["r0", "r12"].contains(&cell(line, "nearest_rna").as_str()), "{table}");
        assert_eq!([cell(line, "nearest_partner"), cell(line, "rna_similarity")], ["p3", "1"], "{table}");
        assert!(["seen-pair", "known-both"].contains(&cell(line, "trust").as_str()), "{table}");
    }
}

#[test]
fn probabilities_hold_for_another_share_of_positive_pairs_and_the_order_stays() {
    let place = trained();
    let share = |fold: u32| -> f64 {
        let model = place.read(&format!("model/fold-{fold}/model.json"));
        let model: serde_json::Value = serde_json::from_str(&model).expect("JSON");
        model["reliability"]["positives"].as_f64().expect("a share")
    };
    let trained = (0..3).map(share).sum::<f64>() / 3.0;
    let table = |how: &str| {
        predict(&place, &format!("--model model --pairs pairs.tsv --output - {how}")).done().stdout
    };
    let (usual, rare) = (table(""), table("--prior 0.02"));
    let odds = |p: f64| p / (1.0 - p);
    for (p, q) in column(&usual, "probability").into_iter().zip(column(&rare, "probability")) {
        let wanted = odds(p) * odds(0.02) / odds(trained);
        assert!((odds(q) / wanted - 1.0).abs() < 1e-3, "{p} {q}");
    }
    assert_eq!(column(&usual, "score"), column(&rare, "score"));
    // The threshold is of what is written.
    let least = column(&rare, "probability").into_iter().fold(0.0, f64::max);
    let kept = table(&format!("--prior 0.02 --min-probability {}", least * 0.999));
    assert!(kept.lines().count() >= 2 && kept.lines().count() < rare.lines().count());
    predict(&place, "--model model --pairs pairs.tsv --output p.tsv --prior 1")
        .ended(2)
        .says("`--prior`: 1 is no share; give a number between 0 and 1");
}

#[test]
fn affinities_have_bounds_that_widen_with_the_certainty_asked_for() {
    let place = Place::new();
    prepare(&place);
    place.run("fuse-train", &format!("--pairs affinities.tsv --experts gp {STORES} --output model")).done();
    let table = |how: &str| {
        predict(&place, &format!("--model model --pairs affinities.tsv --output - {how}")).done().stdout
    };
    let (usual, wide) = (table(""), table("--coverage 0.95"));
    let [low, value, high, wider] =
        [("low", &usual), ("affinity", &usual), ("high", &usual), ("high", &wide)]
            .map(|(name, table)| column(table, name));
    for at in 0..value.len() {
        assert!(low[at] < value[at] && value[at] < high[at] && high[at] <= wider[at], "{usual}");
    }
    assert!(usual.lines().skip(1).all(|line| line.contains("\tseen-pair\t")), "{usual}");
    predict(&place, "--model model --pairs affinities.tsv --output p.tsv --coverage 1")
        .ended(2)
        .says("`--coverage`: 1 is not between 0.5 and 0.99; give 0.9, for example");
    // What has no bounds is told so.
    place.run("fuse-train", &format!("--pairs pairs.tsv --experts trees {STORES} --output classes")).done();
    for (model, words) in
        [("classes", "the model gives probabilities"), ("rna-rna-1", "rna-rna-1 gives no affinity")]
    {
        predict(&place, &format!("--model {model} --pairs pairs.tsv --output p.tsv --coverage 0.8"))
            .ended(2)
            .says(&format!("setting `--coverage`: {words}"));
    }
    let card = place.read("model/model-card.md");
    for part in
        ["## Data", "## Optimisation", "## Model", "## Evaluation", "## Limits", "| all | known-both | 120 |"]
    {
        assert!(card.contains(part), "{part}: {card}");
    }
    let folder = place.path("").display().to_string();
    assert!(!card.contains(folder.trim_end_matches('/')), "{card}");
}

#[test]
fn the_shards_of_a_table_join_to_the_table() {
    let place = trained();
    place.write("new.tsv", "rna_id\tpartner_id\nr1\tp1\nr1\tp77\nr2\tp3\nr88\tp7\nr5\tp2\n");
    predict(&place, "--model model --pairs new.tsv --output all.tsv").ended(1);
    let (mut table, mut rejects) = (String::new(), String::new());
    for (shard, code) in [(1, 1), (2, 1)] {
        let output = format!("part{shard}.tsv");
        let arguments = format!("--model model --pairs new.tsv --shard {shard}/2 --output {output}");
        predict(&place, &arguments).ended(code);
        let skip = usize::from(shard > 1);
        let lines = |name: &str| {
            place.read(name).lines().skip(skip).map(|line| format!("{line}\n")).collect::<String>()
        };
        table.push_str(&lines(&output));
        rejects.push_str(&lines(&format!("{output}.rejects.tsv")));
    }
    assert_eq!(table, place.read("all.tsv"));
    assert_eq!(rejects, place.read("all.tsv.rejects.tsv"));
    // More jobs than pairs: some have nothing to do, and say so with an empty table.
    predict(&place, "--model model --pairs new.tsv --shard 1/9 --output none.tsv").done();
    assert_eq!(place.read("none.tsv").lines().count(), 1);
    predict(&place, "--model model --pairs new.tsv --shard 3/2 --output x.tsv").ended(2).says("1 <= i <= n");
}

#[test]
fn pairs_that_cannot_be_scored_are_listed() {
    let place = trained();
    place.write("new.tsv", "rna_id\tpartner_id\nr1\tp1\nr1\tp77\nr88\tp77\n");
    predict(&place, "--model model --pairs new.tsv --output new.out").ended(1).says("2 pair(s)");
    assert_eq!(place.read("new.out").lines().count(), 2);
    let rejects = "file\tline\tid\treason\tdetail\n\
                   new.tsv\t3\tr1 p77\tunknown-partner\tp77 is not in the partner store\n\
                   new.tsv\t4\tr88 p77\tunknown-rna\tr88 is not in the rna store, p77 is not in the partner store\n";
    assert_eq!(place.read("new.out.rejects.tsv"), rejects);
    place.write("none.tsv", "rna_id\tpartner_id\nr1\tp77\n");
    predict(&place, "--model model --pairs none.tsv --output none.out")
        .ended(2)
        .says("none of the 1 pairs has both molecules in the stores; embed the molecules first");
    assert!(!place.path("none.out").exists());
}

#[test]
fn all_against_all_is_what_the_list_of_all_pairs_gives_and_the_highest_can_be_kept() {
    let place = trained();
    let mut list = String::from("rna_id\tpartner_id\n");
    // The store has r12 beside r0, whose sequence it has.
    for r in [0, 12].into_iter().chain(1..12) {
        (0..12).for_each(|p| list.push_str(&format!("r{r}\tp{p}\n")));
    }
    place.write("every.tsv", list);
    predict(&place, "--model model --pairs every.tsv --output listed.tsv").done();
    predict(&place, "--model model --all --output all.tsv --threads 2").done();
    let all = place.read("all.tsv");
    assert_eq!(all, place.read("listed.tsv"));
    let (header, rows) = all.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let probabilities = column(&all, "probability");
    // The highest of each RNA, as sorting the table gives them.
    let mut best = format!("{header}\n");
    for rna in 0..13 {
        let mut order: Vec<usize> = (12 * rna..12 * (rna + 1)).collect();
        order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
        order[..3].iter().for_each(|&at| best.push_str(&format!("{}\n", rows[at])));
    }
    predict(&place, "--model model --all --top 3 --output best.tsv").done();
    assert_eq!(place.read("best.tsv"), best);
    predict(&place, "--model model --pairs every.tsv --top 3 --output best.tsv").done();
    assert_eq!(place.read("best.tsv"), best);
    // What is above a number between two of them.
    let mut sorted = probabilities.clone();
    sorted.sort_by(f64::total_cmp);
    let least = f64::midpoint(sorted[99], sorted[100]);
    let high = (0..rows.len()).filter(|&at| probabilities[at] >= least).map(|at| format!("{}\n", rows[at]));
    let high = format!("{header}\n{}", high.collect::<String>());
    predict(&place, &format!("--model model --all --threshold {least} --output high.tsv")).done();
    assert_eq!(place.read("high.tsv"), high);
    // Jobs divide the RNAs.
    let ids = |table: &str| -> Vec<String> {
        table.lines().skip(1).map(|line| line.splitn(3, '\t').take(2).collect::<Vec<_>>().join(" ")).collect()
    };
    let mut joined = Vec::new();
    for shard in 1..=3 {
        predict(&place, &format!("--model model --all --top 3 --shard {shard}/3 --output part.tsv")).done();
        joined.extend(ids(&place.read("part.tsv")));
    }
    assert_eq!(joined, ids(&best));
    predict(&place, "--model model --all --pairs every.tsv --output x.tsv").ended(2).says("--pairs");
    predict(&place, "--model model --output x.tsv").ended(2).says("--pairs");
    let wrong = "--model model --all --threshold 1.5 --output x.tsv";
    predict(&place, wrong).ended(2).says("1.5 is no probability; give a number from 0 to 1");
    assert!(!place.path("x.tsv").exists());
}

#[test]
fn a_store_of_another_encoder_is_refused() {
    let place = trained();
    place.run("embed", "--encoder onehot --kind rna --input rna.fa --output onehot.store").done();
    place.run("embed", "--kind rna --window 64 --input rna.fa --output narrow.store").done();
    for store in ["onehot.store", "narrow.store"] {
        let stores = format!("--rna-store {store} --partner-store partner.store");
        place
            .run("predict", &format!("{stores} --model model --pairs pairs.tsv --output p.tsv"))
            .ended(2)
            .says("embed with the encoder and settings used for training");
    }
    predict(&place, "--rna-store onehot.store --model model --pairs pairs.tsv --output p.tsv").ended(2);
    let swapped = "--rna-store partner.store --partner-store rna.store";
    place.run("predict", &format!("{swapped} --model model --pairs pairs.tsv --output p.tsv")).ended(2);
    assert!(!place.path("p.tsv").exists());
}

#[test]
fn a_bundle_that_is_not_whole_is_refused() {
    let place = trained();
    let refuse = |model: &str, words: &str| {
        predict(&place, &format!("--model {model} --pairs pairs.tsv --output p.tsv")).ended(2).says(words);
        assert!(!place.path("p.tsv").exists());
    };
    let source = place.path("model/fold-0");
    let weights = place.bytes("model/fold-0/weights-1.safetensors");
    place.copy(&source, "torn");
    place.write("torn/weights-1.safetensors", &weights[..weights.len() / 2]);
    refuse("torn", "torn/weights-1.safetensors: is damaged or was changed");
    std::fs::remove_file(place.path("torn/weights-1.safetensors")).expect("a removed file");
    refuse("torn", "torn: lacks the file weights-1.safetensors");
    place.write("torn/weights-1.safetensors", &weights).write("torn/config.yaml", "model: {width: 9}\n");
    refuse("torn", "torn/config.yaml: is damaged or was changed");
    place.write("torn/model.json", "{\"format\": 99}");
    refuse("torn", "has format version 99");
    place.write("torn/model.json", "{");
    refuse("torn", "is not a model");
    std::fs::remove_file(place.path("torn/model.json")).expect("a removed file");
    refuse("torn", "holds no trained model");
    refuse("pairs.tsv", "is a file, not a model");
    refuse("nothing", "nothing: is no folder here, and no model has this name");
    refuse("not/there", "not/there: cannot read the model");
    let model = place.read("model/fold-0/model.json");
    for (old, new) in
        [("\"temperature\": ", "\"temperature\": 1"), ("\"fold\": \"fold-0\"", "\"fold\": \"fold-1\"")]
    {
        place.copy(&source, "changed").write("changed/model.json", model.replacen(old, new, 1));
        refuse("changed", "changed/model.json: is damaged or was changed");
    }
    place.copy(&place.path("model"), "part");
    std::fs::remove_file(place.path("part/fold-1/model.json")).expect("a removed file");
    refuse("part", "part/fold-1: is not finished");
}

#[test]
fn a_fold_that_is_missing_or_of_another_training_is_refused_by_its_name() {
    let place = trained();
    let refuse = |model: &str, words: &str| {
        predict(&place, &format!("--model {model} --pairs pairs.tsv --output p.tsv")).ended(2).says(words);
        assert!(!place.path("p.tsv").exists());
    };
    for fold in 0..3 {
        let name = format!("without-{fold}");
        place.copy(&place.path("model"), &name);
        std::fs::remove_dir_all(place.path(&format!("{name}/fold-{fold}"))).expect("a removed fold");
        refuse(&name, &format!("{name}: lacks fold-{fold}, whose model belongs to the same training run"));
    }
    place
        .run(
            "fuse-train",
            &format!(
                "--pairs pairs.tsv --splits splits.tsv --config config.yaml {STORES} --seed 2 --output other"
            ),
        )
        .done();
    place.copy(&place.path("model"), "mixed");
    std::fs::remove_dir_all(place.path("mixed/fold-1")).expect("a removed fold");
    place.copy(&place.path("other/fold-1"), "mixed/fold-1");
    refuse("mixed", "mixed/fold-1: is of another training run than mixed/fold-0");
    place.copy(&place.path("model"), "twice");
    std::fs::remove_dir_all(place.path("twice/fold-2")).expect("a removed fold");
    place.copy(&place.path("model/fold-1"), "twice/fold-2");
    refuse("twice", "twice/fold-2: holds the model of fold-1");
}
