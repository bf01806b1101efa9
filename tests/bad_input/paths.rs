//! Outputs that would destroy inputs or each other, and outputs that cannot be written: known before anything is made.

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::support::{Place, binary};
use super::{check, contents, copy_of_good, row};

#[test]
fn no_output_is_an_input_another_output_or_inside_what_is_read() {
    check(&[
        row(
            "parse",
            "sequences --kind rna rna.fa --output out.fa --mqc rna.fa",
            &[],
            2,
            "rna.fa: is an input, too; name another output",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output out.fa --mqc ./out.fa",
            &[],
            2,
            "./out.fa: is another output, too",
        ),
        row(
            "parse",
            "sequences --kind rna rna.fa --output out.fa --rejects out.fa.provenance.json",
            &[],
            2,
            "is another output, too; name another output",
        ),
        row(
            "parse",
            "pairs --pairs pairs.tsv --rna rna.fa --output out.tsv --summary rna.fa",
            &[],
            2,
            "rna.fa: is an input, too",
        ),
        row(
            "split",
            "holdout --pairs pairs.tsv --output out.tsv --audit out.tsv",
            &[],
            2,
            "out.tsv: is another output, too",
        ),
        row(
            "split",
            "audit --splits splits.tsv --pairs pairs.tsv --audit splits.tsv",
            &[],
            2,
            "splits.tsv: is an input, too",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output out --mqc rna.fa",
            &[],
            2,
            "rna.fa: is an input, too",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output rna.store --mqc rna.store/index.tsv",
            &[],
            2,
            "rna.store/index.tsv: lies inside rna.store, which is an output of its own; name another output",
        ),
        row(
            "embed",
            "--kind rna --input out.provenance.json --output out",
            &[("out.provenance.json", b">a\nACGU\n")],
            2,
            "out.provenance.json: is an input, too",
        ),
        row(
            "embed",
            "export --store rna.store --output rna.store/x.npz",
            &[],
            2,
            "rna.store/x.npz: lies inside rna.store, which is read; name another output",
        ),
        row("embed", "export --store rna.store --output rna.store", &[], 2, "rna.store: is an input, too"),
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output rna.store/model",
            &[],
            2,
            "rna.store/model: lies inside rna.store, which is read",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output out --mqc pairs.tsv",
            &[],
            2,
            "pairs.tsv: is an input, too",
        ),
        row(
            "fuse-train",
            "--pairs pairs.tsv STORES --output model --resume --mqc model/model.json",
            &[],
            2,
            "model/model.json: lies inside model, which is an output of its own",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output model/predictions.tsv",
            &[],
            2,
            "model/predictions.tsv: lies inside model, which is read; name another output",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output protein.store/../rna.store/x.tsv",
            &[],
            2,
            "lies inside rna.store, which is read",
        ),
        row(
            "predict",
            "--model model --pairs out.tsv.rejects.tsv STORES --output out.tsv",
            &[("out.tsv.rejects.tsv", b"rna_id\tpartner_id\nrna01\tprotein01\n")],
            2,
            "out.tsv.rejects.tsv: is an input, too",
        ),
        row(
            "evaluate",
            "--predictions report/scatter.tsv --output report",
            &[("report/scatter.tsv", b"rna_id\tpartner_id\tlabel\taffinity\na\tb\t1\t2\n")],
            2,
            "report/scatter.tsv: is an input, too",
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv --output out --mqc out/report.html",
            &[],
            2,
            "out/report.html: is another output, too",
        ),
        row(
            "simulate",
            "--output out --mqc out",
            &[],
            2,
            "out: is the folder of another output, too; name another output",
        ),
        row(
            "simulate",
            "--output set",
            &[("set/pairs.tsv", b"mine")],
            2,
            "set/pairs.tsv: exists already; name another folder with --output, or remove the set that is there",
        ),
    ]);
}

#[test]
fn outputs_that_cannot_be_written_are_known_before_the_work() {
    check(&[
        row(
            "fuse-train",
            "--pairs pairs.tsv --splits splits.tsv STORES --output out --mqc no/such.json",
            &[],
            2,
            "no/such.json: cannot write: No such file or directory",
        ),
        row(
            "evaluate",
            "--predictions predictions.tsv --output out --mqc no/such.json",
            &[],
            2,
            "no/such.json: cannot write: No such file or directory",
        ),
        row(
            "embed",
            "--kind rna --input rna.fa --output out --mqc rna.fa/x.json",
            &[],
            2,
            "rna.fa/x.json: cannot write: Not a directory",
        ),
        row(
            "predict",
            "--model model --pairs pairs.tsv STORES --output rna.store",
            &[],
            2,
            "rna.store: is an input, too",
        ),
    ]);
}

