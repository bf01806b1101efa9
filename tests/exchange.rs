//! Black-box tests of exchanging embeddings: every format in, every mismatch named, and out again for Python.
//!
//! `tests/data/exchange/make.py` made the files and says the rule of their values.

#[path = "exchange/damage.rs"]
mod damage;
#[path = "exchange/export.rs"]
mod export;
mod support;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crossmamba::record::RecordId;
use crossmamba::store::{Embedding, Store};
use safetensors::tensor::{Dtype, TensorView};
use support::{Place, Ran, binary};

const WIDTH: usize = 6;
/// The identifiers and lengths of `proteins.fa`; the last one has the sequence of `b`.
const RECORDS: [(&str, usize); 4] = [("a", 13), ("b", 7), ("sp|P12345|NAME_HUMAN", 42), ("d", 1)];

/// Gives the row of residue `i` of record `k`, as `make.py` does.
fn row(k: usize, i: i64) -> Vec<f32> {
    (0..WIDTH as i64).map(|c| ((7 * k as i64 + 3 * i + c).rem_euclid(61) - 30) as f32 / 4.0).collect()
}

fn rows(k: usize, residues: std::ops::Range<i64>) -> Vec<f32> {
    residues.flat_map(|i| row(k, i)).collect()
}

fn mean(k: usize, residues: std::ops::Range<i64>) -> Vec<f32> {
    let count = (residues.end - residues.start) as f32;
    let mut sums = [0.0; WIDTH];
    for i in residues {
        sums.iter_mut().zip(row(k, i)).for_each(|(sum, x)| *sum += x);
    }
    sums.iter().map(|sum| sum / count).collect()
}

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/exchange")
}

/// Makes a folder with the files of `tests/data/exchange`.
fn place() -> Place {
    let place = Place::new();
    place.copy(&data(), "");
    place
}

/// Imports into the store `s`.
fn import(place: &Place, arguments: &str) -> Ran {
    let fixed = "--kind protein --input proteins.fa --output s --encoder import";
    place.run("embed", &format!("{fixed} {arguments}"))
}

fn get(store: &Store, id: &str) -> Embedding {
    let digest = store.require(&RecordId::new(id).unwrap()).unwrap();
    store.get(&digest).unwrap().unwrap()
}

/// Asserts that values are equal but for rounding in single precision.
#[track_caller]
fn near(found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-5, "{found} is not {wanted}");
    }
}

/// Writes tensors of single precision as a safetensors file.
fn safetensors(place: &Place, name: &str, tensors: &[(&str, &[usize], Vec<f32>)]) {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|x| x.to_le_bytes()).collect()).collect();
    let views: HashMap<&str, TensorView<'_>> = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()))
        .collect();
    place.write(name, safetensors::serialize(views, None).unwrap());
}

#[test]
fn rows_come_in_from_every_format_alike() {
    for from in [
        "rows.npz",
        "packed.npz",
        "npy",
        "rows.safetensors",
        "dictionary.pt",
        "bio_embeddings.h5",
        "biotrainer.h5",
        "uniprot_residues.h5",
        "latest.h5",
        "both.npz",
        "both.npz --special-rows both",
        "last.npz --special-rows last",
    ] {
        let place = place();
        import(&place, &format!("--from {from} --name x --tokens residue")).done();
        let store = Store::open(place.path("s")).unwrap();
        assert_eq!((store.len(), store.ids().len()), (4, 5), "{from}");
        let manifest = store.manifest();
        assert_eq!((manifest.encoder.as_str(), manifest.width, manifest.global_width), ("import", WIDTH, 0));
        for (k, (id, length)) in RECORDS.into_iter().enumerate() {
            let found = get(&store, id);
            assert_eq!((found.length, found.rows), (length as u64, length), "{from} {id}");
            assert_eq!(found.values, rows(k, 0..length as i64), "{from} {id}");
        }
        assert_eq!(get(&store, "again"), get(&store, "b"));
    }
}

