//! Writes the structs of `lib/kernels/scan/job.cuh` word by word; an absent pointer is 0.

use super::plan::{Backward, Forward};
use super::{OnCard, Split};
use crate::nn::Direction;

/// `struct Inputs`.
fn inputs(scan: &OnCard) -> Vec<u64> {
    let (x, size) = (&scan.x, &scan.size);
    let or_null = |x: Option<u64>| x.unwrap_or(0);
    let reverse = u64::from(scan.direction == Direction::Reverse);
    let pointers = [
        x.u,
        x.delta,
        x.a,
        x.b,
        x.c,
        or_null(x.d),
        or_null(scan.w.or(x.z)),
        or_null(x.delta_bias),
        or_null(x.h0),
        scan.offsets,
    ];
    let sizes = [size.t, size.s, size.e, size.n].map(|size| size as u64);
    pointers.into_iter().chain(sizes).chain([reverse]).collect()
}

/// `struct Forward`.
pub(super) fn forward(job: &Forward) -> Vec<u64> {
    let mut words = inputs(&job.scan);
    words.extend([job.to.out, job.to.h_last, job.to.k.unwrap_or(0)]);
    words.extend(job.kept.map_or([0; 2], |kept| [kept.states, kept.times]));
    words
}

/// `struct Backward`.
pub(super) fn backward(job: &Backward) -> Vec<u64> {
    let (to, parts) = (&job.to.x, &job.parts);
    let dz = job.to.w.or(to.z).unwrap_or(0);
    let mut words = inputs(&job.scan);
    words.extend([job.kept.states, job.kept.times]);
    words.extend([job.by.out, job.by.h_last, job.by.k].map(|by| by.unwrap_or(0)));
    words.extend([to.u, to.delta, dz, to.h0.unwrap_or(0)]);
    words.extend([parts.tokens, parts.rates, parts.skips, parts.biases]);
    words
}

/// `struct Ends`: forward, or backward from the gradient by the output, absent where it is zero.
pub(super) fn ends(scan: &OnCard, by: Option<u64>, back: bool, [states, times]: [u64; 2]) -> Vec<u64> {
    let mut words = inputs(scan);
    words.extend([by.unwrap_or(0), states, times, u64::from(back)]);
    words
}

/// `struct Chain`: what comes in and goes out, and the chunks between.
pub(super) fn chain(
    scan: &OnCard,
    split: &Split,
    [from, to]: [Option<u64>; 2],
    states: u64,
    back: bool,
) -> Vec<u64> {
    let sizes = [split.s, scan.size.e, scan.size.n].map(|size| size as u64);
    let mut words = vec![scan.x.a, from.unwrap_or(0), split.first, states, split.times, to.unwrap_or(0)];
    words.extend(sizes);
    // From the last chunk to the first.
    words.push(u64::from((scan.direction == Direction::Reverse) != back));
    words
}

/// `struct Finish`.
pub(super) fn finish(job: &Backward) -> Vec<u64> {
    let (size, to, parts) = (&job.scan.size, &job.to.x, &job.parts);
    let mut words = vec![parts.tokens, parts.rates, parts.skips, parts.biases];
    words.extend([to.b, to.c, to.a, to.d.unwrap_or(0), to.delta_bias.unwrap_or(0)]);
    words.extend([size.t, size.s, size.e, size.n, size.tiles()].map(|size| size as u64));
    words
}
