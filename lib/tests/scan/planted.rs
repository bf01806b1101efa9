//! Bugs planted into the PTX of the scan: each makes the comparison with the reference fail, and most are named.

use crossmamba::nn::Direction;
use crossmamba::nn::ops::card::Number;
use crossmamba::nn::ops::scan::cuda;
use cuda_emulator::{Error, Kind, Settings};

use crate::case::{Case, Form};
use crate::emulated::EmulatedCard;
use crate::implementation::{Implementation, named};
use crate::tolerance;

/// How a bug is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noticed {
    /// A launch ends with a fault of one of these kinds.
    Fault(&'static [Kind]),
    /// A part of a result was never written.
    Missing,
    /// A number is beyond the tolerance.
    Wrong,
}

const RACE: Noticed = Noticed::Fault(&[Kind::Race, Kind::Uninitialised]);
const BOUNDS: Noticed = Noticed::Fault(&[Kind::OutOfBounds]);

/// A bug: its name, the kernel, what to replace (which occurrence, from 0) by what, and how it is noticed.
type Bug = (&'static str, &'static str, &'static str, usize, &'static str, Noticed);

const FORWARD: &str = "scan_forward_f32_16";
const BACKWARD: &str = "scan_backward_f32_16";
const FINISH: &str = "scan_finish_f32";
const SHORT_FORWARD: &str = "scan_forward_f32_short_16";
const SHORT_BACKWARD: &str = "scan_backward_f32_short_16";
const ENDS: &str = "scan_ends_f32_16";
const CHAIN: &str = "scan_chain_f32";

const BUGS: &[Bug] = &[
    ("no barrier after staging", FORWARD, "bar.sync \t0;", 0, "", RACE),
    ("no barrier before the outputs", FORWARD, "bar.sync \t0;", 1, "", RACE),
    ("no barrier after staging", BACKWARD, "bar.sync \t0;", 0, "", RACE),
    ("no barrier before the sums", BACKWARD, "bar.sync \t0;", 1, "", RACE),
    ("the sum of the wrong lanes", FORWARD, "shfl.sync.bfly", 0, "shfl.sync.down", Noticed::Wrong),
    ("the sum of the wrong lanes", BACKWARD, "shfl.sync.bfly", 3, "shfl.sync.down", Noticed::Wrong),
    ("jobs lie further apart than they do", FORWARD, ", 160;", 0, ", 168;", BOUNDS),
    ("jobs lie further apart than they do", BACKWARD, ", 224;", 0, ", 216;", BOUNDS),
    ("a reversed segment begins one too late", FORWARD, "not.b32", 0, "neg.s32", BOUNDS),
    ("tiles of channels write one place", FORWARD, "%ctaid.y;", 0, "%ctaid.z;", RACE),
    ("a vector is misaligned", FORWARD, "+24576];", 0, "+24580];", Noticed::Fault(&[Kind::Misaligned])),
    ("an output is not written", FORWARD, "st.global.f32", usize::MAX, "//", Noticed::Missing),
    ("an output is not written", BACKWARD, "st.global.f32", usize::MAX, "//", RACE),
    ("an output is not written", FINISH, "st.global.f32", usize::MAX, "//", Noticed::Missing),
    ("no barrier after staging", SHORT_FORWARD, "bar.sync \t0;", 0, "", RACE),
    ("no barrier before the states", SHORT_FORWARD, "bar.sync \t0;", 1, "", RACE),
    ("blocks of channels write one place", SHORT_FORWARD, "%ctaid.y;", 0, "%ctaid.z;", RACE),
    ("a reversed segment begins one too late", SHORT_FORWARD, "not.b32", 3, "neg.s32", BOUNDS),
    ("an output is not written", SHORT_FORWARD, "st.global.f32", usize::MAX, "//", Noticed::Missing),
    ("no barrier after staging", SHORT_BACKWARD, "bar.sync \t0;", 0, "", RACE),
    ("no barrier before the sums", SHORT_BACKWARD, "bar.sync \t0;", 1, "", RACE),
    ("the sum of the wrong lanes", SHORT_BACKWARD, "shfl.sync.bfly", 3, "shfl.sync.down", Noticed::Wrong),
    ("an output is not written", SHORT_BACKWARD, "st.global.f32", usize::MAX, "//", Noticed::Missing),
    ("no barrier after staging", ENDS, "bar.sync \t0;", 0, "", RACE),
    ("no barrier before the next tile", ENDS, "bar.sync \t0;", 1, "", RACE),
    ("states do not decay from chunk to chunk", CHAIN, "ex2.approx.ftz.f32", 0, "mov.f32", Noticed::Wrong),
    ("a chunk keeps its end", CHAIN, "st.global.f32", 0, "//", Noticed::Wrong),
];

