//! Black-box tests of `crossmamba-parse`.

#![expect(clippy::format_push_string, clippy::format_collect, reason = "plain beats quick in tests")]

#[path = "parse/pairs.rs"]
mod pairs;
mod support;
#[path = "parse/table.rs"]
mod table;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use support::{Place, binary};

const RNA: &str = "sequences --kind rna";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(text).expect("written to memory");
    out.finish().expect("written to memory")
}

/// Parses one RNA file and gives the output and the rejects without their header, columns joined by blanks.
#[track_caller]
fn parse(text: impl AsRef<[u8]>, options: &str, code: i32) -> (String, Vec<String>) {
    let place = Place::new();
    place.write("in", text);
    place.run("parse", &format!("{options} in --output out --rejects rejects.tsv")).ended(code);
    let rejects = place.read("rejects.tsv");
    let mut rows = rejects.lines();
    assert_eq!(rows.next(), Some("file\tline\tid\treason\tdetail"));
    (place.read("out"), rows.map(|row| row.replace('\t', " ")).collect())
}

#[test]
fn every_way_to_write_the_same_sequences_gives_the_same_file() {
    let text = ">a first\nacgt\nRYN\n>b\nGGCC\n";
    let wanted = ">a\nACGURYN\n>b\nGGCC\n";
    let fastq = "@a first\nacgtRYN\n+\nIIIIIII\n@b\nGGCC\n+b\n@@@@\n\n\n";
    let (first, second) = text.split_at(text.find(">b").expect("a second record"));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("plain", text.into()),
        ("no final line feed", text.trim_end().into()),
        ("CRLF", text.replace('\n', "\r\n").into()),
        ("byte order mark", format!("\u{feff}{text}").into()),
        ("blank lines", format!("\n\n{}", text.replace(">b", "\n\n>b")).into()),
        ("gzip", gzip(text.as_bytes())),
        ("gzip in two members", [gzip(first.as_bytes()), gzip(second.as_bytes())].concat()),
        ("FASTQ", fastq.into()),
        ("FASTQ in gzip", gzip(fastq.as_bytes())),
        ("description that is not UTF-8", b">a \xff\xfe\nacgt\nRYN\n>b\nGGCC\n".to_vec()),
    ];
    for (name, bytes) in cases {
        let place = Place::new();
        place.write("in", &bytes);
        place.run("parse", &format!("{RNA} in --output out.fa")).done();
        assert_eq!(place.read("out.fa"), wanted, "{name}");
        let ran = place.run_with("parse", &format!("{RNA} - --output -"), &bytes).done();
        assert_eq!(ran.stdout, wanted, "{name} from standard input");
        place.run("parse", &format!("{RNA} out.fa --output again.fa --case reject")).done();
        assert_eq!(place.read("again.fa"), wanted, "{name} parsed again");
    }
}

#[test]
fn each_reject_has_one_reason() {
    let cases: [(&[u8], &str, &str); 16] = [
        (b">\nACGU\n", "", "in 2  no-id "),
        (b"> x\nACGU\n", "", "in 2  no-id "),
        (b">\xff\nACGU\n", "", "in 2 \u{fffd} bad-id is not UTF-8 text"),
        (b">x\n", "", "in 2 x empty "),
        (b">x\n\n\n", "", "in 2 x empty "),
        (b">x\nACGX\n", "", "in 2 x bad-letter `X` at position 4"),
        (b">x\nAC\0GU\n", "", "in 2 x bad-letter `\\x00` at position 3"),
        (b">x\nAC>GU\n", "", "in 2 x bad-letter `>` at position 3"),
        (b">x\nAC\rGU\n", "", "in 2 x bad-letter `\\r` at position 3"),
        (b">x\nACGU*\n", "", "in 2 x bad-letter `*` at position 5"),
        (b">x\nAC-GU\n", "", "in 2 x gap `-` at position 3"),
        (b">x\nacgu\n", "--case reject", "in 2 x bad-letter `a` at position 1"),
        (b">x\nACGN\n", "--ambiguous reject", "in 2 x ambiguous `N` at position 4"),
        (b">x\nACGUACGU\n", "--max-length 4", "in 2 x too-long the limit is 4 letters"),
        (b">ok\nA\n", "", "in 2 ok duplicate-record the first is kept"),
        (b">ok\nC\n", "", "in 2 ok id-conflict the first record with this identifier is kept"),
    ];
    for (text, options, row) in cases {
        // The kept records on both sides tell that nothing else is lost.
        let whole = [b">ok\nA", text, b">z\nCC\n"].join(&b'\n');
        let whole = [&whole[..6], &whole[6..]].concat();
        let (out, rows) = parse(&whole, &format!("{RNA} {options}"), 1);
        let row = row.replacen("in 2", "in 3", 1);
        assert_eq!((out.as_str(), rows), (">ok\nA\n>z\nCC\n", vec![row]));
    }
}

