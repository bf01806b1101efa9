//! Times the scan, each case beside its peers in the same run.
//!
//! `scan --output FILE [--only TEXT] [--peer NAME=PROGRAM]…`, called by `scan.sh`; `--only` times the cases whose
//! name holds a text. A peer, a program and its first arguments, is run as
//! `PROGRAM… forward|forward+backward BATCH LENGTH CHANNELS STATES` with `RAYON_NUM_THREADS` set, and prints
//! nanoseconds per element (batch × length × channels × states): processor time on one thread, which other load on
//! the machine disturbs little, and wall time on several. Ours and the peers take turns; each figure is the least
//! over rounds of the median over calls. A peer that takes many times as long is left out of the later rounds, and its
//! figure is the median of the others.

#![allow(missing_docs, unsafe_code, reason = "a program; vector instructions are timed below")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use crossmamba::nn::ops::scan::{OutputGradients, Problem, ScanInputs, cpu};
use crossmamba::nn::{Direction, Segments};
use crossmamba::simd::Instructions;

const CHANNELS: usize = 512;
const STATES: usize = 16;
const ROUNDS: usize = 7;
/// Rounds of a peer that takes more than this many times as long: such a ratio needs no more.
const ROUNDS_OF_SLOW: usize = 3;
const SLOW: f64 = 5.0;
/// A peer that takes more than this many times as long runs once.
const VERY_SLOW: f64 = 50.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Forward,
    Both,
}

impl Pass {
    const ALL: [Self; 2] = [Self::Forward, Self::Both];

    fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Both => "forward+backward",
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut output, mut only) = (None, String::new());
    let mut peers: Vec<(String, Option<String>)> = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--output" => output = arguments.next(),
            "--only" => only = arguments.next().unwrap_or_default(),
            "--peer" => {
                let peer = arguments.next().unwrap_or_default();
                let (name, program) = peer.split_once('=').unwrap_or((&peer, ""));
                peers.push((name.to_owned(), Some(program.to_owned()).filter(|p| !p.is_empty())));
            }
            // Cargo adds flags of its own.
            _ => {}
        }
    }
    keep_memory();

    let mut table = String::from("bench\tcase\tours\tpeer_name\tpeer\tunit\tratio\tlimit\n");
    let mut row = |case: &str, ours: f64, name: &str, peer: Option<f64>, limit: f64| {
        let show = |x: Option<f64>| x.map_or("NA".to_owned(), |x| format!("{x:.4}"));
        let ratio = peer.map(|peer| peer / ours);
        let line = format!(
            "scan\t{case}\t{ours:.4}\t{name}\t{}\tns/element\t{}\t{limit:.4}\n",
            show(peer),
            ratio.map_or("NA".to_owned(), |x| format!("{x:.2}"))
        );
        print!("{line}");
        table.push_str(&line);
    };
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let thread_counts = if all > 1 { vec![1, all] } else { vec![1] };
    // On one thread, by processor time.
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    let limits = one.install(limits);
    for &threads in &thread_counts {
        let limits = limits.map(|limit| limit / threads as f64);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        for pass in Pass::ALL {
            for length in [2, 16, 128, 512, 2048] {
                let batch = (4096 / length).max(4);
                let batch = if length == 512 { 8 } else { batch };
                let case = format!("{} L={length} B={batch} threads={threads}", pass.name());
                if !case.contains(&only) {
                    continue;
                }
                let scan = Scan::plain(batch, length);
                let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
                for round in 0..ROUNDS {
                    let ours = pool.install(|| scan.time(pass));
                    times.entry("").or_default().push(ours);
                    for (name, program) in &peers {
                        let ratio = times.get(name.as_str()).map_or(0.0, |of| least(of.clone()) / ours);
                        if ratio > SLOW && round >= ROUNDS_OF_SLOW || ratio > VERY_SLOW {
                            continue;
                        }
                        if let Some(time) =
                            program.as_ref().and_then(|p| peer(p, pass, batch, length, threads))
                        {
                            times.entry(name).or_default().push(time);
                        }
                    }
                }
                // The least of a difference is not its best estimate: mamba-rs, a slow one, gives a slope.
                let figure =
                    |times: Vec<f64>| if times.len() < ROUNDS { median(times) } else { least(times) };
                let mut figures: BTreeMap<&str, f64> =
                    times.into_iter().map(|(name, times)| (name, figure(times))).collect();
                let ours = figures.remove("").unwrap_or(f64::NAN);
                let limit = limits[usize::from(pass == Pass::Both)];
                for (name, _) in &peers {
                    row(&case, ours, name, figures.get(name.as_str()).copied(), limit);
                }
                if peers.is_empty() {
                    row(&case, ours, "none", None, limit);
                }
            }
        }
        // What training does: read-outs of a packed batch of short molecules.
        let scan = Scan::training();
        for pass in Pass::ALL.into_iter().filter(|_| only.is_empty()) {
            let ours = least((0..ROUNDS).map(|_| pool.install(|| scan.time(pass))).collect());
            let case = format!("{} of a training batch's read-outs, threads={threads}", pass.name());
            row(&case, ours, "none", None, limits[usize::from(pass == Pass::Both)]);
        }
    }
    if let Some(output) = output {
        std::fs::write(output, table).expect("the table can be written");
    }
}

