use std::collections::BTreeMap;
use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::super::{Dtype, Store, TokenRule};
use super::*;
use crate::record::Molecule;

const SHARD: u64 = 200;

/// Makes a folder, in memory where that can be: the tests sync thousands of times.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn manifest() -> Manifest {
    Manifest::new(Molecule::Rna, "test", json!({"k": 3}), TokenRule::Residue, (3, 2), Dtype::F32)
}

fn id(i: usize) -> RecordId {
    RecordId::new(format!("id-{i}")).unwrap()
}

fn embedding(i: usize) -> Embedding {
    let rows = i % 4;
    let values = (0..rows * 3).map(|v| (v + i) as f32 * 0.5).collect();
    Embedding { length: rows as u64, rows, global: vec![i as f32, -1.0], values }
}

/// Records 0..n; record 5 repeats the sequence of record 2.
fn fill(folder: &Path, n: usize) -> Result<usize> {
    let mut writer = StoreWriter::with_shards_of(SHARD, folder, &manifest())?;
    for i in 0..n {
        let digest = Digest::of(&[if i == 5 { 2 } else { i as u8 }]);
        if writer.contains(&digest) {
            writer.add_id(&id(i), &digest)?;
        } else {
            writer.append(&digest, &id(i), &embedding(i))?;
        }
    }
    let discarded = writer.discarded();
    writer.finish()?;
    Ok(discarded)
}

fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|f| (f.file_name().into_string().unwrap(), fs::read(f.path()).unwrap())).collect()
}

fn copy(from: &Path) -> TempDir {
    let to = folder();
    for (name, bytes) in bytes_of(from) {
        fs::write(to.path().join(name), bytes).unwrap();
    }
    to
}

#[test]
fn what_was_stored_is_read_back_and_duplicates_share_an_entry() {
    let folder = folder();
    fill(folder.path(), 12).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((store.ids().len(), store.len()), (12, 11));
    for i in 0..12 {
        let digest = store.require(&id(i)).unwrap();
        assert_eq!(store.get(&digest).unwrap().unwrap(), embedding(if i == 5 { 2 } else { i }));
    }
    assert!(bytes_of(folder.path()).keys().any(|name| name == "shard-00001.bin"));
    let message = store.require(&id(99)).unwrap_err().to_string();
    assert!(message.contains("record `id-99`: is not in this embedding store"), "{message}");
}

#[test]
fn a_store_that_is_written_in_two_runs_has_the_bytes_of_one() {
    let (once, twice) = (folder(), folder());
    fill(once.path(), 12).unwrap();
    for n in [0, 3, 6, 12, 12] {
        assert_eq!(fill(twice.path(), n).unwrap(), 0);
    }
    assert_eq!(bytes_of(once.path()), bytes_of(twice.path()));
}

#[test]
fn a_torn_tail_is_discarded_at_every_byte_of_index_and_last_shard() {
    let whole = folder();
    fill(whole.path(), 12).unwrap();
    let wanted = bytes_of(whole.path());
    let last = wanted.keys().rfind(|name| name.starts_with("shard-")).unwrap().clone();
    for name in ["index.tsv", &last] {
        for length in 0..wanted[name].len() {
            let torn = copy(whole.path());
            fs::write(torn.path().join(name), &wanted[name][..length]).unwrap();
            // What an interruption leaves can be opened for reading, or says what to do.
            if let Err(error) = Store::open(torn.path()) {
                assert!(error.to_string().contains("run crossmamba-embed on this store again"), "{error}");
            }
            fill(torn.path(), 12).unwrap_or_else(|e| panic!("{name} cut at {length}: {e}"));
            assert_eq!(bytes_of(torn.path()), wanted, "{name} cut at {length}");
        }
    }
}

