//! Tests of token tables over small stores.

use std::path::Path;

use super::*;
use crate::encoder::{Encoder as _, Sequence};
use crate::record::{Molecule, Record};
use crate::store::{Dtype, Embedding, StoreWriter, TokenRule};

const WINDOWS: TokenRule = TokenRule::Window { size: 4, cap: 3 };

fn id(text: &str) -> RecordId {
    RecordId::new(text).unwrap()
}

/// Writes a store whose values count up along each molecule; ids of equal letters share an entry.
fn store(
    folder: &Path,
    name: &str,
    tokens: TokenRule,
    (width, global): (usize, usize),
    records: &[(&str, &str)],
) -> PathBuf {
    let settings = serde_json::json!({ "name": name });
    let manifest = Manifest::new(Molecule::Rna, "test", settings, tokens, (width, global), Dtype::F32);
    fill(folder.join(name), &manifest, records, |sequence| {
        let length = sequence.len();
        let rows = match tokens {
            TokenRule::Residue => length,
            TokenRule::Window { size, cap } => crate::store::windows(length, size, cap).len(),
            TokenRule::Pooled => 0,
        };
        let values = (0..rows * width).map(|i| i as f32 + length as f32).collect();
        let global = (0..global).map(|i| i as f32 * 10.0 + length as f32).collect();
        Embedding { length: length as u64, rows, global, values }
    })
}

fn fill(
    path: PathBuf,
    manifest: &Manifest,
    records: &[(&str, &str)],
    embed: impl Fn(&str) -> Embedding,
) -> PathBuf {
    let mut writer = StoreWriter::open_or_create(&path, manifest).unwrap();
    for (record, sequence) in records {
        let digest = Digest::of_sequence(Molecule::Rna, sequence.as_bytes());
        if writer.contains(&digest) {
            writer.add_id(&id(record), &digest).unwrap();
        } else {
            writer.append(&digest, &id(record), &embed(sequence)).unwrap();
        }
    }
    writer.finish().unwrap();
    path
}

const RECORDS: [(&str, &str); 3] = [("a", "ACGUACGUACG"), ("b", "GGG"), ("c", "ACGUACGUACG")];

#[test]
fn stores_are_joined_column_by_column_and_residues_averaged_over_the_windows_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let windows = store(folder.path(), "w", WINDOWS, (2, 1), &RECORDS);
    let residues = store(folder.path(), "r", TokenRule::Residue, (1, 2), &RECORDS);
    let pooled = store(folder.path(), "p", TokenRule::Pooled, (0, 2), &RECORDS);
    let mut table = TokenTable::open(Side::Rna, &[windows, residues, pooled], None).unwrap();
    assert_eq!(table.widths(), Widths { global: 5, rows: 3 });
    let (a, b, c) = (table.find(&id("a")), table.find(&id("b")), table.find(&id("c")));
    assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], [Some(0), Some(1), Some(0)]);
    assert_eq!(table.find(&id("z")).unwrap(), None);
    // Read from the store each time, and from memory, is the same.
    let lazy = table.read(0).unwrap();
    table.load().unwrap();
    assert_eq!(table.cache.as_ref().unwrap()[0], lazy);
    assert_eq!(lazy.global, [11.0, 11.0, 21.0, 11.0, 21.0]);
    // Windows of 11 residues begin at 0, 4 and 7; residue values are 11, 12, …
    assert_eq!(lazy.rows, [11.0, 12.0, 12.5, 13.0, 14.0, 16.5, 15.0, 16.0, 19.5]);
    assert_eq!((table.tokens(0), table.tokens(1)), (4, 2));
    assert_eq!(table.spans(0), [0..11, 0..4, 4..8, 7..11]);
    assert_eq!(table.spans(1), [0..3, 0..3]);
}