/// Inputs of one case.
struct Scan {
    x: ScanInputs<Vec<f32>>,
    w: Option<Vec<f32>>,
    size: (usize, usize),
    segments: Segments,
    by: Vec<f32>,
    dstates: Vec<f32>,
}

impl Scan {
    fn plain(batch: usize, length: usize) -> Self {
        let size = (CHANNELS, STATES);
        Self::new(size, Segments::from_lengths(vec![length; batch]), false)
    }

    fn training() -> Self {
        Self::new((128, STATES), Segments::from_lengths((0..180).map(|i| 1 + i * 11 % 33)), true)
    }

    fn new((e, n): (usize, usize), segments: Segments, read: bool) -> Self {
        let mut seed = 1_u64;
        let mut draw = |count: usize, scale: f32, shift: f32| -> Vec<f32> {
            let next = |_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((seed >> 40) as f32 / (1 << 24) as f32 - 0.5) * 2.0 * scale + shift
            };
            (0..count).map(next).collect()
        };
        let (t, s) = (segments.tokens(), segments.count());
        Self {
            x: ScanInputs {
                u: draw(t * e, 1.7, 0.0),
                delta: draw(t * e, 1.7, 0.0),
                a: (0..e * n).map(|i| -((i % n + 1) as f32)).collect(),
                b: draw(t * n, 1.7, 0.0),
                c: draw(t * n, 1.7, 0.0),
                d: Some(vec![1.0; e]),
                z: (!read).then(|| draw(t * e, 1.7, 0.0)),
                delta_bias: Some(vec![-4.0; e]),
                h0: None,
            },
            w: read.then(|| draw(t * e, 0.5, 0.0)),
            size: (e, n),
            by: draw(if read { s } else { t } * e, 1.7, 0.0),
            dstates: draw(s * e * n, 1.0, 0.0),
            segments,
        }
    }

    /// Returns nanoseconds per element.
    fn time(&self, pass: Pass) -> f64 {
        let x = self.x.as_ref().map(Vec::as_slice);
        let instructions = Instructions::chosen().expect("the switch is right");
        let problem = [Problem::new(x, self.w.as_deref(), self.size, &self.segments, Direction::Forward)
            .expect("the sizes fit")];
        let states = self.w.as_ref().map(|_| self.dstates.as_slice());
        let by = [OutputGradients { out: Some(&self.by), h_last: states, k: states }];
        let elements = (self.segments.tokens() * self.size.0 * self.size.1) as f64;
        let call = || {
            if pass == Pass::Forward {
                std::hint::black_box(cpu::forward(&problem, instructions));
            } else {
                let (outputs, saved) = cpu::forward_saving(&problem, instructions);
                std::hint::black_box((outputs, cpu::backward(&problem, &saved, &by)));
            }
        };
        call();
        let (start, mut times) = (Instant::now(), Vec::new());
        while times.len() < 5 || start.elapsed() < Duration::from_millis(100) {
            let start = seconds();
            call();
            times.push((seconds() - start) * 1e9 / elements);
        }
        median(times)
    }
}

