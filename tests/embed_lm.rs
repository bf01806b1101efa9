//! Black-box tests of `crossmamba-embed` with language models: golden values in every layout, long sequences,
//! interruption, budgets, and what is said about files that are not the right ones.

mod published;
mod support;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use crossmamba::record::RecordId;
use crossmamba::store::{Embedding, Store};
use published::{expected, golden, text, write_esm2_8m};
use support::{Place, Ran, binary};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn embed(place: &Place, arguments: &str) -> Ran {
    place.run("embed", arguments)
}

/// Gives the arguments that name a golden checkpoint.
fn model(encoder: &str, file: &str) -> String {
    let kind = match encoder {
        "esm2" => "protein",
        "rinalmo" => "rna",
        _ => "small-molecule",
    };
    format!("--kind {kind} --encoder {encoder} --checkpoint {file}")
}

/// Copies the golden checkpoints into a folder of the test, so that paths hold no blanks.
fn place_with(models: &[&str]) -> Place {
    let place = Place::new();
    for model in models {
        place.copy(&golden(model), model);
    }
    place
}

/// Gives the bytes of all files of a store.
fn bytes(place: &Place, store: &str) -> Vec<(String, Vec<u8>)> {
    let inside = |name: &String| name.starts_with(&format!("{store}/"));
    let names: Vec<String> = place.files().into_iter().filter(inside).collect();
    names.into_iter().map(|name| (name[store.len()..].to_owned(), place.bytes(&name))).collect()
}

fn read(place: &Place, store: &str) -> BTreeMap<String, Embedding> {
    let store = Store::open(place.path(store)).unwrap();
    let ids: Vec<RecordId> = store.ids().to_vec();
    ids.iter().map(|id| (id.to_string(), store.get(&store.require(id).unwrap()).unwrap().unwrap())).collect()
}

#[track_caller]
fn assert_close(found: &[f32], wanted: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let largest = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(largest <= tolerance, "{what}: the largest difference is {largest:e}");
}

const PROTEINS: [&str; 4] = ["natural65", "len1", "standard20", "odd_letters"];
const RNAS: [&str; 3] = ["natural73", "len1", "rna_acgu"];
const MOLECULES: [&str; 7] =
    ["aspirin", "len1", "caffeine", "stereo", "salt_halogen", "ring_percent", "branches_slashes"];

fn fasta(model: &str, cases: &[&str]) -> String {
    cases.iter().map(|case| format!(">{case}\n{}\n", text(model, case))).collect()
}

fn smiles(cases: &[&str]) -> String {
    cases.iter().map(|case| format!("{}\t{case}\n", text("molformer_small", case))).collect()
}

#[test]
fn every_layout_of_esm2_gives_the_golden_rows_and_their_mean() {
    let place = place_with(&["esm2"]);
    place.write("in.fa", fasta("esm2", &PROTEINS));
    let expected = expected("esm2");
    for (i, file) in ["model.safetensors", "pytorch_model.bin", "esm2_tiny.pt", ""].into_iter().enumerate() {
        let arguments = model("esm2", &format!("esm2/{file}"));
        embed(&place, &format!("{arguments} -i in.fa -o s{i} --tokens residue")).done();
        for (id, found) in read(&place, &format!("s{i}")) {
            let rows = &expected[&format!("last_hidden_state.{id}.policy")];
            assert_close(&found.values, &rows[32..rows.len() - 32], 1e-4, &format!("{file} {id}"));
            assert_close(&found.global, &expected[&format!("mean_residues.{id}.policy")], 1e-4, &id);
        }
    }
    for layer in [0, 1, 2] {
        let arguments = format!("{} --layer {layer}", model("esm2", "esm2"));
        embed(&place, &format!("{arguments} -i in.fa -o l{layer} --tokens residue")).done();
        let rows = &expected[&format!("layer{layer}.natural65.policy")];
        assert_close(
            &read(&place, &format!("l{layer}"))["natural65"].values,
            &rows[32..rows.len() - 32],
            1e-4,
            "layer",
        );
    }
}

