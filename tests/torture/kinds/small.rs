//! Small inputs that could take long or much: each ends within its bounds of memory and processor time, with its work
//! done or one sentence.

use std::io::Write as _;

use crate::harness::{Lab, Place, Plan, Verdict, refused, unchanged};

/// MiB of address space, and seconds of processor time: the longest, sixteen million records, took 14 to 21 on a slow machine; what
/// grows with the square of its input would take days.
const MEMORY: u64 = 1536;
const SECONDS: u64 = 80;

/// A case: what is written before, the tool and its arguments.
struct Case {
    name: &'static str,
    file: &'static str,
    bytes: fn() -> Vec<u8>,
    tool: &'static str,
    arguments: &'static str,
}

const fn case(
    name: &'static str,
    file: &'static str,
    bytes: fn() -> Vec<u8>,
    tool: &'static str,
    arguments: &'static str,
) -> Case {
    Case { name, file, bytes, tool, arguments }
}

const STORES: &str = "--rna-store rna.store --partner-store protein.store";
const NONE: fn() -> Vec<u8> = Vec::new;

/// Readers of tables, sequences and settings, which all have to bear the same.
const READERS: &[(&str, &str, &str)] = &[
    ("table", "parse", "pairs --pairs x --output new/out.tsv"),
    (
        "table",
        "parse",
        "table --table x --partner-kind protein --output new/o --rna-output new/r --partner-output new/p",
    ),
    ("table", "split", "random --folds 2 --pairs x --output new/out.tsv"),
    ("table", "split", "table --table x --column fold --pairs pairs.tsv --output new/out.tsv"),
    ("table", "split", "audit --splits x --pairs pairs.tsv --audit new/out.tsv"),
    ("table", "predict", "--model model --pairs x STORES --output new/out.tsv"),
    ("table", "evaluate", "--predictions x --bootstrap 0 --output new/out"),
    ("table", "fuse-train", "--pairs x STORES --config small.yaml --output new/out"),
    ("sequences", "parse", "sequences --kind rna x --output new/out.fa"),
    ("sequences", "parse", "sequences --kind small-molecule x --output new/out.smi"),
    ("sequences", "parse", "pairs --pairs pairs.tsv --rna x --output new/out.tsv"),
    ("sequences", "embed", "--kind rna --input x --output new/out"),
    ("sequences", "embed", "--kind small-molecule --input x --output new/out"),
    ("sequences", "split", "random --pairs pairs.tsv --rna x --output new/out.tsv --audit new/audit.tsv"),
    ("settings", "fuse-train", "--pairs pairs.tsv STORES --config x --output new/out"),
];

/// Bytes that are small when they are packed.
const BOMBS: &[(&str, &[u8])] = &[
    ("nothing but zeros", b"\0"),
    ("blank lines", b"\n"),
    ("one line of letters", b"A"),
    ("short records", b">a\nACGU\n"),
    ("short rows", b"a\tb\t1\n"),
    ("brackets", b"["),
    ("tabs", b"\t"),
    ("comments", b"# x\n"),
    ("keys", b"a: {"),
];

