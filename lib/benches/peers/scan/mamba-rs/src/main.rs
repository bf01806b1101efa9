//! Times the scan inside mamba-rs's layer.
//!
//! The layer does more than scan, so its scan is the slope of the layer's time over the number of states: matrix
//! products, convolution and norms do not depend on it (only the narrow x projection does, which is counted as
//! scan and is about a tenth of it). A slope of two times is at the mercy of what disturbs either, so it is taken from
//! the least of many.

use std::time::{Duration, Instant};

use mamba_rs::MambaWeights;
use mamba_rs::config::MambaConfig;
use mamba_rs::ops::dims::{MambaDims, MambaRecurrentState};
use mamba_rs::train::flat::MambaBackboneFlat;
use mamba_rs::train::parallel::{parallel_mamba_backward, parallel_mamba_forward};
use mamba_rs::train::weights::{TrainMambaLayerWeights, TrainMambaWeights};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let both = arguments[0] == "forward+backward";
    let number = |i: usize| arguments[i].parse::<usize>().expect("a number");
    let (batch, length, channels, states) = (number(1), number(2), number(3), number(4));
    let (mut many, mut few) = (Layer::new(batch, length, channels, states), Layer::new(batch, length, channels, 2));
    let (mut with_many, mut with_few) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while with_many.len() < 5 || (start.elapsed() < Duration::from_secs(4) && with_many.len() < 200) {
        with_many.push(many.time(both));
        with_few.push(few.time(both));
    }
    let slope = (least(with_many) - least(with_few)) / (states - 2) as f64;
    println!("{}", slope * 1e9 / (batch * length * channels) as f64);
}

struct Layer {
    dims: MambaDims,
    weights: TrainMambaWeights,
    gradients: TrainMambaWeights,
    activations: Vec<MambaBackboneFlat>,
    rates: Vec<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
    by_output: Vec<Vec<f32>>,
    conv: Vec<f32>,
    ssm: Vec<f32>,
}

impl Layer {
    fn new(batch: usize, length: usize, channels: usize, states: usize) -> Self {
        // A narrow layer of many channels, so that products take little of its time.
        let config =
            MambaConfig { d_model: channels / 16, d_state: states, expand: 16, n_layers: 1, ..MambaConfig::default() };
        let width = config.d_model;
        let dims = MambaDims::from_config(&config, length, width);
        let initial = MambaWeights::init(&config, width, 42);
        let weights = TrainMambaWeights {
            input_proj_w: initial.input_proj_w,
            input_proj_b: initial.input_proj_b,
            layers: initial
                .layers
                .into_iter()
                .map(|layer| TrainMambaLayerWeights {
                    norm_weight: layer.norm_weight,
                    in_proj_w: layer.in_proj_w,
                    conv1d_weight: layer.conv1d_weight,
                    conv1d_bias: layer.conv1d_bias,
                    x_proj_w: layer.x_proj_w,
                    dt_proj_w: layer.dt_proj_w,
                    dt_proj_b: layer.dt_proj_b,
                    a_log: layer.a_log,
                    d_param: layer.d_param,
                    out_proj_w: layer.out_proj_w,
                })
                .collect(),
            norm_f_weight: initial.norm_f_weight,
        };
        let rates = weights.layers[0].a_log.iter().map(|a| -a.exp()).collect();
        let input = (0..batch * length * width).map(|i| ((i * 7 + 13) % 100) as f32 * 0.01 - 0.5).collect();
        Self {
            gradients: TrainMambaWeights::zeros_from_dims(&dims),
            activations: (0..batch).map(|_| MambaBackboneFlat::zeros(dims)).collect(),
            rates,
            input,
            output: vec![0.0; batch * width],
            by_output: vec![vec![0.01; length * width]; batch],
            conv: vec![0.0; batch * channels * config.d_conv],
            ssm: vec![0.0; batch * channels * states],
            dims,
            weights,
        }
    }

    /// Returns seconds.
    fn time(&mut self, both: bool) -> f64 {
        let batch = self.by_output.len();
        let mut state = MambaRecurrentState { conv: &mut self.conv, ssm: &mut self.ssm, a_neg: &self.rates };
        let start = seconds();
        parallel_mamba_forward(
            &mut self.output,
            &mut self.activations,
            &mut state,
            &self.weights,
            &self.input,
            &self.dims,
            batch,
        );
        let forward = seconds() - start;
        if !both {
            return forward;
        }
        for by in &mut self.by_output {
            by.fill(0.01);
        }
        let start = seconds();
        parallel_mamba_backward(
            &mut self.by_output,
            &mut self.gradients,
            &self.activations,
            &self.weights,
            &self.rates,
            &self.dims,
        );
        forward + seconds() - start
    }
}

/// Reads the processor time of this process, or the wall clock if there are several threads.
fn seconds() -> f64 {
    let one = std::env::var("RAYON_NUM_THREADS").is_ok_and(|threads| threads == "1");
    let clock = if one { libc::CLOCK_PROCESS_CPUTIME_ID } else { libc::CLOCK_MONOTONIC };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes the struct.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn least(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}
