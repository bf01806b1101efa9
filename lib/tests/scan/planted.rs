//! Bugs planted into the PTX of the scan: each makes the comparison with the reference fail, and most are named.

use crossmamba::nn::Direction;
use crossmamba::nn::ops::card::Number;
use crossmamba::nn::ops::scan::cuda;
use cuda_emulator::Settings;
use cuda_emulator::bug::{Bug, LAST, Noticed, assert_noticed, plant};

use crate::case::{Case, Form};
use crate::emulated::EmulatedCard;
use crate::implementation::{Implementation, named};
use crate::tolerance;

const FORWARD: &str = "scan_forward_f32_16";
const BACKWARD: &str = "scan_backward_f32_16";
const FINISH: &str = "scan_finish_f32";
const SHORT_FORWARD: &str = "scan_forward_f32_short_16";
const SHORT_BACKWARD: &str = "scan_backward_f32_short_16";
const ENDS: &str = "scan_ends_f32_16";
const CHAIN: &str = "scan_chain_f32";

const BUGS: &[Bug] = &[
    ("no barrier after staging", FORWARD, "bar.sync \t0;", 0, "", Noticed::Race),
    ("both tiles share their rows", FORWARD, "xor.b32", 0, "and.b32", Noticed::Race),
    ("no barrier after staging", BACKWARD, "bar.sync \t0;", 0, "", Noticed::Race),
    ("no barrier before the sums", BACKWARD, "bar.sync \t0;", 1, "", Noticed::Race),
    ("the states of the wrong lane", FORWARD, "shfl.sync.bfly", 0, "shfl.sync.down", Noticed::Wrong),
    ("the sum of the wrong lanes", BACKWARD, "shfl.sync.bfly", 3, "shfl.sync.down", Noticed::Wrong),
    ("jobs lie further apart than they do", FORWARD, ", 160;", 0, ", 168;", Noticed::Bounds),
    ("jobs lie further apart than they do", BACKWARD, ", 224;", 0, ", 216;", Noticed::Bounds),
    ("a reversed segment runs forward", FORWARD, ", 1, -1,", 0, ", 1, 1,", Noticed::Bounds),
    ("tiles of channels write one place", FORWARD, "%ctaid.y;", 0, "%ctaid.z;", Noticed::Race),
    ("a vector is misaligned", FORWARD, "+1024];", 0, "+1028];", Noticed::Misaligned),
    ("an output is not written", FORWARD, "st.global.v4.f32", LAST, "//", Noticed::Missing),
    ("an output is not written", BACKWARD, "st.global.f32", LAST, "//", Noticed::Race),
    ("an output is not written", FINISH, "st.global.f32", LAST, "//", Noticed::Missing),
    ("no barrier after staging", SHORT_FORWARD, "bar.sync \t0;", 0, "", Noticed::Race),
    ("no barrier before the states", SHORT_FORWARD, "bar.sync \t0;", 1, "", Noticed::Race),
    ("blocks of channels write one place", SHORT_FORWARD, "%ctaid.y;", 0, "%ctaid.z;", Noticed::Race),
    ("a reversed segment begins one too late", SHORT_FORWARD, "not.b32", 3, "neg.s32", Noticed::Bounds),
    ("an output is not written", SHORT_FORWARD, "st.global.f32", LAST, "//", Noticed::Missing),
    ("no barrier after staging", SHORT_BACKWARD, "bar.sync \t0;", 0, "", Noticed::Race),
    ("no barrier before the sums", SHORT_BACKWARD, "bar.sync \t0;", 1, "", Noticed::Race),
    ("the sum of the wrong lanes", SHORT_BACKWARD, "shfl.sync.bfly", 3, "shfl.sync.down", Noticed::Wrong),
    ("an output is not written", SHORT_BACKWARD, "st.global.f32", LAST, "//", Noticed::Missing),
    ("no barrier after staging", ENDS, "bar.sync \t0;", 0, "", Noticed::Race),
    ("no barrier before the next tile", ENDS, "bar.sync \t0;", 1, "", Noticed::Race),
    ("states do not decay from chunk to chunk", CHAIN, "ex2.approx.ftz.f32", 0, "mov.f32", Noticed::Wrong),
    ("a chunk keeps its end", CHAIN, "st.global.f32", 0, "//", Noticed::Wrong),
];

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
        Err(error) => Some((Noticed::of(&error), error.to_string())),
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
    assert_noticed(BUGS, |bug| {
        let chunk = CUT.filter(|_| [ENDS, CHAIN].contains(&bug.1));
        notice(&plant(ptx, bug), Settings::default(), chunk)
    });
}
