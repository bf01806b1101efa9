//! Bugs planted into the PTX of language models: each is noticed.

use cuda_emulator::Settings;
use cuda_emulator::bug::{Bug, LAST, Noticed, assert_noticed, plant};

use super::bench::{BF16, Bench, F32, difference};
use super::case::Case;
use super::{attention, linear, rows};
use crate::lm::engine::tensors::card::module;
use crate::lm::weights::AttentionEpsilon;
use crate::nn::ops::card::Number;

const SINGLE: &str = "attend_f32_16";
const SHORT: &str = "attend_bf16_16";

const BUGS: &[Bug] = &[
    ("one feature too many", "turn_f32", "setp.le.s64", 0, "setp.lt.s64", Noticed::Bounds),
    ("keys are not turned", "turn_f32", "setp.gt.u32", 0, "setp.ge.u32", Noticed::Wrong),
    ("both halves turn one way", "turn_f32", "neg.f32", 0, "mov.f32", Noticed::Wrong),
    ("what is filled up is not written", "turn_f32", "st.global.f32", LAST, "//", Noticed::Race),
    ("a tile is read before all of it is there", SINGLE, "bar.sync", 0, "// ", Noticed::Race),
    ("a tile is overwritten while it is read", SINGLE, "bar.sync", 1, "// ", Noticed::Race),
    ("copies are not waited for", SINGLE, "cp.async.wait_group 0;", 0, "", Noticed::Race),
    ("shares are read before they are written", SINGLE, "bar.warp.sync", 0, "// ", Noticed::Race),
    ("a key of the next segment is seen", SINGLE, "setp.lt.u32", 0, "setp.le.u32", Noticed::Wrong),
    ("sums are not scaled down again", SINGLE, "sub.f32", 0, "add.f32", Noticed::Wrong),
    ("a segment ends with the one after", SINGLE, "+4];", 0, "+16];", Noticed::Race),
    ("rows past the end are written", SINGLE, "min.u32", LAST, "max.u32", Noticed::Race),
    ("an output is not written", SINGLE, "st.global.u32", LAST, "//", Noticed::Missing),
    ("a tile is read before all of it is there", SHORT, "bar.sync", 0, "// ", Noticed::Race),
    ("a tile is overwritten while it is read", SHORT, "bar.sync", 1, "// ", Noticed::Race),
    (
        "one copy too many is left on its way",
        SHORT,
        "cp.async.wait_group 1",
        0,
        "cp.async.wait_group 2",
        Noticed::Race,
    ),
    (
        "a key of the next segment is seen",
        SHORT,
        "setp.lt.u32 \t%p13",
        0,
        "setp.le.u32 \t%p13",
        Noticed::Wrong,
    ),
    ("a block of values is not transposed", SHORT, "x4.trans.", 0, "x4.", Noticed::Wrong),
    ("the sum of two lanes of four", SHORT, "shfl.sync.bfly", LAST, "shfl.sync.up", Noticed::Wrong),
    ("keys are read before all of them are there", "linear_f32", "bar.sync", 0, "// ", Noticed::Race),
    ("features are read before they are written", "linear_f32", "bar.sync", 1, "// ", Noticed::Race),
    ("values are overwritten while they are read", "linear_f32", "bar.sync", 2, "// ", Noticed::Race),
    ("the least denominator is the most", "linear_f32", "max.f32", LAST, "min.f32", Noticed::Wrong),
    ("an output is not written", "linear_f32", "st.global.v4.f32", 0, "//", Noticed::Missing),
    ("one row too many", "norm_f32", "setp.le.s64", 0, "setp.lt.s64", Noticed::Bounds),
    ("a sum over the wrong lanes", "norm_f32", "shfl.sync.bfly", 0, "shfl.sync.up", Noticed::Wrong),
    ("squares of what is not centred", "norm_f32", "sub.f32", 0, "add.f32", Noticed::Wrong),
    ("the kept rows are not written", "norm_f32", "st.global.f32", 0, "//", Noticed::Missing),
    ("one value too many", "activate_f32", "setp.le.s64", 0, "setp.lt.s64", Noticed::Bounds),
    ("an output is not written", "activate_f32", "st.global.f32", LAST, "//", Noticed::Missing),
];

fn number(kernel: &str) -> Number {
    if kernel.contains("bf16") { Number::BF16 } else { Number::F32 }
}

/// Runs what has a kernel; says what is noticed.
fn notice(ptx: &str, kernel: &str) -> Option<(Noticed, String)> {
    // A head of 20 features is filled up to 32.
    let width = if kernel.starts_with("turn") { 20 } else { 16 };
    let (case, epsilon) = (Case::new(&[70, 131, 33], 1, width, true), AttentionEpsilon::Floor(1e-6));
    let mut bench = Bench::new(ptx, number(kernel), Settings::default());
    let error = match kernel.split('_').next() {
        Some("norm" | "activate") => rows::run(kernel, &mut bench),
        Some("linear") => linear::compute(&case, 32, epsilon, &mut bench)
            .map(|found| difference(&found, &linear::expected(&case, 32, epsilon))),
        _ => {
            attention::compute(&case, &mut bench).map(|found| difference(&found, &attention::expected(&case)))
        }
    };
    let error = match error {
        Ok(error) => error,
        Err(error) => return Some((Noticed::of(&error), error.to_string())),
    };
    let tolerance = if bench.number == Number::F32 { F32 } else { BF16 };
    (error > tolerance).then(|| (Noticed::Wrong, format!("{error:e}")))
}

#[test]
fn every_bug_planted_into_language_models_is_noticed_and_the_kernels_themselves_pass() {
    for kernel in ["turn_f32", SINGLE, SHORT, "linear_f32", "norm_f32", "activate_f32"] {
        assert_eq!(notice(module(number(kernel)).ptx, kernel), None, "{kernel}");
    }
    assert_noticed(BUGS, |bug| notice(&plant(module(number(bug.1)).ptx, bug), bug.1));
}
