//! Bad inputs, tool by tool: the exit code, the sentence, and that nothing half-written stays behind.
//!
//! Each row starts from a folder with a small, good set: rna.fa, protein.fa, pairs.tsv, splits.tsv,
//! rna.store, protein.store, model, predictions.tsv. Exit code 2 leaves the folder exactly as it was; 1 means
//! that the rest was done.

#[path = "bad_input/exchange.rs"]
mod exchange;
#[path = "bad_input/language.rs"]
mod language;
#[path = "bad_input/models.rs"]
mod models;
#[path = "bad_input/paths.rs"]
mod paths;
#[path = "bad_input/reports.rs"]
mod reports;
#[path = "bad_input/sequences.rs"]
mod sequences;
#[path = "bad_input/streams.rs"]
mod streams;
mod support;
#[path = "bad_input/tables.rs"]
mod tables;
#[path = "bad_input/whole.rs"]
mod whole;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::OnceLock;

use support::Place;

/// What a row adds to the good folder: a file and its bytes.
type File = (&'static str, &'static [u8]);

/// What `STORES` stands for in the arguments of a row.
const STORES: &str = "--rna-store rna.store --partner-store protein.store";

/// One bad input.
struct Row {
    tool: &'static str,
    arguments: &'static str,
    files: &'static [File],
    code: i32,
    says: &'static str,
}

const fn row(
    tool: &'static str,
    arguments: &'static str,
    files: &'static [File],
    code: i32,
    says: &'static str,
) -> Row {
    Row { tool, arguments, files, code, says }
}

/// Makes the good folder once.
fn good() -> &'static Place {
    static GOOD: OnceLock<Place> = OnceLock::new();
    GOOD.get_or_init(|| {
        let place = Place::new();
        place
            .run(
                "simulate",
                "--classes 2 --families 10 --rna 20 --partners 20 --pairs 40 --noise 0 --output set",
            )
            .done();
        for name in ["rna.fa", "protein.fa", "pairs.tsv"] {
            std::fs::rename(place.path(&format!("set/{name}")), place.path(name)).expect("a renamed file");
        }
        std::fs::remove_dir_all(place.path("set")).expect("a removed folder");
        place.run("split", "holdout --pairs pairs.tsv --output splits.tsv").done();
        for (kind, name) in [("rna", "rna"), ("protein", "protein")] {
            place.run("embed", &format!("--kind {kind} --input {name}.fa --output {name}.store")).done();
        }
        place.write("small.yaml", "model: { width: 8, inner: 16, state: 4 }\ntraining: { epochs: 1 }\n");
        place
            .run(
                "fuse-train",
                &format!("--pairs pairs.tsv --splits splits.tsv {STORES} --config small.yaml --output model"),
            )
            .done();
        place
            .run("predict", &format!("--model model --pairs pairs.tsv {STORES} --output predictions.tsv"))
            .done();
        place
    })
}

/// Gives a fresh copy of the good folder.
fn copy_of_good() -> Place {
    let place = Place::new();
    place.copy(good().path("").as_path(), "");
    place
}

fn contents(place: &Place) -> BTreeMap<String, Vec<u8>> {
    place.files().into_iter().map(|name| (name.clone(), place.bytes(&name))).collect()
}

/// Says what is wrong with how a tool took a row; nothing if it is as it must be.
fn fault(place: &Place, row: &Row) -> Option<String> {
    for (name, bytes) in row.files {
        place.write(name, bytes);
    }
    let before = contents(place);
    let ran = place.run(row.tool, &row.arguments.replace("STORES", STORES));
    let mut said = ran.stderr.clone();
    if row.code == 1 {
        let tables =
            place.files().into_iter().filter(|name| name == "rejects.tsv" || name == "out.tsv.rejects.tsv");
        tables.for_each(|name| said.push_str(&place.read(&name)));
    }
    let trouble = if ran.code != Some(row.code) {
        format!("exit code {:?}, not {}", ran.code, row.code)
    } else if !said.contains(row.says) || row.says.is_empty() {
        format!("does not say `{}`", row.says)
    } else if ["panicked", "RUST_BACKTRACE", "stack backtrace"].iter().any(|word| said.contains(word)) {
        "shows a panic".into()
    } else if row.code == 2 && contents(place) != before {
        let after = contents(place);
        let changed: Vec<_> = after.iter().filter(|(name, bytes)| before.get(*name) != Some(bytes)).collect();
        format!("left or changed {:?}", changed.iter().map(|(name, _)| name).collect::<Vec<_>>())
    } else {
        return None;
    };
    Some(format!("{}\n  {trouble}\n  {}", ran.command, said.trim_end().replace('\n', "\n  ")))
}

#[track_caller]
fn check(rows: &[Row]) {
    let faults: Vec<String> = rows.iter().filter_map(|row| fault(&copy_of_good(), row)).collect();
    assert!(faults.is_empty(), "{} of {} rows:\n{}", faults.len(), rows.len(), faults.join("\n"));
}

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

#[test]
fn truncated_gzip_is_an_error_and_not_a_shorter_file() {
    let place = copy_of_good();
    let mut whole = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    whole.write_all(&place.bytes("rna.fa")).expect("compressed");
    let whole = whole.finish().expect("compressed");
    place.write("torn.fa.gz", &whole[..whole.len() / 2]);
    for (tool, arguments) in [
        ("parse", "sequences --kind rna torn.fa.gz --output out.fa"),
        ("embed", "--kind rna --input torn.fa.gz --output out"),
        ("parse", "pairs --pairs torn.fa.gz --output out.tsv"),
    ] {
        let before = contents(&place);
        let ran = place.run(tool, arguments).ended(2).says("torn.fa.gz");
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        assert_eq!(before, contents(&place), "{}", ran.command);
    }
}

#[test]
fn a_switch_that_names_no_vector_instructions_is_refused() {
    let run = |switch: &str| {
        let mut command = std::process::Command::new(support::binary("fuse-train"));
        command.arg("--print-config").env("CROSSMAMBA_SIMD", switch).output().expect("the tool runs")
    };
    let refused = run("sse9");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("`CROSSMAMBA_SIMD`: `sse9` names no vector instructions; leave it out"), "{said}");
    assert_eq!(run("portable").status.code(), Some(0));
}