#[test]
fn policies_change_the_letters_that_they_name() {
    assert_eq!(parse(">a\nA-C.RN\n", &format!("{RNA} --gaps remove --ambiguous mask"), 0).0, ">a\nACNN\n");
    let protein = "sequences --kind protein";
    assert_eq!(parse(">a\nmkUOBZJX*\n", protein, 0).0, ">a\nMKUOBZJX\n");
    assert_eq!(parse(">a\nMK*L*\n", &format!("{protein} --inner-stop mask"), 0).0, ">a\nMKXL\n");
    let (out, rows) = parse(">a\nMK*L*\n>b\nM\n", protein, 1);
    assert_eq!((out.as_str(), rows), (">b\nM\n", vec!["in 1 a stop inside, at position 3".to_owned()]));
    assert_eq!(parse(">\nA\n>b\nC\n", &format!("{RNA} --id-prefix seq"), 0).0, ">seq1\nA\n>b\nC\n");
}

#[test]
fn fastq_is_checked_where_the_reader_is_not() {
    let (out, rows) = parse("@a\nACGU\n+\nIII\n@b\nAC\n+\nII\n", RNA, 1);
    assert_eq!(
        (out.as_str(), rows),
        (">b\nAC\n", vec!["in 1 a quality-length 4 letters, 3 qualities".to_owned()])
    );
}

#[test]
fn nucleotides_that_are_given_as_proteins_draw_a_warning() {
    let place = Place::new();
    let words = "look like nucleotides, not like protein: is it `--kind rna` that is right?";
    place
        .write("rna.fa", ">a\nACGTTGCAAGGCTTACGTTACGT\n")
        .write("protein.fa", ">a\nMKTAYIAKQRQISFVKSHFSRQ\n");
    for (file, warns) in [("rna.fa", true), ("protein.fa", false)] {
        let parsed =
            place.run("parse", &format!("sequences --kind protein {file} --output parsed.fa")).done();
        let embedded =
            place.run("embed", &format!("--kind protein --input parsed.fa --output {file}.store")).done();
        for ran in [parsed, embedded] {
            assert_eq!(ran.stderr.contains(words), warns, "{file}: {}", ran.stderr);
        }
    }
}

#[test]
fn letters_that_rna_does_not_have_are_masked_when_asked_for() {
    let (out, rows) = parse(">a\nACXgu\n", &format!("{RNA} --other-letters mask"), 0);
    assert_eq!((out.as_str(), rows.len()), (">a\nACNGU\n", 0));
    let place = Place::new();
    place.write("in", ">a\nMK\n");
    let ran = place.run("parse", "sequences --kind protein --other-letters mask in --output out").ended(2);
    assert!(ran.stderr.contains("--other-letters"), "{}", ran.stderr);
}

#[test]
fn lists_of_small_molecules_are_read_with_extensions_names_and_either_order() {
    const SMALL: &str = "sequences --kind small-molecule";
    let text = "CC* |$;;R1$| m1\nCCO\tacetic acid\t60.05\nN->[#26]%(100)CC%(100) m3 12.5\n";
    let (out, _) = parse(text, SMALL, 0);
    assert_eq!(out, "CC*\tm1\nCCO\tacetic_acid\nN->[#26]%(100)CC%(100)\tm3\n");
    let text = "m1 CCO\nm 2\tC=O\n";
    let (out, _) = parse(text, &format!("{SMALL} --identifier before"), 0);
    assert_eq!(out, "CCO\tm1\nC=O\tm_2\n");
    let (_, rows) = parse("m1 CCO\nC=O m3\n", SMALL, 1);
    assert!(rows[0].contains("bad-smiles") && rows[0].contains("`--identifier before`"), "{rows:?}");
}