#[test]
fn surplus_bytes_and_shards_are_removed() {
    let whole = folder();
    fill(whole.path(), 12).unwrap();
    let wanted = bytes_of(whole.path());
    let torn = copy(whole.path());
    for (name, mut bytes) in wanted.clone() {
        if name.starts_with("shard-") || name == "index.tsv" {
            bytes.extend(b"zz");
        }
        fs::write(torn.path().join(name), bytes).unwrap();
    }
    fs::write(torn.path().join("shard-00077.bin"), "surplus").unwrap();
    fs::write(torn.path().join(".manifest.json.a1b2c3"), "half").unwrap();
    // Inner shards may be longer than what the index names: nothing reads those bytes.
    fs::write(torn.path().join("shard-00000.bin"), &wanted["shard-00000.bin"]).unwrap();
    fs::write(torn.path().join("shard-00001.bin"), &wanted["shard-00001.bin"]).unwrap();
    fill(torn.path(), 12).unwrap();
    assert_eq!(bytes_of(torn.path()), wanted);
}

#[test]
fn damage_in_front_of_sound_entries_is_an_error_and_damage_at_the_end_is_computed_again() {
    let whole = folder();
    fill(whole.path(), 12).unwrap();
    let wanted = bytes_of(whole.path());
    let names: Vec<&String> = wanted.keys().filter(|name| name.starts_with("shard-")).collect();
    let tail = embedding(11).values.len() * 4 + 8;
    for name in &names {
        for at in 0..wanted[*name].len() {
            let hurt = copy(whole.path());
            let mut bytes = wanted[*name].clone();
            bytes[at] ^= 1;
            fs::write(hurt.path().join(name), &bytes).unwrap();
            let last_entry = *name == names[names.len() - 1] && at >= bytes.len() - tail;
            match fill(hurt.path(), 12) {
                Ok(_) => {
                    assert!(last_entry, "{name} byte {at}");
                    assert_eq!(bytes_of(hurt.path()), wanted);
                }
                Err(error) => {
                    assert!(!last_entry, "{name} byte {at}");
                    assert!(error.to_string().contains("does not fit its checksum"), "{error}");
                    let store = Store::open(hurt.path()).unwrap();
                    assert!((0..12).any(|i| store.get(&store.require(&id(i)).unwrap()).is_err()));
                }
            }
        }
    }
}

#[test]
fn other_settings_are_named_and_two_writers_are_refused() {
    let folder = folder();
    fill(folder.path(), 3).unwrap();
    let mut other = manifest();
    other = Manifest::new(other.molecule, "test", json!({"k": 4}), other.tokens, (3, 2), Dtype::Bf16);
    let message = StoreWriter::open_or_create(folder.path(), &other).err().unwrap().to_string();
    assert!(message.contains("`settings.k` is 3, not 4, `dtype` is \"f32\", not \"bf16\""), "{message}");
    let _first = StoreWriter::open_or_create(folder.path(), &manifest()).unwrap();
    let message = StoreWriter::open_or_create(folder.path(), &manifest()).err().unwrap().to_string();
    assert!(message.contains("another program is writing this store"), "{message}");
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = folder();
    fs::write(folder.path().join("thesis.txt"), "mine").unwrap();
    let message = fill(folder.path(), 3).unwrap_err().to_string();
    assert!(message.contains("holds files but is not an embedding store"), "{message}");
    assert_eq!(bytes_of(folder.path()).len(), 1);
    let message = Store::open(folder.path()).err().unwrap().to_string();
    assert!(message.contains("is not an embedding store"), "{message}");
}

#[test]
fn a_value_that_cannot_be_stored_names_the_record_and_leaves_the_store_sound() {
    let folder = folder();
    let mut writer = StoreWriter::open_or_create(folder.path(), &manifest()).unwrap();
    let mut bad = embedding(1);
    bad.values[1] = f32::NAN;
    let message = writer.append(&Digest::of(b"x"), &id(1), &bad).unwrap_err().to_string();
    assert!(message.contains("record `id-1`: the value NaN cannot be stored as f32"), "{message}");
    writer.append(&Digest::of(b"y"), &id(2), &embedding(2)).unwrap();
    writer.finish().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.get(&Digest::of(b"y")).unwrap(), Some(embedding(2)));
}

