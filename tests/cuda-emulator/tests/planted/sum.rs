//! Bugs in a sum over rows: barriers, shuffles, bounds, results.

use cuda_emulator::{Habit, Kind, Settings};

use super::{Noticed, Run, bytes, card, check, clean, floats, launch};

pub(super) const BUGS: &[(&str, Noticed)] = &[
    ("sum_no_barrier", Noticed::Fault(Kind::Race, "part[0]")),
    ("sum_barrier_in_branch", Noticed::Fault(Kind::Barrier, "if (tid < 96)")),
    ("sum_ended_before_barrier", Noticed::Fault(Kind::Barrier, "BUG != NO_BARRIER")),
    ("sum_shuffle_in_branch", Noticed::Fault(Kind::Lanes, "tid != 77")),
    ("sum_wrong_lane", Noticed::Wrong),
    ("sum_past_the_end", Noticed::Fault(Kind::OutOfBounds, "s += a.x")),
    ("sum_not_written", Noticed::Missing),
    ("sum_one_place", Noticed::Fault(Kind::Race, "ONE_PLACE ? 0 : row")),
    ("sum_null_pointer", Noticed::Fault(Kind::OutOfBounds, "a.bias[row]")),
    ("sum_workspace_unset", Noticed::Fault(Kind::Uninitialised, "ONE_PLACE ? 0 : row")),
    ("sum_divided_by_zero", Noticed::Fault(Kind::Division, "tid % a.period")),
    ("sum_endless", Noticed::Fault(Kind::Endless, "n += 2")),
    ("sum_atomic_sum", Noticed::Fault(Kind::Uninitialised, "atomicAdd")),
    ("sum_no_warp_barrier", Noticed::Fault(Kind::Race, "lanes[tid ^ 16]")),
];

const ROWS: usize = 3;
const WIDTH: usize = 200;

fn run(name: &str, settings: Settings) -> Run {
    let mut card = card(settings);
    let values: Vec<f32> = (0..ROWS * WIDTH).map(|i| (i * 37 % 101) as f32 - 50.0).collect();
    let (x, out) = (card.upload(&bytes(&values), "x"), card.alloc(4 * ROWS, "out"));
    let launch = launch(name, &[x, 0, out], &[ROWS as i32, WIDTH as i32, 0]).threads(128).blocks(ROWS as u32);
    let report = card.launch(&launch);
    // Sums of small integers are exact in any order.
    let right = values.chunks(WIDTH).map(|row| row.iter().sum()).collect();
    (report, card.download(out).map(|b| floats(&b)), right)
}

#[test]
fn every_bug_in_a_sum_is_noticed() {
    for (name, wanted) in BUGS {
        // Seen from the last warp, a missing barrier is a race; from the first, nothing was written yet.
        let settings = Settings { reverse: *name == "sum_no_barrier", ..Settings::default() };
        check(name, *wanted, &run(name, settings));
    }
}

#[test]
fn a_missing_barrier_is_noticed_from_either_end() {
    let wanted = Noticed::Fault(Kind::Uninitialised, "ONE_PLACE ? 0 : row");
    check("sum_no_barrier", wanted, &run("sum_no_barrier", Settings::default()));
}

#[test]
fn the_clean_sum_is_right_in_any_order() {
    clean("sum_clean", &[Habit::Divergence], run);
}

#[test]
fn a_fault_says_block_thread_ptx_line_and_source_line() {
    let said = run("sum_ended_before_barrier", Settings::default()).0.unwrap_err().to_string();
    let line = super::SOURCE.lines().position(|l| l.contains("else if (BUG != NO_BARRIER)")).unwrap() + 1;
    assert!(said.starts_with("sum_ended_before_barrier, PTX line "), "{said}");
    let rest = format!(", planted.cu:{line} inlined at planted.cu:");
    assert!(said.contains(&rest), "{said}");
    let end = "`bar.sync 0`: block [0, 0, 0], thread 96: a barrier waits for this thread, which has ended";
    assert!(said.ends_with(end), "{said}");
}

#[test]
fn a_value_that_nobody_wrote_is_traced_to_where_it_was_read() {
    let said = run("sum_workspace_unset", Settings::default()).0.unwrap_err().to_string();
    let line = super::SOURCE.lines().position(|l| l.contains("if (BUG == WORKSPACE_UNSET)")).unwrap() + 1;
    assert!(said.contains("memory that nobody wrote was read at PTX line"), "{said}");
    assert!(said.ends_with(&format!("planted.cu:{line})")), "{said}");
}
