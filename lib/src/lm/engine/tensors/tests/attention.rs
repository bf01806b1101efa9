//! Softmax attention within segments, rotary positions included.

use candle_core::Device;
use cuda_emulator::{Error, Settings};

use super::bench::{BF16, Bench, F32, bits, difference};
use super::case::{Case, LENGTHS};
use crate::lm::Precision;
use crate::lm::engine::tensors::attention::softmax;
use crate::lm::engine::tensors::card::attend::{Attend, tiles};
use crate::lm::engine::tensors::card::module;
use crate::lm::engine::tensors::card::turn::Turn;
use crate::lm::engine::tensors::fill;
use crate::lm::engine::tensors::linear::Rounding;
use crate::nn::ops::card::Number;

pub(super) fn expected(case: &Case) -> Vec<f64> {
    let rounding = Rounding::new(Precision::F32, &Device::Cpu);
    case.expected(|qkv| softmax(&case.segments, qkv, rounding))
}

/// Computes it on the emulated card.
pub(super) fn compute(case: &Case, bench: &mut Bench) -> Result<Vec<f64>, Error> {
    let (number, table, padded) = (bench.number, case.table(), fill(case.width).unwrap());
    let (tokens, heads, width) = (case.tokens(), case.heads, case.width);
    let to = [0; 3].map(|_| bench.room(number, tokens * heads * padded));
    let turn = Turn {
        x: case.x.each_ref().map(|x| bench.singles(x)),
        biases: case.biases.as_ref().map_or([0; 3], |all| all.each_ref().map(|x| bench.singles(x))),
        angles: [&table.cos, &table.sin].map(|x| bench.singles(x)),
        positions: bench.positions(&table.positions),
        to,
        tokens,
        heads,
        width,
        padded,
    };
    bench.launch(&turn.launch(number))?;
    let tiles = tiles(&case.segments);
    let out = bench.room(number, tokens * heads * width);
    let blocks = tiles.len() / 3;
    let attend = Attend { x: to, tiles: bench.positions(&tiles), out, blocks, heads, width, padded };
    bench.launch(&attend.launch(number))?;
    bench.read(number, out)
}

fn run(case: &Case, number: Number, settings: Settings) -> Vec<f64> {
    compute(case, &mut Bench::new(module(number).ptx, number, settings))
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn attention_equals_the_tensor_operations_for_every_width_of_a_head_in_any_order_of_blocks() {
    for width in [2, 8, 16, 24, 32, 64] {
        let case = Case::new(&LENGTHS, if width == 64 { 1 } else { 2 }, width, width != 24);
        let expected = expected(&case);
        for (number, tolerance) in [(Number::F32, F32), (Number::BF16, BF16)] {
            let found = run(&case, number, Settings::default());
            let error = difference(&found, &expected);
            assert!(error < tolerance, "{number:?}, heads of {width}: {error:e}");
            let reverse = run(&case, number, Settings { reverse: true, ..Settings::default() });
            assert_eq!(bits(&found), bits(&reverse), "{number:?}, heads of {width}, in reverse order");
        }
    }
}

#[test]
fn approximations_that_err_as_far_as_they_may_stay_within_the_tolerance() {
    let case = Case::new(&[70, 5], 2, 16, true);
    let found = run(&case, Number::F32, Settings { noise: true, ..Settings::default() });
    let error = difference(&found, &expected(&case));
    assert!(error < F32, "{error:e}");
}

#[test]
fn scores_far_apart_neither_overflow_nor_vanish() {
    let mut case = Case::new(&[100], 1, 16, false);
    for x in &mut case.x[0] {
        *x *= 300.0;
    }
    let error = difference(&run(&case, Number::F32, Settings::default()), &expected(&case));
    assert!(error < 1e-3, "{error:e}");
}

#[test]
fn what_a_sequence_gets_depends_on_no_other() {
    for number in [Number::F32, Number::BF16] {
        let both = Case::new(&[70, 67], 2, 16, true);
        let mut alone = Case::new(&[67], 2, 16, true);
        for (alone, both) in alone.x.iter_mut().zip(&both.x) {
            alone.copy_from_slice(&both[70 * 2 * 16..]);
        }
        let together = run(&both, number, Settings::default());
        let found = run(&alone, number, Settings::default());
        assert_eq!(bits(&found), bits(&together[70 * 2 * 16..]), "{number:?}");
    }
}

#[test]
fn no_access_of_attention_wastes_memory() {
    // Half of a head of 16 features is in bf16 smaller than what memory moves at least.
    for (number, widths) in [(Number::F32, &[16, 32, 64][..]), (Number::BF16, &[32, 64])] {
        for &width in widths {
            let mut bench = Bench::new(module(number).ptx, number, Settings::default());
            compute(&Case::new(&[64, 128], 2, width, true), &mut bench).unwrap();
            bench.assert_thrifty();
        }
    }
}
