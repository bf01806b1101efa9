//! Pipes as inputs and outputs: read once, and recorded with the digest of what came through.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crossmamba::record::Digest;

use super::support::{Place, binary};
use super::{STORES, copy_of_good};

/// Runs a tool with named pipes in the place of some files, and gives what it said; a tool that waits for ever is ended.
fn run(place: &Place, tool: &str, arguments: &str, piped: &[&str]) -> String {
    let mut arguments = format!(" {arguments} ");
    for file in piped {
        let pipe = place.path(&format!("{file}.pipe"));
        let _ = std::fs::remove_file(&pipe);
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        arguments = arguments.replace(&format!(" {file} "), &format!(" {file}.pipe "));
        let bytes = place.bytes(file);
        // Waits in its own thread until the tool reads; what nobody reads ends with the test.
        std::thread::spawn(move || std::fs::write(pipe, bytes));
    }
    let mut child = Command::new(binary(tool))
        .args(arguments.split_whitespace())
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool starts");
    let start = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if start.elapsed() > Duration::from_mins(2) {
            child.kill().expect("an end");
            panic!("crossmamba-{tool}{arguments}waits for ever");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("an output");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "crossmamba-{tool}{arguments}\n{said}");
    said
}

/// Asserts that a record names the digests of these files.
#[track_caller]
fn recorded(place: &Place, record: &str, files: &[&str]) {
    let text = place.read(record);
    for file in files {
        let digest = Digest::of(&place.bytes(file)).to_string();
        assert!(text.contains(&digest), "{record} lacks the digest of {file}: {text}");
    }
}

#[test]
fn every_tool_reads_named_pipes_and_records_what_came_through() {
    let place = copy_of_good();
    run(&place, "parse", "sequences --kind rna rna.fa --output a.fa", &["rna.fa"]);
    recorded(&place, "a.fa.provenance.json", &["rna.fa"]);
    let files = ["pairs.tsv", "rna.fa", "protein.fa"];
    run(&place, "parse", "pairs --pairs pairs.tsv --rna rna.fa --partner protein.fa --output a.tsv", &files);
    recorded(&place, "a.tsv.provenance.json", &files);
    run(
        &place,
        "split",
        "audit --splits splits.tsv --pairs pairs.tsv --rna rna.fa --partner protein.fa --audit audit.tsv",
        &["splits.tsv", "pairs.tsv", "rna.fa", "protein.fa"],
    );
    recorded(&place, "audit.tsv.provenance.json", &["splits.tsv", "pairs.tsv", "rna.fa", "protein.fa"]);
    run(&place, "embed", "--kind rna --input rna.fa --output b.store", &["rna.fa"]);
    recorded(&place, "b.store.provenance.json", &["rna.fa"]);
    let files = ["pairs.tsv", "splits.tsv", "small.yaml"];
    let arguments =
        format!("--pairs pairs.tsv --splits splits.tsv {STORES} --config small.yaml --output trained");
    run(&place, "fuse-train", &arguments, &files);
    recorded(&place, "trained/predictions.tsv.provenance.json", &files);
    let arguments = format!("--model model --pairs pairs.tsv {STORES} --output p.tsv");
    run(&place, "predict", &arguments, &["pairs.tsv"]);
    recorded(&place, "p.tsv.provenance.json", &["pairs.tsv"]);
    assert_eq!(place.bytes("p.tsv"), place.bytes("predictions.tsv"));
    let files = ["predictions.tsv", "pairs.tsv", "splits.tsv", "rna.fa", "protein.fa"];
    run(
        &place,
        "evaluate",
        "--predictions predictions.tsv --pairs pairs.tsv --splits splits.tsv --rna rna.fa --partner protein.fa \
         --bootstrap 0 --output report",
        &files,
    );
    recorded(&place, "report/provenance.json", &files);
}

#[test]
fn a_pipe_is_not_read_twice_and_no_table_of_rejects_lies_beside_one() {
    let place = copy_of_good();
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().expect("mkfifo").success());
    place
        .run("parse", "pairs --pairs pairs.tsv --rna pipe --partner pipe --output a.tsv")
        .ended(2)
        .says("pipe: is named twice; it can be read once only");
    place
        .run("embed", "--kind protein --input protein.fa --encoder import --name x --from pipe --output out")
        .ended(2)
        .says("pipe: is a pipe or a device, and must be read in any order; write it into a file before");
    place.write("new.tsv", "rna_id\tpartner_id\nrna01\tprotein01\nrna01\tnobody\n");
    let command =
        format!("\"$PREDICT\" --model model --pairs new.tsv {STORES} --output /dev/fd/7 7> out.tsv");
    let ran = Command::new("sh")
        .args(["-c", &command])
        .env("PREDICT", binary("predict"))
        .current_dir(place.path(""))
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("`rna01 nobody`: unknown-partner"), "{said}");
    assert_eq!(place.read("out.tsv").lines().count(), 2);
    place
        .run("parse", "pairs --pairs pairs.tsv --rna rna.fa --output /dev/fd/7")
        .ended(2)
        .says("/dev/fd/7: cannot write");
}
