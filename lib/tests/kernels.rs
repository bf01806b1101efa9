//! The PTX that ships was made from the sources beside it, and asks of a card what the table says.
#![cfg(feature = "nn")]

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn digest(name: &str) -> String {
    Sha256::digest(text(name)).iter().map(|b| format!("{b:02x}")).collect()
}

/// Names the files of a kind, in the folder and in those below.
fn files(endings: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![folder()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| endings.contains(&&*e.to_string_lossy())) {
                names.push(path.strip_prefix(folder()).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    names.sort();
    names
}

#[test]
fn every_ptx_was_made_from_the_sources_beside_it() {
    let recorded = text("kernels.digest");
    let of = |kind: &str| -> Vec<(String, String)> {
        let words = recorded.lines().filter_map(|line| line.strip_prefix(kind)?.trim().split_once(' '));
        let mut all: Vec<_> = words.map(|(name, digest)| (name.to_string(), digest.to_string())).collect();
        all.sort();
        all
    };
    let found = |endings: &[&str]| -> Vec<(String, String)> {
        files(endings).into_iter().map(|name| (name.clone(), digest(&name))).collect()
    };
    assert_eq!(of("source"), found(&["cu", "cuh"]), "a source was changed: run `make kernels`");
    assert_eq!(of("ptx"), found(&["ptx"]), "a PTX was changed by hand: run `make kernels`");
    let regenerate = text("regenerate");
    for (module, flags) in of("flags") {
        let last = flags.split(" -arch=compute_80 ").nth(1).unwrap();
        assert!(regenerate.contains(last), "{module}: `regenerate` has other flags: run `make kernels`");
    }
}

#[test]
fn no_kernel_spills_or_has_a_stack_and_every_one_is_in_the_table() {
    let table = text("resources.tsv");
    let mut lines = table.lines();
    let heading = "kernel\tcard\tregisters\tshared_bytes\tstack_bytes\tspill_store_bytes\tspill_load_bytes";
    assert_eq!(lines.next(), Some(heading));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    for row in &rows {
        assert_eq!(row[4..], ["0", "0", "0"], "{row:?} uses local memory");
        assert!(row[2].parse::<u32>().unwrap() <= 255, "{row:?}");
    }
    for name in files(&["ptx"]) {
        let module = cuda_emulator::ptx::parse(&text(&name)).unwrap();
        assert_eq!(module.target, (8, 0), "{name}");
        for kernel in &module.kernels {
            for card in ["sm_80", "sm_90"] {
                assert!(rows.iter().any(|row| row[..2] == [&kernel.name, card]), "{} on {card}", kernel.name);
            }
            assert_eq!(kernel.local_bytes, 0, "{}", kernel.name);
            let unknown: Vec<_> = kernel.unsupported().map(|i| (i.line, &i.text)).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?} is not emulated", kernel.name);
        }
    }
}
