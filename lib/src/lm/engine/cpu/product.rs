//! Multiplies weights or keys by a panel: out(i, token) = start(i) + Σₚ left(i, p) · right(p, token).
//!
//! The sum over `p` runs in order, whatever the number of rows, so a token's value depends on nothing but its own
//! column. Two bf16 in a word are multiplied exactly and added one after the other, the second first, as the
//! processor's instruction for it does.

#[cfg(target_arch = "x86_64")]
mod bf16;

use pulp::Simd;

use super::row::{Kernel, LANES, Machine, Product, Row, Words};

/// Rows of a packed tile of weights: 14 × 2 accumulators leave room in 32 registers for what is multiplied.
pub(super) const TILE: usize = 14;

/// The left operand: the word of row `i` at step `p` is `words[p · stride + i]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) words: &'a [u32],
    pub(super) stride: usize,
}

/// Multiplies into `out`, one row for each row of `left`; starts from `start` (one value a row) or from 0.
pub(super) fn multiply(
    machine: Machine,
    product: Product,
    left: Left<'_>,
    start: Option<&[f32]>,
    right: &[Words],
    out: &mut [Row],
) {
    let rows = out.len();
    let needed = if right.is_empty() { 0 } else { (right.len() - 1) * left.stride + rows };
    assert!(needed <= left.words.len(), "the left operand is too short");
    assert!(start.is_none_or(|start| start.len() >= rows), "a start for each row");
    let task = Task { product, left, start, right, out };
    #[cfg(target_arch = "x86_64")]
    if product == Product::Bf16 && machine.bf16 {
        // SAFETY: the processor has the instructions; the operands are as long as was just checked.
        unsafe { bf16::run(task) };
        return;
    }
    machine.run(task);
}

struct Task<'a> {
    product: Product,
    left: Left<'a>,
    start: Option<&'a [f32]>,
    right: &'a [Words],
    out: &'a mut [Row],
}

impl Kernel for Task<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match self.product {
            Product::F32 => tiles::<S, Single>(simd, self),
            Product::Bf16 => tiles::<S, Pair>(simd, self),
        }
    }
}

/// How a step multiplies words.
trait Step<S: Simd> {
    type Right: Copy;
    fn right(simd: S, words: S::u32s) -> Self::Right;
    fn add(simd: S, sum: S::f32s, left: u32, right: Self::Right) -> S::f32s;
}

struct Single;

impl<S: Simd> Step<S> for Single {
    type Right = S::f32s;

    #[inline(always)]
    fn right(simd: S, words: S::u32s) -> S::f32s {
        simd.transmute_f32s_u32s(words)
    }

    #[inline(always)]
    fn add(simd: S, sum: S::f32s, left: u32, right: S::f32s) -> S::f32s {
        simd.mul_add_e_f32s(simd.splat_f32s(f32::from_bits(left)), right, sum)
    }
}

struct Pair;

impl<S: Simd> Step<S> for Pair {
    type Right = [S::f32s; 2];

    #[inline(always)]
    fn right(simd: S, words: S::u32s) -> [S::f32s; 2] {
        let first = simd.wrapping_dyn_shl_u32s(words, simd.splat_u32s(16));
        let second = simd.and_u32s(words, simd.splat_u32s(0xffff_0000));
        [simd.transmute_f32s_u32s(first), simd.transmute_f32s_u32s(second)]
    }

    #[inline(always)]
    fn add(simd: S, sum: S::f32s, left: u32, right: [S::f32s; 2]) -> S::f32s {
        let first = simd.splat_f32s(f32::from_bits(left << 16));
        let second = simd.splat_f32s(f32::from_bits(left & 0xffff_0000));
        simd.mul_add_e_f32s(first, right[0], simd.mul_add_e_f32s(second, right[1], sum))
    }
}