#[test]
fn every_layout_of_rinalmo_gives_the_golden_rows_and_their_mean() {
    // The earlier converted layout has a vocabulary of its own.
    let place = place_with(&["rinalmo", "rinalmo26"]);
    place.write("in.fa", fasta("rinalmo", &RNAS));
    let expected = expected("rinalmo");
    let files = [
        "rinalmo/model.safetensors",
        "rinalmo/official.safetensors",
        "rinalmo/rinalmo_tiny_pretrained.pt",
        "rinalmo26",
    ];
    for (i, file) in files.into_iter().enumerate() {
        embed(&place, &format!("{} -i in.fa -o s{i} --tokens residue", model("rinalmo", file))).done();
        for (id, found) in read(&place, &format!("s{i}")) {
            let rows = &expected[&format!("last_hidden_state.{id}")];
            assert_close(&found.values, &rows[32..rows.len() - 32], 1e-4, &format!("{file} {id}"));
            assert_close(&found.global, &expected[&format!("mean_residues.{id}")], 1e-4, &id);
        }
    }
}

#[test]
fn every_layout_of_molformer_gives_its_golden_rows_and_the_mean_over_all_tokens() {
    let place = place_with(&["molformer_small"]);
    place.write("in.smi", smiles(&MOLECULES));
    let expected = expected("molformer_small");
    let files = [("model.safetensors", "hf"), ("pytorch_model.bin", "hf"), ("molformer_tiny.ckpt", "ibm")];
    for (i, (file, maths)) in files.into_iter().enumerate() {
        let arguments = model("molformer", &format!("molformer_small/{file}"));
        embed(&place, &format!("{arguments} -i in.smi -o s{i} --tokens residue")).done();
        for (id, found) in read(&place, &format!("s{i}")) {
            let rows = &expected[&format!("{maths}.last_hidden_state.{id}")];
            assert_close(&found.values, &rows[32..rows.len() - 32], 2e-4, &format!("{file} {id}"));
            let pooled = &expected[&format!("{maths}.pooled_all_tokens.{id}")];
            assert_close(&found.global, pooled, 2e-4, &format!("{file} {id}"));
        }
    }
}

#[test]
fn windows_are_means_of_residues_and_every_rule_has_the_same_global_vector() {
    let place = place_with(&["esm2"]);
    place.write("in.fa", fasta("esm2", &PROTEINS));
    let arguments = model("esm2", "esm2");
    for tokens in ["residue", "window --window 8", "pooled"] {
        let name = &tokens[..6];
        embed(&place, &format!("{arguments} -i in.fa -o {name} --tokens {tokens}")).done();
    }
    let (residue, window, pooled) = (read(&place, "residu"), read(&place, "window"), read(&place, "pooled"));
    for (id, whole) in residue {
        assert_eq!(whole.global, window[&id].global, "{id}");
        assert_eq!(whole.global, pooled[&id].global, "{id}");
        assert_eq!((pooled[&id].rows, whole.rows as u64), (0, whole.length), "{id}");
        let ranges = crossmamba::store::windows(whole.rows, 8, 32);
        assert_eq!(window[&id].rows, ranges.len(), "{id}");
        for (range, found) in ranges.iter().zip(window[&id].values.chunks_exact(32)) {
            let column = |c: usize| range.clone().map(|at| whole.values[at * 32 + c]).sum::<f32>();
            let wanted: Vec<f32> = (0..32).map(|c| column(c) / range.len() as f32).collect();
            assert_close(found, &wanted, 1e-5, &id);
        }
    }
    let manifest = place.read("residu/manifest.json");
    for words in [
        "\"encoder\": \"esm2\"",
        "\"layer\": 3",
        "\"precision\": \"f32\"",
        "\"context\": 1022",
        "\"stride\": 511",
    ] {
        assert!(manifest.contains(words), "{words} is not in {manifest}");
    }
}

