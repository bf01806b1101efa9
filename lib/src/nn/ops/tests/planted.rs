//! Bugs planted into the PTX of the smaller operations: each is noticed.

use candle_core::{DType, Device};
use cuda_emulator::{Error, Kind, Settings};

use super::emulated::{Work, contract, conv, gather, single_rows};
use super::{F32, LENGTHS, run, segments};
use crate::nn::Direction;
use crate::nn::ops::card::Number;
use crate::nn::ops::card::desk::{CardOp, module};

/// How a bug is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noticed {
    /// A launch touches what is not its own.
    Bounds,
    /// A launch reads what another thread writes, or what nobody wrote.
    Race,
    /// A part of a result was never written.
    Missing,
    /// A number is beyond the tolerance.
    Wrong,
    /// Something else.
    Other,
}

impl Noticed {
    /// Says how the emulated card noticed, and in which words.
    pub(super) fn fault(work: &Work) -> (Self, String) {
        let error = work.fault.as_ref().expect("a fault of the card");
        let how = match (error, error.kind()) {
            (Error::Memory { .. }, _) => Self::Missing,
            (_, Some(Kind::OutOfBounds)) => Self::Bounds,
            (_, Some(Kind::Race | Kind::Uninitialised)) => Self::Race,
            _ => Self::Other,
        };
        (how, error.to_string())
    }
}

/// A bug: its name, the kernel, what to replace (which occurrence, from 0) by what, and how it is noticed.
pub(super) type Bug = (&'static str, &'static str, &'static str, usize, &'static str, Noticed);

/// The last occurrence.
pub(super) const LAST: usize = usize::MAX;

const BUGS: &[Bug] = &[
    ("one token too many", "conv_forward", "setp.le.s64", 0, "setp.lt.s64", Noticed::Bounds),
    ("a token sees another segment", "conv_forward", "and.pred", 0, "or.pred", Noticed::Wrong),
    ("taps begin one too late", "conv_taps", "not.b32", 0, "neg.s32", Noticed::Bounds),
    ("another slope of silu", "conv_slope", "sub.f32", 0, "add.f32", Noticed::Wrong),
    ("a tile without an end", "conv_gradient", "min.s64", 0, "max.s64", Noticed::Bounds),
    ("a part is not written", "conv_gradient", "st.global.f32", LAST, "//", Noticed::Race),
    ("taps end in the bias", "conv_finish", "not.b32", 0, "neg.s32", Noticed::Wrong),
    ("an output is not written", "conv_finish", "st.global.f32", LAST, "//", Noticed::Missing),
    ("the sum of the wrong lanes", "contract", "shfl.sync.bfly", 0, "shfl.sync.up", Noticed::Wrong),
    ("all lanes have the last pair", "contract", "min.u32", 0, "max.u32", Noticed::Race),
    ("an output is not written", "contract", "st.global.f32", LAST, "//", Noticed::Missing),
    ("a molecule of no pair has one", "contract_gradient", "setp.le.s64", 1, "setp.lt.s64", Noticed::Bounds),
    ("an output is not written", "contract_gradient", "st.global.v4.f32", LAST, "//", Noticed::Missing),
    ("blocks write one place", "gather", "%ctaid.x;", 0, "%ctaid.y;", Noticed::Race),
    ("a copy begins too late", "gather", "sub.s32", 0, "add.s32", Noticed::Bounds),
    ("a segment of no pair has one", "gather_gradient", "setp.le.s64", 1, "setp.lt.s64", Noticed::Bounds),
    ("an output is not written", "gather_gradient", "st.global.f32", LAST, "//", Noticed::Missing),
];

/// Replaces one occurrence within a kernel.
pub(super) fn plant(ptx: &str, (name, kernel, from, which, to, _): &Bug) -> String {
    let start = ptx.find(&format!(".entry {kernel}_f32(")).unwrap();
    let end = start + ptx[start..].find("\n}").unwrap();
    let mut found = ptx[start..end].match_indices(from);
    let found = if *which == LAST { found.last() } else { found.nth(*which) };
    let at = start + found.unwrap_or_else(|| panic!("{name}: {kernel} has no `{from}`")).0;
    format!("{}{to}{}", &ptx[..at], &ptx[at + from.len()..])
}

/// Runs one operation; says what is noticed.
fn notice<O: CardOp>(ptx: &str, make: impl Fn() -> O, shapes: &[&[usize]]) -> Option<(Noticed, String)> {
    let expected = run(|x| make().composite(x), shapes, DType::F64, &Device::Cpu).unwrap();
    let mut work = Work::new(ptx, Number::F32, Settings::default());
    let Ok(found) = work.run(&make(), shapes) else {
        return Some(Noticed::fault(&work));
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
    let unlike = BUGS.iter().filter_map(|bug| {
        let (name, kernel, .., wanted) = bug;
        let noticed = notice_in(&plant(ptx, bug), kernel);
        let how = noticed.as_ref().map(|(how, _)| *how);
        (how != Some(*wanted)).then(|| format!("{kernel}, {name}: {noticed:?} where {wanted:?} is wanted"))
    });
    let unlike: Vec<String> = unlike.collect();
    assert!(unlike.is_empty(), "{unlike:#?}");
}
