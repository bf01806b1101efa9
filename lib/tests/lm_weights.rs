//! Every published layout of a model opens to the same canonical tensors.
#![cfg(feature = "nn")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crossmamba::lm::{AttentionEpsilon, Checkpoint, Family, Layout, Shape};
use crossmamba::record::Digest;
use crossmamba::tensors::TensorFile;
use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/lm")).join(name)
}

fn open(name: &str) -> Checkpoint {
    Checkpoint::open(fixture(name)).unwrap()
}

/// Every canonical tensor of two files has the same values; `but` names those that may differ.
fn same(a: &Checkpoint, b: &Checkpoint, but: &[&str]) {
    for (name, extents) in a.shape().tensors() {
        let (x, y) = (a.tensor(&name).unwrap(), b.tensor(&name).unwrap());
        if !but.contains(&name.as_str()) {
            assert_eq!(x.shape, extents, "{name}");
            assert_eq!(y.shape, extents, "{name}");
            assert_eq!(x.to_f32().unwrap(), y.to_f32().unwrap(), "{name}");
        }
    }
}

#[test]
fn every_layout_of_esm2_is_one_model() {
    let hf = open("esm2");
    assert_eq!(hf.layout(), Layout::HfEsm);
    assert_eq!(
        *hf.shape(),
        Shape {
            family: Family::Esm2,
            layers: 3,
            width: 32,
            heads: 4,
            feed_forward: 128,
            vocabulary: 33,
            norm_epsilon: 1e-5,
            token_dropout: true,
            mask_token: 32,
            random_features: 0,
            attention_epsilon: AttentionEpsilon::Floor(1e-6),
        }
    );
    assert_eq!(hf.vocabulary().unwrap().tokens()[4..8], ["L", "A", "G", "V"]);
    for (name, layout) in [("esm2/pytorch_model.bin", Layout::HfEsm), ("esm2/esm2_tiny.pt", Layout::FairEsm)]
    {
        let other = open(name);
        assert_eq!(other.layout(), layout);
        assert_eq!(other.shape(), hf.shape());
        same(&hf, &other, &[]);
        let frequencies = |checkpoint: &Checkpoint| checkpoint.tensor("inv_freq").unwrap().to_f32().unwrap();
        assert_eq!(frequencies(&hf), frequencies(&other));
    }
}

#[test]
fn every_layout_of_rinalmo_is_one_model() {
    let official = open("rinalmo/rinalmo_tiny_pretrained.pt");
    assert_eq!(official.layout(), Layout::Rinalmo);
    assert_eq!(
        (official.shape().vocabulary, official.shape().heads, official.shape().mask_token),
        (22, 4, 4)
    );
    assert_eq!(official.vocabulary(), None);
    same(&official, &open("rinalmo/official.safetensors"), &[]);
    for (name, tokens) in [("rinalmo", 28), ("rinalmo26", 26)] {
        let other = open(name);
        assert_eq!(other.layout(), Layout::Multimolecule);
        assert_eq!(other.shape(), &Shape { vocabulary: tokens, ..official.shape().clone() });
        assert_eq!(other.vocabulary().unwrap().tokens()[6], "A");
        // The rows of the embedding follow the vocabulary; the token `A` is row 5 of the authors'.
        let row = |checkpoint: &Checkpoint, at: usize| {
            checkpoint.tensor("embedding").unwrap().to_f32().unwrap()[at * 32..][..32].to_vec()
        };
        assert_eq!(row(&other, 6), row(&official, 5));
        let mut shape = other.shape().clone();
        shape.vocabulary = 22;
        for (name, _) in shape.tensors().into_iter().skip(1) {
            let read = |checkpoint: &Checkpoint| checkpoint.tensor(&name).unwrap().to_f32().unwrap();
            assert_eq!(read(&other), read(&official), "{name}");
        }
    }
}

