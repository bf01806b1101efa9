//! A training step of the default model at the size of an RPI1460 batch, in f32 and in bf16, and the scoring of pairs.

use candle_core::{Device, Tensor};
use crossmamba::Result;
use crossmamba::nn::{FusionModel, Mode, ModelConfig, Numbers, PairIndex, Side, Sides, TokenBatch, Widths};
use crossmamba::rng::Rng;

use crate::clock::milliseconds;
use crate::table::{Row, Table, told};

pub(crate) fn time(device: &Device, table: &mut Table) {
    // RNAs, partners, rows of each, pairs of a batch, pairs that are scored at once.
    let sizes = if table.tiny { [4, 4, 3, 8, 16] } else { [80, 230, 25, 256, 1 << 18] };
    let [rnas, partners, _, batch, _] = sizes;
    let step = format!("training step, {batch} pairs of {rnas} RNAs and {partners} proteins");
    let (short, score) = (format!("{step}, in bf16"), "scoring of pairs");
    if !table.wants(&step) && !table.wants(&short) && !table.wants(score) {
        return;
    }
    let times = told("model", run(device, sizes, table.tiny));
    let row = |case, ours, unit, rate| Row { case, ours, unit, rate, limit: None };
    table.row(&row(&step, times.map(|times| times[0]), "ms", false), Vec::new());
    table.row(&row(&short, times.map(|times| times[1]), "ms", false), Vec::new());
    let rate = |milliseconds: f64| sizes[4] as f64 / milliseconds / 1e3;
    table.row(&row(score, times.map(|times| rate(times[2])), "million pairs/s", true), Vec::new());
}

/// Gives milliseconds of a step without the optimiser, in f32 and in bf16, and of the scoring.
fn run(device: &Device, [rnas, partners, rows, batch, scored]: [usize; 5], tiny: bool) -> Result<[f64; 3]> {
    let widths = Sides::new(Widths { global: 85, rows: 84 }, Widths { global: 377, rows: 75 });
    let model = FusionModel::new(&ModelConfig::default(), widths, &Rng::new(1), device)?;
    let mut rng = Rng::new(2);
    let rna = molecules(&mut rng, widths.rna, rnas, rows)?;
    let partner = molecules(&mut rng, widths.partner, partners, rows.div_ceil(5))?;
    let mut pairs = |count: usize| {
        let mut draw = |n: usize| (0..count).map(|_| rng.below(n) as u32).collect::<Vec<_>>();
        PairIndex::new(draw(rnas), draw(partners))
    };
    let (of_step, of_scoring) = (pairs(batch)?, pairs(scored)?);
    let failed = |error: crossmamba::Error| candle_core::Error::Msg(error.to_string());
    let step = |numbers: Numbers| -> Result<f64> {
        let model = FusionModel::new_in(&ModelConfig::default(), widths, &Rng::new(1), numbers, device)?;
        let step = || {
            let mut mode = Mode::Train(Rng::new(3));
            let profiles = [(Side::Rna, &rna), (Side::Partner, &partner)]
                .map(|(side, batch)| model.encode(side, batch, &mut mode).map_err(failed));
            let [rna, partner] = profiles;
            let scores = model.score(&rna?, &partner?, &of_step, &mut mode).map_err(failed)?;
            scores.sqr()?.mean_all()?.backward().map(drop)
        };
        Ok(milliseconds(device, tiny, step)?)
    };
    let steps = [step(Numbers::F32)?, step(Numbers::BF16)?];
    let mut mode = Mode::Eval;
    let profiles =
        (model.encode(Side::Rna, &rna, &mut mode)?, model.encode(Side::Partner, &partner, &mut mode)?);
    let score = milliseconds(device, tiny, || {
        let mut mode = Mode::Eval;
        model.score(&profiles.0, &profiles.1, &of_scoring, &mut mode).map(drop).map_err(failed)
    })?;
    Ok([steps[0], steps[1], score])
}

fn molecules(rng: &mut Rng, widths: Widths, count: usize, rows: usize) -> Result<TokenBatch> {
    let offsets: Vec<usize> = (0..=count).map(|at| at * rows).collect();
    let mut random = |rows: usize, width: usize| {
        let mut values = vec![0.0; rows * width];
        rng.fill_normal(&mut values);
        Tensor::from_vec(values, (rows, width), &Device::Cpu)
    };
    let global = random(count, widths.global)?;
    let rows = random(count * rows, widths.rows)?;
    TokenBatch::new(Some(global), Some(rows), offsets)
}