#[test]
fn parts_are_read_as_one_store() {
    let (folder, whole) = (folder(), folder());
    fill(whole.path(), 12).unwrap();
    let whole = Store::open(whole.path()).unwrap();
    let parts: Vec<super::super::Part> = ["1/2", "2/2"].iter().map(|p| p.parse().unwrap()).collect();
    for part in &parts {
        let path = folder.path().join(part.folder());
        let mut writer = StoreWriter::open_or_create(&path, &manifest()).unwrap();
        for id in whole.ids() {
            let digest = whole.require(id).unwrap();
            if part.holds(&digest) {
                writer.append(&digest, id, &whole.get(&digest).unwrap().unwrap()).unwrap();
            }
        }
        writer.finish().unwrap();
        if *part == parts[0] {
            let message = Store::open(folder.path()).err().unwrap().to_string();
            assert!(message.contains("lacks part-2-of-2"), "{message}");
        }
    }
    let union = Store::open(folder.path()).unwrap();
    assert_eq!((union.len(), union.ids().len()), (whole.len(), whole.ids().len()));
    for id in whole.ids() {
        let digest = union.require(id).unwrap();
        assert_eq!(union.get(&digest).unwrap(), whole.get(&digest).unwrap());
    }
}

#[test]
fn an_id_that_two_parts_know_with_different_sequences_is_refused() {
    let folder = folder();
    for (number, letter) in [(1, b"x"), (2, b"y")] {
        let path = folder.path().join(format!("part-{number}-of-2"));
        let mut writer = StoreWriter::open_or_create(&path, &manifest()).unwrap();
        writer.append(&Digest::of(letter), &id(1), &embedding(1)).unwrap();
        writer.finish().unwrap();
    }
    let message = Store::open(folder.path()).err().unwrap().to_string();
    assert!(
        message.contains("record `id-1`: stands for another sequence here than in part-1-of-2"),
        "{message}"
    );
}

#[test]
fn sources_are_kept_until_all_values_are_those_of_another_one() {
    let folder = folder();
    let [one, two] = [&b"one"[..], b"two"].map(Digest::of);
    let import = |source, ids: &[usize], compared| {
        let mut writer = StoreWriter::open_or_create(folder.path(), &manifest()).unwrap();
        writer.taken_from(source, compared);
        for &i in ids {
            writer.append(&Digest::of(&[i as u8]), &id(i), &embedding(i)).unwrap();
        }
        writer.finish().unwrap();
        complete::sources(folder.path()).unwrap()
    };
    let mut both = vec![one, two];
    both.sort_unstable();
    assert_eq!(import(one, &[0, 1], 0), [one]);
    assert_eq!(import(one, &[], 2), [one]);
    assert_eq!(import(two, &[2], 1), both);
    assert_eq!(import(two, &[], 0), both);
    assert_eq!(import(two, &[3], 3), [two]);
}

#[test]
fn a_store_holds_just_the_values_that_it_was_given() {
    let folder = folder();
    let mut writer = StoreWriter::open_or_create(folder.path(), &manifest()).unwrap();
    let digest = Digest::of(b"x");
    writer.append(&digest, &id(3), &embedding(3)).unwrap();
    let mut other = embedding(3);
    assert!(writer.holds(&digest, &id(3), &other).unwrap());
    other.values[4] += 1e-5;
    assert!(!writer.holds(&digest, &id(3), &other).unwrap());
    assert!(!writer.holds(&Digest::of(b"y"), &id(3), &embedding(3)).unwrap());
}

#[test]
fn an_unfinished_store_is_refused_until_a_run_has_gone_on_to_its_end() {
    let folder = folder();
    let mut writer = StoreWriter::open_or_create(folder.path(), &manifest()).unwrap();
    writer.append(&Digest::of(&[0]), &id(0), &embedding(0)).unwrap();
    writer.pause().unwrap();
    let message = Store::open(folder.path()).err().unwrap().to_string();
    assert!(message.contains("is not finished"), "{message}");
    fill(folder.path(), 3).unwrap();
    assert_eq!(Store::open(folder.path()).unwrap().len(), 3);
    // A finished store that is opened for writing stays complete until something is written.
    drop(StoreWriter::open_or_create(folder.path(), &manifest()).unwrap());
    assert_eq!(Store::open(folder.path()).unwrap().len(), 3);
}

