//! The block against 64-bit autograd in `PyTorch` (`golden/scan/make_golden_block.py`).
//!
//! The fixtures with a handed-over convolution tail do not apply: the relay hands over the state alone, which
//! `relay.rs` tests.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use crossmamba::nn::Segments;
use crossmamba::nn::{BlockShape, MambaBlock, Reading};
use crossmamba::rng::Rng;

use crate::support::{distance, size};

/// The fixture's name of one of our parameters.
fn fixture_name(name: &str) -> String {
    let (stem, suffix) = match name.split_once('.') {
        Some(("forward", rest)) => (rest, ""),
        Some(("reverse", rest)) => (rest, "_b"),
        _ => (name, ""),
    };
    let stem = match stem {
        "conv.weight" => "conv1d.weight",
        "conv.bias" => "conv1d.bias",
        "a_log" => "A_log",
        "skip" => "D",
        other => other,
    };
    format!("{stem}{suffix}")
}

fn check(kind: &str, length: usize, dtype: DType, tolerance: f64) {
    let file = format!("tests/golden/scan/block_{kind}_L{length}.safetensors");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let golden: HashMap<String, Tensor> = candle_core::safetensors::load(path, &Device::Cpu).unwrap();
    let reading = if kind == "bidir" { Reading::Bidirectional } else { Reading::Forward };
    let shape = BlockShape { width: 8, inner: 16, state: 4, conv: 4, dt_rank: 2, dt: [1e-3, 0.1], reading };
    let (block, params) = MambaBlock::new(&shape, &Rng::new(1), dtype).unwrap();
    // We average directions where the fixture adds them.
    let factor = |name: &str| if kind == "bidir" && name == "out_proj.weight" { 2.0 } else { 1.0 };
    let values: BTreeMap<String, Tensor> = params
        .iter()
        .map(|param| {
            let value = golden[&fixture_name(param.name())].reshape(param.var().dims()).unwrap();
            (param.name().to_owned(), (value * factor(param.name())).unwrap())
        })
        .collect();
    params.restore(&values).unwrap();

    let flat = |name: &str| golden[name].reshape((2 * length, 8)).unwrap().to_dtype(dtype).unwrap();
    let x = candle_core::Var::from_tensor(&flat("x")).unwrap();
    let segments = Segments::from_lengths([length, length]);
    let (y, _) = block.forward(&x, &segments, None).unwrap();
    let near = |name: &str, ours: &Tensor, theirs: &Tensor| {
        let error = distance(ours, theirs) / size(theirs).max(1.0);
        assert!(error <= tolerance, "{kind} L{length} {dtype:?} {name}: {error:e}");
    };
    near("y", &y, &flat("y"));
    let grads = (&y * flat("dy")).unwrap().sum_all().unwrap().backward().unwrap();
    near("d_x", grads.get(&x).unwrap(), &flat("d_x"));
    for param in &params {
        let ours = (grads.get(param.var()).unwrap() * factor(param.name())).unwrap();
        let theirs = golden[&format!("d_{}", fixture_name(param.name()))].reshape(ours.dims()).unwrap();
        near(param.name(), &ours, &theirs.to_dtype(dtype).unwrap());
    }
}

#[test]
fn blocks_agree_with_autograd() {
    for length in [1, 2, 7] {
        for kind in ["plain", "bidir"] {
            check(kind, length, DType::F64, 1e-13);
            check(kind, length, DType::F32, 3e-6);
        }
    }
}
