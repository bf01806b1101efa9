//! Normalises each token over its features.

use pulp::Simd;

use super::maths::bf16_pairs;
use super::row::{Kernel, Machine, Product, Row, Words, vectors, vectors_mut, words_mut};

/// Scale and shift of a layer norm with biased variance.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) epsilon: f32,
}

impl Norm {
    /// Normalises a panel in place.
    pub(super) fn apply(&self, machine: Machine, panel: &mut [Row]) {
        machine.run(Apply { norm: self, panel });
    }
}

struct Apply<'a> {
    norm: &'a Norm,
    panel: &'a mut [Row],
}

#[inline(always)]
fn total<S: Simd>(simd: S, s: [S::f32s; 4]) -> S::f32s {
    simd.add_f32s(simd.add_f32s(s[0], s[1]), simd.add_f32s(s[2], s[3]))
}

impl Kernel for Apply<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let count = simd.splat_f32s(1.0 / self.panel.len() as f32);
        for v in 0..super::row::LANES / S::F32_LANES {
            // Four sums in turn: enough to hide the latency of an addition, and always in the same order.
            let mut sums = [simd.splat_f32s(0.0); 4];
            for (i, row) in self.panel.iter().enumerate() {
                sums[i % 4] = simd.add_f32s(sums[i % 4], vectors::<S>(row)[v]);
            }
            let mean = simd.mul_f32s(total(simd, sums), count);
            let mut squares = [simd.splat_f32s(0.0); 4];
            for (i, row) in self.panel.iter().enumerate() {
                let x = simd.sub_f32s(vectors::<S>(row)[v], mean);
                squares[i % 4] = simd.mul_add_e_f32s(x, x, squares[i % 4]);
            }
            let variance =
                simd.mul_add_e_f32s(total(simd, squares), count, simd.splat_f32s(self.norm.epsilon));
            let scale = simd.div_f32s(simd.splat_f32s(1.0), simd.sqrt_f32s(variance));
            for ((row, weight), bias) in self.panel.iter_mut().zip(&self.norm.weight).zip(&self.norm.bias) {
                let x = &mut vectors_mut::<S>(row)[v];
                let y = simd.mul_f32s(simd.sub_f32s(*x, mean), scale);
                *x = simd.mul_add_e_f32s(y, simd.splat_f32s(*weight), simd.splat_f32s(*bias));
            }
        }
    }
}

/// Makes a panel the right operand of a product: one or two features a word; a missing last feature is 0.
pub(super) fn pack(machine: Machine, product: Product, panel: &[Row], to: &mut [Words]) {
    debug_assert_eq!(to.len(), product.steps(panel.len()));
    match product {
        Product::F32 => {
            for (to, row) in to.iter_mut().zip(panel) {
                to.0 = row.0.map(f32::to_bits);
            }
        }
        Product::Bf16 => machine.run(Pack { panel, to }),
    }
}

struct Pack<'a> {
    panel: &'a [Row],
    to: &'a mut [Words],
}

impl Kernel for Pack<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (to, pair) in self.to.iter_mut().zip(self.panel.chunks(2)) {
            let (first, second) = (vectors::<S>(&pair[0]), vectors::<S>(pair.get(1).unwrap_or(&Row::ZERO)));
            for ((to, first), second) in words_mut::<S>(to).iter_mut().zip(first).zip(second) {
                *to = bf16_pairs(simd, *first, *second);
            }
        }
    }
}

/// Adds rows to rows.
pub(super) fn add(machine: Machine, to: &mut [Row], from: &[Row]) {
    machine.run(Add { to, from });
}

struct Add<'a> {
    to: &'a mut [Row],
    from: &'a [Row],
}

impl Kernel for Add<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (to, from) in self.to.iter_mut().zip(self.from) {
            for (to, from) in vectors_mut::<S>(to).iter_mut().zip(vectors::<S>(from)) {
                *to = simd.add_f32s(*to, *from);
            }
        }
    }
}
