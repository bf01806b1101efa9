//! Bugs in a transposition through shared memory: bounds, alignment, the use of memory.

use cuda_emulator::{Habit, Kind, Settings};

use super::{Noticed, Run, bytes, card, check, clean, floats, launch};

pub(super) const BUGS: &[(&str, Noticed)] = &[
    ("transpose_no_padding", Noticed::Habit(Habit::BankConflict, "tile[tx][i]")),
    ("transpose_scattered", Noticed::Habit(Habit::Scattered, "SCATTERED")),
    ("transpose_shared_past_the_end", Noticed::Fault(Kind::OutOfBounds, "tile[BUG == SHARED_PAST_THE_END")),
    ("transpose_misaligned", Noticed::Fault(Kind::Misaligned, "float2")),
    ("transpose_row_not_staged", Noticed::Fault(Kind::Uninitialised, "a.out[")),
    ("transpose_tile_overwritten", Noticed::Fault(Kind::Race, "tile[BUG == SHARED_PAST_THE_END")),
    ("transpose_local_array", Noticed::Habit(Habit::LocalMemory, "four")),
    ("transpose_divergent", Noticed::Habit(Habit::Divergence, "k < tx")),
];

const HEIGHT: usize = 64;
const WIDTH: usize = 96;

fn run(name: &str, settings: Settings) -> Run {
    let mut card = card(settings);
    let values: Vec<f32> = (0..HEIGHT * WIDTH).map(|i| i as f32).collect();
    let (x, out) = (card.upload(&bytes(&values), "x"), card.alloc(4 * HEIGHT * WIDTH, "out"));
    let mut launch = launch(name, &[x, out], &[HEIGHT as i32, WIDTH as i32]);
    launch.block = [32, 8, 1];
    launch.grid = [WIDTH.div_ceil(64) as u32, HEIGHT.div_ceil(32) as u32, 1];
    let report = card.launch(&launch);
    let mut right: Vec<f32> = (0..HEIGHT * WIDTH).map(|i| values[i % HEIGHT * WIDTH + i / HEIGHT]).collect();
    let got = card.download(out).map(|b| floats(&b));
    if matches!(name, "transpose_local_array" | "transpose_divergent") {
        // These compute something else on the way; their results are not what is tested.
        right = got.clone().unwrap();
    }
    (report, got, right)
}

#[test]
fn every_bug_in_a_transposition_is_noticed() {
    for (name, wanted) in BUGS {
        check(name, *wanted, &run(name, Settings::default()));
    }
}

#[test]
fn the_clean_transposition_is_right_in_any_order() {
    clean("transpose_clean", &[], run);
}

#[test]
fn the_passes_and_sectors_of_each_line_are_counted() {
    let (clean, _, _) = run("transpose_clean", Settings::default());
    let (conflicts, _, _) = run("transpose_no_padding", Settings::default());
    let total = clean.unwrap().total();
    assert_eq!((total.passes, total.sectors), (total.passes_ideal, total.sectors_ideal));
    // 64 x 96 floats are read and written, eight to a sector.
    assert_eq!(total.sectors, 2 * (HEIGHT * WIDTH / 8) as u64);
    let line = super::SOURCE.lines().position(|l| l.contains("float v = tile[tx][i]")).unwrap();
    let at = conflicts.unwrap().at_source("planted.cu", line as u32 + 1);
    let warps = (HEIGHT * WIDTH / 32) as u64;
    assert_eq!((at.passes, at.passes_ideal), (32 * warps, warps));
}
