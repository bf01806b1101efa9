//! Times `crossmamba-parse` beside noodles' raw FASTA reader, which checks and normalises nothing, and
//! seqkit, which normalises and checks the letters. All read one generated file in the same run, in turn, and
//! the best of three counts. The limit is one thread that reads the file in blocks and copies each once.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crossmamba::rng::Rng;
use noodles::fasta;

const ROUNDS: usize = 3;

struct Options {
    folder: PathBuf,
    tool: PathBuf,
    seqkit: Option<PathBuf>,
    megabytes: usize,
}

/// What is timed.
struct Case {
    name: &'static str,
    kind: &'static str,
    /// The letters that are drawn, those that are frequent several times.
    letters: &'static [u8],
    /// Letters on a line.
    width: usize,
    seqkit: &'static [&'static str],
    /// Whether the result is kept.
    to_file: bool,
}

const CASES: [Case; 3] = [
    Case {
        name: "rna",
        kind: "rna",
        letters: b"ACGTACGTACGTACGTacgt",
        width: 60,
        seqkit: &["--upper-case", "--dna2rna", "--validate-seq"],
        to_file: false,
    },
    Case {
        name: "protein",
        kind: "protein",
        letters: b"ACDEFGHIKLMNPQRSTVWY",
        width: 80,
        seqkit: &["--upper-case", "--validate-seq"],
        to_file: false,
    },
    Case {
        name: "rna-to-file",
        kind: "rna",
        letters: b"ACGTACGTACGTACGTacgt",
        width: 60,
        seqkit: &["--upper-case", "--dna2rna", "--validate-seq"],
        to_file: true,
    },
];

fn main() -> io::Result<()> {
    let options = options();
    let path = options.folder.join("parse.tsv");
    let mut table = String::from("bench\tcase\tours\tpeer_name\tpeer\tunit\tratio\tlimit\n");
    for case in &CASES {
        let input = options.folder.join(format!("parse-{}.fa", case.kind));
        write_fasta(&input, case, options.megabytes)?;
        let output = options.folder.join(format!("parse-{}.out", case.kind));
        let kept = if case.to_file { output.clone() } else { PathBuf::from("/dev/null") };
        let megabytes = input.metadata()?.len() as f64 / 1e6;
        let [mut ours, mut raw, mut seqkit, mut limit] = [f64::INFINITY; 4];
        for _ in 0..ROUNDS {
            limit = limit.min(seconds(|| copy(&input))?);
            raw = raw.min(seconds(|| read_raw(&input))?);
            ours = ours.min(seconds(|| run(Command::new(&options.tool).args(ours_of(case, &input, &kept))))?);
            if let Some(program) = &options.seqkit {
                let mut command = Command::new(program);
                command.arg("seq").args(case.seqkit).args(["--line-width", "0", "--quiet", "--out-file"]);
                seqkit = seqkit.min(seconds(|| run(command.arg(&kept).arg(&input)))?);
            }
        }
        for (name, time) in [("noodles-fasta (reads only)", raw), ("seqkit seq", seqkit)] {
            let (rate, limit) = (megabytes / ours, megabytes / limit);
            let (peer, ratio) = if time.is_finite() {
                (format!("{:.0}", megabytes / time), format!("{:.2}", time / ours))
            } else {
                ("NA".into(), "NA".into())
            };
            writeln!(table, "parse\t{}\t{rate:.0}\t{name}\t{peer}\tMB/s\t{ratio}\t{limit:.0}", case.name)
                .map_err(io::Error::other)?;
        }
        if case.to_file {
            std::fs::remove_file(&output)?;
        }
    }
    print!("{table}");
    std::fs::write(path, table)
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let get = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).filter(|value| !value.is_empty() && !value.starts_with("--"))
    };
    Options {
        folder: get("--folder").map_or_else(|| "target/bench".into(), PathBuf::from),
        tool: get("--tool").map_or_else(|| "target/release/crossmamba-parse".into(), PathBuf::from),
        seqkit: get("--seqkit").map(PathBuf::from),
        megabytes: get("--size").and_then(|size| size.parse().ok()).unwrap_or(200),
    }
}

/// Writes records of 200 to 4200 letters; a file that is there already is kept.
fn write_fasta(path: &Path, case: &Case, megabytes: usize) -> io::Result<()> {
    let wanted = megabytes * 1_000_000;
    if path.metadata().is_ok_and(|found| found.len() as usize >= wanted) {
        return Ok(());
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut rng = Rng::new(1);
    // Letters are cut from one long random text: drawing each would take longer than all else.
    let text: Vec<u8> = (0..1 << 20).map(|_| case.letters[rng.below(case.letters.len())]).collect();
    let (mut letters, mut number) = (0, 0);
    while letters < wanted {
        let length = 200 + rng.below(4001);
        let start = rng.below(text.len() - length);
        writeln!(out, ">seq{number} length={length}")?;
        for line in text[start..start + length].chunks(case.width) {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
        letters += length;
        number += 1;
    }
    out.flush()
}

fn seconds(work: impl FnOnce() -> io::Result<()>) -> io::Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

fn copy(path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let (mut from, mut to) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let count = file.read(&mut from)?;
        if count == 0 {
            return Ok(());
        }
        to[..count].copy_from_slice(&from[..count]);
        std::hint::black_box(&mut to);
    }
}

fn read_raw(path: &Path) -> io::Result<()> {
    let mut reader = fasta::io::Reader::new(BufReader::with_capacity(1 << 17, File::open(path)?));
    let (mut definition, mut sequence) = (fasta::record::Definition::default(), Vec::new());
    while reader.read_definition(&mut definition)? != 0 {
        sequence.clear();
        reader.read_sequence(&mut sequence)?;
        std::hint::black_box(&mut sequence);
    }
    Ok(())
}

fn ours_of(case: &Case, input: &Path, output: &Path) -> Vec<std::ffi::OsString> {
    let mut arguments: Vec<std::ffi::OsString> =
        ["sequences", "--quiet", "--kind", case.kind].map(Into::into).to_vec();
    arguments.push(input.into());
    arguments.extend(["--output".into(), output.into()]);
    arguments
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.stdin(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?} failed: {status}"))) }
}
