//! Every malformed checkpoint gives one sentence, after bounded work in bounded memory.
#![cfg(feature = "nn")]

#[path = "lm/bytes.rs"]
mod bytes;
#[path = "lm/cases.rs"]
mod cases;
#[path = "lm/meter.rs"]
mod meter;
#[path = "lm/zip.rs"]
mod zip;

use std::path::{Path, PathBuf};

use crossmamba::lm::Checkpoint;
use crossmamba::rng::Rng;

#[global_allocator]
static METER: meter::Meter = meter::Meter;

/// The most memory that a refusal may take at a time, and in all: the work is bounded by what it allocates.
const PEAK: usize = 256 << 20;
const TOTAL: usize = 1 << 30;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/lm")).join(name)
}

/// Opens a checkpoint and reads every tensor, as an encoder would.
fn load(path: &Path) -> Result<Vec<Vec<f32>>, String> {
    let checkpoint = Checkpoint::open(path).map_err(|e| e.to_string())?;
    let names = checkpoint.shape().tensors();
    names
        .iter()
        .map(|(name, _)| checkpoint.tensor(name)?.to_f32())
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())
}

/// Checks that a message is one sentence with a remedy.
fn is_a_sentence(message: &str) {
    // What the operating system refuses has its own words.
    let remedy = message.contains("; ") || message.contains(": cannot read: ");
    assert!(remedy && !message.contains('\n') && message.len() < 900, "{message}");
}

/// One test for all, because the meter counts what every thread allocates.
#[test]
fn malformed_checkpoints_are_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for case in cases::all() {
        let here = folder.path().join(case.name.replace(' ', "_"));
        std::fs::create_dir(&here).unwrap();
        for (name, bytes) in &case.files {
            std::fs::write(here.join(name), bytes).unwrap();
        }
        let path = if case.open.is_empty() { here } else { here.join(case.open) };
        meter::start();
        let result = load(&path);
        let (peak, total) = meter::taken();
        let Err(message) = result else {
            wrong.push(format!("{}: is read", case.name));
            continue;
        };
        is_a_sentence(&message);
        if !message.contains(case.says) || !message.contains(&*folder.path().to_string_lossy()) {
            wrong.push(format!("{}: {message}", case.name));
        }
        if peak > PEAK || total > TOTAL {
            wrong.push(format!("{}: {peak} bytes at a time, {total} in all", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cut_files_are_refused(folder.path());
    flipped_bits_do_not_panic(folder.path());
}

const WHOLE: [&str; 5] = [
    "esm2/model.safetensors",
    "esm2/esm2_tiny.pt",
    "esm2/pytorch_model.bin",
    "rinalmo/rinalmo_tiny_pretrained.pt",
    "molformer_small/molformer_tiny.ckpt",
];

/// Puts the files that stand beside a fixture into an empty folder.
fn surround(name: &str, folder: &Path) -> PathBuf {
    let fixture = fixture(name);
    for beside in ["config.json", "vocab.txt", "vocab.json"] {
        let _ = std::fs::remove_file(folder.join(beside));
        if fixture.with_file_name(beside).is_file() {
            std::fs::copy(fixture.with_file_name(beside), folder.join(beside)).unwrap();
        }
    }
    folder.join("weights")
}

fn cut_files_are_refused(folder: &Path) {
    for name in WHOLE {
        let bytes = std::fs::read(fixture(name)).unwrap();
        let path = surround(name, folder);
        std::fs::write(&path, &bytes).unwrap();
        assert!(load(&path).is_ok(), "{name}");
        let places =
            (0..64).chain((64..bytes.len()).step_by(bytes.len() / 150)).chain(bytes.len() - 64..bytes.len());
        for place in places {
            std::fs::write(&path, &bytes[..place]).unwrap();
            let message = load(&path).expect_err(name);
            is_a_sentence(&message);
        }
    }
}

fn flipped_bits_do_not_panic(folder: &Path) {
    let mut rng = Rng::new(7);
    for name in WHOLE {
        let mut bytes = std::fs::read(fixture(name)).unwrap();
        let path = surround(name, folder);
        std::fs::write(&path, &bytes).unwrap();
        let right = load(&path).unwrap();
        let headers = bytes.len() / 12;
        for flip in 0..300 {
            // Half of the flips hit the first bytes, where headers and pickles are, or the last, where zip keeps
            // its directory.
            let at = match flip % 4 {
                0 => rng.below(headers),
                1 => bytes.len() - 1 - rng.below(headers),
                _ => rng.below(bytes.len()),
            };
            let bit = 1 << rng.below(8);
            bytes[at] ^= bit;
            std::fs::write(&path, &bytes).unwrap();
            match load(&path) {
                Err(message) => is_a_sentence(&message),
                // A torch file keeps checksums: what opens is unharmed. Safetensors has none; `--verify` is for that.
                Ok(read) => {
                    assert!(
                        name.ends_with(".safetensors") || read == right,
                        "{name}: bit {bit} of byte {at}"
                    );
                }
            }
            bytes[at] ^= bit;
        }
    }
}