const CASES: &[Case] = &[
    case(
        "nested branches",
        "x.smi",
        || nested(b"C(", b"C)", 200_000),
        "parse",
        "sequences --kind small-molecule x.smi --output new/o",
    ),
    case(
        "open branches",
        "x.smi",
        || nested(b"C(", b"", 500_000),
        "parse",
        "sequences --kind small-molecule x.smi --output new/o",
    ),
    case(
        "open brackets",
        "x.smi",
        || nested(b"[", b"", 500_000),
        "parse",
        "sequences --kind small-molecule x.smi --output new/o",
    ),
    case(
        "many rings",
        "x.smi",
        || nested(b"C%(12)", b"", 200_000),
        "parse",
        "sequences --kind small-molecule x.smi --output new/o",
    ),
    case(
        "nested branches embedded",
        "x.smi",
        || nested(b"C(", b"C)", 100_000),
        "embed",
        "--kind small-molecule --input x.smi --output new/o",
    ),
    case(
        "one long chain embedded",
        "x.smi",
        || [&nested(b"C", b"", 300_000)[..]].concat(),
        "embed",
        "--kind small-molecule --input x.smi --output new/o",
    ),
    case(
        "nested lists",
        "x.yaml",
        || nested(b"[", b"]", 100_000),
        "fuse-train",
        "--pairs pairs.tsv STORES --config x.yaml --output new/o",
    ),
    case(
        "nested maps",
        "x.yaml",
        || nested(b"{a: ", b"}", 50_000),
        "fuse-train",
        "--pairs pairs.tsv STORES --config x.yaml --output new/o",
    ),
    case(
        "aliases of aliases",
        "x.yaml",
        aliases,
        "fuse-train",
        "--pairs pairs.tsv STORES --config x.yaml --output new/o",
    ),
    case(
        "a long key",
        "x.yaml",
        || [&b"k".repeat(100_000)[..], b": 1\n"].concat(),
        "fuse-train",
        "--pairs pairs.tsv STORES --config x.yaml --output new/o",
    ),
    case(
        "a nested manifest",
        "rna.store/manifest.json",
        || nested(b"[", b"]", 500_000),
        "embed",
        "export --store rna.store --output new/o.npz",
    ),
    case(
        "a nested seal",
        "rna.store/complete.json",
        || nested(b"{\"a\":", b"}", 500_000),
        "embed",
        "export --store rna.store --output new/o.npz",
    ),
    case(
        "a nested model",
        "model/fold-0/model.json",
        || nested(b"[", b"]", 500_000),
        "predict",
        "--model model --pairs pairs.tsv STORES --output new/o",
    ),
    case(
        "an absurd shard",
        "rna.store/index.tsv",
        || index("1", "4294967295", "0"),
        "embed",
        "--kind rna --input rna.fa --output rna.store",
    ),
    case(
        "an absurd offset",
        "rna.store/index.tsv",
        || index("1", "0", "18446744073709551615"),
        "embed",
        "--kind rna --input rna.fa --output rna.store",
    ),
    case(
        "absurd rows",
        "rna.store/index.tsv",
        || index("18446744073709551615", "0", "0"),
        "embed",
        "--kind rna --input rna.fa --output rna.store",
    ),
    case(
        "an absurd shard read",
        "rna.store/index.tsv",
        || index("1", "4294967295", "0"),
        "embed",
        "export --store rna.store --output new/o.npz",
    ),
    case(
        "absurd rows read",
        "rna.store/index.tsv",
        || index("1152921504606846976", "0", "0"),
        "embed",
        "export --store rna.store --output new/o.npz",
    ),
    case(
        "an absurd header",
        "x.safetensors",
        || [&u64::MAX.to_le_bytes()[..], b"{}"].concat(),
        "embed",
        "--kind rna --input rna.fa --encoder import --name x --from x.safetensors --output new/o",
    ),
    case(
        "a large header",
        "x.safetensors",
        || [&90_000_000_u64.to_le_bytes()[..], b"{}"].concat(),
        "embed",
        "--kind rna --input rna.fa --encoder import --name x --from x.safetensors --output new/o",
    ),
    case(
        "an absurd shape",
        "x.npy",
        npy,
        "embed",
        "--kind rna --input rna.fa --encoder import --name x --from x.npy --output new/o",
    ),
    case("too many threads", "x", NONE, "split", "random --pairs pairs.tsv --output new/o --threads 20000"),
    case("no room for threads", "x", NONE, "split", "random --pairs pairs.tsv --output new/o --threads 1000"),
    case("too many folds", "x", NONE, "split", "random --folds 4000000000 --pairs pairs.tsv --output new/o"),
    case("too many RNAs", "x", NONE, "simulate", "--rna 18446744073709551615 --output new/o"),
    case("too many pairs", "x", NONE, "simulate", "--pairs 1000000000000 --output new/o"),
    case("too many families", "x", NONE, "simulate", "--families 4000000000000000000 --output new/o"),
    case(
        "a huge window",
        "x",
        NONE,
        "embed",
        "--kind rna --input rna.fa --window 18446744073709551615 --output new/o",
    ),
    case(
        "too many parts",
        "x",
        NONE,
        "embed",
        "--kind rna --input rna.fa --shard 1/4294967295 --output new/o",
    ),
    case(
        "the best of too many",
        "x",
        NONE,
        "predict",
        "--model model --all --top 18446744073709551615 STORES --output new/o",
    ),
    case(
        "a part of too many",
        "x",
        NONE,
        "predict",
        "--model model --pairs pairs.tsv STORES --shard 4294967295/4294967295 --output new/o",
    ),
    case(
        "a long title",
        "x",
        NONE,
        "evaluate",
        "--predictions predictions.tsv --bootstrap 0 --name x --title \u{1b}[31m --output new/o",
    ),
    case("thousands of folds", "x", folds, "split", "audit --splits x --pairs x --audit new/o"),
    case(
        "thousands of folds measured",
        "x",
        fold_predictions,
        "evaluate",
        "--predictions x --bootstrap 0 --output new/o",
    ),
    case(
        "a long identifier",
        "x.fa",
        || [b">", &b"i".repeat(10_000_000)[..], b"\nACGU\n"].concat(),
        "parse",
        "sequences --kind rna x.fa --output new/o",
    ),
    case(
        "many columns",
        "x",
        || [&b"a\t".repeat(2_000_000)[..], b"\n"].concat(),
        "parse",
        "pairs --pairs x --output new/o",
    ),
];

