//! Checkpoints for tests: the tiny golden ones, and one with the shape of the smallest published ESM-2.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView, serialize_to_file};

use crate::support::Place;

/// Gives a file or folder of the golden checkpoints.
pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/lm").join(name)
}

/// Reads the tensors that the original models gave for the golden checkpoints.
pub(crate) fn expected(model: &str) -> BTreeMap<String, Vec<f32>> {
    let bytes = std::fs::read(golden(model).join("expected.safetensors")).expect("the expected tensors");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("the expected tensors");
    let values =
        |view: &TensorView<'_>| view.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    tensors.iter().map(|(name, view)| (name.to_owned(), values(&view))).collect()
}

/// Gives the text of a golden case.
pub(crate) fn text(model: &str, case: &str) -> String {
    let inputs = std::fs::read(golden(model).join("inputs.json")).expect("the inputs");
    let inputs: serde_json::Value = serde_json::from_slice(&inputs).expect("the inputs");
    let mut cases = inputs["cases"].as_array().expect("cases").iter();
    let found =
        cases.find(|found| found["name"] == case).unwrap_or_else(|| panic!("{model} has no case {case}"));
    found["text"].as_str().expect("a text").to_owned()
}

/// Writes random weights in the shape of `esm2_t6_8M_UR50D`, in the layout of its published safetensors file.
pub(crate) fn write_esm2_8m(place: &Place, name: &str) {
    const LAYERS: usize = 6;
    const WIDTH: usize = 320;
    const INNER: usize = 1280;
    let mut tensors = vec![("esm.embeddings.word_embeddings.weight".to_owned(), vec![33, WIDTH])];
    for layer in 0..LAYERS {
        let mut add = |name: &str, shape: &[usize]| {
            tensors.push((format!("esm.encoder.layer.{layer}.{name}.weight"), shape.to_vec()));
            tensors.push((format!("esm.encoder.layer.{layer}.{name}.bias"), shape[..1].to_vec()));
        };
        for part in ["query", "key", "value"] {
            add(&format!("attention.self.{part}"), &[WIDTH, WIDTH]);
        }
        add("attention.output.dense", &[WIDTH, WIDTH]);
        add("attention.LayerNorm", &[WIDTH]);
        add("intermediate.dense", &[INNER, WIDTH]);
        add("output.dense", &[WIDTH, INNER]);
        add("LayerNorm", &[WIDTH]);
        // 20 heads of 16.
        let name = format!("esm.encoder.layer.{layer}.attention.self.rotary_embeddings.inv_freq");
        tensors.push((name, vec![8]));
    }
    for part in ["weight", "bias"] {
        tensors.push((format!("esm.encoder.emb_layer_norm_after.{part}"), vec![WIDTH]));
    }
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .into_iter()
        .map(|(name, shape)| {
            let values = shape.iter().product::<usize>();
            let value = |i: usize, random: f32| match name.rsplit('.').next() {
                Some("inv_freq") => 10_000f32.powf(i as f32 / -8.0),
                Some("weight") if name.to_lowercase().contains("norm") => 1.0 + 0.1 * random,
                _ => 0.08 * random,
            };
            let bytes = (0..values).flat_map(|i| value(i, random()).to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a tensor"))
    });
    serialize_to_file(views, None, &place.path(name)).expect("written weights");
}