#[test]
fn files_of_extract_py_give_rows_and_a_global_vector() {
    let place = place();
    import(&place, "--from esm --name esm2_t33 --tokens window --window 10").done();
    let store = Store::open(place.path("s")).unwrap();
    assert_eq!(store.manifest().settings.to_string(), r#"{"layer":33,"name":"esm2_t33"}"#);
    let found = get(&store, "a");
    assert_eq!((found.length, found.rows), (13, 2));
    near(&found.global, &row(0, -1));
    near(&found.values[..WIDTH], &mean(0, 0..10));
    near(&found.values[WIDTH..], &mean(0, 3..13));
    // A layer of its own has a manifest of its own: the two are not mixed.
    place.write("one.fa", ">a\nMKVLAAGIVGLCA\n");
    let two = "--kind protein -i one.fa --encoder import --from two_layers.pt --name x --tokens residue";
    place.run("embed", &format!("{two} -o t --from-layer 12")).done();
    assert_eq!(get(&Store::open(place.path("t")).unwrap(), "a").values, rows(0, 0..13));
    place
        .run("embed", &format!("{two} -o t --from-layer 33"))
        .ended(2)
        .says("`settings.layer` is 12, not 33");
    place.run("embed", &format!("{two} -o u")).ended(2).says("holds the layers 12, 33; choose one with");
    place.run("embed", &format!("{two} -o u --from-layer 7")).ended(2).says("lacks the layer 7");
}

#[test]
fn one_vector_a_molecule_is_taken_or_made_from_its_rows() {
    for (from, given) in [
        ("vectors.npz", true),
        ("uniprot_proteins.h5", true),
        ("esm", true),
        ("rows.npz", false),
        ("last.npz --special-rows last", false),
        ("both.npz", false),
    ] {
        let place = place();
        import(&place, &format!("--from {from} --name x --tokens pooled")).done();
        let store = Store::open(place.path("s")).unwrap();
        for (k, (id, length)) in RECORDS.into_iter().enumerate() {
            let wanted = if given { row(k, -1) } else { mean(k, 0..length as i64) };
            let found = get(&store, id);
            assert_eq!((found.rows, found.global.len()), (1, 0), "{from} {id}");
            near(&found.values, &wanted);
        }
    }
}

#[test]
fn a_group_of_many_names_is_read_whole() {
    let place = place();
    let fasta: String = (0..300).map(|i| format!(">m{i:03}\nM{}\n", "K".repeat(i))).collect();
    place.write("proteins.fa", fasta);
    import(&place, "--from many.h5 --name x --tokens pooled").done();
    let store = Store::open(place.path("s")).unwrap();
    for i in [0, 1, 7, 8, 255, 256, 299] {
        assert_eq!(get(&store, &format!("m{i:03}")).values, [i as f32, -(i as f32)]);
    }
}

#[test]
fn small_molecules_are_pooled_whatever_their_tokens() {
    let place = Place::new();
    place.write("in.smi", "CC(=O)O\tx\nCCO\ty\n");
    safetensors(
        &place,
        "rows.safetensors",
        &[("x", &[3, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), ("y", &[2], vec![7.0, 8.0])],
    );
    let arguments =
        "--kind small-molecule -i in.smi --encoder import --from rows.safetensors --name chemberta";
    place.run("embed", &format!("{arguments} --tokens pooled -o s")).done();
    let store = Store::open(place.path("s")).unwrap();
    assert_eq!(get(&store, "x").values, [3.0, 4.0]);
    assert_eq!(get(&store, "y").values, [7.0, 8.0]);
    place
        .run("embed", &format!("{arguments} --tokens residue -o t"))
        .ended(2)
        .says("has 3 rows for 7 tokens; import it with `--tokens pooled`");
}

#[test]
fn every_mismatch_is_named_with_record_file_and_remedy() {
    let place = place();
    place
        .write("cut.fa", ">a\nMKVLAAGIVGLCAA\n>b\nGSHMKRR\n>d\nM\n")
        .write("long.fa", ">a\nMKVLAAGIVGLC\n>b\nGSHMKRR\n");
    place.write("new.fa", ">a\nMKVLAAGIVGLCA\n>zzz\nGSHMKRR\n").write("other.fa", ">zzz\nGSHMKRR\n");
    place.write("three.fa", ">a\nMKVLAAGIVGLCA\n>b\nGSHMKRR\n>c\nMM\n");
    let (a, b, c) = (rows(0, 0..13), rows(1, 0..7), rows(2, 0..2));
    let sound: &[(&str, &[usize], Vec<f32>)] = &[("a", &[13, 6], a.clone()), ("b", &[7, 6], b.clone())];
    let with = |extra: (&'static str, &'static [usize], Vec<f32>)| [sound, &[extra][..]].concat();
    safetensors(&place, "wide.safetensors", &with(("c", &[2, 3], c[..6].to_vec())));
    safetensors(&place, "cube.safetensors", &with(("c", &[2, 2, 3], c.clone())));
    safetensors(&place, "empty.safetensors", &with(("c", &[2, 0], Vec::new())));
    let mut nan = c.clone();
    nan[8] = f32::NAN;
    safetensors(&place, "nan.safetensors", &with(("c", &[2, 6], nan)));
    let global = with(("c", &[2, 6], c.clone()));
    safetensors(
        &place,
        "global.safetensors",
        &[&global[..], &[("c global", &[4][..], vec![1.0; 4])][..]].concat(),
    );
    let one =
        serde_json::json!({ "a": { "dtype": "I64", "shape": [1], "data_offsets": [0, 8] } }).to_string();
    place.write(
        "whole.safetensors",
        [&(one.len() as u64).to_le_bytes()[..], one.as_bytes(), &[0; 8]].concat(),
    );
    place.write("rows.npz.gz", b"\x1f\x8b\x08").write("empty.npz", "").write("text.npz", "a\tb\n");
    place.write("none/readme.txt", "nothing").write("legacy.pt", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.");
    let cases = [
        ("proteins.fa", "none.npz", "", "none.npz: cannot read"),
        ("proteins.fa", "none", "", "none: is a folder without embeddings; give HDF5"),
        ("proteins.fa", "empty.npz", "", "empty.npz: is empty; give HDF5"),
        ("proteins.fa", "text.npz", "", "text.npz: is not a file of embeddings; give HDF5"),
        ("proteins.fa", "rows.npz.gz", "", "rows.npz.gz: is compressed with gzip: unpack it first"),
        ("proteins.fa", "legacy.pt", "", "legacy.pt: has the format of torch before 1.6"),
        ("cut.fa", "rows.npz", "", "rows.npz, record `a`: has 13 rows for 14 residues; the sequence was cut"),
        (
            "long.fa",
            "rows.npz",
            "",
            "rows.npz, record `a`: has 13 rows for 12 residues; embed the same sequence",
        ),
        ("cut.fa", "both.npz", "", "record `a`: has 15 rows for 14 residues and 2 special ones"),
        (
            "new.fa",
            "rows.safetensors",
            "",
            "rows.safetensors, record `zzz`: has no embedding here; compute it",
        ),
        (
            "other.fa",
            "rows.safetensors",
            "",
            "names no record of the sequences: it has `a`, `b`, they have `zzz`",
        ),
        ("proteins.fa", "last.npz", "", "setting `special-rows`: the files have one row more than there are"),
        ("proteins.fa", "rows.npz", "--special-rows both", "has 13 rows for 13 residues and 2 special ones"),
        (
            "proteins.fa",
            "vectors.npz",
            "",
            "is one vector of 6 values, without rows of residues; import it with",
        ),
        (
            "proteins.fa",
            "rows.npz --from rows.safetensors",
            "",
            "has this name a second time: another array of rows.npz",
        ),
        ("three.fa", "wide.safetensors", "", "`c`: has 3 values in a row where others have 6; import"),
        ("three.fa", "cube.safetensors", "", "`c`: has the shape [2, 2, 3], neither rows nor one vector"),
        ("three.fa", "empty.safetensors", "", "`c`: has rows of 0 values"),
        (
            "three.fa",
            "nan.safetensors",
            "",
            "nan.safetensors, record `c`: holds NaN in row 2, column 3; compute",
        ),
        (
            "three.fa",
            "global.safetensors",
            "",
            "`c`: has a global vector of 4 values where others have no global",
        ),
        ("three.fa", "whole.safetensors", "", "record `a`: holds I64 numbers, not floating-point ones"),
    ];
    for (fasta, from, more, words) in cases {
        let command = "--kind protein --encoder import --name x --tokens residue --output n";
        let ran = place
            .run("embed", &format!("{command} --input {fasta} --from {from} {more}"))
            .ended(2)
            .says(words);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        let partial = place.path("n/shard-00000.bin").exists();
        assert!(!partial || words.contains("NaN"), "{from} left a store");
        let _ = std::fs::remove_dir_all(place.path("n"));
    }
    let fixed = "--kind protein --input proteins.fa --output n";
    for (arguments, words) in [
        ("--encoder import --name x", "setting `from`: is missing; name the file or the folder"),
        ("--encoder import --from rows.npz", "setting `name`: is missing; name the model"),
        ("--from rows.npz", "setting `from`: only `--encoder import` takes embeddings of other programs"),
        ("--encoder kmer --partial", "setting `partial`: only `--encoder import`"),
    ] {
        place.run("embed", &format!("{fixed} {arguments}")).ended(2).says(words);
    }
}

#[test]
fn several_mismatches_are_all_said_and_partial_leaves_them_out() {
    let place = place();
    place.write("proteins.fa", ">a\nMKVLAAGIVGLCAA\n>b\nGSHMKRR\n>x\nMMM\n>y\nMMM\n>d\nM\n");
    import(&place, "--from rows.npz --name x --tokens residue")
        .ended(2)
        .says("record `a`: has 13 rows for 14 residues")
        .says("record `x`: has no embedding here")
        .says("rows.npz: 2 sequences cannot be imported, as said above; correct them");
    assert!(!place.path("s").exists());
    import(&place, "--from rows.npz --name x --tokens residue --partial")
        .ended(1)
        .says("2 names in the files are of no record");
    let store = Store::open(place.path("s")).unwrap();
    assert_eq!(store.ids().iter().map(RecordId::as_str).collect::<Vec<_>>(), ["b", "d"]);
    let rejects = place.read("s.rejects.tsv");
    let cells = rejects.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let cells: Vec<_> = cells.map(|cells| (cells[1], cells[2], cells[3])).collect();
    let wanted = [
        ("line", "id", "reason"),
        ("1", "a", "no-embedding"),
        ("5", "x", "no-embedding"),
        ("7", "y", "no-embedding"),
    ];
    assert_eq!(cells, wanted);
    // Where nothing is left out any more, the table says so.
    place.write("proteins.fa", ">b\nGSHMKRR\n>d\nM\n");
    std::fs::remove_dir_all(place.path("s")).unwrap();
    import(&place, "--from rows.npz --name x --tokens residue --partial").done();
    assert_eq!(place.read("s.rejects.tsv").lines().count(), 1);
}

#[test]
fn killed_at_any_moment_an_import_resumes_to_the_same_bytes() {
    let place = Place::new();
    let letters: String = (0..2500).map(|i| char::from(b"ACDEFGHIKL"[i * i % 10])).collect();
    let lengths: Vec<usize> = (0..300).map(|i| 2000 + i).collect();
    let names: Vec<String> = (0..300).map(|i| format!("r{i}")).collect();
    place.write(
        "in.fa",
        lengths.iter().zip(&names).map(|(n, id)| format!(">{id}\n{}\n", &letters[..*n])).collect::<String>(),
    );
    let shapes: Vec<[usize; 2]> = lengths.iter().map(|n| [*n, 16]).collect();
    let tensors: Vec<(&str, &[usize], Vec<f32>)> = (0..300)
        .map(|i| {
            (names[i].as_str(), &shapes[i][..], (0..lengths[i] * 16).map(|j| (i * j % 1000) as f32).collect())
        })
        .collect();
    safetensors(&place, "rows.safetensors", &tensors);
    let arguments =
        "--kind protein --input in.fa --tokens residue --encoder import --from rows.safetensors --name x";
    place.run("embed", &format!("{arguments} --output whole --threads 2")).done();
    place.run("embed", &format!("{arguments} --output single --threads 1")).done();
    let bytes = |store: &str| {
        ["manifest.json", "index.tsv", "shard-00000.bin"].map(|name| place.bytes(&format!("{store}/{name}")))
    };
    assert!(bytes("single") == bytes("whole"));
    let mut interrupted = 0;
    for round in 0..6 {
        let mut child = Command::new(binary("embed"))
            .args(arguments.split(' ').chain(["--output", "torn"]))
            .current_dir(place.path(""))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(10 + 17 * round));
        child.kill().unwrap();
        interrupted += usize::from(!child.wait().unwrap().success());
    }
    assert!(interrupted > 0, "no run was interrupted: the test tested nothing");
    place.run("embed", &format!("{arguments} --output torn")).done();
    assert!(bytes("torn") == bytes("whole"));
    place
        .run("embed", &format!("{arguments} --output torn"))
        .done()
        .says("0 computed, 300 in the store already");
}

#[test]
fn parts_that_were_imported_from_different_files_are_not_read_as_one_store() {
    let place = Place::new();
    let names: Vec<String> = (1..=9).map(|n| format!("p{n}")).collect();
    let letters = |n: usize| "MKVLAWDEF"[..n].to_owned();
    let records = names.iter().zip(1..).map(|(name, n)| format!(">{name}\n{}\n", letters(n)));
    place.write("proteins.fa", records.collect::<String>());
    // A row more than residues: which of them counts is said on the command line.
    let shapes: Vec<[usize; 2]> = (1..=9).map(|n| [n + 1, 2]).collect();
    let write = |name: &str, last: f32, which: std::ops::Range<usize>| {
        let tensor = |i: usize| {
            let mut values = vec![0.5; shapes[i][0] * 2];
            values[1] = last;
            (names[i].as_str(), &shapes[i][..], values)
        };
        safetensors(&place, name, &which.map(tensor).collect::<Vec<_>>());
    };
    write("x.safetensors", 1.0, 0..9);
    write("y.safetensors", 2.0, 0..9);
    write("halves/1.safetensors", 1.0, 0..4);
    write("halves/2.safetensors", 1.0, 4..9);
    place.copy(&place.path("halves"), "moved");
    std::fs::rename(place.path("moved/1.safetensors"), place.path("moved/3.safetensors")).unwrap();
    let part = |which: &str, from: &str, special: &str| {
        let import =
            format!("--name x --tokens residue --shard {which} --from {from} --special-rows {special}");
        self::import(&place, &import)
    };
    let export = || place.run("embed", "export --store s --output out.npz");
    let other = |from: &str, special: &str| {
        let _ = std::fs::remove_dir_all(place.path("s/part-2-of-2"));
        part("2/2", from, special).done();
        export()
    };
    part("1/2", "x.safetensors", "first").done();
    let refused = "s/part-2-of-2: was imported from other files than part-1-of-2; ";
    other("y.safetensors", "first").ended(2).says(refused);
    other("x.safetensors", "last").ended(2).says(refused);
    other("halves", "first").ended(2).says(refused);
    place.copy(&place.path("x.safetensors"), "renamed.safetensors");
    other("renamed.safetensors", "first").done();
    // The files of a folder may have other names; and a part that is imported again takes the files that it is given.
    other("halves", "first").ended(2);
    part("1/2", "moved", "first").done().says("0 computed");
    export().done();
    // Parts of an earlier version say nothing of their files.
    other("y.safetensors", "first").ended(2);
    let said: serde_json::Value = serde_json::from_str(&place.read("s/part-2-of-2/complete.json")).unwrap();
    let fields = ["bytes", "sha256"].map(|key| (key.to_owned(), said[key].clone()));
    let earlier: serde_json::Map<String, serde_json::Value> = fields.into_iter().collect();
    place.write("s/part-2-of-2/complete.json", serde_json::Value::from(earlier).to_string());
    export().done();
}

#[test]
fn an_import_that_failed_midway_goes_on_once_the_file_is_mended_and_is_refused_where_more_has_changed() {
    let place = Place::new();
    place.write("proteins.fa", ">a\nMK\n>b\nMKV\n>c\nMKVL\n");
    let write = |first: f32, last: f32| {
        let (a, c) = (vec![first; 4], vec![0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, last]);
        let tensors = [("a", &[2, 2][..], a), ("b", &[3, 2], vec![2.0; 6]), ("c", &[4, 2], c)];
        safetensors(&place, "x.safetensors", &tensors);
    };
    let arguments = "--from x.safetensors --name x --tokens residue --threads 1";
    let fail = || {
        write(1.0, f32::NAN);
        import(&place, arguments)
            .ended(2)
            .says("x.safetensors, record `c`: holds NaN in row 4, column 2; compute the embedding");
    };
    fail();
    place.run("embed", "export --store s --output out.npz").ended(2).says("is not finished");
    write(1.0, 4.0);
    import(&place, arguments).done().says("1 computed, 2 in the store already");
    let mended = place.bytes("s/shard-00000.bin");
    std::fs::remove_dir_all(place.path("s")).unwrap();
    import(&place, arguments).done();
    assert!(place.bytes("s/shard-00000.bin") == mended);
    std::fs::remove_dir_all(place.path("s")).unwrap();
    fail();
    write(7.0, 4.0);
    import(&place, arguments).ended(2).says(
        "s, record `a`: the stored values are not those that the files hold now; name a new store, or delete this one",
    );
}

#[test]
fn an_import_whose_files_have_changed_is_refused_and_the_store_is_left_as_it_is() {
    let place = Place::new();
    place.write("proteins.fa", ">a\nMK\n>b\nMKV\n");
    let write = |last: f32| {
        let b = vec![0.5, 1.0, 1.5, 2.0, 2.5, last];
        safetensors(&place, "x.safetensors", &[("a", &[2, 2], vec![1.0; 4]), ("b", &[3, 2], b)]);
    };
    let arguments = "--from x.safetensors --name x --tokens residue";
    write(3.0);
    import(&place, arguments).done();
    let (index, record) = (place.bytes("s/index.tsv"), place.bytes("s.provenance.json"));
    write(4.0);
    import(&place, arguments)
        .ended(2)
        .says("s, record `b`: the stored values are not those that the files hold now");
    assert!(place.bytes("s/index.tsv") == index && place.bytes("s.provenance.json") == record);
    write(3.0);
    import(&place, arguments).done().says("0 computed, 2 in the store already");
}
