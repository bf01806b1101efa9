//! What the crosstalk does.

use candle_core::{DType, Device, Tensor};
use candle_nn::{AdamW, Optimizer as _, ParamsAdamW};
use crossmamba::nn::{Crosstalk, FusionModel, Mode, ModelConfig, PairIndex, Side, Sides, TokenBatch};
use crossmamba::rng::Rng;

use crate::support::{WIDTHS, batch, random, small};

#[test]
fn a_factor_of_zero_is_no_crosstalk() {
    let scores = |config: &ModelConfig| {
        let model = FusionModel::new(config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
        let (Sides { rna, partner }, pairs) = batch(2, DType::F32);
        let scores = model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap();
        scores.to_vec1::<f32>().unwrap()
    };
    let off = scores(&ModelConfig { crosstalk: Crosstalk::None, ..small() });
    assert_eq!(scores(&ModelConfig { gamma: 0.0, ..small() }), off);
    assert_ne!(scores(&small()), off);
}

#[test]
fn the_share_of_the_crosstalk_is_measured() {
    let share = |config: ModelConfig| {
        let model = FusionModel::new(&config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
        let (Sides { rna, partner }, pairs) = batch(2, DType::F32);
        let rna = model.encode(Side::Rna, &rna, &mut Mode::Eval).unwrap();
        let partner = model.encode(Side::Partner, &partner, &mut Mode::Eval).unwrap();
        model.crosstalk_share(&rna, &partner, &pairs).unwrap()
    };
    let at_tenth = share(small()).unwrap();
    let at_one = share(ModelConfig { gamma: 1.0, ..small() }).unwrap();
    assert!(at_tenth.rna > 0.01 && at_tenth.partner > 0.01, "{at_tenth:?}");
    assert!((at_one.rna / at_tenth.rna - 10.0).abs() < 1e-3);
    assert_eq!(share(ModelConfig { crosstalk: Crosstalk::None, ..small() }), None);
}

/// Two kinds of molecules on each side; a pair binds if its kinds differ, so that neither molecule alone says anything.
#[test]
fn a_pure_interaction_is_learnt() {
    let mut rng = Rng::new(5);
    let config = ModelConfig { noise: 0.05, ..small() };
    let model = FusionModel::new(&config, WIDTHS, &Rng::new(6), &Device::Cpu).unwrap();
    let kinds = WIDTHS
        .map(|w| [random(&mut rng, &[1, w.rows], DType::F32), random(&mut rng, &[1, w.rows], DType::F32)]);
    let mut molecules = |side: Side| {
        let rows: Vec<Tensor> = (0..24)
            .map(|at| {
                let noise = (random(&mut rng, &[3, WIDTHS[side].rows], DType::F32) * 0.3).unwrap();
                noise.broadcast_add(&kinds[side][at % 2]).unwrap()
            })
            .collect();
        let global = random(&mut rng, &[24, WIDTHS[side].global], DType::F32);
        let offsets: Vec<usize> = (0..=24).map(|at| 3 * at).collect();
        TokenBatch::new(Some(global), Some(Tensor::cat(&rows, 0).unwrap()), offsets).unwrap()
    };
    let (rna, partner) = (molecules(Side::Rna), molecules(Side::Partner));
    let pairs: Vec<(u32, u32)> = (0..24).flat_map(|r| (0..24).map(move |p| (r, p))).collect();
    // Trained on a part, tested on molecules that are in no training pair.
    let (test, train): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|&(r, p)| r >= 18 || p >= 18);
    let test: Vec<_> = test.into_iter().filter(|&(r, p)| r >= 18 && p >= 18).collect();
    let index = |pairs: &[(u32, u32)]| {
        let (rna, partner): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        PairIndex::new(rna, partner).unwrap()
    };
    let signs = |pairs: &[(u32, u32)]| -> Vec<f32> {
        pairs.iter().map(|(r, p)| if (r + p) % 2 == 1 { 1.0 } else { -1.0 }).collect()
    };
    let vars = model.params().iter().map(|param| param.var().clone()).collect();
    let mut optimizer = AdamW::new(vars, ParamsAdamW { lr: 5e-3, ..Default::default() }).unwrap();
    let target = Tensor::new(signs(&train), &Device::Cpu).unwrap();
    for step in 0..80 {
        let mut mode = Mode::Train(Rng::new(step));
        let scores = model.forward(&rna, &partner, &index(&train), &mut mode).unwrap();
        optimizer.backward_step(&(scores - &target).unwrap().sqr().unwrap().mean_all().unwrap()).unwrap();
    }
    let scores = model.forward(&rna, &partner, &index(&test), &mut Mode::Eval).unwrap();
    let scores = scores.to_vec1::<f32>().unwrap();
    let right = scores.iter().zip(signs(&test)).filter(|(score, sign)| *score * sign > 0.0).count();
    assert!(right * 100 >= 95 * test.len(), "{right} of {} pairs", test.len());
}
