//! Times ESM-2's forward pass beside its peers, in turns, by processor time; see `encoder.sh`.
//!
//! `encoder --shape NAME --weights FOLDER [--limit "F32 BF16"] [--rounds N] [--peer "NAME=COMMAND"]… --output FILE`
//! `encoder --shape NAME --weights FOLDER --memory f32|bf16` says how much memory loading and one pass take

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use candle_core::{Device, Tensor};
use crossmamba::lm::{Checkpoint, Cost, LanguageModel, Precision};

/// Sequences of a set of proteins, special tokens included: 16 lengths from 60 to 800, the shorter ones more often.
const MIX: [usize; 16] = [60, 84, 110, 137, 165, 195, 226, 259, 294, 331, 372, 418, 472, 538, 630, 800];
const CASES: [(&str, &[usize]); 2] = [("4x512", &[512; 4]), ("mix of 16", &MIX)];

/// A peer that answers lengths with processor seconds.
struct Peer {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a peer and waits until it is ready; `None` where it does not start.
    fn start(command: &str) -> Option<Self> {
        let mut process = Command::new("bash")
            .args(["-c", &format!("exec {command}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (to, from) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        let mut peer = Self { process, to, from };
        (peer.line()? == "ready").then_some(peer)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.from.read_line(&mut line).ok()?;
        (!line.is_empty()).then(|| line.trim().to_owned())
    }

    fn seconds(&mut self, lengths: &[usize]) -> Option<f64> {
        let text: Vec<_> = lengths.iter().map(ToString::to_string).collect();
        writeln!(self.to, "{}", text.join(" ")).ok()?;
        self.line()?.parse().ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Processor seconds of this process so far.
#[expect(unsafe_code, reason = "a C function")]
fn seconds() -> f64 {
    // SAFETY: `usage` is plain numbers, which the call fills.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let time = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// Kilobytes of this process's memory: `VmHWM` is the highest so far.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Says what a process takes that opens, digests and loads a checkpoint and computes one batch.
fn say_memory(shape: &str, weights: &str, precision: Precision) {
    let checkpoint = Checkpoint::open(weights).expect("the benchmark's weights");
    let (_, start) = (checkpoint.digest(), Instant::now());
    let model = LanguageModel::load(&checkpoint, precision).expect("a model");
    let loading = start.elapsed().as_secs_f64();
    let (ids, offsets) = batch(CASES[0].1);
    model.forward(&ids, &offsets, None).expect("states");
    let cost = Cost::new(model.shape(), precision);
    let (peak, weights) = (memory("VmHWM") * 1024 / 1_000_000, cost.weights() / 1_000_000);
    println!(
        "{shape} {precision:?}: packed in {loading:.1} s; {peak} MB at the peak of {}, {} more than the weights ({} estimated)",
        CASES[0].0,
        peak - weights,
        cost.memory(ids.len(), 512) / 1_000_000
    );
}

/// GFLOP per processor second of candle's matrix product (the crate `gemm`) in f32, with the sizes of a feed-forward layer.
fn candle_rate(width: usize) -> f64 {
    let random = |rows, columns| Tensor::randn(0f32, 1.0, (rows, columns), &Device::Cpu).expect("a tensor");
    let (from, weight) = (random(2048, width), random(width, 4 * width));
    let rates = (0..4).map(|_| {
        let start = seconds();
        std::hint::black_box(from.matmul(&weight).expect("a product"));
        (2 * 2048 * width * 4 * width) as f64 / (seconds() - start) / 1e9
    });
    rates.fold(0.0, f64::max)
}

fn batch(lengths: &[usize]) -> (Vec<u32>, Vec<usize>) {
    let mut offsets = vec![0];
    offsets.extend(lengths.iter().scan(0, |at, n| {
        *at += n;
        Some(*at)
    }));
    let ids =
        (0..lengths.iter().sum::<usize>() as u64).map(|i| 4 + ((7 * i * i + 3 * i) % 20) as u32).collect();
    (ids, offsets)
}

fn median(mut of: Vec<f64>) -> Option<f64> {
    of.sort_by(f64::total_cmp);
    let half = of.len() / 2;
    if of.is_empty() {
        None
    } else if of.len() % 2 == 1 {
        Some(of[half])
    } else {
        Some(f64::midpoint(of[half - 1], of[half]))
    }
}

fn shown(x: Option<f64>, digits: usize) -> String {
    x.map_or_else(|| "NA".to_owned(), |x| format!("{x:.digits$}"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let all = |key: &str| -> Vec<String> {
        arguments.windows(2).filter(|pair| pair[0] == key).map(|pair| pair[1].clone()).collect()
    };
    let one = |key: &str| all(key).into_iter().next();
    let (Some(shape), Some(weights)) = (one("--shape"), one("--weights")) else {
        return eprintln!("encoder: run lib/benches/encoder.sh");
    };
    if let Some(precision) = one("--memory") {
        let precision = if precision == "f32" { Precision::F32 } else { Precision::Bf16 };
        return say_memory(&shape, &weights, precision);
    }
    let Some(output) = one("--output") else { return eprintln!("encoder: run lib/benches/encoder.sh") };
    let rounds: usize = one("--rounds").and_then(|n| n.parse().ok()).unwrap_or(3);
    let limits: Vec<f64> =
        one("--limit").unwrap_or_default().split_whitespace().filter_map(|x| x.parse().ok()).collect();

    let checkpoint = Checkpoint::open(&weights).expect("the benchmark's weights");
    let ours =
        [Precision::F32, Precision::Bf16].map(|p| LanguageModel::load(&checkpoint, p).expect("a model"));
    let sizes = checkpoint.shape().clone();
    println!(
        "{shape}: candle's products in f32, GFLOP per core-second: {:.1}",
        candle_rate(checkpoint.shape().width)
    );
    drop(checkpoint);
    let mut peers: Vec<_> = all("--peer")
        .iter()
        .filter_map(|peer| peer.split_once('='))
        .map(|(name, command)| (name.to_owned(), Peer::start(command)))
        .collect();
    let mut table = String::from("bench\tcase\tours\tpeer_name\tpeer\tunit\tratio\tlimit\n");
    for (case, lengths) in CASES {
        let (ids, offsets) = batch(lengths);
        let tokens = ids.len() as f64;
        let mut of_ours = [vec![], vec![]];
        let mut of_peers = vec![vec![]; peers.len()];
        let mut states = [vec![], vec![]];
        for _ in 0..rounds {
            for ((model, times), states) in ours.iter().zip(&mut of_ours).zip(&mut states) {
                let start = seconds();
                *states = model.forward(&ids, &offsets, None).expect("states");
                times.push(tokens / (seconds() - start));
            }
            for ((_, peer), times) in peers.iter_mut().zip(&mut of_peers) {
                times.extend(peer.as_mut().and_then(|peer| peer.seconds(lengths)).map(|s| tokens / s));
            }
        }
        let error = states[0].iter().zip(&states[1]).map(|(a, b)| (a - b).abs());
        let highest = states[0].iter().map(|x| x.abs()).fold(0.0, f32::max);
        let (worst, sum) = error.fold((0.0, 0.0), |(m, s): (f32, f64), e| (m.max(e), s + f64::from(e)));
        println!(
            "{shape} {case}: bf16 differs from f32 by {worst:.4} at most, {:.5} in the mean (states up to {highest:.2})",
            sum / states[0].len() as f64
        );
        let flops = sizes.flops(lengths) / tokens / 1e9;
        for ((precision, times), i) in ["f32", "bf16"].iter().zip(of_ours).zip(0..) {
            let ours = median(times);
            let limit = limits.get(i).map(|rate| rate / flops);
            let rate = ours.map(|ours| ours * flops);
            println!("{shape} {case} {precision}: all told, {} GFLOP per core-second", shown(rate, 1));
            for ((name, _), times) in peers.iter().zip(&of_peers) {
                let peer = median(times.clone());
                let ratio = ours.zip(peer).map(|(a, b)| a / b);
                table += &format!(
                    "encoder\t{shape} {precision}, {case}\t{}\t{name}\t{}\ttokens/core-s\t{}\t{}\n",
                    shown(ours, 1),
                    shown(peer, 1),
                    shown(ratio, 2),
                    shown(limit, 0)
                );
            }
        }
    }
    peers.clear();
    std::fs::write(output, table).expect("the table");
}
