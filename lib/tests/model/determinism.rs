//! The same seed gives the same bits, for any number of threads.

use std::process::Command;

use candle_core::{DType, Device};
use crossmamba::config::AutoFraction;
use crossmamba::nn::{FusionModel, Mode, ModelConfig, PairIndex};
use crossmamba::record::Digest;
use crossmamba::rng::Rng;

use crate::support::{WIDTHS, gradients, molecules, random, variants};

/// Digests scores and gradients of one training step that is large enough to be divided among threads.
fn digest(config: &ModelConfig) -> Digest {
    let config = ModelConfig {
        width: 32,
        inner: 64,
        noise: 0.1,
        dropout: 0.2,
        feature_dropout: AutoFraction::Of(0.1),
        ..config.clone()
    };
    let model = FusionModel::new(&config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
    let mut rng = Rng::new(2);
    let lengths: Vec<usize> = (0..40).map(|_| rng.below(30)).collect();
    let rna = molecules(&mut rng, WIDTHS.rna, &lengths, DType::F32);
    let partner = molecules(&mut rng, WIDTHS.partner, &lengths[..17], DType::F32);
    let draw = |rng: &mut Rng, n| (0..90).map(|_| rng.below(n) as u32).collect::<Vec<_>>();
    let pairs = PairIndex::new(draw(&mut rng, 40), draw(&mut rng, 17)).unwrap();
    let pairs = pairs.with_duplexes(random(&mut rng, &[90, 3], DType::F32)).unwrap();
    let scores = model.forward(&rna, &partner, &pairs, &mut Mode::Train(Rng::new(3))).unwrap();
    let gradients = gradients(&scores, model.params());
    let mut bytes = Vec::new();
    for tensor in std::iter::once(&scores).chain(gradients.values()) {
        for value in tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap() {
            bytes.extend(value.to_le_bytes());
        }
    }
    Digest::of(&bytes)
}

#[test]
#[ignore = "run by the other test in processes of their own, because a process has one number of threads"]
fn print_digests() {
    for (name, config) in variants() {
        println!("digest of {name}: {}", digest(&config));
    }
}

#[test]
fn a_training_step_has_the_same_bits_for_any_number_of_threads() {
    let digests = |threads: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", "determinism::print_digests"])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> =
            text.lines().filter_map(|l| l.split_once("digest of ")).map(|(_, l)| l.to_owned()).collect();
        assert_eq!(lines.len(), variants().len(), "{text}");
        lines
    };
    let one = digests("1");
    assert_eq!(one, digests("1"));
    assert_eq!(one, digests("3"));
}