#[test]
fn a_batch_is_standardised_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path(), "w", WINDOWS, (2, 1), &RECORDS);
    let mut table = TokenTable::open(Side::Rna, &[path], None).unwrap();
    for name in ["a", "b"] {
        table.find(&id(name)).unwrap();
    }
    let standardisation = table.standardisation(&[0, 1], &InputsConfig::default()).unwrap();
    let batch = table.batch(&[1, 0], &standardisation).unwrap();
    assert_eq!(batch.offsets(), [0, 1, 4]);
    let values = batch.rows().unwrap().to_vec2::<f32>().unwrap();
    for column in 0..2 {
        let sum: f32 = values.iter().map(|row| row[column]).sum();
        let squares: f32 = values.iter().map(|row| row[column].powi(2)).sum();
        assert!(sum.abs() < 1e-5 && (squares / 4.0 - 1.0).abs() < 1e-5);
    }
}

#[test]
fn residues_are_averaged_over_windows_that_the_configuration_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path(), "r", TokenRule::Residue, (1, 0), &RECORDS);
    let paths = [path];
    let mut whole = TokenTable::open(Side::Rna, &paths, None).unwrap();
    let [size, cap] = [5, 8].map(|n| std::num::NonZero::new(n).unwrap());
    let mut windowed = TokenTable::open(Side::Rna, &paths, Some(WindowConfig { size, cap })).unwrap();
    for table in [&mut whole, &mut windowed] {
        table.find(&id("a")).unwrap();
    }
    assert_eq!((whole.tokens(0), windowed.tokens(0)), (11, 3));
    assert_eq!(windowed.read(0).unwrap().rows, [13.0, 18.0, 19.0]);
    assert_eq!(windowed.spans(0), [0..5, 5..10, 6..11]);
    assert_eq!(whole.spans(0)[9..], [9..10, 10..11]);
}

#[test]
fn a_sequence_beside_another_store_is_no_token_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let plain = store(folder.path(), "w", WINDOWS, (2, 1), &RECORDS);
    let encoder = Sequence::new(Molecule::Rna).unwrap();
    let embed = |sequence: &str| {
        let record = Record { id: id("x"), sequence: sequence.into() };
        encoder.encode(&[&record]).unwrap().remove(0).embedding
    };
    let path = fill(folder.path().join("s"), &encoder.manifest(Dtype::F32), &RECORDS, embed);
    let open = |paths: &[PathBuf]| {
        let mut table = TokenTable::open(Side::Rna, paths, None).unwrap();
        for (name, _) in RECORDS {
            assert!(table.find(&id(name)).unwrap().is_some());
        }
        table
    };
    let (alone, both) = (open(std::slice::from_ref(&plain)), open(&[path.clone(), plain]));
    assert_eq!((alone.widths(), alone.tokens(0)), (both.widths(), both.tokens(0)));
    assert_eq!(alone.read(0).unwrap(), both.read(0).unwrap());
    assert_eq!(alone.sequences_of(&[0]).unwrap(), None);
    let wanted = Sequences::read(Molecule::Rna, [RECORDS[0].1.as_bytes()]);
    assert_eq!(both.sequences_of(&[0]).unwrap(), Some(wanted));
    let words = TokenTable::open(Side::Rna, &[path], None).err().unwrap().to_string();
    assert!(words.contains("holds the sequences alone"), "{words}");
}

#[test]
fn stores_that_do_not_belong_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path(), "w", WINDOWS, (2, 1), &RECORDS);
    let wide = store(folder.path(), "v", TokenRule::Window { size: 9, cap: 3 }, (2, 1), &RECORDS);
    let other = store(folder.path(), "o", WINDOWS, (2, 1), &[("a", "UUUU")]);
    let open = |paths: &[PathBuf]| TokenTable::open(Side::Rna, paths, None);
    let words = open(&[first.clone(), wide]).err().unwrap().to_string();
    assert!(words.contains("embed both with the same windows"), "{words}");
    let words = open(&[]).err().unwrap().to_string();
    assert!(words.contains("no store is named"), "{words}");
    let mut table = open(&[first, other]).unwrap();
    let words = table.find(&id("a")).unwrap_err().to_string();
    assert!(words.contains("record `a`: holds another sequence under this id"), "{words}");
}
