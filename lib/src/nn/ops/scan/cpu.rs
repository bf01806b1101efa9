//! Scans in f32 with vector instructions chosen at run time, in parallel over scans, sequences and channels.
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
mod targets;
mod task;

use rayon::prelude::*;

use self::plan::Plan;
use self::scratch::Shared;
use self::targets::{GradientTargets, OutputTargets};
use self::task::{Call, padded};
use super::{Gradients, OutputGradients, Outputs, Problem};
use crate::nn::{Direction, Segments};
use crate::simd::Instructions;

/// What a forward keeps for the backward, scan by scan.
#[derive(Debug, Clone)]
pub struct Saved {
    instructions: Instructions,
    scans: Vec<SavedScan>,
}

/// The cuts of a scan, and the state before each tile of a long sequence.
#[derive(Debug, Clone)]
struct SavedScan {
    plan: Plan,
    checkpoints: Vec<f32>,
    size: (usize, usize),
    pooled: bool,
    segments: Segments,
    direction: Direction,
}

impl SavedScan {
    fn fits(&self, p: &Problem<'_, f32>) -> bool {
        self.size == (p.e, p.n)
            && self.pooled == p.w.is_some()
            && self.direction == p.direction
            && self.segments == *p.segments
    }
}

/// Scans, or reads out where a problem has pooling weights; all problems share the threads.
///
/// ```
/// use crossmamba::nn::ops::scan::{Problem, ScanInputs, cpu};
/// use crossmamba::nn::{Direction, Segments};
/// use crossmamba::simd::Instructions;
///
/// # fn main() -> crossmamba::Result<()> {
/// let (segments, ones) = (Segments::from_lengths([2]), [1.0; 2]);
/// let x = ScanInputs {
///     u: &ones[..],
///     delta: &ones,
///     a: &[-1.0],
///     b: &ones,
///     c: &ones,
///     d: None,
///     z: None,
///     delta_bias: None,
///     h0: None,
/// };
/// let problem = Problem::new(x, None, (1, 1), &segments, Direction::Forward)?;
/// let outputs = cpu::forward(&[problem], Instructions::chosen()?);
/// // The first state is dt u B with dt = ln(1 + e).
/// assert!((outputs[0].out[0] - 1.313_262).abs() < 1e-5);
/// # Ok(())
/// # }
/// ```
pub fn forward(problems: &[Problem<'_, f32>], instructions: Instructions) -> Vec<Outputs<Vec<f32>>> {
    let plans: Vec<Plan> = problems.iter().map(|p| Plan::new(p.segments, p.direction)).collect();
    run_forward(problems, instructions, &plans, &vec![Shared::NONE; problems.len()])
}

/// Does the same, and keeps what [`backward`] needs.
///
/// ```
/// use crossmamba::nn::ops::scan::{OutputGradients, Problem, ScanInputs, cpu};
/// use crossmamba::nn::{Direction, Segments};
/// use crossmamba::simd::Instructions;
///
/// # fn main() -> crossmamba::Result<()> {
/// let (segments, ones) = (Segments::from_lengths([1]), [1.0]);
/// let x = ScanInputs {
///     u: &ones[..],
///     delta: &ones,
///     a: &[-1.0],
///     b: &ones,
///     c: &ones,
///     d: None,
///     z: None,
///     delta_bias: None,
///     h0: None,
/// };
/// let problems = [Problem::new(x, None, (1, 1), &segments, Direction::Forward)?];
/// let (_, saved) = cpu::forward_saving(&problems, Instructions::chosen()?);
/// let by = OutputGradients { out: Some(&ones[..]), h_last: None, k: None };
/// let gradients = cpu::backward(&problems, &saved, &[by]);
/// // One step from zero: y = dt u B C, so that the gradient by u is dt = ln(1 + e).
/// assert!((gradients[0].x.u[0] - 1.313_262).abs() < 1e-5);
/// # Ok(())
/// # }
/// ```
pub fn forward_saving(
    problems: &[Problem<'_, f32>],
    instructions: Instructions,
) -> (Vec<Outputs<Vec<f32>>>, Saved) {
    let plans: Vec<Plan> = problems.iter().map(|p| Plan::new(p.segments, p.direction)).collect();
    let width = dispatch::width(instructions);
    let count = |(p, plan): (&Problem<'_, f32>, &Plan)| {
        let kinds = if p.w.is_some() { 2 } else { 1 };
        plan.checkpoints * p.e.div_ceil(width) * kinds * padded(p.n) * width
    };
    let counts: Vec<usize> = problems.iter().zip(&plans).map(count).collect();
    let mut kept: Vec<Vec<f32>> = counts.iter().map(|&count| Vec::with_capacity(count)).collect();
    let pointers: Vec<Shared> = kept.iter_mut().map(Shared::spare).collect();
    let outputs = run_forward(problems, instructions, &plans, &pointers);
    let scans =
        problems.iter().zip(plans).zip(kept).zip(counts).map(|(((p, plan), mut checkpoints), count)| {
            // SAFETY: the tasks have written every checkpoint.
            unsafe { checkpoints.set_len(count) };
            SavedScan {
                plan,
                checkpoints,
                size: (p.e, p.n),
                pooled: p.w.is_some(),
                segments: p.segments.clone(),
                direction: p.direction,
            }
        });
    (outputs, Saved { instructions, scans: scans.collect() })
}

fn run_forward(
    problems: &[Problem<'_, f32>],
    instructions: Instructions,
    plans: &[Plan],
    checkpoints: &[Shared],
) -> Vec<Outputs<Vec<f32>>> {
    let width = dispatch::width(instructions);
    let mut targets: Vec<OutputTargets> = problems.iter().map(OutputTargets::new).collect();
    let calls: Vec<Call<'_>> = (problems.iter().zip(plans).zip(checkpoints))
        .map(|((p, plan), &checkpoints)| Call::new(p, plan, width, checkpoints))
        .collect();
    let to: Vec<_> = targets.iter_mut().map(OutputTargets::pointers).collect();
    each_task(&calls, |at, number| dispatch::forward(instructions, &calls[at].task(number), &to[at]));
    // SAFETY: the units cover every token and every segment, the ranges every channel.
    targets.into_iter().map(|targets| unsafe { targets.written() }).collect()
}

/// Computes every gradient of every problem, with the instructions of the forward; [`forward_saving`] has an example.
///
/// If `saved` is of other problems, the forward is run again.
///
/// # Panics
///
/// If a gradient in `by` has another size than the output it belongs to.
pub fn backward(
    problems: &[Problem<'_, f32>],
    saved: &Saved,
    by: &[OutputGradients<'_, f32>],
) -> Vec<Gradients<Vec<f32>>> {
    let fits = saved.scans.len() == problems.len()
        && saved.scans.iter().zip(problems).all(|(saved, p)| saved.fits(p));
    if !fits {
        return backward(problems, &forward_saving(problems, saved.instructions).1, by);
    }
    let instructions = saved.instructions;
    let width = dispatch::width(instructions);
    let calls: Vec<Call<'_>> = (problems.iter().zip(&saved.scans))
        .map(|(p, saved)| {
            let kept = Shared(saved.checkpoints.as_ptr().cast_mut());
            Call::new(p, &saved.plan, width, kept)
        })
        .collect();
    let by: Vec<OutputGradients<'_, f32>> = problems.iter().zip(by).map(|(p, by)| checked(p, by)).collect();
    let mut targets: Vec<GradientTargets> = calls.iter().map(GradientTargets::new).collect();
    let to: Vec<_> = targets.iter_mut().map(GradientTargets::pointers).collect();
    each_task(&calls, |at, number| {
        dispatch::backward(instructions, &calls[at].task(number), &by[at], &to[at]);
    });
    // SAFETY: the units cover every token and every segment, the ranges every channel.
    targets.into_iter().zip(&calls).map(|(targets, call)| unsafe { targets.written(call, width) }).collect()
}

/// Runs every task of every call, in any order; `f` gets the position of the call and the number of the task.
fn each_task(calls: &[Call<'_>], f: impl Fn(usize, usize) + Sync + Send) {
    let tasks: Vec<(usize, usize)> = calls
        .iter()
        .enumerate()
        .flat_map(|(at, call)| (0..call.plan.units.len() * call.ranges()).map(move |number| (at, number)))
        .collect();
    if tasks.len() == 1 || rayon::current_num_threads() == 1 {
        for (at, number) in tasks {
            f(at, number);
        }
    } else {
        tasks.into_par_iter().with_max_len(1).for_each(|(at, number)| f(at, number));
    }
}

/// Passes gradients on if they have the right sizes.
fn checked<'a>(p: &Problem<'_, f32>, by: &OutputGradients<'a, f32>) -> OutputGradients<'a, f32> {
    let (t, s) = (p.segments.tokens(), p.segments.count());
    let check = |gradient: Option<&'a [f32]>, count: usize| {
        if let Some(gradient) = gradient {
            assert_eq!(
                gradient.len(),
                count,
                "the gradient of a scan's output has another size than the output"
            );
        }
        gradient
    };
    OutputGradients {
        out: check(by.out, if p.w.is_some() { s } else { t } * p.e),
        h_last: check(by.h_last, s * p.e * p.n),
        k: check(by.k.filter(|_| p.w.is_some()), s * p.e * p.n),
    }
}
