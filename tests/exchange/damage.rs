//! Damaged files: cut off and with changed bytes, each is refused in one sentence or read; nothing panics.

use std::fs;
use std::path::{Path, PathBuf};

use crossmamba::Result;
use crossmamba::encoder::Encoder as _;
use crossmamba::exchange::{Import, ImportSettings, SpecialRows};
use crossmamba::io::read_sequences;
use crossmamba::record::{Molecule, Record};
use crossmamba::store::TokenRule;

use super::data;

fn read(path: &Path, records: &[Record]) -> Result<()> {
    let settings = ImportSettings {
        from: vec![path.to_path_buf()],
        name: "x".into(),
        layer: None,
        molecule: Molecule::Protein,
        tokens: TokenRule::Pooled,
        special: SpecialRows::Auto,
    };
    let import = Import::open(settings, records)?;
    let rejected: Vec<_> = import.rejected().iter().flat_map(|one| &one.ids).collect();
    for record in records.iter().filter(|record| !rejected.contains(&&record.id)) {
        import.encode(&[record])?;
    }
    Ok(())
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["", "npy", "esm"]
        .iter()
        .flat_map(|folder| fs::read_dir(data().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|end| end != "py" && end != "fa"))
        .collect();
    files.sort();
    files
}

#[test]
fn damaged_files_are_refused_in_one_sentence_or_read() {
    let folder = tempfile::tempdir().unwrap();
    let records = read_sequences(data().join("proteins.fa"), Molecule::Protein).unwrap();
    let (mut refused, mut number) = (0, 1_u64);
    let mut below = |n: usize| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (number >> 33) as usize % n
    };
    for file in files() {
        let whole = fs::read(&file).unwrap();
        for round in 0..80 {
            let mut bytes = whole.clone();
            if round % 4 == 0 {
                bytes.truncate(below(whole.len()));
            } else {
                for _ in 0..[1, 3, 20][round % 3] {
                    // Structure stands in front, and in archives at the end.
                    let at = match round % 3 {
                        0 => below(whole.len()),
                        1 => below(whole.len().min(600)),
                        _ => whole.len() - 1 - below(whole.len().min(600)),
                    };
                    bytes[at] = [0, 255, bytes[at] ^ (1 << below(8)), below(256) as u8][below(4)];
                }
            }
            let path = folder.path().join(file.file_name().unwrap());
            fs::write(&path, &bytes).unwrap();
            if let Err(error) = read(&path, &records) {
                let said = error.to_string();
                assert!(!said.contains('\n') && said.contains("; "), "{}: {said}", file.display());
                refused += 1;
            }
        }
    }
    assert!(refused > 300, "only {refused} files were refused");
}