#[test]
fn long_sequences_are_stitched_from_windows_by_distance_or_refused_or_listed() {
    let place = place_with(&["esm2"]);
    let long = text("esm2", "natural65");
    place.write("in.fa", format!(">long\n{long}\n>short\nMKV\n>same\n{long}\n"));
    let arguments = format!("{} -i in.fa --tokens residue --context 20", model("esm2", "esm2"));
    embed(&place, &format!("{arguments} --stride 12 -o s --mqc s_mqc.json"))
        .done()
        .says("1 sequences are longer than the context, and read in overlapping windows");
    assert!(place.read("s_mqc.json").contains("\"stitched\": 1"));
    // The definition: each window embedded by itself, then the mean weighted by the distance to the window's end.
    let starts: Vec<usize> = (0..45).step_by(12).chain([45]).collect();
    let windows: String = starts.iter().map(|s| format!(">{s}\n{}\n", &long[*s..s + 20])).collect();
    place.write("windows.fa", windows);
    embed(&place, &format!("{} -i windows.fa --tokens residue -o w", model("esm2", "esm2"))).done();
    let parts = read(&place, "w");
    let mut wanted = Vec::new();
    for at in 0..65 {
        let (mut sums, mut total) = ([0.0f64; 32], 0.0);
        for start in starts.iter().filter(|start| (**start..**start + 20).contains(&at)) {
            let left = if *start == 0 { 20 } else { at - start + 1 };
            let right = if *start == 45 { 20 } else { start + 20 - at };
            let weight = left.min(right).min(20) as f64;
            let row = &parts[&start.to_string()].values[(at - start) * 32..][..32];
            sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += weight * f64::from(value));
            total += weight;
        }
        wanted.extend(sums.map(|sum| (sum / total) as f32));
    }
    let found = read(&place, "s");
    assert_close(&found["long"].values, &wanted, 1e-6, "stitched");
    assert_eq!(found["long"], found["same"]);
    let mean: Vec<f32> = (0..32).map(|c| wanted.iter().skip(c).step_by(32).sum::<f32>() / 65.0).collect();
    assert_close(&found["long"].global, &mean, 1e-5, "the mean of stitched rows");

    embed(&place, &format!("{arguments} --long error -o e"))
        .ended(2)
        .says("in.fa, record `long`: is 65 long, more than the 20 that the model reads at once; choose `--long window`");
    assert!(!place.path("e").exists());
    embed(&place, &format!("{arguments} --long skip -o k"))
        .ended(1)
        .says("2 records are longer than 20 and skipped: long, same");
    assert_eq!(
        place.read("k.rejects.tsv"),
        "file\tline\tid\treason\tdetail\n\
         in.fa\t1\tlong\ttoo-long\t65, more than the 20 that the model reads at once\n\
         in.fa\t5\tsame\ttoo-long\t65, more than the 20 that the model reads at once\n"
    );
    assert_eq!(read(&place, "k").into_keys().collect::<Vec<_>>(), ["short"]);
    // The values of the others are those that refusing gives: the store may go on either way.
    place.write("short.fa", ">short\nMKV\n");
    let short = format!("{} -i short.fa --tokens residue --context 20 --long error", model("esm2", "esm2"));
    embed(&place, &format!("{short} -o k")).done().says("0 computed, 1 in the store already");
    embed(&place, &format!("{arguments} --stride 10 -o s"))
        .ended(2)
        .says("`settings.windows.stride` is 12, not 10");
    embed(&place, &format!("{arguments} --long error -o s")).ended(2);
}

#[test]
fn long_molecules_keep_their_two_special_tokens_once() {
    let place = place_with(&["molformer_small"]);
    place.write("in.smi", smiles(&["caffeine"]));
    let arguments = format!("{} -i in.smi", model("molformer", "molformer_small"));
    embed(&place, &format!("{arguments} -o s --tokens residue --context 10 --stride 5")).done();
    embed(&place, &format!("{arguments} -o w --tokens residue --context 1000")).done();
    let (stitched, whole) = (&read(&place, "s")["caffeine"], &read(&place, "w")["caffeine"]);
    assert_eq!((stitched.rows, whole.rows), (26, 26));
    // The mean over 28 tokens: what the rows leave of it are the two special ones.
    let rest = |found: &Embedding| -> Vec<f32> {
        let sum = |c: usize| found.values.iter().skip(c).step_by(32).sum::<f32>();
        (0..32).map(|c| 28.0 * found.global[c] - sum(c)).collect()
    };
    assert!(rest(stitched).iter().all(|value| value.abs() < 20.0));
    assert_ne!(rest(stitched), rest(whole));
}