/// Covers the rows with tiles of sizes that stay in registers.
#[inline(always)]
fn tiles<S: Simd, T: Step<S>>(simd: S, mut task: Task<'_>) {
    for from in (0..LANES).step_by(2 * S::F32_LANES) {
        let mut at = 0;
        while at < task.out.len() {
            let left = task.out.len() - at;
            // SAFETY: `at` plus the rows of the tile stay within `out`, and `multiply` has checked `left`.
            at += unsafe {
                if S::REGISTER_COUNT >= 32 && left >= TILE {
                    tile::<S, T, TILE>(simd, &mut task, at, from)
                } else if S::REGISTER_COUNT >= 32 && left >= 8 {
                    tile::<S, T, 8>(simd, &mut task, at, from)
                } else if left >= 4 {
                    tile::<S, T, 4>(simd, &mut task, at, from)
                } else if left >= 2 {
                    tile::<S, T, 2>(simd, &mut task, at, from)
                } else {
                    tile::<S, T, 1>(simd, &mut task, at, from)
                }
            };
        }
    }
}

/// Computes `M` rows from row `at` for two vectors of tokens from lane `from`; returns `M`.
///
/// # Safety
///
/// `at + M` rows of `out` exist, and `left` holds their words for every step of `right`.
#[inline(always)]
unsafe fn tile<S: Simd, T: Step<S>, const M: usize>(
    simd: S,
    task: &mut Task<'_>,
    at: usize,
    from: usize,
) -> usize {
    let mut sum = [[simd.splat_f32s(0.0); 2]; M];
    if let Some(start) = task.start {
        for (i, sum) in sum.iter_mut().enumerate() {
            *sum = [simd.splat_f32s(*start.get_unchecked(at + i)); 2];
        }
    }
    let mut left = task.left.words.as_ptr().add(at);
    for words in task.right {
        let vectors = words.0.as_ptr().add(from).cast::<S::u32s>();
        let right =
            [T::right(simd, vectors.read_unaligned()), T::right(simd, vectors.add(1).read_unaligned())];
        for (i, sum) in sum.iter_mut().enumerate() {
            let left = *left.add(i);
            sum[0] = T::add(simd, sum[0], left, right[0]);
            sum[1] = T::add(simd, sum[1], left, right[1]);
        }
        left = left.wrapping_add(task.left.stride);
    }
    for (i, sum) in sum.iter().enumerate() {
        let out = task.out.as_mut_ptr().add(at + i).cast::<f32>().add(from).cast::<S::f32s>();
        out.write_unaligned(sum[0]);
        out.add(1).write_unaligned(sum[1]);
    }
    M
}

#[cfg(test)]
mod tests {
    use super::super::row::word;
    use super::*;

    /// Numbers that are exact in bf16, so that both products have the same reference.
    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 255) as f32 / 64.0 - 2.0
    }

    #[test]
    fn products_of_every_number_of_rows_are_the_sums_they_should_be() {
        let machine = Machine::new();
        for product in [Product::F32, Product::Bf16] {
            for (rows, features) in [(1, 1), (3, 5), (8, 16), (13, 7), (14, 32), (29, 40), (30, 2)] {
                let (depth, steps) = (product.depth(), product.steps(features));
                let at = |i: usize, k: usize| if k < features { number(i * 31 + k) } else { 0.0 };
                let pair =
                    |i: usize, step: usize| word(product, at(i, step * depth), at(i, step * depth + 1));
                let words: Vec<u32> = (0..steps * rows).map(|i| pair(i % rows, i / rows)).collect();
                let right: Vec<Words> = (0..steps)
                    .map(|step| Words(std::array::from_fn(|lane| pair(100 + lane, step))))
                    .collect();
                let start: Vec<f32> = (0..rows).map(number).collect();
                let left = Left { words: &words, stride: rows };
                let mut out = vec![Row::ZERO; rows];
                multiply(machine, product, left, Some(&start), &right, &mut out);
                for (i, row) in out.iter().enumerate() {
                    for (lane, found) in row.0.iter().enumerate() {
                        let wanted =
                            (0..features).map(|k| f64::from(at(i, k)) * f64::from(at(100 + lane, k)));
                        let wanted = f64::from(start[i]) + wanted.sum::<f64>();
                        assert!((f64::from(*found) - wanted).abs() < 1e-4, "{product:?} {rows} {features}");
                    }
                }
                let mut other = vec![Row::ZERO; rows];
                multiply(machine.without_bf16(), product, left, Some(&start), &right, &mut other);
                assert!(
                    out.iter().zip(&other).all(|(a, b)| a.0 == b.0),
                    "the instruction rounds as the fallback does"
                );
            }
        }
    }
}
