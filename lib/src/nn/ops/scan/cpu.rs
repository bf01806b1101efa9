//! Scans in f32 with vector instructions chosen at run time, in parallel over sequences and channels.
//!
//! Sixteen (or eight) channels share a vector; a few states at a time stay in registers while time runs. The
//! forward keeps the state at every tile of a long sequence, from which the backward recomputes the rest. Sums
//! over tokens and channels have an order of their own, so the bits do not depend on the number of threads.

#![expect(unsafe_code, reason = "vector instructions, and outputs that several threads fill")]
#![expect(unsafe_op_in_unsafe_fn, reason = "the kernels consist of such operations throughout")]
#![expect(clippy::needless_range_loop, reason = "loops over the vectors of a register file")]

mod backward;
mod dispatch;
mod forward;
mod lanes;
mod plan;
mod scratch;
mod task;

use rayon::prelude::*;

use self::plan::Plan;
use self::scratch::{Shared, Target};
use self::task::{Call, pack_rates, padded, steepest};
use super::{Gradients, OutputGradients, Outputs, Problem, ScanInputs};
use crate::nn::{Direction, Segments};

pub use dispatch::Instructions;

/// What a forward keeps for the backward: the cuts, and the state before each tile of a long sequence.
#[derive(Debug, Clone)]
pub struct Saved {
    plan: Plan,
    checkpoints: Vec<f32>,
    instructions: Instructions,
    size: (usize, usize),
    pooled: bool,
    segments: Segments,
    direction: Direction,
}

impl Saved {
    fn fits(&self, p: &Problem<'_, f32>) -> bool {
        self.size == (p.e, p.n)
            && self.pooled == p.w.is_some()
            && self.direction == p.direction
            && self.segments == *p.segments
    }
}

/// Scans, or reads out if the problem has pooling weights.
pub fn forward(p: &Problem<'_, f32>, instructions: Instructions) -> Outputs<f32> {
    run_forward(p, instructions, &Plan::new(p.segments, p.direction), &mut Vec::new())
}

/// Does the same, and keeps what [`backward`] needs.
pub fn forward_saving(p: &Problem<'_, f32>, instructions: Instructions) -> (Outputs<f32>, Saved) {
    let plan = Plan::new(p.segments, p.direction);
    let kinds = if p.w.is_some() { 2 } else { 1 };
    let width = instructions.width();
    let count = plan.checkpoints * p.e.div_ceil(width) * kinds * padded(p.n) * width;
    let mut checkpoints = Vec::with_capacity(count);
    let outputs = run_forward(p, instructions, &plan, &mut checkpoints);
    // SAFETY: the tasks have written every checkpoint.
    unsafe { checkpoints.set_len(count) };
    let saved = Saved {
        plan,
        checkpoints,
        instructions,
        size: (p.e, p.n),
        pooled: p.w.is_some(),
        segments: p.segments.clone(),
        direction: p.direction,
    };
    (outputs, saved)
}

fn run_forward(
    p: &Problem<'_, f32>,
    instructions: Instructions,
    plan: &Plan,
    checkpoints: &mut Vec<f32>,
) -> Outputs<f32> {
    let (t, s) = (p.segments.tokens(), p.segments.count());
    let rows = if p.w.is_some() { s } else { t };
    let counts = [rows * p.e, s * p.e * p.n, if p.w.is_some() { s * p.e * p.n } else { 0 }];
    let [mut out, mut h_last, mut k] = counts.map(Target::new);
    let to = forward::Outputs { out: out.shared(), h_last: h_last.shared(), k: k.shared() };
    let rates = pack_rates(p.x.a, (p.e, p.n), instructions.width());
    let kept = if checkpoints.capacity() > 0 { Shared(checkpoints.as_mut_ptr()) } else { Shared::NONE };
    let call = Call { p, plan, rates: &rates, steepest: steepest(&rates), checkpoints: kept };
    each_task(&call, |number| instructions.forward(&call.task(number), &to));
    // SAFETY: the units cover every token and every segment, the ranges every channel.
    let [out, h_last, k] =
        unsafe { [out.written(counts[0]), h_last.written(counts[1]), k.written(counts[2])] };
    Outputs { out, h_last, k }
}

