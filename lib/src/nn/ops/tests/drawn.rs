//! What a card draws is what the CPU draws: masks to the bit, normal numbers to the last places.

use cuda_emulator::Settings;
use cuda_emulator::bug::{Bug, LAST, Noticed, assert_noticed, plant};

use super::emulated::Work;
use crate::nn::ops::card::Number;
use crate::nn::ops::card::desk::module;
use crate::nn::ops::draw::What;
use crate::rng::Rng;

/// Greatest difference of a normal number, over its size.
const NORMAL: f64 = 3e-7;
const MASK: What = What::Dropout(0.3);

/// Draws the same on a card and on the CPU, behind some other words of the stream.
fn both(work: &mut Work, what: What, passed: u64, count: usize) -> candle_core::Result<[Vec<f64>; 2]> {
    let mut rng = Rng::new(7).fork("step 1");
    rng.pass(passed);
    let mut other = rng.clone();
    let found = work.draw(what, &mut rng, count)?;
    let mut values = vec![0.0; count];
    what.fill(&mut other, &mut values);
    assert_eq!(rng.bits(), other.bits(), "the generators go on alike");
    Ok([found, values.into_iter().map(f64::from).collect()])
}

fn same(what: What, found: &[f64], expected: &[f64]) -> bool {
    let tolerance = if what == MASK { 0.0 } else { NORMAL };
    found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance * b.abs())
}

#[test]
fn a_card_draws_the_numbers_of_the_cpu_wherever_the_stream_stands() {
    for settings in [Settings::default(), Settings { reverse: true, ..Settings::default() }] {
        let mut work = Work::new(module(Number::F32).ptx, Number::F32, settings);
        for what in [MASK, What::Normal] {
            for (passed, count) in [(0, 0), (0, 1), (3, 100), (15, 2033), (16, 4064), (33, 4100)] {
                let [found, expected] = both(&mut work, what, passed, count).unwrap();
                assert!(same(what, &found, &expected), "{what:?}, {count} behind {passed}");
            }
        }
    }
}

#[test]
fn half_of_normal_numbers_equal_those_of_the_cpu_to_the_bit() {
    let mut work = Work::new(module(Number::F32).ptx, Number::F32, Settings::default());
    let [found, expected] = both(&mut work, What::Normal, 0, 4000).unwrap();
    let equal = found.iter().zip(&expected).filter(|(a, b)| a.to_bits() == b.to_bits()).count();
    assert!(equal > 2000, "{equal} of 4000");
}

#[test]
fn masks_of_any_number_drop_the_same_and_nothing_is_wasted() {
    for number in Number::ALL {
        let mut work = Work::new(module(number).ptx, number, Settings::default());
        let [found, expected] = both(&mut work, MASK, 16, 2048).unwrap();
        assert!(found.iter().zip(&expected).all(|(a, b)| (*a == 0.0) == (*b == 0.0) && (a - b).abs() < 0.01));
        both(&mut work, What::Normal, 16, 2048).unwrap();
        work.assert_thrifty();
    }
}

#[test]
fn every_bug_planted_into_what_draws_is_noticed() {
    const BUGS: &[Bug] = &[
        ("no barrier behind the words", "dropout_f32", "bar.sync", 0, "//", Noticed::Race),
        ("more is dropped", "dropout_f32", "setp.lt.u32", 1, "setp.gt.u32", Noticed::Wrong),
        ("one number too many", "dropout_f32", "min.s64", 0, "max.s64", Noticed::Bounds),
        ("another round", "dropout_f32", "xor.b32", 3, "or.b32", Noticed::Wrong),
        ("no barrier before the numbers", "normal_f32", "bar.sync", 1, "//", Noticed::Race),
        ("another quarter of a turn", "normal_f32", "neg.f64", 0, "mov.f64", Noticed::Wrong),
        ("a number is not written", "normal_f32", "st.global.f32", LAST, "//", Noticed::Missing),
    ];
    let ptx = module(Number::F32).ptx;
    let notice = |ptx: &str, what: What| {
        let mut work = Work::new(ptx, Number::F32, Settings::default());
        match both(&mut work, what, 5, 2100) {
            Err(_) => Some(work.noticed()),
            Ok([found, expected]) => {
                (!same(what, &found, &expected)).then(|| (Noticed::Wrong, String::new()))
            }
        }
    };
    let of = |kernel: &str| if kernel.starts_with("dropout") { MASK } else { What::Normal };
    for kernel in ["dropout", "normal"] {
        assert_eq!(notice(ptx, of(kernel)), None, "{kernel}");
    }
    assert_noticed(BUGS, |bug| notice(&plant(ptx, bug), of(bug.1)));
}