/// Replaces one occurrence (the last for the greatest number) within a kernel.
fn plant(ptx: &str, (name, kernel, from, which, to, _): &Bug) -> String {
    let start = ptx.find(&format!(".entry {kernel}(")).unwrap();
    let end = start + ptx[start..].find("\n}").unwrap();
    let mut found = ptx[start..end].match_indices(from);
    let found = if *which == usize::MAX { found.last() } else { found.nth(*which) };
    let at = start + found.unwrap_or_else(|| panic!("{name}: {kernel} has no `{from}`")).0;
    format!("{}{to}{}", &ptx[..at], &ptx[at + from.len()..])
}

/// The chunks of the bugs in what cuts.
const CUT: Option<usize> = Some(18);

/// Two jobs of unlike size, one of them reversed, the other in two tiles of channels; and the same of short segments.
fn cases() -> [Case; 4] {
    [
        Case::random(60, &[17, 0, 3], (130, 16), Form::Full, Direction::Forward, 0.1),
        Case::random(61, &[40, 2], (6, 4), Form::Full, Direction::Reverse, 0.1),
        Case::random(62, &[16, 0, 3], (130, 16), Form::Full, Direction::Forward, 0.1),
        Case::random(63, &[9, 2], (6, 4), Form::Full, Direction::Reverse, 0.1),
    ]
}

fn notice(ptx: &str, settings: Settings, chunk: Option<usize>) -> Option<(Noticed, String)> {
    let cases = cases();
    let mut card = EmulatedCard::with_ptx(ptx, Number::F32, settings);
    card.chunk = chunk;
    match card.run(&cases.each_ref()) {
        Err(error @ Error::Memory { .. }) => Some((Noticed::Missing, error.to_string())),
        Err(error) => {
            let kinds: &'static [Kind] = match error.kind() {
                Some(Kind::Race | Kind::Uninitialised) => &[Kind::Race, Kind::Uninitialised],
                Some(Kind::OutOfBounds) => &[Kind::OutOfBounds],
                Some(Kind::Misaligned) => &[Kind::Misaligned],
                _ => &[],
            };
            Some((Noticed::Fault(kinds), error.to_string()))
        }
        Ok(found) => {
            let wrong = cases.iter().zip(&found).find_map(|(case, (y, g))| {
                let (expected_y, expected_g) = Implementation::Reference.run(case);
                let outputs = [("out", &y.out, &expected_y.out), ("h_last", &y.h_last, &expected_y.h_last)];
                let gradients = named(g).into_iter().zip(named(&expected_g));
                let gradients = gradients.map(|((name, found), (_, expected))| (name, found, expected));
                let off = |&(_, found, expected): &(&str, &Vec<f64>, &Vec<f64>)| {
                    let scale = expected.iter().fold(f64::MIN_POSITIVE, |most, x| most.max(x.abs()));
                    found.iter().zip(expected).any(|(x, y)| (x - y).abs().max(0.0) > tolerance::CUDA * scale)
                        || found.iter().any(|x| x.is_nan())
                };
                outputs.into_iter().chain(gradients).find(off).map(|(name, ..)| name)
            });
            wrong.map(|name| (Noticed::Wrong, name.into()))
        }
    }
}

#[test]
fn every_planted_bug_is_noticed_and_the_kernels_themselves_pass() {
    let ptx = cuda::module(Number::F32).ptx;
    for (reverse, chunk) in [(false, None), (true, None), (false, CUT), (true, CUT)] {
        assert_eq!(notice(ptx, Settings { reverse, ..Settings::default() }, chunk), None);
    }
    let unlike = BUGS.iter().filter_map(|bug| {
        let (name, kernel, .., wanted) = bug;
        let chunk = CUT.filter(|_| [ENDS, CHAIN].contains(kernel));
        let noticed = notice(&plant(ptx, bug), Settings::default(), chunk);
        let how = noticed.as_ref().map(|(how, _)| *how);
        (how != Some(*wanted)).then(|| format!("{kernel}, {name}: {noticed:?} where {wanted:?} is wanted"))
    });
    let unlike: Vec<String> = unlike.collect();
    assert!(unlike.is_empty(), "{unlike:#?}");
}