/// Computes every gradient, with the instructions of the forward.
///
/// If `saved` is of another problem, the forward is run again.
pub fn backward(p: &Problem<'_, f32>, saved: &Saved, by: &OutputGradients<'_, f32>) -> Gradients<f32> {
    if !saved.fits(p) {
        return backward(p, &forward_saving(p, saved.instructions).1, by);
    }
    let (t, s) = (p.segments.tokens(), p.segments.count());
    let instructions = saved.instructions;
    let width = instructions.width();
    let rows = if p.w.is_some() { s } else { t };
    let by = backward::Inputs {
        out: checked(by.out, rows * p.e),
        h_last: checked(by.h_last, s * p.e * p.n),
        k: checked(by.k.filter(|_| p.w.is_some()), s * p.e * p.n),
    };

    let units = saved.plan.units.len();
    let rates = pack_rates(p.x.a, (p.e, p.n), width);
    let kept = Shared(saved.checkpoints.as_ptr().cast_mut());
    let call = Call { p, plan: &saved.plan, rates: &rates, steepest: steepest(&rates), checkpoints: kept };
    let mut sums = Sums {
        a: vec![0.0; units * rates.len()],
        skip: vec![0.0; p.x.d.map_or(0, |_| units * p.e)],
        bias: vec![0.0; p.x.delta_bias.map_or(0, |_| units * p.e)],
    };
    let mut targets = p.x.as_ref().map(|x| (Target::new(x.len()), x.len()));
    let projections = call.ranges() * t * p.n;
    targets.b = (Target::new(projections), projections);
    targets.c = (Target::new(projections), projections);
    let mut w = p.w.map(|w| Target::new(w.len()));

    let shared =
        |target: &mut Option<(Target, usize)>| target.as_mut().map_or(Shared::NONE, |t| t.0.shared());
    let to = backward::Outputs {
        u: targets.u.0.shared(),
        delta: targets.delta.0.shared(),
        z: shared(&mut targets.z),
        w: w.as_mut().map_or(Shared::NONE, Target::shared),
        h0: shared(&mut targets.h0),
        b: targets.b.0.shared(),
        c: targets.c.0.shared(),
        a: Shared(sums.a.as_mut_ptr()),
        skip: if sums.skip.is_empty() { Shared::NONE } else { Shared(sums.skip.as_mut_ptr()) },
        bias: if sums.bias.is_empty() { Shared::NONE } else { Shared(sums.bias.as_mut_ptr()) },
    };
    each_task(&call, |number| instructions.backward(&call.task(number), &by, &to));

    // SAFETY: the units cover every token and every segment, the ranges every channel.
    let written = |(target, count): (Target, usize)| unsafe { target.written(count) };
    let ranges = call.ranges();
    let x = ScanInputs {
        u: written(targets.u),
        delta: written(targets.delta),
        a: unpack(&sum_of(sums.a, units), (p.e, p.n), width),
        b: sum_of(written(targets.b), ranges),
        c: sum_of(written(targets.c), ranges),
        d: p.x.d.map(|_| sum_of(sums.skip, units)),
        z: targets.z.map(written),
        delta_bias: p.x.delta_bias.map(|_| sum_of(sums.bias, units)),
        h0: targets.h0.map(written),
    };
    Gradients { x, w: w.map(|w| written((w, t * p.e))) }
}

/// Sums that each unit collects for itself.
struct Sums {
    a: Vec<f32>,
    skip: Vec<f32>,
    bias: Vec<f32>,
}

/// Runs every task, in any order.
fn each_task(call: &Call<'_>, f: impl Fn(usize) + Sync + Send) {
    let count = call.plan.units.len() * call.ranges();
    if count == 1 || rayon::current_num_threads() == 1 {
        (0..count).for_each(f);
    } else {
        (0..count).into_par_iter().with_max_len(1).for_each(f);
    }
}

/// Passes a gradient on if it has the right size.
///
/// # Panics
///
/// If it has not.
fn checked(gradient: Option<&[f32]>, count: usize) -> Option<&[f32]> {
    if let Some(gradient) = gradient {
        assert_eq!(gradient.len(), count, "the gradient of a scan's output has another size than the output");
    }
    gradient
}

/// Sums equal parts in their order.
fn sum_of(mut parts: Vec<f32>, count: usize) -> Vec<f32> {
    if count > 1 {
        let length = parts.len() / count;
        let (sum, others) = parts.split_at_mut(length);
        for other in others.chunks_exact(length.max(1)) {
            for (sum, x) in sum.iter_mut().zip(other) {
                *sum += x;
            }
        }
        parts.truncate(length);
    }
    parts
}

/// Reads (blocks, padded states, lanes) as (e, n).
fn unpack(x: &[f32], (e, n): (usize, usize), width: usize) -> Vec<f32> {
    let np = padded(n);
    let at = |d: usize, i: usize| (d / width * np + i) * width + d % width;
    (0..e).flat_map(|d| (0..n).map(move |i| x.get(at(d, i)).copied().unwrap_or(0.0))).collect()
}