#[test]
fn every_cut_and_every_changed_byte_of_the_files_beside_the_values_is_refused() {
    let whole = folder();
    fill(whole.path(), 4).unwrap();
    for name in [index::NAME, complete::NAME] {
        let path = whole.path().join(name);
        let bytes = fs::read(&path).unwrap();
        // But for the line end behind the JSON, which says nothing.
        let says = if name == complete::NAME { bytes.len() - 1 } else { bytes.len() };
        for at in 0..says {
            fs::write(&path, &bytes[..at]).unwrap();
            assert!(Store::open(whole.path()).is_err(), "{name} cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(Store::open(whole.path()).is_err(), "{name} changed at {at}");
        }
        fs::write(&path, &bytes).unwrap();
    }
}

/// Makes of a finished store one as the first version of the format wrote it.
fn aged(folder: &Path) {
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"format\": 2"), "{manifest}");
    fs::write(folder.join("manifest.json"), manifest.replace("\"format\": 2", "\"format\": 1")).unwrap();
    fs::remove_file(folder.join(complete::NAME)).unwrap();
}

#[test]
fn a_store_of_the_first_format_is_read_unless_its_end_is_torn_and_becomes_one_of_this_when_it_is_written() {
    let (old, new) = (folder(), folder());
    fill(new.path(), 12).unwrap();
    fill(old.path(), 8).unwrap();
    aged(old.path());
    assert_eq!(Store::open(old.path()).unwrap().ids().len(), 8);
    let path = old.path().join(index::NAME);
    let bytes = fs::read(&path).unwrap();
    let ends: Vec<usize> = (1..=bytes.len()).filter(|&at| bytes[at - 1] == b'\n').collect();
    for cut in [0, 10, ends[0], ends[5], bytes.len() - 1] {
        fs::write(&path, &bytes[..cut]).unwrap();
        let message = Store::open(old.path()).err().unwrap().to_string();
        assert!(message.contains("left unfinished"), "{message}");
    }
    fs::write(&path, &bytes).unwrap();
    fill(old.path(), 12).unwrap();
    assert_eq!(bytes_of(old.path()), bytes_of(new.path()));
}

#[test]
fn a_new_store_for_which_nothing_was_computed_is_removed_again() {
    let place = folder();
    let path = place.path().join("s");
    let mut writer = StoreWriter::open_or_create(&path, &manifest()).unwrap();
    assert!(path.join("manifest.json").exists());
    let mut bad = embedding(3);
    bad.values[0] = f32::NAN;
    assert!(writer.append(&Digest::of(&[3]), &id(3), &bad).is_err());
    drop(writer);
    assert!(!path.exists());
    StoreWriter::open_or_create(&path, &manifest()).unwrap().finish().unwrap();
    assert!(Store::open(&path).unwrap().is_empty());
}

#[test]
fn a_shard_beyond_all_others_is_missed_at_once() {
    let folder = folder();
    fill(folder.path(), 3).unwrap();
    let path = folder.path().join(index::NAME);
    let mut read = index::parse(&fs::read(&path).unwrap(), &path).unwrap();
    read.lines.last_mut().unwrap().0.location.shard = u32::MAX;
    let lines: String = read.lines.iter().map(|(line, _)| line.to_text()).collect();
    fs::write(&path, format!("{}{lines}", index::HEADER)).unwrap();
    AtomicFile::commit_all(complete::end(folder.path(), &manifest(), &[]).unwrap()).unwrap();
    let message = Store::open(folder.path()).err().unwrap().to_string();
    assert!(message.contains("shard-4294967295.bin") && message.contains("is shorter"), "{message}");
}
