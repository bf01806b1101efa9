//! Activations, from the product of one layer straight into the operand of the next.

use pulp::Simd;

use super::maths::{bf16_pairs, gelu, swish};
use super::row::{Kernel, Machine, Product, Row, Words, vectors, words_mut};

/// Applies GELU to an even number of rows and packs them.
pub(super) fn gelu_pack(machine: Machine, product: Product, rows: &[Row], to: &mut [Words]) {
    machine.run(Gelu { product, rows, to });
}

struct Gelu<'a> {
    product: Product,
    rows: &'a [Row],
    to: &'a mut [Words],
}

impl Kernel for Gelu<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match self.product {
            Product::F32 => {
                for (to, row) in self.to.iter_mut().zip(self.rows) {
                    for (to, x) in words_mut::<S>(to).iter_mut().zip(vectors::<S>(row)) {
                        *to = simd.transmute_u32s_f32s(gelu(simd, *x));
                    }
                }
            }
            Product::Bf16 => {
                for (to, pair) in self.to.iter_mut().zip(self.rows.chunks_exact(2)) {
                    let rows = vectors::<S>(&pair[0]).iter().zip(vectors::<S>(&pair[1]));
                    for (to, (first, second)) in words_mut::<S>(to).iter_mut().zip(rows) {
                        *to = bf16_pairs(simd, gelu(simd, *first), gelu(simd, *second));
                    }
                }
            }
        }
    }
}

/// Multiplies g / (1 + e^(-βg)) by the gate and packs an even number of rows.
pub(super) fn gated_pack(
    machine: Machine,
    product: Product,
    beta: f32,
    rows: &[Row],
    gates: &[Row],
    to: &mut [Words],
) {
    machine.run(Gated { product, beta, rows, gates, to });
}

struct Gated<'a> {
    product: Product,
    beta: f32,
    rows: &'a [Row],
    gates: &'a [Row],
    to: &'a mut [Words],
}

impl Kernel for Gated<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let slope = simd.splat_f32s(-self.beta * std::f32::consts::LOG2_E);
        let depth = self.product.depth();
        for (i, to) in self.to.iter_mut().enumerate() {
            let (rows, gates) = (&self.rows[i * depth..][..depth], &self.gates[i * depth..][..depth]);
            for (v, to) in words_mut::<S>(to).iter_mut().enumerate() {
                let first =
                    simd.mul_f32s(swish(simd, vectors::<S>(&rows[0])[v], slope), vectors::<S>(&gates[0])[v]);
                *to = if depth == 1 {
                    simd.transmute_u32s_f32s(first)
                } else {
                    let second = simd
                        .mul_f32s(swish(simd, vectors::<S>(&rows[1])[v], slope), vectors::<S>(&gates[1])[v]);
                    bf16_pairs(simd, first, second)
                };
            }
        }
    }
}
