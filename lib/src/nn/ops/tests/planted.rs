//! Bugs planted into the PTX of the smaller operations: each is noticed.

use candle_core::{DType, Device};
use cuda_emulator::Settings;
use cuda_emulator::bug::{Bug, LAST, Noticed, assert_noticed, plant};

use super::emulated::{Work, contract, conv, gather, single_rows};
use super::{F32, LENGTHS, run, segments};
use crate::nn::Direction;
use crate::nn::ops::card::Number;
use crate::nn::ops::card::desk::{CardOp, module};

const BUGS: &[Bug] = &[
    ("one token too many", "conv_forward_f32", "setp.le.s64", 0, "setp.lt.s64", Noticed::Bounds),
    ("a token sees another segment", "conv_forward_f32", "and.pred", 0, "or.pred", Noticed::Wrong),
    ("taps begin one too late", "conv_taps_f32", "not.b32", 0, "neg.s32", Noticed::Bounds),
    ("another slope of silu", "conv_slope_f32", "sub.f32", 0, "add.f32", Noticed::Wrong),
    ("a tile without an end", "conv_gradient_f32", "min.s64", 0, "max.s64", Noticed::Bounds),
    ("a part is not written", "conv_gradient_f32", "st.global.f32", LAST, "//", Noticed::Race),
    ("taps end in the bias", "conv_finish_f32", "not.b32", 0, "neg.s32", Noticed::Wrong),
    ("an output is not written", "conv_finish_f32", "st.global.f32", LAST, "//", Noticed::Missing),
    ("the sum of the wrong lanes", "contract_f32", "shfl.sync.bfly", 0, "shfl.sync.up", Noticed::Wrong),
    ("all lanes have the last pair", "contract_f32", "min.u32", 0, "max.u32", Noticed::Race),
    ("an output is not written", "contract_f32", "st.global.f32", LAST, "//", Noticed::Missing),
    (
        "a molecule of no pair has one",
        "contract_gradient_f32",
        "setp.le.s64",
        1,
        "setp.lt.s64",
        Noticed::Bounds,
    ),
    ("an output is not written", "contract_gradient_f32", "st.global.v4.f32", LAST, "//", Noticed::Missing),
    ("blocks write one place", "gather_f32", "%ctaid.x;", 0, "%ctaid.y;", Noticed::Race),
    ("a copy begins too late", "gather_f32", "sub.s32", 0, "add.s32", Noticed::Bounds),
    ("a segment of no pair has one", "gather_gradient_f32", "setp.le.s64", 1, "setp.lt.s64", Noticed::Bounds),
    ("an output is not written", "gather_gradient_f32", "st.global.f32", LAST, "//", Noticed::Missing),
];

/// Runs one operation; says what is noticed.
fn notice<O: CardOp>(ptx: &str, make: impl Fn() -> O, shapes: &[&[usize]]) -> Option<(Noticed, String)> {
    let expected = run(|x| make().composite(x), shapes, DType::F64, &Device::Cpu).unwrap();
    let mut work = Work::new(ptx, Number::F32, Settings::default());
    let Ok(found) = work.run(&make(), shapes) else {
        return Some(work.noticed());
    };
    let off = |(found, expected): (&Vec<f64>, &Vec<f64>)| {
        let scale = expected.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
        found.iter().zip(expected).any(|(x, y)| x.is_nan() || (x - y).abs() > F32 * scale)
    };
    found.iter().zip(&expected).any(off).then(|| (Noticed::Wrong, String::new()))
}

/// Runs what has the kernel of a bug.
fn notice_in(ptx: &str, kernel: &str) -> Option<(Noticed, String)> {
    let (t, s) = (segments().tokens(), LENGTHS.len());
    match kernel.split('_').next() {
        Some("conv") => notice(ptx, || conv(Direction::Forward), &[&[t, 5], &[5, 4], &[5]]),
        Some("contract") => notice(ptx, contract, &[&[s, 3, 16], &[s, 3, 16]]),
        _ => notice(ptx, || gather(segments()), &[&[t, 5]])
            .or_else(|| notice(ptx, || gather(single_rows()), &[&[s, 5]])),
    }
}

#[test]
fn every_bug_planted_into_a_kernel_is_noticed_and_the_kernels_themselves_pass() {
    let ptx = module(Number::F32).ptx;
    for kernel in ["conv", "contract", "gather"] {
        assert_eq!(notice_in(ptx, kernel), None, "{kernel}");
    }
    assert_noticed(BUGS, |bug| notice_in(&plant(ptx, bug), bug.1));
}
