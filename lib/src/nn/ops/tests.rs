//! Holds the kernel of every operation to the operation's composite: outputs and all gradients, in f64 and f32, at odd
//! sizes and with empty segments. With the feature `cuda`, what a card computes is held to it, too.

mod drawn;
mod emulated;
mod planted;

use candle_core::{DType, Device, Tensor, Var};

use super::attention::Attention;
use super::contract::Contract;
use super::conv::Conv;
use super::dispatch::{self, Operation};
use super::features::Features;
use super::gate::MeanGate;
use super::gather::Gather;
use super::hand_over::HandOver;
use super::interleave::Interleave;
use super::linear::Linear;
use super::norm::Norm;
use super::segment_mean::SegmentMean;
use super::split::Split;
use crate::Result;
#[cfg(feature = "cuda")]
use crate::nn::device::tests::card;
use crate::nn::{Direction, Indices, Segments};
use crate::rng::Rng;

/// Greatest difference over the greatest value of the tensor.
const F64: f64 = 1e-12;
const F32: f64 = 1e-5;

/// Lengths with empty segments at the beginning, inside and at the end.
const LENGTHS: [usize; 7] = [0, 3, 1, 0, 130, 2, 0];

fn draw(seed: u64, shape: &[usize]) -> Tensor {
    let mut values = vec![0.0_f32; shape.iter().product()];
    Rng::new(seed).fill_normal(&mut values);
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap().to_dtype(DType::F64).unwrap()
}

/// Runs one of an operation's computations on inputs of given shapes; gives outputs and gradients of a loss that
/// weighs every value of every output.
fn run(
    compute: impl FnOnce(&[&Tensor]) -> Result<Vec<Tensor>>,
    shapes: &[&[usize]],
    dtype: DType,
    device: &Device,
) -> Result<Vec<Vec<f64>>> {
    let drawn = |at, shape: &[usize]| draw(at, shape).to_dtype(dtype)?.to_device(device);
    let vars = (0..).zip(shapes).map(|(at, shape)| Var::from_tensor(&drawn(at, shape)?));
    let vars = vars.collect::<candle_core::Result<Vec<_>>>()?;
    let outputs = compute(&vars.iter().map(Var::as_tensor).collect::<Vec<_>>())?;
    let mut loss = Tensor::zeros((), dtype, device)?;
    for (at, output) in (100..).zip(&outputs) {
        loss = (loss + (output * drawn(at, output.dims())?)?.sum_all()?)?;
    }
    let grads = loss.backward()?;
    let values = |x: &Tensor| x.flatten_all()?.to_dtype(DType::F64)?.to_vec1::<f64>();
    let grads = vars.iter().map(|var| match grads.get(var) {
        Some(grad) => {
            assert_eq!(grad.dims(), var.dims());
            values(grad)
        }
        None => Ok(vec![0.0; var.elem_count()]),
    });
    Ok(outputs.iter().map(values).chain(grads).collect::<candle_core::Result<_>>()?)
}

/// Compares the kernel with the composite.
fn assert_agreement<O: Operation>(make: impl Fn() -> O, shapes: &[&[usize]]) {
    let cpu = &Device::Cpu;
    let expected = run(|x| make().composite(x), shapes, DType::F64, cpu).unwrap();
    for (dtype, tolerance) in [(DType::F64, F64), (DType::F32, F32)] {
        let found = run(|x| make().cpu(x), shapes, dtype, cpu).unwrap();
        assert_close(&found, &expected, tolerance, &format!("{} {shapes:?} {dtype:?}", O::NAME));
    }
    #[cfg(feature = "cuda")]
    {
        let found = run(|x| dispatch::apply(make(), x), shapes, DType::F32, card()).unwrap();
        assert_close(&found, &expected, F32, &format!("{} {shapes:?} on the card", O::NAME));
    }
}

fn assert_close(found: &[Vec<f64>], expected: &[Vec<f64>], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len());
    for (which, (found, expected)) in found.iter().zip(expected).enumerate() {
        let what = format!("{what}, tensor {which}");
        assert_eq!(found.len(), expected.len(), "{what}");
        let scale = expected.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let error = (found - expected).abs() / scale;
            assert!(error <= tolerance, "{what}: {found} where {expected} is expected, error {error:.1e}");
        }
    }
}

fn segments() -> Segments {
    Segments::from_lengths(LENGTHS)
}

/// Some pairs of the segments; two segments are in none.
fn pairs() -> [Indices; 2] {
    [vec![1, 4, 4, 0, 2, 1, 5].into(), vec![4, 1, 3, 1, 0, 1, 2].into()]
}

#[test]
fn the_kernels_of_packed_sequences_equal_their_composites() {
    let t = segments().tokens();
    for direction in [Direction::Forward, Direction::Reverse] {
        for width in [1, 4] {
            let conv = || Conv { segments: segments(), direction };
            assert_agreement(conv, &[&[t, 5], &[5, width], &[5]]);
        }
    }
    assert_agreement(|| MeanGate { segments: segments() }, &[&[t, 7]]);
    assert_agreement(|| SegmentMean { segments: segments() }, &[&[t, 7]]);
}

