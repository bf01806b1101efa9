//! Linear layers with weights packed once for the products.

use std::ops::Range;

use rayon::prelude::*;

use super::product::{Left, TILE, multiply};
use super::row::{Machine, Product, Row, Words, word};
use crate::Result;
use crate::tensors::TensorView;

/// y = W·x + b, with W in tiles of 14 outputs: (tiles, steps, 14) words.
#[derive(Debug)]
pub(super) struct Linear {
    pub(super) outputs: usize,
    machine: Machine,
    product: Product,
    steps: usize,
    words: Vec<u32>,
    /// One for each output of each tile; 0 where the layer has none.
    bias: Vec<f32>,
}

impl Linear {
    /// Packs an (outputs, inputs) matrix, tile by tile, without another copy of it.
    pub(super) fn new(
        machine: Machine,
        product: Product,
        weight: &TensorView<'_>,
        outputs: usize,
        bias: Option<Vec<f32>>,
    ) -> Result<Self> {
        let inputs = weight.count() / outputs.max(1);
        let (tiles, steps) = (outputs.div_ceil(TILE), product.steps(inputs));
        let depth = product.depth();
        let mut words = vec![0; tiles * steps * TILE];
        words.par_chunks_mut(steps * TILE).enumerate().try_for_each(|(tile, words)| -> Result<()> {
            let values =
                weight.range_to_f32(tile * TILE * inputs..outputs.min((tile + 1) * TILE) * inputs)?;
            for (i, row) in values.chunks_exact(inputs).enumerate() {
                for (step, pair) in row.chunks(depth).enumerate() {
                    words[step * TILE + i] = word(product, pair[0], pair.get(1).copied().unwrap_or(0.0));
                }
            }
            Ok(())
        })?;
        let mut bias = bias.unwrap_or_default();
        bias.resize(tiles * TILE, 0.0);
        Ok(Self { outputs, machine, product, steps, words, bias })
    }

    /// Tiles of outputs.
    pub(super) fn tiles(&self) -> Range<usize> {
        0..self.outputs.div_ceil(TILE)
    }

    /// Outputs of a tile.
    pub(super) fn rows(&self, tile: usize) -> usize {
        TILE.min(self.outputs - tile * TILE)
    }

    /// Computes the first `out.len()` outputs of a tile from a panel that holds `steps` of the input.
    pub(super) fn tile(
        &self,
        tile: usize,
        steps: Range<usize>,
        bias: bool,
        panel: &[Words],
        out: &mut [Row],
    ) {
        let words =
            &self.words[(tile * self.steps + steps.start) * TILE..(tile * self.steps + steps.end) * TILE];
        let start = bias.then(|| &self.bias[tile * TILE..(tile + 1) * TILE]);
        multiply(self.machine, self.product, Left { words, stride: TILE }, start, &panel[..steps.len()], out);
    }

    /// Computes all outputs of several panels, each of `panel` words a step in and `outputs` rows out.
    pub(super) fn apply(&self, from: &[Words], to: &mut [Row]) {
        for tile in self.tiles() {
            for (from, to) in from.chunks_exact(self.steps).zip(to.chunks_exact_mut(self.outputs)) {
                let out = &mut to[tile * TILE..][..self.rows(tile)];
                self.tile(tile, 0..self.steps, true, from, out);
            }
        }
    }

    /// Adds all outputs to several panels.
    pub(super) fn add(&self, steps: Range<usize>, bias: bool, from: &[Words], stride: usize, to: &mut [Row]) {
        let mut out = [Row::ZERO; TILE];
        for tile in self.tiles() {
            let rows = self.rows(tile);
            for (from, to) in from.chunks_exact(stride).zip(to.chunks_exact_mut(self.outputs)) {
                self.tile(tile, steps.clone(), bias, from, &mut out);
                super::norm::add(self.machine, &mut to[tile * TILE..][..rows], &out[..rows]);
            }
        }
    }

    /// Steps of the input.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }
}
