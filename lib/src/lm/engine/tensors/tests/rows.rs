//! What lies between the products: residual sums with norms, and activations.

use candle_core::{D, Device, Tensor};
use cuda_emulator::{Error, Settings};

use super::bench::{BF16, Bench, F32, bits, difference, draw};
use crate::lm::Precision;
use crate::lm::engine::tensors::card::activate::Activate;
use crate::lm::engine::tensors::card::{module, norm};
use crate::lm::engine::tensors::heights::Heights;
use crate::lm::engine::tensors::linear::{Linear, Rounding};
use crate::lm::engine::tensors::norm::{Keep, Norm};
use crate::lm::engine::tensors::rows::Rows;
use crate::nn::ops::card::Number;

const EPSILON: f32 = 1e-5;

fn tensor(seed: u64, rows: usize, width: usize) -> Tensor {
    Tensor::from_vec(draw(seed, rows * width), (rows, width), &Device::Cpu).unwrap()
}

fn row(seed: u64, width: usize) -> Tensor {
    Tensor::from_vec(draw(seed, width), width, &Device::Cpu).unwrap()
}

fn values(x: &Tensor) -> Vec<f64> {
    x.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f64::from).collect()
}

/// A sum and its norm, composed and on the emulated card: what is kept, and what is rounded.
fn norms(
    (t, width): (usize, usize),
    adds: bool,
    keep: Keep,
    bench: &mut Bench,
) -> Result<[Vec<f64>; 4], Error> {
    let number = bench.number;
    let of_norm = Norm { weight: row(5, width), bias: row(6, width), epsilon: EPSILON };
    let exact = Rounding::new(Precision::F32, &Device::Cpu);
    let identity = Linear {
        weight: Tensor::eye(width, candle_core::DType::F32, &Device::Cpu).unwrap(),
        bias: Some(row(4, width)),
        heights: Heights::default(),
    };
    let rows = if adds {
        Rows::sum(tensor(2, t, width), &identity, &tensor(3, t, width)).unwrap()
    } else {
        Rows::new(tensor(2, t, width))
    };
    let (kept, rounded) = of_norm.apply(rows, keep, exact).unwrap();
    let room = bench.room(Number::F32, t * width);
    let of_rounded = bench.room(number, t * width);
    let given = |seed, count, adds: bool, bench: &mut Bench| {
        if adds { bench.singles(&draw(seed, count)) } else { 0 }
    };
    let launch = norm::Norm {
        x: bench.singles(&draw(2, t * width)),
        product: given(3, t * width, adds, bench),
        bias: given(4, width, adds, bench),
        weight: bench.singles(&draw(5, width)),
        shift: bench.singles(&draw(6, width)),
        sum: if keep == Keep::Sum { room } else { 0 },
        out: if keep == Keep::Sum { 0 } else { room },
        rounded: of_rounded,
        tokens: t,
        width,
        epsilon: EPSILON,
    };
    bench.launch(&launch.launch(number))?;
    let found = [bench.read(Number::F32, room)?, bench.read(number, of_rounded)?];
    let [kept_found, rounded_found] = found;
    Ok([kept_found, values(&kept), rounded_found, values(&rounded)])
}

#[test]
fn a_sum_and_its_norm_equal_the_tensor_operations_in_any_order_of_blocks() {
    for (number, tolerance) in [(Number::F32, F32), (Number::BF16, BF16)] {
        for (size, adds, keep) in [
            ((5, 70), true, Keep::Sum),
            ((4, 32), true, Keep::Normalised),
            ((9, 33), false, Keep::Normalised),
        ] {
            let run =
                |settings| norms(size, adds, keep, &mut Bench::new(module(number).ptx, number, settings));
            let [kept, wanted, rounded, rounded_wanted] = run(Settings::default()).unwrap();
            let error = difference(&kept, &wanted);
            assert!(error < F32, "{number:?}, {keep:?}: {error:e}");
            let error = difference(&rounded, &rounded_wanted);
            assert!(error < tolerance, "{number:?}, {keep:?}, rounded: {error:e}");
            let reverse = run(Settings { reverse: true, ..Settings::default() }).unwrap();
            assert_eq!(
                [bits(&kept), bits(&rounded)],
                [bits(&reverse[0]), bits(&reverse[2])],
                "in reverse order"
            );
        }
    }
}

/// An activation, composed and on the emulated card.
fn activations(t: usize, width: usize, gate: Option<f32>, bench: &mut Bench) -> Result<[Vec<f64>; 2], Error> {
    let number = bench.number;
    let [up, other] =
        [(2, 3), (4, 5)].map(|(of, bias)| tensor(of, t, width).broadcast_add(&row(bias, width)).unwrap());
    let expected = match gate {
        None => up.gelu_erf().unwrap(),
        Some(beta) => {
            let below = up.affine(-f64::from(beta), 0.0).unwrap().exp().unwrap().affine(1.0, 1.0).unwrap();
            ((up / below).unwrap() * other).unwrap()
        }
    };
    assert_eq!(expected.dim(D::Minus1).unwrap(), width);
    let out = bench.room(number, t * width);
    let up = [bench.singles(&draw(2, t * width)), bench.singles(&draw(3, width))];
    let other = [bench.singles(&draw(4, t * width)), bench.singles(&draw(5, width))];
    let launch = Activate { up, gate: gate.map(|beta| (other, beta)), out, tokens: t, width };
    bench.launch(&launch.launch(number))?;
    Ok([bench.read(number, out)?, values(&expected)])
}

#[test]
fn activations_equal_the_tensor_operations() {
    for (number, tolerance) in [(Number::F32, F32), (Number::BF16, BF16)] {
        for gate in [None, Some(0.7)] {
            let mut bench = Bench::new(module(number).ptx, number, Settings::default());
            let [found, expected] = activations(7, 53, gate, &mut bench).unwrap();
            let error = difference(&found, &expected);
            assert!(error < tolerance, "{number:?}, {gate:?}: {error:e}");
        }
    }
}

#[test]
fn no_access_between_products_wastes_memory() {
    for number in [Number::F32, Number::BF16] {
        let mut bench = Bench::new(module(number).ptx, number, Settings::default());
        for keep in [Keep::Sum, Keep::Normalised] {
            norms((8, 128), true, keep, &mut bench).unwrap();
        }
        for gate in [None, Some(1.0)] {
            activations(4, 64, gate, &mut bench).unwrap();
        }
        bench.assert_thrifty();
    }
}

/// Runs what has a kernel; gives the greatest difference.
pub(super) fn run(kernel: &str, bench: &mut Bench) -> Result<f64, Error> {
    Ok(if kernel.starts_with("norm") {
        let [kept, wanted, rounded, rounded_wanted] = norms((5, 70), true, Keep::Sum, bench)?;
        difference(&kept, &wanted).max(difference(&rounded, &rounded_wanted))
    } else {
        let [found, expected] = activations(7, 53, Some(0.7), bench)?;
        difference(&found, &expected)
    })
}