/// Lists the tries.
pub(crate) fn plan(_: &Lab) -> Plan {
    let mut plan = Plan::default();
    for Case { name, file, bytes, tool, arguments } in CASES {
        plan.add(format!("{name} for {tool} {arguments}"), move |lab, place| {
            place.write(file, bytes());
            bears(lab, place, tool, arguments)
        });
    }
    for (of, tool, arguments) in READERS {
        for (name, unit) in BOMBS {
            plan.add(format!("{name}, plain, as {of} for {tool} {arguments}"), move |lab, place| {
                place.write("x", unit.repeat((8 << 20) / unit.len()));
                bears(lab, place, tool, arguments)
            });
            plan.add(format!("{name}, packed, as {of} for {tool} {arguments}"), move |lab, place| {
                place.write("x", packed(unit));
                bears(lab, place, tool, arguments)
            });
        }
    }
    plan
}

fn bears(lab: &Lab, place: &Place, tool: &str, arguments: &str) -> Verdict {
    let before = place.inputs();
    let arguments = format!("{} --quiet", arguments.replace("STORES", STORES));
    let ended = lab.tools.call(tool, &arguments, place.path()).within(MEMORY, SECONDS).run();
    match ended.code {
        Some(0 | 1) => Ok(()),
        _ => unchanged(place, &before).and_then(|()| refused(place, &ended)),
    }
}

fn nested(open: &[u8], close: &[u8], depth: usize) -> Vec<u8> {
    [&open.repeat(depth)[..], &close.repeat(depth), b"\n"].concat()
}

/// One GiB of one byte, or of a longer unit so much that its pieces fill as much, packed.
fn packed(unit: &[u8]) -> Vec<u8> {
    let block = unit.repeat((1 << 20) / unit.len());
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..4 {
        member.write_all(&block).expect("memory");
    }
    // Members of gzip join.
    member.finish().expect("memory").repeat(if unit.len() == 1 { 256 } else { 32 })
}

fn aliases() -> Vec<u8> {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    text.into_bytes()
}

/// An index with one line, whose checksum is right.
fn index(rows: &str, shard: &str, offset: &str) -> Vec<u8> {
    let line = format!("{}\trna01\t9\t{rows}\t{shard}\t{offset}\t00000000", "0".repeat(64));
    let mut crc = flate2::Crc::new();
    crc.update(line.as_bytes());
    format!("digest\tid\tlength\trows\tshard\toffset\tchecksum\tline\n{line}\t{:08x}\n", crc.sum())
        .into_bytes()
}

fn npy() -> Vec<u8> {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 1024), }";
    let header = format!("{header:<117}\n");
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &[0; 64]].concat()
}

fn folds() -> Vec<u8> {
    let mut text = String::from("rna_id\tpartner_id\tlabel\tfold\n");
    for i in 0..5000 {
        text.push_str(&format!("r{i}\tp{i}\t{}\t{i}\n", i % 2));
    }
    text.into_bytes()
}

fn fold_predictions() -> Vec<u8> {
    let mut text = String::from("rna_id\tpartner_id\tlabel\tfold\tprobability\n");
    for i in 0..4000 {
        text.push_str(&format!("r{i}\tp{}\t{}\t{}\t0.{}\n", i % 7, i % 2, i / 2, i % 97));
    }
    text.into_bytes()
}
