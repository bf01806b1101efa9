//! Attention with random features within segments, rotary positions included.

use candle_core::{Device, Tensor};
use cuda_emulator::{Error, Settings};

use super::bench::{BF16, Bench, F32, bits, difference, draw};
use super::case::{Case, LENGTHS};
use crate::lm::engine::tensors::attention::linear;
use crate::lm::engine::tensors::card::linear::Linear;
use crate::lm::engine::tensors::card::module;
use crate::lm::weights::AttentionEpsilon;
use crate::nn::ops::card::Number;

const EPSILONS: [AttentionEpsilon; 2] = [AttentionEpsilon::Floor(1e-6), AttentionEpsilon::Added(0.5)];

fn omega(case: &Case, count: usize) -> Vec<f32> {
    draw(9, count * case.width)
}

pub(super) fn expected(case: &Case, count: usize, epsilon: AttentionEpsilon) -> Vec<f64> {
    let omega = Tensor::from_vec(omega(case, count), (count, case.width), &Device::Cpu).unwrap();
    case.expected(|qkv| linear(&case.segments, qkv, &omega, epsilon))
}

/// Computes it on the emulated card.
pub(super) fn compute(
    case: &Case,
    count: usize,
    epsilon: AttentionEpsilon,
    bench: &mut Bench,
) -> Result<Vec<f64>, Error> {
    let (number, table) = (bench.number, case.table());
    let mut bounds: Vec<u32> = case.segments.iter().map(|segment| segment.start as u32).collect();
    bounds.push(case.tokens() as u32);
    let out = bench.room(number, case.x[0].len());
    let linear = Linear {
        x: case.x.each_ref().map(|x| bench.singles(x)),
        biases: case.biases.as_ref().map_or([0; 3], |all| all.each_ref().map(|x| bench.singles(x))),
        angles: [&table.cos, &table.sin].map(|x| bench.singles(x)),
        omega: bench.singles(&omega(case, count)),
        bounds: bench.positions(&bounds),
        out,
        segments: case.segments.len(),
        heads: case.heads,
        width: case.width,
        count,
        epsilon,
    };
    bench.launch(&linear.launch(number))?;
    bench.read(number, out)
}

fn run(case: &Case, count: usize, epsilon: AttentionEpsilon, number: Number, settings: Settings) -> Vec<f64> {
    let mut bench = Bench::new(module(number).ptx, number, settings);
    compute(case, count, epsilon, &mut bench).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn linear_attention_equals_the_tensor_operations_in_any_order_of_blocks() {
    for (width, count, epsilon) in [(8, 6, EPSILONS[0]), (6, 7, EPSILONS[1]), (64, 32, EPSILONS[0])] {
        let case = Case::new(&LENGTHS, 2, width, width != 6);
        let expected = expected(&case, count, epsilon);
        for (number, tolerance) in [(Number::F32, F32), (Number::BF16, BF16)] {
            let found = run(&case, count, epsilon, number, Settings::default());
            let error = difference(&found, &expected);
            assert!(error < tolerance, "{number:?}, heads of {width}: {error:e}");
            let reverse = Settings { reverse: true, ..Settings::default() };
            let reverse = run(&case, count, epsilon, number, reverse);
            assert_eq!(bits(&found), bits(&reverse), "{number:?}, heads of {width}, in reverse order");
        }
    }
}

#[test]
fn no_access_of_linear_attention_wastes_memory() {
    for number in [Number::F32, Number::BF16] {
        let mut bench = Bench::new(module(number).ptx, number, Settings::default());
        compute(&Case::new(&[32, 64], 2, 64, true), 32, EPSILONS[0], &mut bench).unwrap();
        bench.assert_thrifty();
    }
}