#[test]
fn the_kernel_of_globals_and_rows_equals_its_composite() {
    let rows = segments().tokens();
    let with_globals = || Segments::from_lengths(LENGTHS.map(|length| length + 1));
    let both = || Interleave { global: true, rows: true, segments: with_globals() };
    assert_agreement(both, &[&[3], &[LENGTHS.len(), 3], &[rows, 3]]);
    let only_rows = || Interleave { global: false, rows: true, segments: segments() };
    assert_agreement(only_rows, &[&[3], &[rows, 3]]);
    let alone = || Segments::from_lengths([1; 4]);
    assert_agreement(|| Interleave { global: true, rows: false, segments: alone() }, &[&[3], &[4, 3]]);
}

#[test]
fn the_kernels_of_pairs_equal_their_composites() {
    let (t, s) = (segments().tokens(), LENGTHS.len());
    let [taker, giver] = pairs();
    let lengths = |of: &Segments| -> Segments {
        Segments::from_lengths(taker.positions().iter().map(|&at| of.range(at as usize).len()))
    };
    for (segments, rows) in [(segments(), t), (Segments::from_lengths([1; LENGTHS.len()]), s)] {
        let gather = || Gather { taken: lengths(&segments), segments: segments.clone(), at: taker.clone() };
        assert_agreement(gather, &[&[rows, 5]]);
    }
    for (e, n) in [(3, 5), (2, 16)] {
        let contract = || Contract { taker: taker.clone(), giver: giver.clone() };
        let state = [s, e, n];
        assert_agreement(contract, &[&state, &state]);
        assert_agreement(contract, &[&state, &state, &state, &state]);
    }
    for heads in [1, 2] {
        let attention = || Attention { query: segments(), key: segments(), pairs: pairs(), heads };
        assert_agreement(attention, &[&[t, 6], &[t, 6], &[t, 6]]);
    }
}

#[test]
fn the_kernels_of_rows_equal_their_composites() {
    for (rows, width) in [(1, 1), (5, 3), (300, 17)] {
        assert_agreement(|| Norm { centred: false }, &[&[rows, width], &[width]]);
        if width > 1 {
            assert_agreement(|| Norm { centred: true }, &[&[rows, width], &[width], &[width]]);
        }
        let linear = || Linear { rows, input: width, output: 4, needs_x: true };
        assert_agreement(linear, &[&[rows, width], &[4, width]]);
        assert_agreement(linear, &[&[rows, width], &[4, width], &[4]]);
        assert_agreement(|| Features, &[&[rows, width], &[rows, width]]);
    }
    assert_agreement(|| Split([2, 1, 4]), &[&[9, 7]]);
}

#[test]
fn the_kernel_of_handed_over_states_equals_its_composite() {
    for (e, n) in [(3, 5), (20, 16)] {
        assert_agreement(|| HandOver, &[&[4, e, n], &[e, n]]);
        assert_agreement(|| HandOver, &[&[4, e, n], &[4, e, n], &[e, n], &[e, n]]);
    }
}

#[test]
fn equal_features_have_no_gradient_by_their_distance_in_kernel_and_composite() {
    for compute in [Features::composite as fn(&Features, &[&Tensor]) -> _, |op, x| {
        let Features = op;
        Features.cpu(x)
    }] {
        let a = Var::from_tensor(&draw(1, &[2, 3])).unwrap();
        let b = Var::from_tensor(a.as_tensor()).unwrap();
        let joined: Vec<Tensor> = compute(&Features, &[&a, &b]).unwrap();
        let distance = joined[0].narrow(1, 9, 3).unwrap();
        let grads = distance.sum_all().unwrap().backward().unwrap();
        assert_eq!(grads.get(&a).unwrap().to_vec2::<f64>().unwrap(), vec![vec![0.0; 3]; 2]);
    }
}

#[test]
fn numbers_without_a_kernel_are_computed_by_the_composite() {
    let t = segments().tokens();
    let mean = || SegmentMean { segments: segments() };
    let shapes: [&[usize]; 1] = [&[t, 7]];
    let exact = run(|x| mean().composite(x), &shapes, DType::F64, &Device::Cpu).unwrap();
    let rounded = run(|x| dispatch::apply(mean(), x), &shapes, DType::BF16, &Device::Cpu).unwrap();
    for (exact, rounded) in exact.iter().flatten().zip(rounded.iter().flatten()) {
        assert!((exact - rounded).abs() < 0.1, "{rounded} where {exact} is expected");
    }
    let tensor = draw(0, &[t, 7]).to_dtype(DType::BF16).unwrap();
    let kernel = mean().cpu(&[&tensor]).unwrap_err().to_string();
    assert!(kernel.contains("no kernel for BF16"), "{kernel}");
}