#[test]
fn of_a_list_of_smiles_strings_what_can_be_read_is_kept_and_the_rest_has_its_reason() {
    let text =
        "SMILES\tname\nCCO m1\n\nc1ccccc1\tm2\textra\n[Na+].[Cl-]\tm3\r\nC(C\tm4\nC\nCxx\tm6\nCCO\tm7\n";
    let (out, rows) = parse(text, "sequences --kind small-molecule", 1);
    assert_eq!(out, "CCO\tm1\nc1ccccc1\tm2\n[Na+].[Cl-]\tm3\nCCO\tm7\n");
    let wanted = [
        "in 1 name bad-smiles `M` at position 2 is no SMILES letter",
        "in 6 m4 bad-smiles a parenthesis is not closed",
        "in 7  no-id ",
        "in 8 m6 bad-smiles `x` at position 2 is no SMILES letter",
    ];
    assert_eq!(rows, wanted);
    assert_eq!(parse(&out, "sequences --kind small-molecule", 0).0, out);
}

#[test]
fn what_cannot_be_read_ends_the_run_and_leaves_nothing() {
    let whole = gzip(">a\nACGU\n".repeat(1000).as_bytes());
    let cases: [(&str, &[u8], &str); 12] = [
        (RNA, b"", "in: is empty"),
        (RNA, b"\n\n", "in: is empty"),
        (RNA, b"ACGU\n", "in, line 1: starts with neither `>` nor `@`; pass a FASTA or FASTQ file"),
        (RNA, b"\n; old\n>a\nA\n", "in, line 2: starts with neither `>` nor `@`"),
        (RNA, b"\0\0\0\0", "in, line 1: starts with neither `>` nor `@`"),
        (RNA, b"\xff\xfe>\0a\0", "in, line 1: is UTF-16 text"),
        (RNA, b">a\rACGU\r>b\rA\r", "in, line 1: the first line ends in a carriage return alone"),
        (RNA, &whole[..whole.len() - 9], "in: cannot read: the compressed data end too early"),
        (RNA, b"@a\nACGU\n+\nIIII\n@b\nACGU\n+\nII", "in, line 5: the file ends inside this record"),
        (RNA, b"@a\nAC\nGU\n+\nII\nII\n", "in, line 1: is not FASTQ"),
        ("sequences --kind protein", b"@a\nA\n+\nI\n", "in, line 1: is FASTQ, which holds no protein"),
        (
            "sequences --kind small-molecule",
            b">a\nA\n",
            "in, line 1: is FASTA; pass lines of a SMILES string",
        ),
    ];
    for (options, bytes, sentence) in cases {
        let place = Place::new();
        place.write("in", bytes);
        let ran = place.run("parse", &format!("{options} in --output out --rejects r --summary s"));
        ran.ended(2).says(&format!("crossmamba-parse: error: {sentence}"));
        assert_eq!(place.files().len(), 1, "{sentence}: {:?}", place.files());
    }
}

#[test]
fn a_rule_takes_the_identifier_out_of_the_header() {
    let text = ">sp|P12345|AATM_RABIT Aspartate GN=GOT2 PE=1\nMK\n>tr|Q1|Q1_X Other GN=TP53\nML\n";
    let protein = "sequences --kind protein";
    for (rule, ids) in [
        ("accession", ["P12345", "Q1"]),
        ("first-word", ["sp|P12345|AATM_RABIT", "tr|Q1|Q1_X"]),
        ("whole", ["sp|P12345|AATM_RABIT_Aspartate_GN=GOT2_PE=1", "tr|Q1|Q1_X_Other_GN=TP53"]),
        ("regex:GN=(\\w+)", ["GOT2", "TP53"]),
    ] {
        let wanted = format!(">{}\nMK\n>{}\nML\n", ids[0], ids[1]);
        assert_eq!(parse(text, &format!("{protein} --id-rule {rule}"), 0).0, wanted);
    }
    let (out, rows) = parse(text, &format!("{protein} --id-rule regex:PE=(.)"), 1);
    assert_eq!((out.as_str(), rows), (">1\nMK\n", vec!["in 3  no-id ".to_owned()]));
}