/// Runs a peer, a program or an interpreter and its script, once; `None` if it fails.
fn peer(command: &str, pass: Pass, batch: usize, length: usize, threads: usize) -> Option<f64> {
    let mut words = command.split_whitespace();
    let output = Command::new(words.next()?)
        .args(words)
        .args([pass.name().to_owned(), batch.to_string(), length.to_string()])
        .args([CHANNELS.to_string(), STATES.to_string()])
        .env("RAYON_NUM_THREADS", threads.to_string())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Reads the processor time of this process, or the wall clock if there are several threads.
fn seconds() -> f64 {
    let clock = match rayon::current_num_threads() {
        1 => libc::CLOCK_PROCESS_CPUTIME_ID,
        _ => libc::CLOCK_MONOTONIC,
    };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes the struct.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn least(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Computes the least time per element of each pass that this machine's arithmetic allows, if nothing had to be
/// loaded or stored: of a vector of channels, the forward needs 14 operations, 7 of them on the multipliers; the
/// backward, which recomputes the states, 24, of which 16.
fn limits() -> [f64; 2] {
    let (mixed, multiply) = (operation(true), operation(false));
    let time = |all: f64, multiplied: f64| (all * mixed).max(multiplied * multiply);
    let forward = time(14.0, 7.0);
    [forward, forward + time(24.0, 16.0)]
}

/// Returns nanoseconds per lane of one vector operation in many independent chains: multiply-adds, or a mixture of
/// half multiply-adds and half additions.
fn operation(mixed: bool) -> f64 {
    const COUNT: usize = 2_000_000;
    let best = (0..5).map(|_| {
        let start = seconds();
        let lanes = match Instructions::chosen().expect("the switch is right") {
            // SAFETY: `chosen` has seen the instructions.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { chains_avx512(COUNT, mixed) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { chains_avx2(COUNT, mixed) },
            _ => chains::<8>(COUNT, mixed),
        };
        (seconds() - start) * 1e9 / (COUNT * CHAINS * lanes) as f64
    });
    best.fold(f64::INFINITY, f64::min)
}

const CHAINS: usize = 12;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn chains_avx512(count: usize, mixed: bool) -> usize {
    use std::arch::x86_64::{_mm512_add_ps, _mm512_fmadd_ps, _mm512_set1_ps};
    let (m, a) = (_mm512_set1_ps(0.999), _mm512_set1_ps(0.001));
    let mut x = [m; CHAINS];
    for _ in 0..count {
        for (k, x) in x.iter_mut().enumerate() {
            *x = if mixed && k % 2 == 0 { _mm512_add_ps(*x, a) } else { _mm512_fmadd_ps(*x, m, a) };
        }
    }
    std::hint::black_box(x);
    16
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn chains_avx2(count: usize, mixed: bool) -> usize {
    use std::arch::x86_64::{_mm256_add_ps, _mm256_fmadd_ps, _mm256_set1_ps};
    let (m, a) = (_mm256_set1_ps(0.999), _mm256_set1_ps(0.001));
    let mut x = [m; CHAINS];
    for _ in 0..count {
        for (k, x) in x.iter_mut().enumerate() {
            *x = if mixed && k % 2 == 0 { _mm256_add_ps(*x, a) } else { _mm256_fmadd_ps(*x, m, a) };
        }
    }
    std::hint::black_box(x);
    8
}

fn chains<const LANES: usize>(count: usize, mixed: bool) -> usize {
    let mut x = [[0.5_f32; LANES]; CHAINS];
    for _ in 0..count {
        for (k, x) in x.iter_mut().enumerate() {
            for x in x {
                *x = if mixed && k % 2 == 0 { *x + 0.001 } else { *x * 0.999 + 0.001 };
            }
        }
    }
    std::hint::black_box(x);
    LANES
}

/// Tells glibc to keep freed memory, as the tools do at their start.
fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets options of the allocator; no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
        // Memory that a worker asks for would otherwise come from heaps of 64 MB.
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
