//! A molecule's neighbours in a batch do not matter.

use candle_core::{DType, Device};
use crossmamba::nn::{FusionModel, Mode, PairIndex, Side, Sides, TokenBatch};
use crossmamba::rng::Rng;

use crate::support::{WIDTHS, batch, distance, shake, variants};

/// Takes one molecule out of a batch.
fn alone(batch: &TokenBatch, at: usize) -> TokenBatch {
    let (start, end) = (batch.offsets()[at], batch.offsets()[at + 1]);
    let global = batch.global().unwrap().narrow(0, at, 1).unwrap();
    let rows = batch.rows().unwrap().narrow(0, start, end - start).unwrap();
    TokenBatch::new(Some(global), Some(rows), [0, end - start]).unwrap()
}

#[test]
fn a_packed_batch_scores_as_one_pair_at_a_time() {
    for (name, config) in variants() {
        let model = FusionModel::new_in(&config, WIDTHS, &Rng::new(1), DType::F64, &Device::Cpu).unwrap();
        shake(model.params(), 2);
        let (Sides { rna, partner }, pairs) = batch(3, DType::F64);
        let together = model.forward(&rna, &partner, &pairs, &mut Mode::Eval).unwrap();
        for at in 0..pairs.len() {
            let rna = alone(&rna, pairs.side(Side::Rna)[at] as usize);
            let partner = alone(&partner, pairs.side(Side::Partner)[at] as usize);
            let duplex = pairs.duplexes().unwrap().narrow(0, at, 1).unwrap();
            let single = PairIndex::new([0], [0]).unwrap().with_duplexes(duplex).unwrap();
            let score = model.forward(&rna, &partner, &single, &mut Mode::Eval).unwrap();
            let error = distance(&score, &together.narrow(0, at, 1).unwrap());
            assert!(error <= 1e-12, "{name}, pair {at}: {error:e}");
        }
    }
}
