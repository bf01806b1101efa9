//! The factorised relay is the relay: reading out from cached profiles equals scanning from the handed-over state.

use candle_core::{DType, Device, Tensor};
use crossmamba::nn::Segments;
use crossmamba::nn::{BlockShape, Fusion, FusionModel, MambaBlock, Mode, ModelConfig, Reading, Sides};
use crossmamba::rng::Rng;

use crate::support::{WIDTHS, batch, distance, gradients, random, shake, size, small};

/// With one layer, the deep relay is the late one without its factorisation: it scans each pair from the state that
/// is handed over, token by token, and averages the outputs.
fn check(config: &ModelConfig, dtype: DType, tolerance: f64) {
    let run = |fusion| {
        let config = ModelConfig { fusion, ..config.clone() };
        let model = FusionModel::new_in(&config, WIDTHS, &Rng::new(7), dtype, &Device::Cpu).unwrap();
        shake(model.params(), 8);
        let (Sides { rna, partner }, pairs) = batch(9, dtype);
        let scores = model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap();
        let gradients = gradients(&scores, model.params());
        (scores, gradients)
    };
    let (factorised, by_factorised) = run(Fusion::LateRelay);
    let (scanned, by_scanned) = run(Fusion::DeepRelay);
    let error = distance(&factorised, &scanned);
    assert!(error <= tolerance, "{dtype:?}: scores differ by {error:e}");
    assert!(by_factorised.keys().eq(by_scanned.keys()));
    for (name, grad) in &by_factorised {
        let error = distance(grad, &by_scanned[name]) / size(grad).max(1.0);
        assert!(error <= tolerance, "{dtype:?}: gradients of {name} differ by {error:e}");
    }
}

#[test]
fn the_factorised_relay_equals_scanning_from_the_state_that_is_handed_over() {
    for config in [
        // Γ of 1 makes the crosstalk as large as can be.
        ModelConfig { gamma: 1.0, ..small() },
        ModelConfig { gamma: 1.0, reading: Reading::Forward, ..small() },
        ModelConfig { width: 64, inner: 128, state: 16, ..small() },
    ] {
        check(&config, DType::F64, 1e-12);
        check(&config, DType::F32, 1e-5);
    }
}

#[test]
fn a_readout_gives_the_mean_output_from_any_initial_state() {
    let shape = BlockShape::from(&ModelConfig { dt_max: 1.0, ..small() });
    let (block, params) = MambaBlock::new(&shape, &Rng::new(1), DType::F64).unwrap();
    shake(&params, 2);
    let mut rng = Rng::new(3);
    let lengths = [1, 2, 7, 33, 0];
    let segments = Segments::from_lengths(lengths);
    let x = random(&mut rng, &[segments.tokens(), shape.width], DType::F64);
    let from: Vec<Tensor> =
        (0..2).map(|_| random(&mut rng, &[5, shape.inner, shape.state], DType::F64)).collect();
    let readout = block.readout(&x, &segments).unwrap();
    let (output, _) = block.forward(&x, &segments, Some(&from)).unwrap();

    // The mean output is the projected pool: compare both after `out_proj`.
    let mut pool = readout.pool.clone();
    for (key, from) in readout.keys.iter().zip(&from) {
        pool = (pool + ((key * from).unwrap().sum(2).unwrap() * 0.5).unwrap()).unwrap();
    }
    let projection = params.get("out_proj.weight").unwrap().var().as_tensor();
    let expected = pool.matmul(&projection.t().unwrap()).unwrap();
    for (at, range) in segments.ranges().enumerate().filter(|(_, range)| !range.is_empty()) {
        let mean = output.narrow(0, range.start, range.len()).unwrap().mean_keepdim(0).unwrap();
        let error = distance(&mean, &expected.narrow(0, at, 1).unwrap());
        assert!(error <= 1e-13, "length {}: {error:e}", range.len());
    }
}
