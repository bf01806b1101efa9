//! Proves the harness of `make torture`: tools that are at fault are counted as lost, and a sound one is not.

#![allow(dead_code, reason = "the whole harness is built, and a part of it proven")]

mod harness;
mod kinds;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use harness::{Choice, Lab, Score, Task, Tools};
use kinds::{damage, kills, mangled};

/// A tool that copies its input with its digest, checks it, and writes the output under another name first.
const SOUND: &str = r#"
fail() { echo "crossmamba-fake: error: $1; give it again" >&2; exit 2; }
[ -f sealed/data ] && [ -f sealed/seal ] || fail "sealed: is not whole"
[ "$(cksum < sealed/data)" = "$(cat sealed/seal)" ] || fail "sealed/data: is damaged"
[ -s open ] || fail "open: is empty"
rm -f new/.out.*
cat sealed/data open > new/.out.$$ && sleep 0.05 && mv new/.out.$$ new/out
"#;

/// The same with one fault each.
fn with_fault(from: &str, to: &str) -> String {
    let faulty = SOUND.replace(from, to);
    assert_ne!(faulty, SOUND, "the sound tool has no `{from}`");
    faulty
}

/// Makes tries of a kind on a fake tool.
fn score(script: &str, plan: fn(&Lab) -> harness::Plan) -> Score {
    let tools = tempfile::tempdir().expect("a temporary folder");
    let path = tools.path().join("crossmamba-fake");
    fs::write(&path, format!("#!/usr/bin/env bash\n{script}")).expect("a writable folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script");
    let good = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(good.path().join("sealed")).expect("a writable folder");
    let data = b"some data of which every bit counts\n".repeat(8);
    fs::write(good.path().join("sealed/data"), data).expect("a writable folder");
    fs::write(good.path().join("open"), "more\n").expect("a writable folder");
    let seal = "cksum < sealed/data > sealed/seal";
    std::process::Command::new("bash").args(["-c", seal]).current_dir(good.path()).status().expect("cksum");
    let task = Task {
        name: "fake",
        tool: "fake",
        arguments: "new/out",
        sealed: &["sealed"],
        open: &["open"],
        ..Task::default()
    };
    let lab = Lab::new(Tools(tools.path().to_path_buf()), 1, good, vec![task]).expect("a tool that works");
    harness::run(&lab, "proof", &plan(&lab), &Choice { cut: 4, only: None, workers: 2 })
}

#[test]
fn a_sound_tool_loses_no_try() {
    for plan in [damage::plan, kills::moments, mangled::plan] {
        let score = score(SOUND, plan);
        assert!(score.tries > 4 && score.lost == 0, "{score:?}");
    }
}

#[test]
fn a_tool_that_does_not_see_damage_is_lost() {
    let score = score(
        &with_fault("[ \"$(cksum < sealed/data)\"", "true || [ \"$(cksum < sealed/data)\""),
        damage::plan,
    );
    assert!(score.lost > 4, "{score:?}");
}

#[test]
fn a_tool_that_fails_without_a_sentence_or_after_it_has_written_is_lost() {
    for faulty in [
        with_fault("; exit 2", "; exit 1"),
        with_fault("; give it again\"", "; give it again\npanicked\""),
        with_fault("fail() {", "fail() { echo x > new/out;"),
        with_fault("fail() {", "fail() { echo x > open;"),
    ] {
        let score = score(&faulty, damage::plan);
        assert!(score.lost > 4, "{score:?}: {faulty}");
    }
}

#[test]
fn a_tool_that_writes_by_halves_or_leaves_hidden_files_is_lost() {
    let by_halves = "cat sealed/data > new/out && sleep 0.05 && cat open >> new/out";
    let whole = "cat sealed/data open > new/.out.$$ && sleep 0.05 && mv new/.out.$$ new/out";
    assert!(score(&with_fault(whole, by_halves), kills::moments).lost > 0);
    assert!(score(&with_fault("rm -f new/.out.*", ""), kills::moments).lost > 0);
}

#[test]
fn a_tool_that_dies_of_its_input_is_lost() {
    let dies = with_fault("[ -s open ] ||", "[ \"$(cat open)\" = more ] || kill -SEGV $$; [ -s open ] ||");
    assert!(score(&dies, mangled::plan).lost > 2);
}

#[test]
fn a_tool_that_takes_too_long_or_too_much_is_ended() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let call = Tools("/".into()).call("none", "", folder.path());
    let burns = call.clone().script("while :; do :; done").within(1024, 1).run();
    assert!(burns.code.is_none() && burns.refused().is_err(), "{}", burns.told());
    let fills =
        call.script("x=$(head -c 400000000 /dev/zero | tr '\\0' x); echo ${#x}").within(256, 60).run();
    assert!(fills.code != Some(0), "{}", fills.told());
}
