//! Black-box tests of `crossmamba-fuse-train`.

#[path = "fuse_train/refused.rs"]
mod refused;
mod support;
mod trained;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Place, binary};
use trained::{CONFIG, STORES, prepare};

const PAIRS: &str = "--pairs pairs.tsv --splits splits.tsv --config config.yaml";

fn train(place: &Place, arguments: &str) -> support::Ran {
    place.run("fuse-train", &format!("{PAIRS} {STORES} {arguments}"))
}

/// The files of a folder with their bytes, but for the records, which name the folder's own inputs.
fn contents(place: &Place, folder: &str) -> Vec<(String, Vec<u8>)> {
    let prefix = format!("{folder}/");
    let names = place.files().into_iter().filter(|name| name.starts_with(&prefix));
    names.map(|name| (name[prefix.len()..].to_owned(), place.bytes(&name))).collect()
}

#[test]
fn folds_give_bundles_and_predictions_of_pairs_that_no_model_has_seen() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output model --ensemble 2")
        .done()
        .says("predictions by models that have not seen the pair");
    for fold in 0..3 {
        for name in
            ["model.json", "config.yaml", "training.tsv", "weights-0.safetensors", "weights-1.safetensors"]
        {
            assert!(place.path(&format!("model/fold-{fold}/{name}")).exists(), "fold {fold} {name}");
        }
        assert!(!place.path(&format!("model/fold-{fold}/checkpoints")).exists());
        let log = place.read(&format!("model/fold-{fold}/training.tsv"));
        assert_eq!(log.lines().count(), 1 + 2 * 3, "{log}");
        assert!(log.lines().next().expect("a header").contains("crosstalk_rna"));
    }
    let predictions = place.read("model/predictions.tsv");
    let mut lines = predictions.lines();
    let header = "rna_id\tpartner_id\tlabel\tfold\tscore\tprobability\ttrust\tnearest_rna\t";
    assert!(lines.next().is_some_and(|line| line.starts_with(header)), "{predictions}");
    let (pairs, splits) = (place.read("pairs.tsv"), place.read("splits.tsv"));
    for ((line, pair), split) in lines.zip(pairs.lines().skip(1)).zip(splits.lines().skip(1)) {
        let fields: Vec<&str> = line.split('\t').collect();
        assert_eq!(fields[..3].join("\t"), pair);
        assert_eq!([fields[0], fields[1], fields[3]].join("\t"), split);
        let probability: f64 = fields[5].parse().expect("a number");
        assert!((0.0..=1.0).contains(&probability));
    }
    assert_eq!(predictions.lines().count(), 121);
    let record = place.read("model/predictions.tsv.provenance.json");
    assert!(record.contains("\"seed\": 1") && record.contains("\"model\""), "{record}");
}

#[test]
fn bytes_depend_on_the_seed_and_not_on_the_number_of_threads() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output one --ensemble 2 --threads 1").done();
    train(&place, "--output many --ensemble 2 --threads 5").done();
    train(&place, "--output other --ensemble 2 --seed 2").done();
    assert_eq!(contents(&place, "one"), contents(&place, "many"));
    assert_ne!(place.bytes("one/predictions.tsv"), place.bytes("other/predictions.tsv"));
}

#[test]
fn rows_of_a_table_are_trained_with_every_seed_and_compared_in_pairs() {
    let place = Place::new();
    prepare(&place);
    place.write(
        "rows.tsv",
        "name\tagainst\tmodel.noise\tmodel.head\nplain\t\t\t\nquiet\t\t0\t\nconcat\tquiet\t0\tconcat\n",
    );
    train(&place, "--ablate rows.tsv --seeds 2 --output rows").done().says("concat with seed 2: 6 of 6");
    // A row's training is what a run by itself gives.
    train(&place, "--seed 2 --output alone").done();
    assert_eq!(place.bytes("rows/plain/seed-2/predictions.tsv"), place.bytes("alone/predictions.tsv"));
    let table = place.read("rows/ablation.tsv");
    let row = |name: &str| -> Vec<&str> {
        let found = table.lines().find(|row| row.starts_with(&format!("{name}\tauroc\t")));
        found.unwrap_or_else(|| panic!("no {name} in {table}")).split('\t').collect()
    };
    assert_eq!(row("plain")[5..], ["plain", "0", "0", "0", "0", "0"]);
    assert_eq!((row("quiet")[5], row("concat")[5]), ("plain", "quiet"));
    let numbers: Vec<f64> = row("concat").iter().filter_map(|cell| cell.parse().ok()).collect();
    let [median, least, most, difference, low, high, ..] = numbers[..] else { panic!("{numbers:?}") };
    assert!(least <= median && median <= most && low <= difference && difference <= high, "{numbers:?}");
    train(&place, "--ablate rows.tsv --seeds 2 --resume --output rows").done();
    assert_eq!(place.read("rows/ablation.tsv"), table);

    place.write("odd.tsv", "name\tmodel.nois\nplain\t0\n");
    train(&place, "--ablate odd.tsv --output odd")
        .ended(2)
        .says("odd.tsv, line 2: setting `model.nois`: is no key of a configuration");
    assert!(!place.path("odd").exists());
}

