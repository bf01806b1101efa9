//! What a card computes is what the CPU computes, but for roundings.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::card::{CLOSE, PAIRS, assert_close, run_with};
use crate::support::{Place, binary};
use crate::trained::{STORES, prepare};

/// Greatest difference of a loss in bf16 from that in f32, over the loss.
const CLOSE_IN_BF16: f64 = 5e-3;

/// A network of one layer per part, with everything that is random or has a state of its own.
fn config(fusion: &str) -> String {
    format!(
        "model: {{fusion: {fusion}, width: 8, inner: 8, state: 4, hidden: 8, dropout: 0.2, noise: 0.05}}\n\
         training: {{epochs: 2, batch: 16, ema: 0.9, negatives: balanced, clip-norm: 0.5}}\n"
    )
}

/// Trains on both devices, and compares losses, gradients, metrics and predictions.
fn train_on_both(fusion: &str) -> Place {
    let place = Place::new();
    prepare(&place);
    place.write("config.yaml", config(fusion));
    let train = |device: &str| {
        place.run("fuse-train", &format!("{PAIRS} {STORES} --device {device} --output {device}")).done()
    };
    train("cpu");
    train("cuda").says("computing on cuda:0");
    for name in ["training.tsv", "predictions.tsv"] {
        assert_close(&place.read(&format!("cuda/{name}")), &place.read(&format!("cpu/{name}")));
    }
    let record = |device: &str| place.read(&format!("{device}/predictions.tsv.provenance.json"));
    assert!(record("cpu").contains("\"device\": \"cpu\"") && record("cuda").contains("\"device\": \"cuda ("));
    place
}

#[test]
fn a_training_on_a_card_goes_as_on_the_cpu_and_its_model_predicts_alike_on_both() {
    let place = train_on_both("late-relay");
    for model in ["cpu", "cuda"] {
        let predict = |device: &str| {
            let output = format!("{model}-by-{device}.tsv");
            place
                .run(
                    "predict",
                    &format!("--model {model} --all {STORES} --device {device} --output {output}"),
                )
                .done();
            place.read(&output)
        };
        assert_close(&predict("cuda"), &predict("cpu"));
    }
}

#[test]
fn every_fusion_trains_on_a_card_as_on_the_cpu() {
    for fusion in ["deep-relay", "joint-scan", "pair", "cross-attention", "gated-input"] {
        let place = train_on_both(fusion);
        let line = format!("{PAIRS} {STORES} --device cuda --precision bf16 --output bf16");
        place.run("fuse-train", &line).done();
        assert_near(&losses(&place, "bf16"), &losses(&place, "cpu"), CLOSE_IN_BF16, fusion);
    }
}

/// Compares losses, one by one, and says how far apart they are.
#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len());
    let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs() / b).fold(0.0, f64::max);
    eprintln!("{what}: losses differ by {apart:.1e}");
    assert!(apart <= tolerance, "{what}: {found:?} where {expected:?} is expected");
}

/// The losses of a training, step by step where an epoch has one.
fn losses(place: &Place, output: &str) -> Vec<f64> {
    let table = place.read(&format!("{output}/training.tsv"));
    let at = table.lines().next().and_then(|head| head.split('\t').position(|name| name == "loss"));
    let cell = |line: &str| line.split('\t').nth(at.expect("losses")).and_then(|cell| cell.parse().ok());
    table.lines().skip(1).map(|line| cell(line).expect("a number")).collect()
}