#[test]
fn every_layout_of_molformer_is_one_model() {
    let hf = open("molformer_small");
    assert_eq!(hf.layout(), Layout::HfMolformer);
    assert_eq!((hf.shape().random_features, hf.shape().heads, hf.shape().vocabulary), (6, 4, 64));
    assert_eq!((hf.shape().norm_epsilon, hf.shape().token_dropout), (1e-12, false));
    same(&hf, &open("molformer_small/pytorch_model.bin"), &[]);
    let ibm = open("molformer_small/molformer_tiny.ckpt");
    assert_eq!(ibm.layout(), Layout::IbmMolformer);
    let expected =
        Shape { norm_epsilon: 1e-5, attention_epsilon: AttentionEpsilon::Added(1e-6), ..hf.shape().clone() };
    assert_eq!(*ibm.shape(), expected);
    assert_eq!(ibm.vocabulary(), hf.vocabulary());
    same(&hf, &ibm, &[]);
}

type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;
type Convert = fn(f32) -> Vec<u8>;

/// Reads the floating-point tensors of a file.
fn tensors(name: &str) -> Tensors {
    let file = TensorFile::open(fixture(name)).unwrap();
    let float = |name: &&str| file.describe(name).unwrap().0.is_float();
    let entry = |name: &str| {
        let view = file.get(name).unwrap();
        (name.to_owned(), (Dtype::F32, view.shape, view.bytes.into_owned()))
    };
    file.names().filter(float).map(entry).collect()
}

fn write(path: &Path, tensors: &Tensors) {
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        (name.clone(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

#[test]
fn files_without_prefix_that_transformers_5_saved_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = |name: &str| {
        let name = name.strip_prefix("esm.")?;
        let (module, leaf) = name.rsplit_once('.')?;
        let dropped = leaf == "inv_freq" || name.contains("position");
        let leaf = match leaf {
            "weight" if module.ends_with("LayerNorm") => "gamma",
            "bias" if module.ends_with("LayerNorm") => "beta",
            leaf => leaf,
        };
        (!dropped).then(|| format!("{module}.{leaf}"))
    };
    let saved: Tensors =
        tensors("esm2").into_iter().filter_map(|(name, tensor)| Some((renamed(&name)?, tensor))).collect();
    assert!(saved.contains_key("encoder.layer.0.attention.LayerNorm.gamma"));
    write(&folder.path().join("model.safetensors"), &saved);
    std::fs::copy(fixture("esm2/config.json"), folder.path().join("config.json")).unwrap();
    let opened = Checkpoint::open(folder.path()).unwrap();
    assert_eq!(opened.shape(), open("esm2").shape());
    assert!(!opened.contains("inv_freq") && open("esm2").contains("inv_freq"));
    assert_eq!(opened.vocabulary(), None);
    same(&opened, &open("esm2"), &[]);
    // One tensor of frequencies for all blocks, as other versions save it.
    let mut shared = saved;
    shared.insert(
        "rotary_embeddings.inv_freq".into(),
        (Dtype::F32, vec![4], [1.0f32.to_le_bytes(); 4].concat()),
    );
    write(&folder.path().join("model.safetensors"), &shared);
    assert_eq!(
        Checkpoint::open(folder.path()).unwrap().tensor("inv_freq").unwrap().to_f32().unwrap(),
        [1.0; 4]
    );
}

#[test]
fn shards_are_read_as_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let whole = tensors("esm2");
    let (mut shards, mut map) = ([Tensors::new(), Tensors::new()], BTreeMap::new());
    for (at, (name, tensor)) in whole.into_iter().enumerate() {
        map.insert(name.clone(), format!("model-0000{}-of-00002.safetensors", at % 2 + 1));
        shards[at % 2].insert(name, tensor);
    }
    let mut joined = Vec::new();
    for (at, shard) in shards.iter().enumerate() {
        let path = folder.path().join(format!("model-0000{}-of-00002.safetensors", at + 1));
        write(&path, shard);
        joined.extend(std::fs::read(path).unwrap());
    }
    let index = folder.path().join("model.safetensors.index.json");
    std::fs::write(&index, serde_json::json!({"metadata": {}, "weight_map": map}).to_string()).unwrap();
    std::fs::copy(fixture("esm2/config.json"), folder.path().join("config.json")).unwrap();
    for path in [folder.path(), &index] {
        let opened = Checkpoint::open(path).unwrap();
        assert_eq!(opened.files().len(), 2);
        same(&opened, &open("esm2"), &[]);
        assert_eq!(opened.digest(), Digest::of(&joined));
    }
    let bin = open("torch/esm_sharded");
    assert_eq!((bin.shape().layers, bin.shape().heads, bin.files().len()), (2, 2, 2));
    assert_eq!(bin.tensor("layers.1.up.weight").unwrap().to_f32().unwrap()[..3], [0.0, 1.0, 2.0]);
}

#[test]
fn fine_tuned_rinalmo_with_three_projections_is_read() {
    let opened = open("torch/rinalmo_finetuned");
    assert_eq!(opened.layout(), Layout::Rinalmo);
    assert_eq!((opened.shape().layers, opened.shape().heads, opened.shape().feed_forward), (2, 2, 16));
    assert_eq!(opened.tensor("layers.1.key.weight").unwrap().to_f32().unwrap()[..3], [0.0, 1.0, 2.0]);
    assert!(opened.unused().iter().any(|name| name == "pred_head.conv.weight"));
}

#[test]
fn half_precision_is_read_as_stored() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("esm2/config.json"), folder.path().join("config.json")).unwrap();
    let whole = open("esm2");
    let narrow: [(Dtype, Convert, f32); 3] = [
        (Dtype::F16, |value| f16::from_f32(value).to_le_bytes().to_vec(), 1.0 / 2048.0),
        (Dtype::BF16, |value| bf16::from_f32(value).to_le_bytes().to_vec(), 1.0 / 256.0),
        (Dtype::F64, |value| f64::from(value).to_le_bytes().to_vec(), 0.0),
    ];
    for (dtype, convert, relative) in narrow {
        let mut half = tensors("esm2");
        for tensor in half.values_mut() {
            let values = tensor.2.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value));
            *tensor = (dtype, tensor.1.clone(), values.flat_map(convert).collect());
        }
        write(&folder.path().join("model.safetensors"), &half);
        let opened = Checkpoint::open(folder.path()).unwrap();
        for (name, _) in whole.shape().tensors() {
            let (a, b) = (whole.tensor(&name).unwrap(), opened.tensor(&name).unwrap());
            for (a, b) in a.to_f32().unwrap().iter().zip(b.to_f32().unwrap()) {
                assert!((a - b).abs() <= relative * a.abs() + 1e-7, "{name} {a} {b}");
            }
        }
    }
}

