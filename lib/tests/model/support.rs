//! Small random batches for the tests of the model.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use crossmamba::config::AutoFraction;
use crossmamba::nn::{
    Crosstalk, DuplexInput, Fusion, Head, ModelConfig, PairIndex, ParamStore, Reading, Selectivity, Sides,
    TokenBatch, Widths,
};
use crossmamba::rng::Rng;

pub(crate) const WIDTHS: Sides<Widths> =
    Sides { rna: Widths { global: 5, rows: 3 }, partner: Widths { global: 4, rows: 6 } };

/// A small configuration, without anything random in training.
pub(crate) fn small() -> ModelConfig {
    ModelConfig {
        width: 8,
        inner: 12,
        state: 4,
        hidden: 6,
        attention_heads: 2,
        noise: 0.0,
        dropout: 0.0,
        feature_dropout: AutoFraction::Of(0.0),
        ..Default::default()
    }
}

/// Every kind of model, each with a name.
pub(crate) fn variants() -> Vec<(&'static str, ModelConfig)> {
    let fusion = |fusion| ModelConfig { fusion, ..small() };
    vec![
        ("late relay", small()),
        ("late relay, two layers", ModelConfig { layers: 2, ..small() }),
        ("late relay, state 16", ModelConfig { state: 16, ..small() }),
        ("late relay, concat head", ModelConfig { head: Head::Concat, ..small() }),
        ("late relay, one way", ModelConfig { reading: Reading::Forward, ..small() }),
        ("late relay, no mixing conv", ModelConfig { conv: 1, ..small() }),
        ("late relay, duplex", ModelConfig { duplex: DuplexInput::Energy, ..small() }),
        ("late relay, input norm", ModelConfig { input_norm: true, ..small() }),
        ("no crosstalk", ModelConfig { crosstalk: Crosstalk::None, ..small() }),
        ("deep relay", ModelConfig { layers: 2, ..fusion(Fusion::DeepRelay) }),
        (
            "deep relay, conditioned",
            ModelConfig { selectivity: Selectivity::Conditioned, layers: 2, ..fusion(Fusion::DeepRelay) },
        ),
        ("joint scan", fusion(Fusion::JointScan)),
        ("pair", fusion(Fusion::Pair)),
        ("cross-attention", fusion(Fusion::CrossAttention)),
        ("gated, duplex", ModelConfig { duplex: DuplexInput::Energy, ..fusion(Fusion::Gated) }),
        ("gated", fusion(Fusion::Gated)),
        ("gated by the input", fusion(Fusion::GatedInput)),
        ("mlp", fusion(Fusion::Mlp)),
        ("mlp, concat head", ModelConfig { head: Head::Concat, ..fusion(Fusion::Mlp) }),
    ]
}

/// Normal numbers.
pub(crate) fn random(rng: &mut Rng, shape: &[usize], dtype: DType) -> Tensor {
    let mut values = vec![0.0; shape.iter().product()];
    rng.fill_normal(&mut values);
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap().to_dtype(dtype).unwrap()
}

/// Molecules with the given numbers of rows.
pub(crate) fn molecules(rng: &mut Rng, widths: Widths, lengths: &[usize], dtype: DType) -> TokenBatch {
    let global = random(rng, &[lengths.len(), widths.global], dtype);
    let rows = random(rng, &[lengths.iter().sum(), widths.rows], dtype);
    let mut offsets = vec![0];
    for length in lengths {
        offsets.push(offsets.last().unwrap() + length);
    }
    TokenBatch::new(Some(global), Some(rows), offsets).unwrap()
}

/// Three RNAs, four partners and seven pairs among them with their duplexes; one RNA has no rows.
pub(crate) fn batch(seed: u64, dtype: DType) -> (Sides<TokenBatch>, PairIndex) {
    let mut rng = Rng::new(seed);
    let rna = molecules(&mut rng, WIDTHS.rna, &[5, 0, 9], dtype);
    let partner = molecules(&mut rng, WIDTHS.partner, &[2, 7, 1, 3], dtype);
    let pairs = PairIndex::new([0, 2, 1, 2, 0, 0, 1], [3, 1, 0, 2, 0, 3, 1]).unwrap();
    let duplexes = random(&mut rng, &[7, 3], DType::F32);
    (Sides { rna, partner }, pairs.with_duplexes(duplexes).unwrap())
}

/// Largest absolute difference.
pub(crate) fn distance(a: &Tensor, b: &Tensor) -> f64 {
    let values =
        |x: &Tensor| x.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1::<f64>().unwrap();
    assert_eq!(a.dims(), b.dims());
    values(a).iter().zip(values(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Largest absolute value.
pub(crate) fn size(a: &Tensor) -> f64 {
    distance(a, &a.zeros_like().unwrap())
}

/// Moves every parameter away from its initial value, where norms and biases hide mistakes.
pub(crate) fn shake(params: &ParamStore, seed: u64) {
    for param in params {
        let mut rng = Rng::new(seed).fork(param.name());
        let value = param.var().as_tensor();
        let noise = random(&mut rng, value.dims(), value.dtype());
        param.var().set(&(value + (noise * 0.1).unwrap()).unwrap()).unwrap();
    }
}

/// A number that depends on every score, with its gradients.
pub(crate) fn gradients(scores: &Tensor, params: &ParamStore) -> BTreeMap<String, Tensor> {
    let loss = (scores.sqr().unwrap().sum_all().unwrap() + scores.sum_all().unwrap()).unwrap();
    let grads = loss.backward().unwrap();
    params
        .into_iter()
        .map(|param| {
            let grad = grads.get(param.var()).unwrap_or_else(|| panic!("{} has no gradient", param.name()));
            (param.name().to_owned(), grad.clone())
        })
        .collect()
}
