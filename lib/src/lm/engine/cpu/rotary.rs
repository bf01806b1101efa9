//! Rotary positions, in halves: feature j of a head turns with feature j + width / 2.

use pulp::Simd;
use rayon::prelude::*;

use super::maths::bf16_pairs;
use super::plan::Plan;
use super::row::{Kernel, LANES, Machine, Product, Row, Words, vectors, words_mut};

/// Cosines and sines of each panel's tokens: (panels, half a head's width) rows each.
#[derive(Debug, Default)]
pub(super) struct Angles {
    cos: Vec<Row>,
    sin: Vec<Row>,
    half: usize,
}

impl Angles {
    /// Computes position × frequency in f32, as the models were trained; a segment's first token has position 0.
    pub(super) fn fill(&mut self, plan: &Plan, frequencies: &[f32]) {
        let half = frequencies.len();
        self.half = half;
        self.cos.resize(plan.panels * half, Row::ZERO);
        self.sin.resize(plan.panels * half, Row::ZERO);
        let (cos, sin) = (self.cos.par_chunks_mut(half), self.sin.par_chunks_mut(half));
        cos.zip(sin).enumerate().for_each(|(panel, (cos, sin))| {
            for lane in 0..LANES {
                let position = plan.position(panel * LANES + lane) as f32;
                for ((cos, sin), frequency) in cos.iter_mut().zip(sin.iter_mut()).zip(frequencies) {
                    (sin.0[lane], cos.0[lane]) = (position * frequency).sin_cos();
                }
            }
        });
    }

    /// Turns a head's rows of one panel, scales and packs them.
    pub(super) fn turn(
        &self,
        machine: Machine,
        product: Product,
        panel: usize,
        scale: f32,
        head: &[Row],
        to: &mut [Words],
    ) {
        let at = panel * self.half..(panel + 1) * self.half;
        let from = Turned { scale, cos: &self.cos[at.clone()], sin: &self.sin[at], head };
        machine.run(Turn { product, from, to });
    }
}

struct Turn<'a> {
    product: Product,
    from: Turned<'a>,
    to: &'a mut [Words],
}

/// What a turn reads.
#[derive(Clone, Copy)]
struct Turned<'a> {
    scale: f32,
    cos: &'a [Row],
    sin: &'a [Row],
    head: &'a [Row],
}

impl Turned<'_> {
    /// Feature `j` after the turn, for vector `v` of tokens.
    #[inline(always)]
    fn feature<S: Simd>(self, simd: S, j: usize, v: usize) -> S::f32s {
        let half = self.cos.len();
        let (cos, sin) = (vectors::<S>(&self.cos[j % half])[v], vectors::<S>(&self.sin[j % half])[v]);
        let (x, y) = (vectors::<S>(&self.head[j % half])[v], vectors::<S>(&self.head[j % half + half])[v]);
        let turned = if j < half {
            simd.sub_f32s(simd.mul_f32s(x, cos), simd.mul_f32s(y, sin))
        } else {
            simd.add_f32s(simd.mul_f32s(y, cos), simd.mul_f32s(x, sin))
        };
        simd.mul_f32s(turned, simd.splat_f32s(self.scale))
    }
}

impl Kernel for Turn<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (step, to) in self.to.iter_mut().enumerate() {
            for (v, to) in words_mut::<S>(to).iter_mut().enumerate() {
                *to = match self.product {
                    Product::F32 => simd.transmute_u32s_f32s(self.from.feature(simd, step, v)),
                    Product::Bf16 => bf16_pairs(
                        simd,
                        self.from.feature(simd, 2 * step, v),
                        self.from.feature(simd, 2 * step + 1, v),
                    ),
                };
            }
        }
    }
}
