//! The table of malformed checkpoints.

use super::bytes::{esm, safetensors, with_header};
use super::zip::{Entry, entry, int, tensor, text, torch, torch_entries, zip};

/// One malformed checkpoint.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The files of its folder.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// The file to open; empty for the folder.
    pub(crate) open: &'static str,
    /// What the message must say.
    pub(crate) says: &'static str,
}

/// Lists all cases.
pub(crate) fn all() -> Vec<Case> {
    [files(), headers(), models(), configurations(), folders(), archives(), calls(), tensors(), bombs()]
        .concat_cases()
}

trait Concat {
    fn concat_cases(self) -> Vec<Case>;
}

impl<const N: usize> Concat for [Vec<Case>; N] {
    fn concat_cases(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}

fn one(name: &'static str, bytes: impl Into<Vec<u8>>, says: &'static str) -> Case {
    Case { name, files: vec![("weights".into(), bytes.into())], open: "weights", says }
}

fn folder(name: &'static str, files: &[(&str, &[u8])], says: &'static str) -> Case {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    Case { name, files, open: "", says }
}

fn files() -> Vec<Case> {
    vec![
        one("an empty file", b"", "is empty"),
        one("a web page", b"<!DOCTYPE html><html>", "is a web page"),
        one("a pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git-lfs pointer"),
        one("text", b"MKTAYIAKQR\n", "is neither safetensors nor a torch file"),
        one("old torch", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "format of torch before 1.6"),
        one(
            "a tar archive",
            [vec![0; 257], b"ustar".to_vec(), vec![0; 300]].concat(),
            "format of torch before 1.6",
        ),
    ]
}

fn headers() -> Vec<Case> {
    let tensor = |shape: &str, from: u64, to: u64| {
        format!(r#"{{"t":{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}}}"#)
    };
    let two = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    vec![
        one(
            "header of all memory",
            [&u64::MAX.to_le_bytes(), b"{}".as_slice()].concat(),
            "the header would be",
        ),
        one(
            "header of a gigabyte",
            [&(1u64 << 30).to_le_bytes(), b"{}".as_slice()].concat(),
            "the header would be",
        ),
        one(
            "header of forty megabytes",
            with_header(&format!("{{{}}}", " ".repeat(40 << 20)), 0),
            "the header would be",
        ),
        one(
            "header of many tensors",
            with_header(
                &format!(
                    "{{{}}}",
                    (0..130_000)
                        .map(|at| format!(r#""{at}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#))
                        .collect::<Vec<_>>()
                        .join(",")
                ),
                0,
            ),
            "holds 130000 tensors",
        ),
        one("header that is not JSON", with_header("{\"t\":", 0), "the safetensors header is wrong"),
        one("deep header", with_header(&"{\"a\":".repeat(200_000), 0), "the safetensors header is wrong"),
        one("header without tensors", with_header("{}", 0), "holds no tensors"),
        one(
            "tensor beyond the file",
            with_header(&tensor("[4]", 0, 16), 8),
            "the safetensors header is wrong",
        ),
        one(
            "tensor longer than its place",
            with_header(&tensor("[5]", 0, 16), 16),
            "the safetensors header is wrong",
        ),
        one(
            "tensor before itself",
            with_header(&tensor("[4]", 16, 0), 16),
            "the safetensors header is wrong",
        ),
        one("tensor after a gap", with_header(&tensor("[2]", 8, 16), 16), "the safetensors header is wrong"),
        one("tensors that overlap", with_header(two, 12), "the safetensors header is wrong"),
        one(
            "extents beyond all memory",
            with_header(&tensor("[4611686018427387904,4611686018427387904]", 0, 16), 16),
            "the safetensors header is wrong",
        ),
        one(
            "offsets that wrap around",
            with_header(&tensor("[4611686018427387900]", 0, 18_446_744_073_709_551_600), 8),
            "header",
        ),
        one("negative extent", with_header(&tensor("[-4]", 0, 16), 16), "the safetensors header is wrong"),
        one(
            "unknown type",
            with_header(r#"{"t":{"dtype":"F128","shape":[1],"data_offsets":[0,16]}}"#, 16),
            "the safetensors header is wrong",
        ),
        one(
            "quantised type",
            with_header(r#"{"t":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"#, 4),
            "tensor `t` has numbers of type",
        ),
        one(
            "bytes after the values",
            [safetensors(&esm()), vec![0; 8]].concat(),
            "the safetensors header is wrong",
        ),
    ]
}

type Tensors = std::collections::BTreeMap<String, Vec<usize>>;

fn models() -> Vec<Case> {
    let changed = |change: &dyn Fn(&mut Tensors)| {
        let mut tensors = esm();
        change(&mut tensors);
        safetensors(&tensors)
    };
    let bert = [("bert.encoder.layer.0.attention.output.LayerNorm.weight".to_owned(), vec![8])].into();
    let query = "esm.encoder.layer.0.attention.self.query.weight";
    vec![
        one("another model", safetensors(&bert), "holds tensors such as `bert.encoder.layer.0"),
        one(
            "missing tensor",
            changed(&|tensors| drop(tensors.remove(query))),
            "lacks `esm.encoder.layer.0.attention.self.query.weight`",
        ),
        one(
            "missing tensors",
            changed(&|tensors| tensors.retain(|name, _| !name.contains("dense"))),
            "and 3 more",
        ),
        one(
            "extra tensor",
            changed(&|tensors| drop(tensors.insert("esm.encoder.layer.0.adapter.weight".into(), vec![2]))),
            "holds `esm.encoder.layer.0.adapter.weight`, which ESM-2 does not have",
        ),
        one(
            "turned matrix",
            changed(&|tensors| {
                drop(tensors.insert("esm.rotary_embeddings.inv_freq".into(), vec![2]));
                drop(tensors.insert("esm.encoder.layer.0.output.dense.weight".into(), vec![16, 8]));
            }),
            "tensor `esm.encoder.layer.0.output.dense.weight` has shape 16×8, where 8×16 is needed",
        ),
        one(
            "flat embedding",
            changed(&|tensors| {
                drop(tensors.insert("esm.embeddings.word_embeddings.weight".into(), vec![264]));
            }),
            "has shape 264, not rows and columns",
        ),
        one(
            "missing block",
            changed(&|tensors| {
                *tensors = std::mem::take(tensors)
                    .into_iter()
                    .map(|(name, shape)| (name.replace("layer.0.", "layer.1."), shape))
                    .collect();
            }),
            "lacks block 0",
        ),
        one(
            "block without end",
            changed(&|tensors| {
                drop(
                    tensors.insert("esm.encoder.layer.18446744073709551615.LayerNorm.weight".into(), vec![8]),
                );
            }),
            "lacks block 1",
        ),
        one(
            "norm under two names",
            changed(&|tensors| drop(tensors.insert("esm.encoder.layer.0.LayerNorm.gamma".into(), vec![8]))),
            "holds a tensor under two names",
        ),
        one("no number of heads", safetensors(&esm()), "does not tell its number of attention heads"),
        one(
            "frequencies of odd heads",
            changed(&|tensors| drop(tensors.insert("esm.rotary_embeddings.inv_freq".into(), vec![3]))),
            "heads of 6 columns do not divide a width of 8",
        ),
    ]
}

fn configurations() -> Vec<Case> {
    let weights = safetensors(&esm());
    let with = |name, config: &str, says| {
        folder(name, &[("model.safetensors", &weights), ("config.json", config.as_bytes())], says)
    };
    let whole = r#"{"num_attention_heads":2}"#;
    let beside = |name, file: &str, text: &str, says| {
        folder(
            name,
            &[("model.safetensors", &weights), ("config.json", whole.as_bytes()), (file, text.as_bytes())],
            says,
        )
    };
    let letters = |count: usize| (0..count).fold(String::new(), |text, at| text + &format!("t{at}\n"));
    vec![
        with("NaN in the configuration", r#"{"layer_norm_eps": NaN}"#, "is not a JSON object"),
        with("list as configuration", "[1]", "is not a JSON object"),
        with("deep configuration", &"[".repeat(1 << 20), "is not a JSON object"),
        with("long configuration", &" ".repeat(5 << 20), "more than a configuration needs"),
        with(
            "another number of blocks",
            r#"{"num_hidden_layers": 6}"#,
            "config.json says num_hidden_layers is 6, but the tensors have 1",
        ),
        with(
            "another width",
            r#"{"hidden_size": 320, "num_attention_heads": 2}"#,
            "hidden_size is 320, but the tensors have 8",
        ),
        with(
            "another vocabulary",
            r#"{"vocab_size": 34, "num_attention_heads": 2}"#,
            "vocab_size is 34, but the embedding has 33",
        ),
        with(
            "another inner width",
            r#"{"intermediate_size": 32, "num_attention_heads": 2}"#,
            "intermediate_size is 32, but the tensors have 16",
        ),
        with(
            "another model's configuration",
            r#"{"model_type": "bert"}"#,
            "`model_type` is \"bert\", but the tensors are those of ESM-2",
        ),
        with(
            "another activation",
            r#"{"hidden_act": "relu"}"#,
            "`hidden_act` is \"relu\", and only \"gelu\" is supported",
        ),
        with(
            "absolute positions",
            r#"{"position_embedding_type": "absolute"}"#,
            "only \"rotary\" is supported",
        ),
        with("no heads", r#"{"num_attention_heads": 0}"#, "0 attention heads do not divide"),
        with("three heads", r#"{"num_attention_heads": 3}"#, "3 attention heads do not divide"),
        with("heads of one column", r#"{"num_attention_heads": 8}"#, "8 attention heads do not divide"),
        with(
            "negative heads",
            r#"{"num_attention_heads": -2}"#,
            "`num_attention_heads` is -2, not a whole number",
        ),
        with(
            "epsilon in words",
            r#"{"num_attention_heads": 2, "layer_norm_eps": "small"}"#,
            "not a number between 0 and 1",
        ),
        with(
            "negative epsilon",
            r#"{"num_attention_heads": 2, "layer_norm_eps": -1e-5}"#,
            "not a number between 0 and 1",
        ),
        with(
            "huge mask token",
            r#"{"num_attention_heads": 2, "mask_token_id": 99}"#,
            "the mask token 99 is not among 33 tokens",
        ),
        beside("short vocabulary", "vocab.txt", &letters(26), "has 26 tokens, but the embedding has 33 rows"),
        beside("long vocabulary", "vocab.txt", &letters(1 << 16), "has 65536 tokens"),
        beside("empty token", "vocab.txt", "a\n\nb\n", "the token with the id 1 is empty"),
        beside("token twice", "vocab.txt", "a\nb\na\n", "the token `a` has the ids 0 and 2"),
        beside("vocabulary that skips", "vocab.json", r#"{"a":0,"b":2}"#, "the id of `b` is 2"),
        beside("vocabulary that is a list", "vocab.json", "[1,2]", "is no vocabulary (it is too short)"),
    ]
}

fn folders() -> Vec<Case> {
    let weights = safetensors(&esm());
    let index = |name, map: &str, says| {
        let text = format!(r#"{{"weight_map": {map}}}"#);
        let mut case = folder(name, &[("a.safetensors", &weights), ("i.index.json", text.as_bytes())], says);
        case.open = "i.index.json";
        case
    };
    vec![
        folder("a folder without weights", &[("config.json", b"{}")], "is a folder without weights"),
        folder(
            "a folder of two",
            &[("a.pt", b"x"), ("b.pt", b"x")],
            "holds 2 files of weights, such as a.pt and b.pt",
        ),
        Case { open: "absent.pt", ..folder("no file", &[], "cannot read: ") },
        index("index into a parent folder", r#"{"t": "../a.safetensors"}"#, "which is not a file beside it"),
        index("index into the system", r#"{"t": "/etc/passwd"}"#, "which is not a file beside it"),
        index("index into a folder", r#"{"t": ".."}"#, "which is not a file beside it"),
        index("index of a missing shard", r#"{"t": "b.safetensors"}"#, "which is missing"),
        index(
            "index of a missing tensor",
            r#"{"t": "a.safetensors"}"#,
            "names the tensor `t`, which a.safetensors lacks",
        ),
        index("index of nothing", "{}", "names 0 shards"),
        index("index of numbers", r#"{"t": 1}"#, "is not an index of shards"),
    ]
}

fn archives() -> Vec<Case> {
    let good = entry("t", &tensor("FloatStorage", "0", 6, 0, &[2, 3], &[3, 1]));
    let changed = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = torch_entries(&good, &[0; 24]);
        change(&mut entries);
        zip(&entries)
    };
    let patched = |at_end: usize, bytes: &[u8]| {
        let mut file = torch(&good);
        let at = file.len() - at_end;
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let huge = b"PK\x06\x06\x2c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let long =
        [huge.as_slice(), &[0xff; 32], b"PK\x06\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0PK\x05\x06", &[0; 18]]
            .concat();
    vec![
        one("an archive of something else", zip(&[Entry::stored("a/b.txt", b"x")]), "without `data.pkl`"),
        one("an archive of nothing", zip(&[]), "without `data.pkl`"),
        one(
            "two pickles",
            changed(&|entries| entries.push(Entry::stored("n/data.pkl", b"."))),
            "holds two files `data.pkl`",
        ),
        one(
            "zip bomb as pickle",
            changed(&|entries| (entries[0].method, entries[0].size) = (8, u32::MAX - 1)),
            "entry `m/data.pkl` is compressed",
        ),
        one(
            "zip bomb as values",
            changed(&|entries| (entries[2].method, entries[2].size) = (8, u32::MAX - 1)),
            "entry `m/data/0` is compressed",
        ),
        one(
            "unknown compression",
            changed(&|entries| entries[2].method = 93),
            "entry `m/data/0` is compressed",
        ),
        one(
            "two lengths",
            changed(&|entries| entries[2].size = 25),
            "stored entry `m/data/0` has two lengths",
        ),
        one(
            "long size without its field",
            changed(&|entries| entries[2].size = u32::MAX),
            "lacks its 64-bit sizes",
        ),
        one(
            "entry twice",
            changed(&|entries| entries.push(Entry::stored("m/data/0", &[0; 24]))),
            "holds `m/data/0` twice",
        ),
        one(
            "wrong checksum of the pickle",
            changed(&|entries| entries[0].crc ^= 1),
            "does not have its checksum",
        ),
        one(
            "big-endian",
            changed(&|entries| entries[1] = Entry::stored("m/byteorder", b"big")),
            "not little-endian",
        ),
        one("directory elsewhere", patched(6, &u32::MAX.to_le_bytes()), "has no directory at its end"),
        one(
            "more entries than there are",
            patched(12, &[0xff, 0xff]),
            "the directory of the zip archive is cut short",
        ),
        one("entries without end", [b"PK\x03\x04".to_vec(), long[4..].to_vec()].concat(), "zip archive"),
        one(
            "entries beyond counting",
            {
                let mut file = b"PK\x03\x04".to_vec();
                file.extend(&long);
                let locator = file.len() - 22 - 20;
                file[locator + 8] = 4;
                file
            },
            "the zip archive would have 18446744073709551615 entries",
        ),
    ]
}

fn calls() -> Vec<Case> {
    let system = || text("echo harm");
    let call = |bytes: &[&[u8]]| torch(&[b"\x80\x02".as_slice(), &bytes.concat(), b"."].concat());
    vec![
        one("call by REDUCE", call(&[b"cos\nsystem\n(", &system(), b"tR"]), "names `os.system`"),
        one("call of posix", call(&[b"cposix\nsystem\n(", &system(), b"tR"]), "names `posix.system`"),
        one("call of eval", call(&[b"c__builtin__\neval\n(", &system(), b"tR"]), "names `__builtin__.eval`"),
        one("call of getattr", call(&[b"cbuiltins\ngetattr\n"]), "names `builtins.getattr`"),
        one(
            "call by STACK_GLOBAL",
            call(&[&text("os"), &text("system"), b"\x93(", &system(), b"tR"]),
            "names `os.system`",
        ),
        one(
            "call by a name in parts",
            call(&[&text("os"), b"K\x01\x93"]),
            "names a class by something that is not text",
        ),
        one("call by INST", call(&[b"(", &system(), b"ios\nsystem\n"]), "instruction 0x69 (`i`)"),
        one("call by OBJ", call(&[b"(", &system(), b"o"]), "instruction 0x6f (`o`)"),
        one(
            "call by NEWOBJ",
            call(&[b"csubprocess\nPopen\n(", &system(), b"t\x81"]),
            "names `subprocess.Popen`",
        ),
        one("call by NEWOBJ_EX", call(&[b"cargparse\nNamespace\n)}\x92"]), "instruction 0x92"),
        one(
            "attributes of a function",
            call(&[b"ctorch\nFloatStorage\n}b"]),
            "gives attributes to something",
        ),
        one("call of a value", call(&[b"K\x01)R"]), "calls something that is not a class or function"),
        one(
            "call of a storage",
            call(&[b"ctorch\nFloatStorage\n)R"]),
            "calls something that is not a class or function",
        ),
        one("call of torch.load", call(&[b"ctorch\nload\n"]), "names `torch.load`"),
        one("class from the table of extensions", call(&[b"\x82\x01"]), "instruction 0x82"),
        one("storage by its name", call(&[b"Pname\n"]), "instruction 0x50 (`P`)"),
        one("text instructions", call(&[b"I1\n"]), "instruction 0x49 (`I`)"),
        one("unknown instruction", call(&[b"\xff"]), "instruction 0xff"),
        one("name of a megabyte", call(&[b"c", "x".repeat(1 << 20).as_bytes(), b"\ny\n"]), "…"),
    ]
}

fn tensors() -> Vec<Case> {
    let tensor = |name, length: i64, offset: i64, shape: &[i64], strides: &[i64], says| {
        one(name, torch(&entry("t", &tensor("FloatStorage", "0", length, offset, shape, strides))), says)
    };
    let wide = [1; 40];
    let pair = super::zip::tensor("FloatStorage", "0", 6, 0, &[6], &[1]);
    let twice = [b"\x80\x02}(".to_vec(), text("t"), pair.clone(), text("t"), pair, b"u.".to_vec()].concat();
    let lost = super::zip::tensor("FloatStorage", "9", 6, 0, &[6], &[1]);
    let parent = super::zip::tensor("FloatStorage", "../byteorder", 1, 0, &[1], &[1]);
    vec![
        tensor("tensor beyond its storage", 6, 1, &[2, 3], &[3, 1], "reaches beyond its storage"),
        tensor("tensor of all memory", 6, 0, &[1 << 40, 1 << 40], &[0, 0], "reaches beyond its storage"),
        tensor("tensor of repeated values", 6, 0, &[1 << 40], &[0], "has more values than its storage"),
        tensor("huge stride", 6, 0, &[2, 2], &[i64::MAX, 1], "reaches beyond its storage"),
        tensor("huge offset", 6, i64::MAX, &[1], &[1], "reaches beyond its storage"),
        tensor("negative offset", 6, -1, &[1], &[1], "describes a tensor in an unknown way"),
        tensor("negative extent in torch", 6, 0, &[-1], &[1], "whose shape is not a list of whole numbers"),
        tensor("negative stride", 6, 5, &[2], &[-1], "whose shape is not a list of whole numbers"),
        tensor("forty dimensions", 6, 0, &wide, &wide, "holds a tensor of 40 dimensions"),
        tensor("other strides", 6, 0, &[2, 3], &[1], "describes a tensor in an unknown way"),
        tensor("storage longer than its entry", 7, 0, &[7], &[1], "too few for 7 values of 4 bytes"),
        tensor("storage of all memory", i64::MAX, 0, &[7], &[1], "too few for 9223372036854775807 values"),
        tensor("negative storage", -1, 0, &[1], &[1], "names a storage in an unknown way"),
        one("lost storage", torch(&entry("t", &lost)), "lacks the values `data/9`"),
        one("storage elsewhere", torch(&entry("t", &parent)), "lacks the values `data/../byteorder`"),
        one("tensor twice", torch(&twice), "holds the tensor `t` twice"),
        one("no tensors", torch(&entry("t", &int(1))), "holds no tensors"),
        one("long name", torch(&entry(&"n".repeat(5000), &tensor_of_one())), "a tensor has the name `nnn"),
    ]
}

fn tensor_of_one() -> Vec<u8> {
    tensor("FloatStorage", "0", 6, 0, &[1], &[1])
}

fn bombs() -> Vec<Case> {
    let many = |bytes: &[u8], count: usize, end: &[u8]| torch(&[bytes.repeat(count), end.to_vec()].concat());
    let doubling: Vec<u8> = (0..60u8).flat_map(|at| [b'(', b'h', at, b'h', at, b't', b'q', at + 1]).collect();
    let mut copies = b"]q\0(".to_vec();
    copies.extend(b"K\x01".repeat(10_000));
    copies.extend(b"eq\x01c__builtin__\nset\nq\x020");
    copies.extend(b"h\x02h\x01\x85R0".repeat(10_000));
    vec![
        one("empty pickle", torch(b""), "ends in the middle of an instruction"),
        one("pickle that stops at once", torch(b"."), "takes a value that is not there"),
        one("pickle without end", torch(b"}"), "ends in the middle of an instruction"),
        one("value from nowhere", torch(b"\x80\x020."), "takes a value that is not there"),
        one("value below a mark", torch(b"K\x01(a."), "takes a value that is not there"),
        one("mark from nowhere", torch(b"t."), "takes a value that is not there"),
        one("value never remembered", torch(b"h\x07."), "never remembered"),
        one("entries without values", torch(b"}(K\x01u."), "puts entries into something"),
        one("entries of a number", torch(b"K\x01K\x01K\x01s."), "puts entries into something"),
        one("text beyond all memory", torch(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffx."), "ends in the middle"),
        one(
            "bytes beyond all memory",
            torch(b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fx."),
            "ends in the middle",
        ),
        one("integer beyond all memory", torch(b"\x8b\xff\xff\xff\xff1."), "ends in the middle"),
        one("far memo", torch(b"Nr\xff\xff\xff\xff."), "holds no tensors"),
        one(
            "a million lists in each other",
            many(b"]", 500_000, &[b"a".repeat(499_999), b".".to_vec()].concat()),
            "holds no tensors",
        ),
        one(
            "a million tuples around each other",
            many(b"", 0, &[b")".to_vec(), b"\x85".repeat(1_000_000), b".".to_vec()].concat()),
            "holds no tensors",
        ),
        one("a million marks", many(b"(", 1_000_000, b"N."), "holds no tensors"),
        one("more instructions than weights need", many(b"N0", 2_000_000, b"N."), "the pickle has more than"),
        one("memo bomb", many(b"N\x94", 2_000_000, b"."), "the pickle has more than"),
        one("a pickle of forty megabytes", many(b"N", 40 << 20, b"."), "more than weights need"),
        one(
            "doubled sixty times",
            torch(&[b"Nq\0".to_vec(), doubling, b".".to_vec()].concat()),
            "holds no tensors",
        ),
        one("copied without end", torch(&[copies, b".".to_vec()].concat()), "copies its values too often"),
        one("dictionary in itself", torch(b"}q\0K\x01h\0s."), "holds no tensors"),
    ]
}
