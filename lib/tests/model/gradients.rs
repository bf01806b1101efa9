//! Every trainable tensor of every variant gets its gradient, and it is the right one.

use candle_core::{DType, Device, Tensor};
use crossmamba::nn::{FusionModel, Mode, Sides};
use crossmamba::rng::Rng;

use crate::support::{WIDTHS, batch, shake, size, variants};

#[test]
fn every_parameter_gets_a_finite_gradient_that_is_not_zero() {
    for (name, config) in variants() {
        let model = FusionModel::new(&config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
        let (Sides { rna, partner }, pairs) = batch(2, DType::F32);
        let scores = model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap();
        assert_eq!(scores.dims(), [pairs.len()], "{name}");
        // A square: with a plain sum, what is the same for all pairs would hide what differs.
        let grads = scores.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        for param in model.params() {
            let grad = grads.get(param.var()).unwrap_or_else(|| panic!("{name}: {} has none", param.name()));
            let size = size(grad);
            assert!(size.is_finite() && size > 0.0, "{name}: {} has {size}", param.name());
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    const STEP: f64 = 1e-5;
    for (name, config) in variants() {
        let model = FusionModel::new_in(&config, WIDTHS, &Rng::new(3), DType::F64, &Device::Cpu).unwrap();
        shake(model.params(), 4);
        let mut rng = Rng::new(4);
        let (Sides { rna, partner }, pairs) = batch(5, DType::F64);
        let loss = || {
            let scores = model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap();
            (scores.sqr().unwrap().sum_all().unwrap() + scores.sum_all().unwrap()).unwrap()
        };
        let grads = loss().backward().unwrap();
        for param in model.params() {
            let var = param.var();
            let grad = grads.get(var).unwrap().flatten_all().unwrap().to_vec1::<f64>().unwrap();
            let values = var.flatten_all().unwrap().to_vec1::<f64>().unwrap();
            let scale = grad.iter().fold(0.0_f64, |a, g| a.max(g.abs()));
            for _ in 0..2 {
                let at = rng.below(values.len());
                let at_distance = |step: f64| {
                    let mut moved = values.clone();
                    moved[at] += step;
                    var.set(&Tensor::from_vec(moved, var.shape(), &Device::Cpu).unwrap()).unwrap();
                    loss().to_scalar::<f64>().unwrap()
                };
                let slope = (at_distance(STEP) - at_distance(-STEP)) / (2.0 * STEP);
                at_distance(0.0);
                let error = (slope - grad[at]).abs();
                assert!(
                    error <= 1e-6 * (scale + 1.0),
                    "{name}: {} [{at}]: {slope} by differences, {} by backward",
                    param.name(),
                    grad[at],
                );
            }
        }
    }
}
