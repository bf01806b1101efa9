//! A language model takes the memory of its packed weights, and what is forecast for a batch, not a second copy.
#![cfg(feature = "nn")]

#[path = "lm/bytes.rs"]
mod bytes;
#[path = "lm/meter.rs"]
mod meter;

use std::collections::BTreeMap;
use std::fs;

use crossmamba::lm::{Checkpoint, Cost, LanguageModel, Precision};

#[global_allocator]
static METER: meter::Meter = meter::Meter;

/// What all else may take.
const SLACK: u64 = 4 << 20;
const WIDTH: usize = 640;
const LAYERS: usize = 4;

/// The tensors of ESM-2 with four blocks of the 150M model: 79 MB of f32.
fn tensors() -> BTreeMap<String, Vec<usize>> {
    let wide = |extent: &usize| match extent {
        8 => WIDTH,
        16 => 4 * WIDTH,
        other => *other,
    };
    let mut tensors = BTreeMap::new();
    for (name, extents) in bytes::esm() {
        let extents: Vec<_> = extents.iter().map(wide).collect();
        for layer in 0..LAYERS {
            tensors.insert(name.replace("layer.0", &format!("layer.{layer}")), extents.clone());
        }
    }
    tensors
}

/// Bytes of mapped files that are in memory now.
fn mapped() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssFile:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// One test, because the counts are those of the whole process.
#[test]
fn weights_are_held_once_and_a_batch_takes_what_was_forecast() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.safetensors"), bytes::safetensors(&tensors())).unwrap();
    fs::write(folder.path().join("config.json"), r#"{"model_type": "esm", "num_attention_heads": 20}"#)
        .unwrap();
    let (ids, offsets) = (vec![5; 2048], [0, 512, 1024, 1536, 2048]);
    for precision in [Precision::F32, Precision::Bf16] {
        let before = mapped();
        meter::start();
        let checkpoint = Checkpoint::open(folder.path()).unwrap();
        checkpoint.digest();
        let model = LanguageModel::load(&checkpoint, precision).unwrap();
        let cost = Cost::new(model.shape(), precision);
        let taken = meter::taken().0 as u64;
        assert!(taken >= cost.weights(), "{taken} bytes for {} of weights", cost.weights());
        // Tiles that are not full take up to 13 more outputs a layer.
        assert!(
            taken < cost.weights() * 102 / 100 + SLACK,
            "{taken} bytes for {} of weights",
            cost.weights()
        );
        let left = mapped().saturating_sub(before);
        assert!(left < SLACK, "{left} bytes of the file are still in memory");

        meter::start();
        model.forward(&ids, &offsets, None).unwrap();
        let (taken, forecast) = (meter::taken().0 as u64, cost.memory(ids.len(), 512));
        assert!(taken < forecast + SLACK, "{taken} bytes for a batch, {forecast} forecast");
        assert!(forecast < 2 * taken, "{taken} bytes for a batch, {forecast} forecast");
    }
}
