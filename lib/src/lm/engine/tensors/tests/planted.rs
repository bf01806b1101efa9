//! Bugs planted into the PTX of language models: each is noticed.

use cuda_emulator::{Error, Kind, Settings};

use super::bench::{BF16, Bench, F32, difference};
use super::case::Case;
use super::{attention, linear, rows};
use crate::lm::engine::tensors::card::module;
use crate::lm::weights::AttentionEpsilon;
use crate::nn::ops::card::Number;

/// How a bug is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noticed {
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

/// A bug: its name, the kernel, what to replace (which occurrence, from 0) by what, and how it is noticed.
type Bug = (&'static str, &'static str, &'static str, usize, &'static str, Noticed);

/// The last occurrence.
const LAST: usize = usize::MAX;

const SINGLE: &str = "attend_f32_16";
const SHORT: &str = "attend_bf16_16";

const BUGS: &[Bug] = &[
    ("one feature too many", "turn_f32", "setp.le.s64", 0, "setp.lt.s64", Noticed::Bounds),
    ("keys are not turned", "turn_f32", "setp.gt.u32", 0, "setp.ge.u32", Noticed::Wrong),
    ("both halves turn one way", "turn_f32", "neg.f32", 0, "mov.f32", Noticed::Wrong),
    ("what is filled up is not written", "turn_f32", "setp.ge.u32", 0, "setp.lt.u32", Noticed::Wrong),
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

/// Replaces one occurrence within a kernel.
fn plant(ptx: &str, (name, kernel, from, which, to, _): &Bug) -> String {
    let start = ptx.find(&format!(".entry {kernel}(")).unwrap();
    let end = start + ptx[start..].find("\n}").unwrap();
    let mut found = ptx[start..end].match_indices(from);
    let found = if *which == LAST { found.last() } else { found.nth(*which) };
    let at = start + found.unwrap_or_else(|| panic!("{name}: {kernel} has no `{from}`")).0;
    format!("{}{to}{}", &ptx[..at], &ptx[at + from.len()..])
}

fn number(kernel: &str) -> Number {
    if kernel.contains("bf16") { Number::BF16 } else { Number::F32 }
}

/// Runs what has a kernel; says what is noticed.
fn notice(ptx: &str, kernel: &str) -> Option<(Noticed, String)> {
    let (case, epsilon) = (Case::new(&[70, 131, 33], 1, 16, true), AttentionEpsilon::Floor(1e-6));
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
        Err(error) => {
            let how = match (&error, error.kind()) {
                (Error::Memory { .. }, _) => Noticed::Missing,
                (_, Some(Kind::OutOfBounds)) => Noticed::Bounds,
                (_, Some(Kind::Race | Kind::Uninitialised)) => Noticed::Race,
                _ => Noticed::Other,
            };
            return Some((how, error.to_string()));
        }
    };
    let tolerance = if bench.number == Number::F32 { F32 } else { BF16 };
    (error > tolerance).then(|| (Noticed::Wrong, format!("{error:e}")))
}

#[test]
fn every_bug_planted_into_language_models_is_noticed_and_the_kernels_themselves_pass() {
    for kernel in ["turn_f32", SINGLE, SHORT, "linear_f32", "norm_f32", "activate_f32"] {
        assert_eq!(notice(module(number(kernel)).ptx, kernel), None, "{kernel}");
    }
    let unlike = BUGS.iter().filter_map(|bug| {
        let (name, kernel, .., wanted) = bug;
        let noticed = notice(&plant(module(number(kernel)).ptx, bug), kernel);
        let how = noticed.as_ref().map(|(how, _)| *how);
        (how != Some(*wanted)).then(|| format!("{kernel}, {name}: {noticed:?} where {wanted:?} is wanted"))
    });
    let unlike: Vec<String> = unlike.collect();
    assert!(unlike.is_empty(), "{unlike:#?}");
}