/// Starts a training and ends it with a signal after a while, unless it has ended itself.
fn stopped(place: &Place, arguments: &str, signal: &str, after: Duration) -> Option<i32> {
    let child = Command::new(binary("fuse-train"))
        .args(format!("{PAIRS} {STORES} {arguments}").split_whitespace())
        .current_dir(place.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool starts");
    std::thread::sleep(after);
    Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    let output = child.wait_with_output().expect("the tool ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_ne!(output.status.code(), Some(2), "{said}");
    if output.status.code() == Some(143) {
        assert!(said.contains("run the same command with --resume to go on"), "{said}");
    }
    output.status.code()
}

#[test]
fn a_run_that_is_stopped_anywhere_and_goes_on_gives_the_same_bytes() {
    let place = Place::new();
    prepare(&place);
    // Long enough to be hit many times; early stopping and the average have state of their own.
    let config = "\
model: {width: 8, inner: 8, state: 4, hidden: 8}
training: {epochs: 60, batch: 16, stop: early, patience: 40, ema: 0.9, negatives: balanced}
";
    place.write("config.yaml", config);
    let start = Instant::now();
    train(&place, "--output whole --ensemble 2").done();
    let whole = start.elapsed();
    let mut stops = 0;
    for attempt in 0..200 {
        let signal = if attempt % 3 == 2 { "-KILL" } else { "-TERM" };
        // An eighth to three eighths of a whole run, however fast the machine is.
        let after = whole * (2 + attempt * 7 % 5) / 16;
        match stopped(&place, "--output parts --ensemble 2 --resume", signal, after) {
            Some(0) => break,
            _ => stops += 1,
        }
    }
    train(&place, "--output parts --ensemble 2 --resume").done();
    assert!(stops > 0, "the run was never hit");
    assert_eq!(contents(&place, "whole"), contents(&place, "parts"), "after {stops} stops");
    // Finished folds are not trained again.
    let before = std::fs::metadata(place.path("parts/fold-0/model.json")).expect("a file").modified().ok();
    train(&place, "--output parts --ensemble 2 --resume").done().says("0 of 3 fold(s) to train");
    let after = std::fs::metadata(place.path("parts/fold-0/model.json")).expect("a file").modified().ok();
    assert_eq!(before, after);
}

#[test]
fn blocks_and_drawn_negatives_give_the_same_bytes_for_any_threads_and_after_stops() {
    let place = Place::new();
    prepare(&place);
    place.write("config.yaml", CONFIG.replace("epochs: 3, batch: 16", "epochs: 80, batch: 1"));
    let how = "--batches blocks --negatives-per-positive 1";
    let start = Instant::now();
    train(&place, &format!("{how} --output one --threads 1")).done();
    let whole = start.elapsed();
    train(&place, &format!("{how} --output many --threads 5")).done();
    assert_eq!(contents(&place, "one"), contents(&place, "many"));
    let model = place.read("one/fold-0/model.json");
    assert!(model.contains("\"blocks\": {") && model.contains("\"negatives\": "), "{model}");
    let (mut stops, mut refused) = (0, false);
    while stops < 20 {
        // Early enough to meet the first fold on a machine that has become less busy, too.
        let after = whole * (1 + stops * 7 % 5) / 24;
        match stopped(&place, &format!("{how} --output parts --threads 1 --resume"), "-TERM", after) {
            Some(0) => break,
            _ => stops += 1,
        }
        if !refused
            && place.path("parts/fold-0/checkpoints").read_dir().is_ok_and(|mut files| files.next().is_some())
        {
            // What was begun by blocks does not go on otherwise.
            refused = true;
            for other in ["--batches pairs --negatives-per-positive 1", "--batches blocks"] {
                train(&place, &format!("{other} --output parts --resume")).ended(2).says("of another run");
            }
        }
    }
    train(&place, &format!("{how} --output parts --resume")).done();
    assert!(refused, "the run was never hit");
    assert_eq!(contents(&place, "one"), contents(&place, "parts"), "after {stops} stops");
}

#[test]
fn calibration_sees_all_negatives_although_the_training_draws_some() {
    let place = Place::new();
    prepare(&place);
    let pairs = |folder: &str| {
        let model: serde_json::Value =
            serde_json::from_str(&place.read(&format!("{folder}/model.json"))).expect("a model");
        (model["calibration"].clone()["pairs"].as_u64(), model["training"]["plan"]["negatives"].as_u64())
    };
    let all = format!("--pairs pairs.tsv --config config.yaml {STORES}");
    place.run("fuse-train", &format!("{all} --output all")).done();
    place.run("fuse-train", &format!("{all} --output drawn --negatives-per-positive 1")).done();
    let ((calibrated, drawn), (some, few)) = (pairs("all"), pairs("drawn"));
    assert_eq!((calibrated, drawn), (Some(12), None));
    assert_eq!(some, calibrated);
    // 36 positive pairs are trained on, and as many of 72 negative ones.
    assert_eq!(few, Some(36));
}

#[test]
fn folds_trained_one_by_one_are_the_same_run() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output whole").done();
    for fold in ["fold-2", "fold-0"] {
        train(&place, &format!("--output parts --resume --fold {fold}"))
            .done()
            .says("predictions.tsv is written when");
        assert!(!place.path("parts/predictions.tsv").exists());
    }
    train(&place, "--output parts --resume --fold fold-1").done();
    assert_eq!(contents(&place, "whole"), contents(&place, "parts"));
}

#[test]
fn a_hold_out_and_all_pairs_give_one_bundle() {
    let place = Place::new();
    prepare(&place);
    let base = format!("--pairs pairs.tsv --config config.yaml {STORES}");
    place.run("fuse-train", &format!("{base} --splits holdout.tsv --output held")).done();
    assert!(place.path("held/model.json").exists());
    let tested = place.read("holdout.tsv").lines().filter(|line| line.ends_with("\ttest")).count();
    assert_eq!(place.read("held/predictions.tsv").lines().count(), 1 + tested);
    place.run("fuse-train", &format!("{base} --output all")).done();
    assert!(place.path("all/model.json").exists() && !place.path("all/predictions.tsv").exists());
}

#[test]
fn affinities_come_back_in_the_scale_of_their_labels_and_no_unit_is_guessed() {
    let place = Place::new();
    prepare(&place);
    let base = format!("--pairs affinities.tsv --splits splits.tsv --config config.yaml {STORES}");
    place.run("fuse-train", &format!("{base} --output model")).done().says("pearson");
    let predictions = place.read("model/predictions.tsv");
    assert!(predictions.starts_with("rna_id\tpartner_id\tlabel\tfold\taffinity\tunit\tlow\thigh\ttrust\t"));
    for line in predictions.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let value: f64 = cells[4].parse().expect("a number");
        assert_eq!(cells[5], "affinity");
        assert!((3.0..8.0).contains(&value), "{line}");
    }
    let model = place.read("model/fold-0/model.json");
    assert!(model.contains("\"unit\": \"affinity\"") && model.contains("\"residual\""), "{model}");
}

