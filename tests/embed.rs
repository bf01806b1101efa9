//! Black-box tests of `crossmamba-embed`: interruption, sharing, renaming, determinism, errors.

mod support;

use std::process::{Command, Stdio};
use std::time::Duration;

use crossmamba::record::RecordId;
use crossmamba::store::{Embedding, Store};
use support::{Place, Ran, binary};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn fasta(records: usize, length: u64, letters: &[u8]) -> String {
    let mut numbers = Numbers(records as u64);
    let mut text = String::new();
    for i in 0..records {
        text.extend([">r", &i.to_string(), "\n"]);
        for _ in 0..length / 2 + numbers.below(length) {
            text.push(char::from(letters[numbers.below(letters.len() as u64) as usize]));
        }
        text.push('\n');
    }
    text
}

fn rnas(records: usize, length: u64) -> String {
    fasta(records, length, b"ACGU")
}

/// Gives the bytes of all files of a store.
fn bytes(place: &Place, store: &str) -> Vec<(String, Vec<u8>)> {
    let inside = |name: &String| name.starts_with(&format!("{store}/"));
    let names: Vec<String> = place.files().into_iter().filter(inside).collect();
    names.into_iter().map(|name| (name[store.len()..].to_owned(), place.bytes(&name))).collect()
}

fn get(store: &Store, id: &str) -> Embedding {
    let digest = store.require(&RecordId::new(id).unwrap()).unwrap();
    store.get(&digest).unwrap().unwrap()
}

fn embed(place: &Place, arguments: &str) -> Ran {
    place.run("embed", arguments)
}

#[test]
fn killed_at_any_moment_a_run_resumes_to_the_same_bytes() {
    let place = Place::new();
    place.write("in.fa", rnas(60, 2000));
    let arguments = "--kind rna --input in.fa --tokens residue --threads 2 --output";
    embed(&place, &format!("{arguments} whole")).done();
    let whole = bytes(&place, "whole");
    let mut numbers = Numbers(1);
    let mut interrupted = 0;
    for round in 0..4 {
        let store = format!("torn{round}");
        for _ in 0..6 {
            let mut child = Command::new(binary("embed"))
                .args(arguments.split(' ').chain([store.as_str()]))
                .current_dir(place.path(""))
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_micros(500 + numbers.below(60_000)));
            child.kill().unwrap();
            interrupted += usize::from(!child.wait().unwrap().success());
        }
        embed(&place, &format!("{arguments} {store}")).done();
        assert!(bytes(&place, &store) == whole, "{store} differs");
    }
    assert!(interrupted > 0, "no run was interrupted: the test tested nothing");
}

#[test]
fn a_terminated_run_keeps_what_it_computed_and_says_how_to_go_on() {
    let place = Place::new();
    place.write("in.fa", rnas(1500, 3000));
    let arguments = "--kind rna --input in.fa --tokens residue --threads 1 --output s";
    let child = Command::new(binary("embed"))
        .args(arguments.split(' '))
        .current_dir(place.path(""))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !place.path("s/shard-00000.bin").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(143), "{said}");
    assert!(said.contains("give the same command again to go on"), "{said}");
    place.run("embed", "export --store s --output s.npz").ended(2).says("s: is not finished");
    assert!(place.read("s/index.tsv").lines().count() > 1);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let place = Place::new();
    place.write("in.fa", fasta(300, 100, b"ACDEFGHIKLMNPQRSTVWY"));
    for threads in [1, 2, 5] {
        embed(&place, &format!("--kind protein -i in.fa -o s{threads} -t {threads}")).done();
    }
    assert!(bytes(&place, "s1") == bytes(&place, "s2"));
    assert!(bytes(&place, "s1") == bytes(&place, "s5"));
    assert_eq!(place.read("s1.provenance.json"), place.read("s5.provenance.json"));
}

#[test]
fn renamed_and_repeated_sequences_are_computed_once_and_a_second_run_only_what_is_new() {
    let place = Place::new();
    place.write("one.fa", ">a\nACGUACGU\n>b\nGGGGCCCC\n>c\nACGUACGU\n");
    embed(&place, "--kind rna -i one.fa -o s").done().says("2 computed, 0 in the store already");
    let shard = place.bytes("s/shard-00000.bin");
    embed(&place, "--kind rna -i one.fa -o s").done().says("0 computed, 2 in the store already");
    place.write("two.fa", ">x\nGGGGCCCC\n");
    embed(&place, "--kind rna -i two.fa -o s").done().says("0 computed, 1 in the store already");
    assert_eq!(place.bytes("s/shard-00000.bin"), shard);
    place.write("three.fa", ">a\nACGUACGU\n>d\nUUUU\n");
    embed(&place, "--kind rna -i three.fa -o s").done().says("1 computed, 1 in the store already");
    let store = Store::open(place.path("s")).unwrap();
    assert_eq!((store.len(), store.ids().len()), (3, 5));
    assert_eq!(get(&store, "b"), get(&store, "x"));
    assert_eq!(get(&store, "a"), get(&store, "c"));
}

