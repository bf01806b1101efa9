//! Every published layout of a model opens to the same canonical tensors.
#![cfg(feature = "nn")]

use std::path::PathBuf;

use crossmamba::lm::{AttentionEpsilon, Checkpoint, Family, Layout, Shape};

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
    assert_eq!(hf.vocabulary().unwrap()[4..8], ["L", "A", "G", "V"]);
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
        assert_eq!(other.vocabulary().unwrap()[6], "A");
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