#[test]
fn concentrations_are_doubted_and_their_unit_travels_from_the_table_to_the_report() {
    let place = Place::new();
    prepare(&place);
    let concentration = |line: &str| {
        let (pair, label) = line.rsplit_once('\t').expect("a label");
        match label.parse::<f64>() {
            Ok(value) => format!("{pair}\t{}\n", 10_f64.powf(-value)),
            Err(_) => format!("{pair}\tlabel\n"),
        }
    };
    place.write("molar.tsv", place.read("affinities.tsv").lines().map(concentration).collect::<String>());
    let base = format!("--splits splits.tsv --config config.yaml {STORES}");
    place
        .run("fuse-train", &format!("--pairs molar.tsv {base} --fold fold-0 --output doubtful"))
        .done()
        .says("the affinities are all below 0.01, as concentrations in mol/L are");
    place.run("parse", "pairs --pairs molar.tsv --unit M --output pkd.tsv").done();
    place.run("fuse-train", &format!("--pairs pkd.tsv {base} --output model")).done();
    assert!(place.read("model/fold-0/model.json").contains("\"unit\": \"-log10 M\""));
    assert!(place.read("model/fold-0/config.yaml").contains("unit: -log10 M"));
    place.run("predict", &format!("--model model --pairs pkd.tsv {STORES} --output p.tsv")).done();
    for table in ["model/predictions.tsv", "p.tsv"] {
        let has_unit = |line: &str| line.split('\t').any(|cell| cell == "-log10 M");
        assert!(place.read(table).lines().skip(1).all(has_unit), "{table}");
    }
    place.run("evaluate", "--predictions model/predictions.tsv --bootstrap 0 --output report").done();
    assert!(place.read("report/scatter.svg").contains("Predicted -log10 M"));
    assert!(place.read("report/provenance.json").contains("\"unit\": \"-log10 M\""));
}