#[test]
fn the_parts_of_a_store_hold_what_the_whole_holds() {
    let place = Place::new();
    place.write("in.fa", format!("{}>again\nACGUACGU\n>twice\nACGUACGU\n", rnas(40, 300)));
    embed(&place, "--kind rna -i in.fa -o whole").done();
    for part in ["2/3", "1/3", "3/3"] {
        embed(&place, &format!("--kind rna -i in.fa -o parts --shard {part}")).done();
    }
    let (whole, parts) =
        (Store::open(place.path("whole")).unwrap(), Store::open(place.path("parts")).unwrap());
    assert_eq!((whole.len(), whole.ids().len()), (parts.len(), parts.ids().len()));
    for id in whole.ids() {
        assert_eq!(get(&whole, id.as_str()), get(&parts, id.as_str()));
    }
    embed(&place, "--kind rna -i in.fa -o whole --shard 1/3").ended(2).says("was not made in parts");
}

#[test]
fn a_dry_run_forecasts_and_makes_nothing() {
    let place = Place::new();
    place.write("in.fa", ">a\nACGUACGUAC\n>b\nACGU\n>c\nACGUACGUAC\n");
    let arguments = "--kind rna -i in.fa -o s --tokens window --window 4 --max-windows 2 --dtype f16";
    // Two windows of the first, one of the second: (2 * 85 + 3 * 84) values of two bytes.
    embed(&place, &format!("{arguments} --dry-run"))
        .done()
        .says("3 records; 2 sequences, 3 rows, 844 bytes of f16 values")
        .says("1 sequences are sampled, not covered: windows of 4, at most 2");
    assert_eq!(place.files().len(), 1);
    embed(&place, arguments).done();
    assert_eq!(place.bytes("s/shard-00000.bin").len(), 844);
}