#[test]
fn links_are_followed_by_the_check_and_by_the_writing() {
    let place = copy_of_good();
    symlink("rna.fa", place.path("link.fa")).expect("a link");
    let before = contents(&place);
    place
        .run("parse", "sequences --kind rna rna.fa --output link.fa")
        .ended(2)
        .says("link.fa: is an input, too");
    std::fs::hard_link(place.path("rna.fa"), place.path("hard.fa")).expect("a link");
    place
        .run("parse", "sequences --kind rna rna.fa --output hard.fa")
        .ended(2)
        .says("hard.fa: is an input, too");
    std::fs::remove_file(place.path("hard.fa")).expect("a removed link");
    assert_eq!(before, contents(&place));
    symlink("new.fa", place.path("out.fa")).expect("a link");
    place.run("parse", "sequences --kind rna rna.fa --output out.fa").done();
    assert!(place.path("out.fa").is_symlink());
    assert_eq!(place.bytes("new.fa"), place.bytes("rna.fa"));
}

/// Runs `parse` with something as its standard output, through a shell.
fn shell(place: &Place, command: &str) -> std::process::Output {
    Command::new("sh")
        .args(["-c", command])
        .env("PARSE", binary("parse"))
        .env("TRAIN", binary("fuse-train"))
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

#[test]
fn names_of_standard_output_are_standard_output() {
    let place = copy_of_good();
    let was = std::fs::symlink_metadata("/dev/stdout").expect("standard output has a name");
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"] {
        let ran =
            shell(&place, &format!("\"$PARSE\" sequences -q --kind rna rna.fa --output {name} > out.fa"));
        assert!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(place.bytes("out.fa"), place.bytes("rna.fa"), "{name}");
    }
    let ran = shell(
        &place,
        "echo first > out.fa; \"$PARSE\" sequences -q --kind rna rna.fa --output /dev/fd/5 5>> out.fa",
    );
    assert!(ran.status.success());
    assert_eq!(place.bytes("out.fa"), [b"first\n", place.bytes("rna.fa").as_slice()].concat());
    let is = std::fs::symlink_metadata("/dev/stdout").expect("standard output has a name still");
    assert_eq!(was.file_type(), is.file_type());
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let place = copy_of_good();
    for command in [
        "\"$PARSE\" sequences -vv --kind rna rna.fa --output out.fa 2> /dev/full",
        "\"$PARSE\" sequences -vv --kind rna rna.fa --output out.fa 2>&-",
        "\"$PARSE\" sequences -vv --kind rna rna.fa --output out.fa 2>&1 | true; sleep 0.5",
    ] {
        let _ = std::fs::remove_file(place.path("out.fa"));
        let ran = shell(&place, command);
        assert!(ran.status.success(), "{command}: {:?}", ran.status);
        assert_eq!(place.bytes("out.fa"), place.bytes("rna.fa"), "{command}");
    }
    let ran = shell(&place, "\"$PARSE\" sequences --kind rna no-such.fa --output out.fa 2> /dev/full");
    assert_eq!(ran.status.code(), Some(2));
    let ran = shell(&place, "{ \"$TRAIN\" --print-config; echo $? >&2; } | true");
    assert_eq!(String::from_utf8_lossy(&ran.stderr).trim(), "0");
}

#[test]
fn what_comes_from_inputs_is_shown_escaped_and_cut() {
    let place = copy_of_good();
    place.write("x.fa", b">a\nAC\x1b[31mGU\n>\x1b[2Jb\nACGU\n>c\nACGU\n".as_slice());
    let ran = place.run("parse", "sequences --kind rna x.fa --output out.fa").ended(1);
    assert!(!ran.stderr.contains('\x1b'), "{:?}", ran.stderr);
    let key = "k".repeat(50_000);
    place.write("x.yaml", format!("training: {{ {key}: 1 }}\n"));
    let ran = place
        .run(
            "fuse-train",
            "--pairs pairs.tsv --rna-store rna.store --partner-store protein.store --config x.yaml --output out",
        )
        .ended(2)
        .says("unknown field `kkk");
    assert!(ran.stderr.len() < 2000, "{} bytes", ran.stderr.len());
}

#[test]
fn blank_variables_are_unset_and_absurd_ones_refused() {
    let place = copy_of_good();
    let parse = "\"$PARSE\" sequences -q --kind rna rna.fa --output out.fa";
    for value in ["", "  "] {
        let ran = shell(&place, &format!("CROSSMAMBA_THREADS='{value}' {parse}"));
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    place
        .run("parse", "sequences --kind rna rna.fa --output out.fa --threads 20000")
        .ended(2)
        .says("more than 1024 threads only wait for each other");
    let ran = shell(&place, &format!("ulimit -v 40000000; ulimit -u 1; {parse} --threads 64"));
    let said = String::from_utf8_lossy(&ran.stderr);
    // The administrator's processes are not limited.
    assert!(ran.status.success() || said.contains("cannot start threads"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn threads_that_find_no_room_in_the_address_space_are_refused_before_they_start() {
    let place = copy_of_good();
    let parse = "\"$PARSE\" sequences -q --kind rna rna.fa --output out.fa";
    for (threads, fits) in [(1000, false), (600, false), (500, true), (64, true), (1, true)] {
        for _ in 0..3 {
            let ran = shell(&place, &format!("ulimit -v 1500000; {parse} --threads {threads}"));
            let said = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(if fits { 0 } else { 2 }), "{threads} threads: {said}");
            assert_eq!(said.contains("MiB of address space"), !fits, "{threads} threads: {said}");
        }
    }
}