#[test]
fn the_printed_configuration_changes_nothing_and_the_schema_is_the_committed_one() {
    let place = Place::new();
    let config = place.run("fuse-train", "--print-config").done().stdout;
    assert!(config.contains("  # ") && config.contains("learning-rate: 0.002"), "{config}");
    let schema = place.run("fuse-train", "--print-schema").done().stdout;
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/config.schema.json");
    let committed = std::fs::read_to_string(committed).expect("the schema");
    // Not `assert_eq`: two schemas side by side say nothing.
    let remedy = "crossmamba-fuse-train --print-schema > tools/schema/config.schema.json";
    assert!(schema == committed, "the schema has changed; write it anew: {remedy}");
    prepare(&place);
    place.write("config.yaml", &config);
    // A wrong pair ends the run after the configuration has been read.
    place.write("pairs.tsv", "rna_id\tpartner_id\tlabel\n");
    train(&place, "--output model").ended(2).says("pairs.tsv");
}

#[test]
fn a_preset_is_found_by_its_name_and_its_values_are_written_into_the_model() {
    let place = Place::new();
    let listed = place.run("fuse-train", "--list-presets").done().stdout;
    assert!(listed.starts_with("name\twhen\nfew-pairs\tFor fewer than 1000 pairs"), "{listed}");
    prepare(&place);
    let base = "--pairs pairs.tsv --splits splits.tsv --fold fold-0";
    place.run("fuse-train", &format!("{base} {STORES} --config preset:none --output model")).ended(2).says(
        "there is no preset `none`; name one of few-pairs, many-pairs, affinity, screening-hits, \
         language-model-rows, or a file",
    );
    place.run("fuse-train", &format!("{base} {STORES} --config preset:few-pairs --output model")).done();
    let written = place.read("model/fold-0/config.yaml");
    assert!(written.contains("epochs: 20\n") && written.contains("batch: 64\n"), "{written}");
}

#[test]
fn going_on_finds_a_finished_model_that_lacks_its_weights_and_the_checkpoint_of_another_run() {
    let place = Place::new();
    prepare(&place);
    let all = format!("--pairs pairs.tsv --config config.yaml {STORES} --output all --resume");
    place.run("fuse-train", &all).done();
    std::fs::remove_file(place.path("all/weights-0.safetensors")).expect("a removed file");
    place.run("fuse-train", &all).ended(2).says("all: lacks the file weights-0.safetensors");
    let before = place.files();
    place.write("model/fold-2/checkpoints/member-0.safetensors", "not a state");
    train(&place, "--output model --resume").ended(2).says("model/fold-2/checkpoints/member-0.safetensors");
    assert_eq!(place.files().len(), before.len() + 1, "nothing is trained before all states are known");
}

#[test]
fn going_on_with_stores_that_hold_other_values_is_refused() {
    let place = Place::new();
    prepare(&place);
    // Two imports of one name and shape, so that their manifests are equal.
    let arguments = "--kind rna --input rna.fa --encoder import --name x --tokens residue";
    place
        .run("embed", "--kind rna --input rna.fa --encoder onehot --tokens residue --output one.store")
        .done();
    place.run("embed", "export --store one.store --output one.npz").done();
    place.run("embed", &format!("{arguments} --from one.npz --output import.store")).done();
    let stores = "--rna-store import.store --partner-store partner.store";
    let train = |more: &str| place.run("fuse-train", &format!("{PAIRS} {stores} --output model {more}"));
    train("--fold fold-0").done();
    // The same letters lead to other values when all sequences are read backwards.
    let backwards = |text: &str| {
        let lines = text.lines().map(|line| match line.strip_prefix('>') {
            Some(_) => format!("{line}\n"),
            None => format!("{}\n", line.chars().rev().collect::<String>()),
        });
        lines.collect::<String>()
    };
    place.write("back.fa", backwards(&place.read("rna.fa")));
    place
        .run("embed", "--kind rna --input back.fa --encoder onehot --tokens residue --output back.store")
        .done();
    place.run("embed", "export --store back.store --output back.npz").done();
    std::fs::remove_dir_all(place.path("import.store")).expect("a removed store");
    place.run("embed", &format!("{arguments} --from back.npz --output import.store")).done();
    train("--fold fold-1 --resume").ended(2).says("holds the model of another run");
}