#[test]
fn the_bytes_do_not_depend_on_budgets_threads_or_what_is_computed_together() {
    let place = place_with(&["rinalmo"]);
    let mut numbers = Numbers(3);
    let sequence = |numbers: &mut Numbers| -> String {
        // Long enough for no two to be equal.
        let length = 12 + numbers.below(140);
        (0..length).map(|_| char::from(b"ACGU"[numbers.below(4) as usize])).collect()
    };
    let records: Vec<String> = (0..60).map(|i| format!(">r{i}\n{}\n", sequence(&mut numbers))).collect();
    place.write("in.fa", records.concat()).write("half.fa", records[..30].concat());
    for precision in ["f32", "bf16"] {
        let arguments =
            format!("{} --tokens residue --context 64 --precision {precision}", model("rinalmo", "rinalmo"));
        let name = |suffix: &str| format!("{precision}{suffix}");
        embed(&place, &format!("{arguments} -i in.fa -o {}", name("a"))).done();
        embed(&place, &format!("{arguments} -i in.fa -o {} --max-tokens 1 -t 1", name("b"))).done();
        embed(&place, &format!("{arguments} -i in.fa -o {} --max-tokens 333 -t 3", name("c"))).done();
        embed(&place, &format!("{arguments} -i half.fa -o {}", name("d"))).done();
        embed(&place, &format!("{arguments} -i in.fa -o {}", name("d"))).done().says("in the store already");
        let whole = bytes(&place, &name("a"));
        for other in ["b", "c", "d"] {
            assert!(bytes(&place, &name(other)) == whole, "{precision} {other}");
        }
        for part in [2, 1] {
            embed(&place, &format!("{arguments} -i in.fa -o {} --shard {part}/2", name("e"))).done();
        }
        assert_eq!(read(&place, &name("a")), read(&place, &name("e")));
    }
    let renamed = records.concat().replace(">r", ">x");
    place.write("renamed.fa", renamed);
    let arguments = format!("{} --tokens residue --context 64 --precision f32", model("rinalmo", "rinalmo"));
    embed(&place, &format!("{arguments} -i renamed.fa -o f32a"))
        .done()
        .says("0 computed, 60 in the store already");
}

/// Proteins of mixed lengths, short enough for a test: 3 to 62 residues, so that 2000 of them take seconds.
fn two_thousand() -> String {
    let mut numbers = Numbers(8);
    let mut text = String::new();
    for i in 0..2000 {
        text.push_str(&format!(">p{i}\n"));
        let length = 3 + numbers.below(60).min(numbers.below(60));
        text.extend((0..length).map(|_| char::from(b"ACDEFGHIKLMNPQRSTVWY"[numbers.below(20) as usize])));
        text.push('\n');
    }
    text
}

#[test]
fn two_thousand_sequences_killed_at_twenty_moments_resume_to_the_same_bytes() {
    let place = Place::new();
    write_esm2_8m(&place, "8m.safetensors");
    place.write("in.fa", two_thousand());
    // The longest sequences are read in windows, so that interruptions meet those too.
    let arguments =
        format!("{} --input in.fa --tokens residue --context 40 --output", model("esm2", "8m.safetensors"));
    let start = std::time::Instant::now();
    embed(&place, &format!("{arguments} whole")).done().says("2000 records");
    let whole_run = start.elapsed();
    let whole = bytes(&place, "whole");
    let mut numbers = Numbers(1);
    let mut interrupted = 0;
    for _ in 0..20 {
        let mut child = Command::new(binary("embed"))
            .args(arguments.split(' ').chain(["torn"]))
            .current_dir(place.path(""))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Moments from the start of a run to an eighth of it: twenty runs do most of the work.
        std::thread::sleep(Duration::from_micros(numbers.below(whole_run.as_micros() as u64 / 8)));
        child.kill().unwrap();
        interrupted += usize::from(!child.wait().unwrap().success());
    }
    assert!(interrupted >= 10, "only {interrupted} of 20 runs were interrupted");
    embed(&place, &format!("{arguments} torn")).done();
    assert!(bytes(&place, "torn") == whole, "the resumed store differs");
    embed(&place, &format!("{arguments} torn")).done().says("0 computed, ");
    assert!(bytes(&place, "torn") == whole, "a second run changed the store");
}

#[test]
fn a_forecast_says_time_memory_and_size_before_the_work() {
    let place = Place::new();
    write_esm2_8m(&place, "8m.safetensors");
    place.write("in.fa", two_thousand());
    let arguments = format!("{} -i in.fa -o s --dry-run", model("esm2", "8m.safetensors"));
    let ran = embed(&place, &arguments).done().says("2000 records; ").says(" of f32 values");
    let line = ran.stderr.lines().find(|line| line.contains("tokens a second")).unwrap_or_default();
    for words in ["tokens: about ", " of memory, up to "] {
        assert!(line.contains(words), "{}", ran.stderr);
    }
    assert!(!place.path("s").exists());
}