#[test]
fn the_digest_is_that_of_the_file() {
    let bytes = std::fs::read(fixture("esm2/esm2_tiny.pt")).unwrap();
    assert_eq!(open("esm2/esm2_tiny.pt").digest(), Digest::of(&bytes));
    assert_eq!(crossmamba::lm::known_digest(&Digest::of(&bytes)), None);
}

#[test]
fn made_tensors_must_be_those_of_the_shape() {
    let shape = open("rinalmo").shape().clone();
    let parts = |shape: &Shape| {
        let made = |(name, extents): (String, Vec<usize>)| {
            let values = vec![0.5; extents.iter().product()];
            (name, extents, values)
        };
        shape.tensors().into_iter().map(made).collect::<Vec<_>>()
    };
    let made = Checkpoint::from_parts(shape.clone(), parts(&shape)).unwrap();
    assert_eq!(made.tensor("layers.0.beta").unwrap().to_f32().unwrap(), [0.5]);
    assert_eq!(made.layout(), Layout::Made(Family::Rinalmo));
    let mut short = parts(&shape);
    short.pop();
    assert!(Checkpoint::from_parts(shape.clone(), short).is_err());
    let mut long = parts(&shape);
    long.push(("more".into(), vec![1], vec![0.0]));
    assert!(Checkpoint::from_parts(shape, long).is_err());
}