#[test]
fn every_kind_encoder_and_row_rule_gives_a_store_that_can_be_read() {
    let place = Place::new();
    place.write("rna.fa", ">a\nACGUNACGUR\n").write("protein.fa", ">a\nMKVXULAQDE\n");
    place.write("small-molecule.fa", "CC(=O)Oc1ccccc1C(=O)O\ta\n");
    for kind in ["rna", "protein", "small-molecule"] {
        for encoder in ["kmer", "kmer2", "onehot"] {
            for tokens in ["residue", "window", "pooled"] {
                let name = format!("{kind}-{encoder}-{tokens}");
                let arguments = format!("--kind {kind} -i {kind}.fa --encoder {encoder} --tokens {tokens}");
                embed(&place, &format!("{arguments} -o {name}")).done();
                let store = Store::open(place.path(&name)).unwrap();
                let found = get(&store, "a");
                let length = if kind == "small-molecule" { 21 } else { 10 };
                let rows = match tokens {
                    "residue" => length,
                    "pooled" => usize::from(encoder == "onehot"),
                    _ if kind == "small-molecule" => 2,
                    _ => 1,
                };
                assert_eq!((found.length, found.rows), (length as u64, rows), "{name}");
                for dtype in ["f16", "bf16"] {
                    embed(&place, &format!("{arguments} -o {name}-{dtype} --dtype {dtype}")).done();
                    let half = get(&Store::open(place.path(&format!("{name}-{dtype}"))).unwrap(), "a");
                    let both =
                        half.global.iter().zip(&found.global).chain(half.values.iter().zip(&found.values));
                    for (half, full) in both {
                        assert!((half - full).abs() <= full.abs() / 256.0 + 1e-7, "{name} {dtype}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_sequence_is_kept_letter_by_letter() {
    let place = Place::new();
    place.write("rna.fa", ">a\nACGUNR\n").write("protein.fa", ">a\nMAXYU\n");
    for (kind, values) in
        [("rna", &[0.0, 1.0, 2.0, 3.0, 4.0, 4.0][..]), ("protein", &[10.0, 0.0, 20.0, 19.0, 20.0])]
    {
        for dtype in ["f32", "f16", "bf16"] {
            let arguments =
                format!("--kind {kind} -i {kind}.fa --encoder sequence --dtype {dtype} -o {kind}.{dtype}");
            embed(&place, &arguments).done();
            assert_eq!(
                get(&Store::open(place.path(&format!("{kind}.{dtype}"))).unwrap(), "a").values,
                values
            );
        }
    }
}

#[test]
fn a_molecule_that_is_no_graph_is_embedded_by_its_tokens_and_named() {
    let place = Place::new();
    place.write("in.smi", "CCO\tgood\nC1CC\topen\nC1CN\tlikewise\n");
    embed(&place, "--kind small-molecule -i in.smi -o s --mqc s_mqc.json")
        .done()
        .says("embedded by its tokens alone, as ring 1 is not closed: open, likewise");
    assert!(place.read("s_mqc.json").contains("\"without_graph\": 2"));
    assert_eq!(Store::open(place.path("s")).unwrap().len(), 3);
}

#[test]
fn two_writers_do_not_meet() {
    let place = Place::new();
    place.write("in.fa", ">a\nACGU\n");
    embed(&place, "--kind rna -i in.fa -o s").done();
    let index = std::fs::File::open(place.path("s/index.tsv")).unwrap();
    index.lock().unwrap();
    embed(&place, "--kind rna -i in.fa -o s").ended(2).says("another program is writing this store");
    index.unlock().unwrap();
    embed(&place, "--kind rna -i in.fa -o s").done();
}

#[test]
fn a_full_disk_is_named_and_the_run_goes_on_when_there_is_room() {
    let place = Place::new();
    place.write("in.fa", rnas(20, 1000));
    let arguments = "--kind rna --input in.fa --tokens residue --output s";
    embed(&place, "--kind rna --input in.fa --tokens residue --output whole").done();
    // A limit on the size of files stands for a full disk: a write then fails in the same way.
    let script = format!("trap '' XFSZ; ulimit -f 2000; exec {} {arguments}", binary("embed"));
    let output = Command::new("bash").args(["-c", &script]).current_dir(place.path("")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("s/shard-00000.bin: cannot write: File too large"), "{said}");
    embed(&place, arguments).done();
    assert!(bytes(&place, "s") == bytes(&place, "whole"));
}

#[test]
fn each_bad_input_has_its_sentence() {
    let place = Place::new();
    place
        .write("in.fa", ">a\nACGU\n")
        .write("empty.fa", "")
        .write("t.fa", ">a\nACGT\n")
        .write("file", "x")
        .write("in.smi", "CCO\ta\n");
    place.write("other/thesis.txt", "mine").write("twice.fa", ">a\nA\n>a\nC\n");
    embed(&place, "--kind rna -i in.fa -o s").done();
    let cases = [
        ("--kind rna -i none.fa -o n", "none.fa: cannot read"),
        ("--kind rna -i empty.fa -o n", "empty.fa: holds no sequence"),
        ("--kind rna -i t.fa -o n", "t.fa, line 1, record `a`: letter `T`"),
        ("--kind rna -i twice.fa -o n", "twice.fa, line 3, record `a`: the identifier stands on line 1"),
        ("--kind rna -i in.fa -o file", "file: is a file, not a folder; name a folder for the store"),
        ("--kind rna -i in.fa -o -", "setting `output`: a store cannot be written to standard output"),
        ("--kind rna -i in.fa -o other", "other: holds files but is not an embedding store"),
        ("--kind rna -i in.fa -o s --window 64", "`tokens.size` is 128, not 64 as asked now"),
        ("--kind rna -i in.fa -o s --dtype bf16", "`dtype` is \"f32\", not \"bf16\" as asked now"),
        ("--kind rna -i in.fa -o s --encoder onehot", "`encoder` is \"kmer\", not \"onehot\""),
        ("--kind protein -i in.fa -o s", "`molecule` is \"rna\", not \"protein\""),
        ("--kind rna -i in.fa -o n --window 0", "setting `window`: a window holds at least one residue"),
        ("--kind rna -i in.fa -o n --tokens residue --window 3", "setting `window`: only `--tokens window`"),
        (
            "--kind rna -i in.fa -o n --tokens pooled --max-windows 3",
            "setting `max-windows`: only `--tokens window`",
        ),
        (
            "--kind rna -i in.fa -o n --encoder sequence --tokens pooled",
            "setting `tokens`: the encoder `sequence` keeps every residue",
        ),
        (
            "--kind small-molecule -i in.smi -o n --encoder sequence",
            "setting `encoder`: `sequence` is for RNA and protein",
        ),
        ("--kind rna -i in.fa -o n --shard 4/3", "a part is written i/n with 1 <= i <= n, as 2/8"),
        ("--kind dna -i in.fa -o n", "invalid value 'dna'"),
        ("--kind rna -i in.fa -o file/inside", "file/inside"),
    ];
    for (arguments, words) in cases {
        embed(&place, arguments).ended(2).says(words);
        assert!(!place.path("n").exists(), "{arguments}");
    }
}

#[test]
fn a_damaged_store_is_refused_with_the_file_named() {
    let place = Place::new();
    place.write("in.fa", rnas(10, 200));
    embed(&place, "--kind rna -i in.fa -o s").done();
    let hurt = |name: &str, change: &dyn Fn(&mut Vec<u8>), words: &str| {
        let mut bytes = place.bytes(name);
        let before = bytes.clone();
        change(&mut bytes);
        place.write(name, &bytes);
        embed(&place, "--kind rna -i in.fa -o s").ended(2).says(words);
        assert_eq!(place.bytes(name), bytes, "a damaged store is left as it is");
        place.write(name, before);
    };
    hurt("s/shard-00000.bin", &|b| b[100] ^= 4, "s/shard-00000.bin, record `r0`: the entry at byte 0");
    hurt("s/index.tsv", &|b| b[0] ^= 4, "s/index.tsv, line 1: is not the index of an embedding store");
    hurt("s/index.tsv", &|b| b[80] ^= 4, "s/index.tsv, line 2: is damaged");
    hurt("s/manifest.json", &|b| b.truncate(20), "s/manifest.json: is not the manifest");
    hurt(
        "s/manifest.json",
        &|b| b[14] = b'7',
        "has format version 7, and this program reads the versions 1 to 2",
    );
}
