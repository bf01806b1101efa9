//! Wrong inputs are named; nothing panics.

use candle_core::{DType, Device, Tensor};
use crossmamba::nn::{
    DuplexInput, FusionModel, Mode, ModelConfig, PairIndex, Side, Sides, TokenBatch, Widths,
};
use crossmamba::rng::Rng;

use crate::support::{WIDTHS, batch, molecules, small, variants};

#[test]
fn wrong_inputs_are_errors() {
    let model = FusionModel::new(&small(), WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
    let (Sides { rna, partner }, pairs) = batch(2, DType::F32);
    let error = |rna: &TokenBatch, pairs: &PairIndex| {
        model.forward(rna, &partner, pairs, &mut Mode::Eval).unwrap_err().to_string()
    };
    let foreign = molecules(&mut Rng::new(1), Widths { global: 5, rows: 4 }, &[1, 2, 3], DType::F32);
    assert!(error(&foreign, &pairs).contains("4 values where the model reads 3"));
    let outside = PairIndex::new([3], [0]).unwrap();
    assert!(error(&rna, &outside).contains("rna 3 of 3"));

    assert!(PairIndex::new([0, 1], [0]).is_err());
    let duplexes = |shape| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    assert!(PairIndex::new([0, 1], [0, 1]).unwrap().with_duplexes(duplexes((1, 3))).is_err());
    assert!(PairIndex::new([0, 1], [0, 1]).unwrap().with_duplexes(duplexes((2, 2))).is_err());
    let rows = || Some(Tensor::zeros((3, 2), DType::F32, &Device::Cpu).unwrap());
    assert!(TokenBatch::new(None, None, [0]).is_err());
    assert!(TokenBatch::new(None, rows(), [0, 2]).is_err());
    assert!(TokenBatch::new(None, rows(), [1, 3]).is_err());
    assert!(TokenBatch::new(rows(), None, [0, 0]).is_err());
    assert!(
        FusionModel::new(
            &small(),
            Sides::new(WIDTHS.rna, Widths { global: 0, rows: 0 }),
            &Rng::new(1),
            &Device::Cpu
        )
        .is_err()
    );
}

#[test]
fn inputs_may_be_global_vectors_alone_or_rows_alone() {
    for (name, config) in variants() {
        for drop_rows in [true, false] {
            let part = |batch: TokenBatch| {
                if drop_rows {
                    let none = vec![0; batch.len() + 1];
                    TokenBatch::new(batch.global().cloned(), None, none).unwrap()
                } else {
                    TokenBatch::new(None, batch.rows().cloned(), batch.offsets()).unwrap()
                }
            };
            let widths =
                WIDTHS.map(|w| if drop_rows { Widths { rows: 0, ..w } } else { Widths { global: 0, ..w } });
            let model = FusionModel::new(&config, widths, &Rng::new(1), &Device::Cpu).unwrap();
            let (batches, pairs) = batch(2, DType::F32);
            let Sides { rna, partner } = batches.map(part);
            let scores = model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap();
            assert!(scores.to_vec1::<f32>().unwrap().iter().all(|s| s.is_finite()), "{name}");
        }
    }
}

#[test]
fn the_duplex_of_a_pair_moves_its_score_and_no_other() {
    let config = ModelConfig { duplex: DuplexInput::Energy, ..small() };
    let model = FusionModel::new(&config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
    let (Sides { rna, partner }, pairs) = batch(2, DType::F32);
    let score = |pairs: &PairIndex| model.forward(&rna, &partner, pairs, &mut Mode::Eval);
    let before = score(&pairs).unwrap().to_vec1::<f32>().unwrap();
    let mut values = pairs.duplexes().unwrap().to_vec2::<f32>().unwrap();
    values[4][0] += 1.0;
    let moved = pairs.clone().with_duplexes(Tensor::new(values, &Device::Cpu).unwrap()).unwrap();
    let after = score(&moved).unwrap().to_vec1::<f32>().unwrap();
    let changed: Vec<usize> = (0..pairs.len()).filter(|&at| before[at] != after[at]).collect();
    assert_eq!(changed, [4]);

    let without = PairIndex::new(pairs.side(Side::Rna), pairs.side(Side::Partner)).unwrap();
    assert!(score(&without).unwrap_err().to_string().contains("looks at the duplex of a pair"));
}

#[test]
fn no_pairs_give_no_scores() {
    for (name, config) in variants() {
        let model = FusionModel::new(&config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
        let (Sides { rna, partner }, _) = batch(2, DType::F32);
        let duplexes = Tensor::zeros((0, 3), DType::F32, &Device::Cpu).unwrap();
        let none = PairIndex::new([], []).unwrap().with_duplexes(duplexes).unwrap();
        let scores = model.forward(&rna, &partner, &none, &mut Mode::Eval).unwrap();
        assert_eq!(scores.dims(), [0], "{name}");
    }
}

#[test]
fn weights_are_saved_and_restored_by_name() {
    let model = |seed| FusionModel::new(&small(), WIDTHS, &Rng::new(seed), &Device::Cpu).unwrap();
    let (Sides { rna, partner }, pairs) = batch(2, DType::F32);
    let scores = |model: &FusionModel| {
        model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap().to_vec1::<f32>().unwrap()
    };
    let (first, second) = (model(1), model(2));
    assert_ne!(scores(&first), scores(&second));
    let mut values = first.params().snapshot().unwrap();
    second.params().restore(&values).unwrap();
    assert_eq!(scores(&first), scores(&second));
    let removed = values.remove("head.output.bias").unwrap();
    assert!(second.params().restore(&values).unwrap_err().to_string().contains("head.output.bias"));
    values.insert("head.output.bias".into(), Tensor::cat(&[&removed, &removed], 0).unwrap());
    assert!(second.params().restore(&values).unwrap_err().to_string().contains("shape"));
}
