//! Times a training step of the default model at the size of an RPI1460 batch: 256 pairs of 80 RNAs and 230 proteins.

use std::time::{Duration, Instant};

use candle_core::{Device, Tensor};
use crossmamba::nn::{
    Crosstalk, Fusion, FusionModel, Mode, ModelConfig, PairIndex, Side, Sides, TokenBatch, Widths,
};
use crossmamba::rng::Rng;

const STEPS: usize = 15;

fn main() {
    let fusion = |fusion| ModelConfig { fusion, ..Default::default() };
    let cases = [
        ("late-relay", ModelConfig::default()),
        ("no crosstalk", ModelConfig { crosstalk: Crosstalk::None, ..Default::default() }),
        ("pair", fusion(Fusion::Pair)),
        ("mlp", fusion(Fusion::Mlp)),
        ("cross-attention", fusion(Fusion::CrossAttention)),
        ("deep-relay", fusion(Fusion::DeepRelay)),
        ("joint-scan", fusion(Fusion::JointScan)),
    ];
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    println!("fusion\tencode_ms\tscore_ms\tbackward_ms\tstep_ms");
    for (name, config) in cases {
        if only.as_ref().is_none_or(|only| only == name) {
            time(name, &config);
        }
    }
}

fn time(name: &str, config: &ModelConfig) {
    let widths = Sides::new(Widths { global: 85, rows: 84 }, Widths { global: 377, rows: 75 });
    let model = FusionModel::new(config, widths, &Rng::new(1), &Device::Cpu).expect("a model");
    let mut rng = Rng::new(2);
    let rna = molecules(&mut rng, widths.rna, 80, 25);
    let partner = molecules(&mut rng, widths.partner, 230, 5);
    let draw = |rng: &mut Rng, n| (0..256).map(|_| rng.below(n) as u32).collect::<Vec<_>>();
    let pairs = PairIndex::new(draw(&mut rng, 80), draw(&mut rng, 230)).expect("pairs");
    let mut times = [const { Vec::new() }; 4];
    for step in 0..STEPS {
        let mut mode = Mode::Train(Rng::new(step as u64));
        let start = Instant::now();
        let rna = model.encode(Side::Rna, &rna, &mut mode).expect("profiles");
        let partner = model.encode(Side::Partner, &partner, &mut mode).expect("profiles");
        let encoded = Instant::now();
        let scores = model.score(&rna, &partner, &pairs, &mut mode).expect("scores");
        let scored = Instant::now();
        let loss = scores.sqr().and_then(|x| x.mean_all()).expect("a loss");
        std::hint::black_box(loss.backward().expect("gradients"));
        let end = Instant::now();
        for (times, time) in
            times.iter_mut().zip([encoded - start, scored - encoded, end - scored, end - start])
        {
            times.push(time);
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e3
    };
    let [encode, score, backward, step] = times.each_mut().map(median);
    println!("{name}\t{encode:.1}\t{score:.1}\t{backward:.1}\t{step:.1}");
}

fn molecules(rng: &mut Rng, widths: Widths, count: usize, rows: usize) -> TokenBatch {
    let offsets: Vec<usize> = (0..=count).map(|at| at * rows).collect();
    let mut random = |rows: usize, width: usize| {
        let mut values = vec![0.0; rows * width];
        rng.fill_normal(&mut values);
        Tensor::from_vec(values, (rows, width), &Device::Cpu).expect("a tensor")
    };
    let global = random(count, widths.global);
    let rows = random(count * rows, widths.rows);
    TokenBatch::new(Some(global), Some(rows), offsets).expect("a batch")
}
