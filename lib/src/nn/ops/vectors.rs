//! Loops over rows: in vectors, in parallel, and with sums in one order.

use rayon::prelude::*;

use super::real::Real;

/// Rows per unit of parallel work. It is fixed, so that sums over rows have one order for any number of threads.
const BLOCK: usize = 128;

/// Fills blocks of rows of `out` in parallel; `fill` gets the first row of its block and the block.
pub(crate) fn fill_rows<F: Real>(out: &mut [F], width: usize, fill: impl Fn(usize, &mut [F]) + Send + Sync) {
    if width == 0 || out.is_empty() {
        return;
    }
    out.par_chunks_mut(BLOCK * width).enumerate().for_each(|(at, block)| fill(at * BLOCK, block));
}

/// Fills blocks of rows of `out` in parallel, and adds up what each block returns, in the order of the blocks.
pub(crate) fn fill_and_sum<F: Real>(
    out: &mut [F],
    width: usize,
    sums: usize,
    fill: impl Fn(usize, &mut [F], &mut [F]) + Send + Sync,
) -> Vec<F> {
    let mut total = vec![F::ZERO; sums];
    if width == 0 || out.is_empty() {
        return total;
    }
    let parts: Vec<Vec<F>> = out
        .par_chunks_mut(BLOCK * width)
        .enumerate()
        .map(|(at, block)| {
            let mut part = vec![F::ZERO; sums];
            fill(at * BLOCK, block, &mut part);
            part
        })
        .collect();
    for part in parts {
        total.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }
    total
}

/// Multiplies two slices and adds up, in 16 lanes that the compiler turns into vectors.
#[inline(always)]
pub(crate) fn dot<F: Real>(a: &[F], b: &[F]) -> F {
    let mut lanes = [F::ZERO; 16];
    let (a_blocks, b_blocks) = (a.chunks_exact(16), b.chunks_exact(16));
    let (a_rest, b_rest) = (a_blocks.remainder(), b_blocks.remainder());
    for (a, b) in a_blocks.zip(b_blocks) {
        for lane in 0..16 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let mut width = 8;
    while width > 0 {
        for lane in 0..width {
            let other = lanes[lane + width];
            lanes[lane] += other;
        }
        width /= 2;
    }
    let mut sum = lanes[0];
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        sum += a * b;
    }
    sum
}
