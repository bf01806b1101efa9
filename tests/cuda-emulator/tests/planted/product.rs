//! Bugs in a product of matrices on tensor cores: asynchronous copies, stages, fragments.

use cuda_emulator::value::Short;
use cuda_emulator::{Habit, Kind, Settings};

use super::{Noticed, Run, card, check, clean, floats, launch};

pub(super) const BUGS: &[(&str, Noticed)] = &[
    ("product_waited_too_late", Noticed::Fault(Kind::Uninitialised, "p.c[")),
    ("product_stage_overwritten", Noticed::Fault(Kind::Race, "cp.async.cg")),
    ("product_copied_past_the_end", Noticed::Fault(Kind::OutOfBounds, "cp.async.cg")),
    ("product_transposed_fragment", Noticed::Wrong),
];

/// No multiple of the tiles, and a whole number of 16-byte copies deep.
const SIZE: (usize, usize, usize) = (70, 21, 72);

fn run(name: &str, settings: Settings) -> Run {
    let mut card = card(settings);
    let (m, n, k) = SIZE;
    // Small integers: exact as bf16, and so are their sums in f32.
    let value = |i: usize| (i * 29 % 17) as f32 - 8.0;
    let shorts = |len: usize, from: usize| -> Vec<u8> {
        (0..len).flat_map(|i| Short::Brain.round(value(i + from)).to_le_bytes()).collect()
    };
    let (a, b) = (card.upload(&shorts(m * k, 0), "a"), card.upload(&shorts(n * k, 5), "b"));
    let c = card.alloc(4 * m * n, "c");
    let mut launch = launch(name, &[a, b, c], &[m as i32, n as i32, k as i32]).threads(128);
    launch.grid = [n.div_ceil(16) as u32, m.div_ceil(64) as u32, 1];
    let report = card.launch(&launch);
    let right =
        (0..m * n).map(|i| (0..k).map(|j| value(i / n * k + j) * value(i % n * k + j + 5)).sum()).collect();
    (report, card.download(c).map(|b| floats(&b)), right)
}

#[test]
fn every_bug_in_a_product_is_noticed() {
    for (name, wanted) in BUGS {
        check(name, *wanted, &run(name, Settings::default()));
    }
}

#[test]
fn the_clean_product_is_right_in_any_order() {
    clean("product_clean", &[Habit::Divergence, Habit::Scattered], run);
}

#[test]
fn fragments_are_loaded_without_bank_conflicts() {
    let report = run("product_clean", Settings::default()).0.unwrap();
    let total = report.total();
    assert_eq!(total.passes, total.passes_ideal);
    assert!(report.products() > 0);
}
