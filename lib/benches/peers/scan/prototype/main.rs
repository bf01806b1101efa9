//! Times the AVX-512 prototype of the scan (16 states, multiples of 64 channels), whose folder `PROTO` names.

use std::time::{Duration, Instant};

use scanproto::{Dims, Grads, In, N, backward, forward, pack_dn};

/// Steps of a tile.
const T: usize = 16;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let both = arguments[0] == "forward+backward";
    let number = |i: usize| arguments[i].parse::<usize>().expect("a number");
    let (b, l, d) = (number(1), number(2), number(3));
    assert!(number(4) == N && d % 64 == 0 && is_x86_feature_detected!("avx512dq"), "not this size or machine");
    let threads = std::env::var("RAYON_NUM_THREADS").ok().and_then(|x| x.parse().ok()).unwrap_or(1);

    let mut seed = 1_u64;
    let mut draw = |count: usize| -> Vec<f32> {
        let next = |_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((seed >> 40) as f32 / (1 << 24) as f32 - 0.5) * 3.4
        };
        (0..count).map(next).collect()
    };
    let (tokens, states) = (b * l, d * N);
    let (u, delta, z, by) = (draw(tokens * d), draw(tokens * d), draw(tokens * d), draw(tokens * d));
    let (bm, cm) = (draw(tokens * N), draw(tokens * N));
    let a: Vec<f32> = (0..states).map(|k| -((k % N + 1) as f32)).collect();
    let a2 = pack_dn(&a, d, std::f32::consts::LOG2_E);
    let (skip, bias) = (vec![1.0; d], vec![-4.0; d]);
    let inputs = In { u: &u, delta: &delta, a2: &a2, bm: &bm, cm: &cm, dskip: &skip, z: &z, bias: &bias };
    let dims = Dims { b, l, d };
    let (mut h, mut adjoint) = (vec![0.0; b * states], vec![0.0; b * states]);
    let mut kept = vec![0.0; b * l.div_ceil(T) * states];
    let mut out = vec![0.0; tokens * d];
    let mut gradients = Grads {
        du: vec![0.0; tokens * d],
        ddelta: vec![0.0; tokens * d],
        dz: vec![0.0; tokens * d],
        db: vec![0.0; tokens * N],
        dc: vec![0.0; tokens * N],
        da: vec![0.0; states],
        dd: vec![0.0; d],
        dbias: vec![0.0; d],
        dh0: Vec::new(),
    };
    let mut call = || {
        h.fill(0.0);
        if both {
            forward::<T, true, 2>(&inputs, dims, &mut h, &mut kept, &mut out, threads);
            adjoint.fill(0.0);
            backward::<T, 2>(&inputs, dims, &kept, &by, &mut adjoint, &mut gradients, threads);
        } else {
            forward::<T, false, 2>(&inputs, dims, &mut h, &mut kept, &mut out, threads);
        }
    };
    call();
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.len() < 5 || start.elapsed() < Duration::from_millis(100) {
        let start = seconds();
        call();
        times.push((seconds() - start) * 1e9 / (tokens * states) as f64);
    }
    times.sort_by(f64::total_cmp);
    println!("{}", times[times.len() / 2]);
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