#[test]
fn little_memory_halves_the_budget_with_a_warning_and_the_same_bytes() {
    let place = Place::new();
    write_esm2_8m(&place, "8m.safetensors");
    let mut numbers = Numbers(5);
    let mut text = String::new();
    for i in 0..12 {
        text.push_str(&format!(">p{i}\n"));
        text.extend((0..1000).map(|_| char::from(b"ACDEFGHIKLMNPQRSTVWY"[numbers.below(20) as usize])));
        text.push('\n');
    }
    place.write("in.fa", text);
    let arguments = format!("{} -i in.fa --tokens pooled -t 1", model("esm2", "8m.safetensors"));
    embed(&place, &format!("{arguments} -o whole")).done();
    // A limit on the address space stands for a small machine: what goes beyond it is refused in the same way. One arena,
    // as each further thread's may reserve 64 MB of addresses without using them.
    let limited = |limit: u32, tokens: u32, store: &str| {
        let arguments = format!("{arguments} --max-tokens {tokens} -o {store}");
        let script = format!("ulimit -v {limit}; MALLOC_ARENA_MAX=1 exec {} {arguments}", binary("embed"));
        let output = Command::new("bash").args(["-c", &script]).current_dir(place.path("")).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = limited(LIMIT, 12_024, "small");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("of memory, which is not free: going on with"), "{said}");
    assert!(bytes(&place, "small") == bytes(&place, "whole"));
}

/// Kilobytes of address space: enough for the program, the weights and a few sequences, not for twelve at once.
const LIMIT: u32 = 200_000;

#[test]
fn letters_and_tokens_that_a_model_lacks_are_counted_and_named() {
    let place = place_with(&["esm2", "molformer_small"]);
    place.write("in.fa", ">a\nMKJJ\n>b\nMKV\n>c\nJ\n");
    embed(&place, &format!("{} -i in.fa -o s --mqc s_mqc.json", model("esm2", "esm2")))
        .done()
        .says("3 letters or tokens are not in the vocabulary, and read as unknown: c, a");
    assert!(place.read("s_mqc.json").contains("\"unknown_tokens\": 3"));
    place.write("in.smi", "[Fe]CO\tiron\nC%(103)CC%(103)\tring\nCCO\tplain\n");
    embed(&place, &format!("{} -i in.smi -o m", model("molformer", "molformer_small")))
        .done()
        .says("1 letters or tokens are not in the vocabulary, and read as unknown: iron")
        .says("2 characters are part of no token, and left out as the model's own code does: ring");
}

#[test]
fn a_digest_is_verified_and_recorded() {
    let place = place_with(&["esm2"]);
    place.write("in.fa", ">a\nMKV\n");
    let digest = crossmamba::record::Digest::of(&place.bytes("esm2/esm2_tiny.pt"));
    let arguments = format!("{} -i in.fa", model("esm2", "esm2/esm2_tiny.pt"));
    embed(&place, &format!("{arguments} -o s --verify sha256:{digest}")).done();
    for name in ["s/manifest.json", "s.provenance.json"] {
        assert!(place.read(name).contains(&digest.to_string()), "{name}");
    }
    embed(&place, &format!("{arguments} -o n --verify {}", "0".repeat(64)))
        .ended(2)
        .says(&format!("esm2/esm2_tiny.pt: has the digest sha256:{digest}, not sha256:0000"));
    assert!(!place.path("n").exists());
}

#[test]
fn what_a_configuration_changes_is_part_of_the_identity_of_a_store() {
    let place = place_with(&["esm2"]);
    place.write("in.fa", ">a\nMKV\n");
    let config = place.read("esm2/config.json");
    let arguments = format!("{} -i in.fa -o s", model("esm2", "esm2/model.safetensors"));
    embed(&place, &arguments).done();
    let mut other: serde_json::Value = serde_json::from_str(&config).unwrap();
    other["layer_norm_eps"] = 0.25.into();
    place.write("esm2/config.json", other.to_string());
    embed(&place, &arguments).ended(2).says("s: was made with other settings").says("norm_epsilon");
    place.write("esm2/config.json", config);
    embed(&place, &arguments).done().says("0 computed, 1 in the store already");
}

#[test]
fn a_self_check_says_what_it_compared() {
    let place = place_with(&["esm2", "rinalmo", "molformer_small"]);
    for folder in ["esm2", "rinalmo", "molformer_small"] {
        let ran = embed(&place, &format!("self-check --checkpoint {folder}"));
        let ran = ran.ended(1).says("nothing was compared");
        for words in ["3 layers, width 32", "one by one: 0.0e0", "are finite", "bf16 from f32"] {
            assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
        }
    }
    write_esm2_8m(&place, "8m.safetensors");
    let ran = embed(&place, "self-check --checkpoint 8m.safetensors");
    let ran = ran.ended(2).says("8m.safetensors: has the shape of esm2_t6_8M_UR50D but not its numbers");
    assert!(ran.stdout.contains("0.14440 0.54130 0.32480 0.30340 0.00530"), "{}", ran.stdout);
}