#[test]
fn a_run_that_keeps_nothing_fails_and_names_the_commonest_reason() {
    let place = Place::new();
    place.write("in", ">a\nMKVL\n>b\nMKIE\n>c\n");
    place.run("parse", &format!("{RNA} in --output out --rejects r --summary s")).ended(2).says(
        "in: no record of 3 is left: 2 are rejected as bad-letter, such as `a` on line 1 (`L` at position 4); \
         check --kind, or correct the sequences",
    );
    assert_eq!(place.files().len(), 1);
}

#[test]
fn settings_and_paths_are_checked_before_anything_is_written() {
    let place = Place::new();
    place.write("in", ">a\nA\n").write("folder/x", "");
    for (arguments, sentence) in [
        ("in --output in", "in: is an input, too; name another output"),
        ("in --output out --rejects out", "out: is another output, too"),
        ("in --output out --rejects ./folder/../out", "out: is another output, too"),
        ("in --output folder", "folder: cannot write: a folder has this name"),
        ("in --output none/out", "none/out: cannot write: No such file or directory"),
        ("folder --output out", "folder: is a folder, not a file"),
        ("missing --output out", "missing: cannot read: No such file or directory"),
        ("in in --id-prefix x --output out", "setting `--id-prefix`: line numbers of several files"),
        ("in --inner-stop mask --output out", "setting `--inner-stop`: means nothing for rna; leave it out"),
        ("- - --output out", "standard input: is named twice"),
    ] {
        place.run("parse", &format!("{RNA} {arguments}")).ended(2).says(sentence);
        assert_eq!(place.files().len(), 2, "{arguments}");
    }
    place
        .run("parse", &format!("{RNA} in --output /dev/full"))
        .ended(2)
        .says("/dev/full: cannot write: No space left");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let place = Place::new();
    place.write("in", (0..200_000).map(|i| format!(">r{i}\nACGUACGUACGU\n")).collect::<String>());
    let mut child = Command::new(binary("parse"))
        .args("sequences --kind rna in --output -".split(' '))
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool starts");
    let mut stdout = child.stdout.take().expect("a piped output");
    stdout.read_exact(&mut [0; 10]).expect("some output");
    drop(stdout);
    let output = child.wait_with_output().expect("the tool ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_killed_run_leaves_nothing() {
    let place = Place::new();
    let mut child = Command::new(binary("parse"))
        .args("sequences --kind rna - --output out --rejects r --summary s".split(' '))
        .current_dir(place.path(""))
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the tool starts");
    let mut stdin = child.stdin.take().expect("a piped input");
    for i in 0..300_000 {
        writeln!(stdin, ">r{i}\nACGUACGUACGU").expect("the tool reads");
    }
    child.kill().expect("a killed tool");
    child.wait().expect("an ended tool");
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let mut text = String::new();
    for i in 0..60_000 {
        let length = i * 7 % 90;
        text += &format!(">r{} d\n{}\n", i % 50_000, &"ACGTNacgu-".repeat(9)[..length]);
    }
    let place = Place::new();
    place.write("in", &text);
    for threads in [1, 2, 5] {
        let options = format!("--rejects r{threads} --summary s{threads} --threads {threads}");
        place.run("parse", &format!("{RNA} in --output o{threads} {options}")).ended(1);
        for name in ["o", "r", "s"] {
            assert_eq!(place.bytes(&format!("{name}1")), place.bytes(&format!("{name}{threads}")), "{name}");
        }
        let record = |n| place.bytes(&format!("o{n}.provenance.json"));
        assert_eq!(record(1), record(threads));
    }
    let summary: serde_json::Value = serde_json::from_str(&place.read("s1")).expect("JSON");
    assert_eq!(summary["records"], 60_000);
    let rejected = place.read("r1").lines().count() as u64 - 1;
    assert_eq!(summary["rejected"], rejected);
    assert_eq!(summary["kept"], place.read("o1").lines().count() as u64 / 2);
}

#[test]
fn a_line_of_a_megabyte_is_read() {
    let letters = "ACGU".repeat(300_000);
    assert_eq!(parse(format!(">a\n{letters}\n"), RNA, 0).0, format!(">a\n{letters}\n"));
    let (out, rows) = parse(format!(">a\n{letters}\n>b\nA\n"), &format!("{RNA} --max-length 1000"), 1);
    assert_eq!((out.as_str(), rows.len()), (">b\nA\n", 1));
}