#[test]
fn two_trainings_do_not_share_a_folder() {
    let place = Place::new();
    prepare(&place);
    std::fs::create_dir_all(place.path("model/fold-1")).expect("a folder");
    let held = std::fs::File::open(place.path("model/fold-1")).expect("a folder");
    held.lock().expect("a lock");
    train(&place, "--output model --resume")
        .ended(2)
        .says("model/fold-1: another program is training into this folder; wait until it ends");
    // Another job's folds are nobody else's business.
    train(&place, "--output model --resume --fold fold-0").done();
    drop(held);
    train(&place, "--output model --resume").done().says("2 of 3 fold(s) to train");
}

#[test]
fn what_a_run_that_was_killed_at_the_end_left_of_its_fits_is_removed() {
    let place = Place::new();
    prepare(&place);
    train(&place, "--output model").done();
    let before = contents(&place, "model");
    place.write("model/fold-2/checkpoints/member-0.safetensors", "left");
    train(&place, "--output model --resume").done().says("0 of 3 fold(s) to train");
    assert!(!place.path("model/fold-2/checkpoints").exists());
    assert_eq!(contents(&place, "model"), before);
}

/// Trains on one thread, and gives the memory that was forecast and the most that was taken, in bytes.
#[expect(unsafe_code, reason = "only the system knows the most that a child has taken")]
#[expect(clippy::zombie_processes, reason = "the child is waited for by its id")]
fn memory(place: &Place, config: &str, stores: &str) -> (f64, f64) {
    place.write("config.yaml", config);
    let child = Command::new(binary("fuse-train"))
        .args(format!("{PAIRS} {stores} --output memory --fold fold-0 --threads 1 -v").split_whitespace())
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .stderr(std::fs::File::create(place.path("said")).expect("a file"))
        .spawn()
        .expect("the tool starts");
    let id = i32::try_from(child.id()).expect("a process");
    // SAFETY: all of it is numbers, for which zeros are values.
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    // SAFETY: the child is ours, nothing else waits for it, and both places are valid.
    let ended = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
    let said = place.read("said");
    assert!(ended == id && status == 0, "{said}");
    std::fs::remove_dir_all(place.path("memory")).expect("a folder");
    let words = said.split("the training takes about ").nth(1).expect("a forecast").split(' ');
    let [number, unit] = words.take(2).collect::<Vec<_>>()[..] else { panic!("{said}") };
    let unit = match unit {
        "GB" => 1e9,
        "MB" => 1e6,
        "kB" => 1e3,
        _ => panic!("{said}"),
    };
    (number.parse::<f64>().expect("a number") * unit, usage.ru_maxrss as f64 * 1024.0)
}

#[test]
fn the_memory_of_a_training_is_forecast_within_a_factor_of_two() {
    let place = Place::new();
    prepare(&place);
    for (kind, name) in [("rna", "rna"), ("protein", "partner")] {
        let arguments = format!("--kind {kind} --input {name}.fa --encoder onehot --tokens residue");
        place.run("embed", &format!("{arguments} --output {name}.long")).done();
    }
    let long = "--rna-store rna.long --partner-store partner.long";
    let small = "model: {fusion: mlp, width: 2, hidden: 2}\ntraining: {epochs: 1, batch: 2}\n";
    // Much memory for the weights, and much for the tokens of a step.
    let weights = "model: {width: 512, inner: 1024}\ntraining: {epochs: 1, batch: 8}\n";
    let tokens = "model: {inner: 1024, state: 64}\ntraining: {epochs: 1, batch: 80}\n";
    for (config, stores) in [(weights, STORES), (tokens, long)] {
        let (_, without) = memory(&place, small, stores);
        let (forecast, peak) = memory(&place, config, stores);
        let taken = peak - without;
        assert!(taken > 1e8, "{taken} bytes are too few to say anything");
        assert!(
            forecast < 2.0 * taken && taken < 2.0 * forecast,
            "{forecast} forecast, {taken} taken: {config}"
        );
    }
}
