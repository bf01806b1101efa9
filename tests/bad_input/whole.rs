//! Outputs that appear together or not at all: when the last one fails, and when a signal ends the run.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::support::{Place, binary};
use super::{STORES, check, copy_of_good, row};

const FULL: &str = "/dev/full: cannot write: No space left on device";

#[test]
fn when_the_last_output_cannot_be_written_no_other_appears() {
    check(&[
        row("parse", "sequences --kind rna rna.fa --output out.fa --mqc /dev/full", &[], 2, FULL),
        row(
            "parse",
            "pairs --pairs pairs.tsv --output out.tsv --rejects rejects.tsv --mqc /dev/full",
            &[],
            2,
            FULL,
        ),
        row(
            "parse",
            "table --table x.csv --partner-kind protein --output out.tsv --rna-output out.rna.fa --partner-output out.partner.fa \
             --mqc /dev/full",
            &[("x.csv", b"rna_sequence,protein_sequence,label\nACGUACGU,MKV,1\nGGGG,MKL,0\n")],
            2,
            FULL,
        ),
        row("split", "random --pairs pairs.tsv --output out.tsv --mqc /dev/full", &[], 2, FULL),
        row("cluster", "--kind rna --input rna.fa --output out.tsv --mqc /dev/full", &[], 2, FULL),
        row("simulate", "--output set --mqc /dev/full", &[], 2, FULL),
        row("embed", "export --store rna.store --output out.npz --mqc /dev/full", &[], 2, FULL),
        row("embed", "export --store rna.store --output out --mqc /dev/full", &[], 2, FULL),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output out.tsv --mqc /dev/full",
            &[],
            2,
            FULL,
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv --bootstrap 0 --output out --mqc /dev/full",
            &[],
            2,
            FULL,
        ),
    ]);
}

#[test]
fn work_is_kept_when_the_last_output_cannot_be_written_and_the_same_command_ends_it() {
    let place = copy_of_good();
    let embed = "--kind rna --input rna.fa --output out.store";
    place.run("embed", &format!("{embed} --mqc /dev/full")).ended(2).says(FULL);
    assert!(!place.path("out.store/complete.json").exists());
    assert!(!place.path("out.store.provenance.json").exists());
    place.run("embed", embed).done().says("0 computed");
    assert!(place.path("out.store.provenance.json").exists());
    let train = format!("--pairs pairs.tsv --splits splits.tsv {STORES} --config small.yaml --output out");
    place.run("fuse-train", &format!("{train} --mqc /dev/full")).ended(2).says(FULL);
    assert!(place.path("out/model.json").exists());
    assert!(!place.path("out/predictions.tsv").exists());
    assert!(!place.path("out/model.json.provenance.json").exists());
    place.run("fuse-train", &format!("{train} --resume")).done().says("0 of 1 fold(s) to train");
    assert!(place.path("out/predictions.tsv").exists());
}

/// What a file system without unnamed files says when one is asked for.
const WITHOUT_UNNAMED: &str = r"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#define OPEN(name) int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
    if ((flags & O_TMPFILE) == O_TMPFILE) { errno = EOPNOTSUPP; return -1; } \
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); }
OPEN(open)
OPEN(open64)
";

/// Starts `parse` on a pipe that says nothing, without unnamed files, and waits until its output has a hidden name.
fn waiting(place: &Place) -> Child {
    place.write("shim.c", WITHOUT_UNNAMED);
    let cc = |arguments: &[&str]| {
        let done = Command::new("cc").args(arguments).current_dir(place.path("")).status();
        assert!(done.expect("a C compiler, which linking needs, too").success());
    };
    cc(&["-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"]);
    let pipe = place.path("pipe");
    if !pipe.exists() {
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    }
    let mut child = Command::new(binary("parse"))
        .args("sequences --kind rna pipe --output out.fa".split_whitespace())
        .env("LD_PRELOAD", place.path("shim.so"))
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the tool starts");
    let start = Instant::now();
    while hidden(place).is_empty() {
        assert!(child.try_wait().expect("a child").is_none(), "the tool has ended");
        assert!(start.elapsed() < Duration::from_mins(10), "no output was begun");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn hidden(place: &Place) -> Vec<String> {
    place.files().into_iter().filter(|name| name.starts_with(".out.fa.")).collect()
}

#[test]
fn a_signal_leaves_no_hidden_file_where_every_file_has_a_name() {
    let place = copy_of_good();
    let mut child = waiting(&place);
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
    assert_eq!(child.wait().expect("an end").signal(), Some(15));
    assert!(hidden(&place).is_empty(), "{:?}", hidden(&place));
    assert!(!place.path("out.fa").exists());
}

#[test]
fn what_a_killed_run_left_under_a_hidden_name_goes_with_the_next_run() {
    let place = copy_of_good();
    let mut child = waiting(&place);
    child.kill().expect("an end");
    child.wait().expect("an end");
    place.run("parse", "sequences --kind rna rna.fa --output out.fa").done();
    assert!(hidden(&place).is_empty(), "{:?}", hidden(&place));
}