#[test]
fn the_loss_of_twenty_steps_is_that_of_the_cpu_and_in_bf16_near_it() {
    let place = Place::new();
    prepare(&place);
    let config = config("late-relay").replace("epochs: 2, batch: 16", "epochs: 20, batch: 200");
    place.write("config.yaml", config);
    for (output, device) in [
        ("cpu", "cpu"),
        ("f32", "cuda"),
        ("bf16", "cuda --precision bf16"),
        ("again", "cuda --precision bf16"),
    ] {
        place.run("fuse-train", &format!("{PAIRS} {STORES} --device {device} --output {output}")).done();
    }
    let [cpu, single, half] = ["cpu", "f32", "bf16"].map(|output| losses(&place, output));
    assert_eq!(cpu.len(), 20);
    assert!(cpu[19] < cpu[0] && half != single);
    assert_near(&single, &cpu, CLOSE, "f32");
    assert_near(&half, &cpu, CLOSE_IN_BF16, "bf16");
    // Weights are f32 in any case, and a training in bf16 is as repeatable.
    for name in ["weights-0.safetensors", "training.tsv", "predictions.tsv"] {
        assert_eq!(place.bytes(&format!("bf16/{name}")), place.bytes(&format!("again/{name}")), "{name}");
    }
    let record = place.read("bf16/predictions.tsv.provenance.json");
    assert!(record.contains("\"precision\": \"bf16\""), "{record}");
    let weights = place.bytes("bf16/weights-0.safetensors");
    let weights = String::from_utf8_lossy(&weights);
    assert!(weights.contains("\"F32\"") && !weights.contains("\"BF16\""));
    place.run("predict", &format!("--model bf16 --all {STORES} --device cpu --output scores.tsv")).done();
}

#[test]
fn two_runs_on_a_card_give_the_same_bytes() {
    let place = Place::new();
    prepare(&place);
    for output in ["one", "two"] {
        let line = format!("{PAIRS} {STORES} --device cuda --ensemble 2 --output {output}");
        place.run("fuse-train", &line).done();
    }
    for name in ["weights-0.safetensors", "weights-1.safetensors", "training.tsv", "predictions.tsv"] {
        assert_eq!(place.bytes(&format!("one/{name}")), place.bytes(&format!("two/{name}")), "{name}");
    }
}

/// Stops a training on a card soon after its beginning, goes on elsewhere, and gives the place, with a whole training on the
/// CPU beside it.
fn stop_and_go_on(from: &str, to: &str) -> Place {
    let place = Place::new();
    prepare(&place);
    place.write("config.yaml", config("late-relay"));
    let line = format!("{PAIRS} {STORES} --output model");
    let mut child = Command::new(binary("fuse-train"))
        .args(format!("{line} --device {from}").split_whitespace())
        .current_dir(place.path(""))
        .stderr(Stdio::null())
        .spawn()
        .expect("the tool starts");
    // The folder is there when the first step begins.
    let begun = Instant::now();
    while !place.path("model/checkpoints").exists() && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(20));
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
    assert_eq!(child.wait().expect("the tool ends").code(), Some(143));
    assert!(place.path("model/checkpoints/member-0.safetensors").exists());
    place.run("fuse-train", &format!("{line} --device {to} --resume")).done();
    place.run("fuse-train", &format!("{PAIRS} {STORES} --output whole --device cpu")).done();
    place
}

#[test]
fn a_training_that_is_stopped_on_a_card_goes_on_on_the_cpu() {
    let place = stop_and_go_on("cuda", "cpu");
    assert_close(&place.read("model/training.tsv"), &place.read("whole/training.tsv"));
    assert_close(&place.read("model/predictions.tsv"), &place.read("whole/predictions.tsv"));
}

#[test]
fn a_training_goes_on_in_another_precision() {
    for (from, to) in [("cuda --precision bf16", "cpu"), ("cuda", "cuda --precision bf16")] {
        let place = stop_and_go_on(from, to);
        let [stopped, whole] = ["model", "whole"].map(|output| losses(&place, output));
        assert_near(&stopped, &whole, CLOSE_IN_BF16, &format!("from {from} to {to}"));
    }
}

#[test]
fn auto_takes_the_card_and_without_a_driver_the_cpu_and_says_so() {
    let place = Place::new();
    prepare(&place);
    let line = |output: &str| format!("{PAIRS} {STORES} --device auto --output {output}");
    place.run("fuse-train", &line("with")).done().says("computing on cuda:0, ");
    run_with(&place, "fuse-train", &line("without"), &[("LD_LIBRARY_PATH", "")])
        .done()
        .says("computing on the CPU: there is no NVIDIA driver");
    place.run("fuse-train", &format!("{PAIRS} {STORES} --device cpu --output cpu")).done();
    assert_eq!(place.bytes("without/predictions.tsv"), place.bytes("cpu/predictions.tsv"));
}
