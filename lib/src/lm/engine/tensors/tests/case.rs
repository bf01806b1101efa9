//! Queries, keys and values of some sequences, as products give them.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::bench::draw;
use crate::Result;
use crate::lm::engine::tensors::rotary::{Angles, Table};

/// Lengths below, at and above a tile's, of queries and of keys.
pub(super) const LENGTHS: [usize; 5] = [3, 130, 1, 64, 33];

pub(super) struct Case {
    pub(super) segments: Vec<Range<usize>>,
    pub(super) heads: usize,
    pub(super) width: usize,
    pub(super) x: [Vec<f32>; 3],
    pub(super) biases: Option<[Vec<f32>; 3]>,
}

impl Case {
    pub(super) fn new(lengths: &[usize], heads: usize, width: usize, biases: bool) -> Self {
        let mut segments = Vec::new();
        for length in lengths {
            let start = segments.last().map_or(0, |last: &Range<usize>| last.end);
            segments.push(start..start + length);
        }
        let tokens: usize = lengths.iter().sum();
        let x = [1, 2, 3].map(|seed| draw(seed, tokens * heads * width));
        let biases = biases.then(|| [4, 5, 6].map(|seed| draw(seed, heads * width)));
        Self { segments, heads, width, x, biases }
    }

    pub(super) fn tokens(&self) -> usize {
        self.x[0].len() / self.heads / self.width
    }

    pub(super) fn table(&self) -> Table {
        let frequencies: Vec<f32> = (0..self.width / 2).map(|j| 1.0 / (1.0 + j as f32)).collect();
        Table::new(&self.segments, &frequencies)
    }

    /// Attends by tensor operations to queries, keys and values that are turned.
    pub(super) fn expected(&self, attend: impl FnOnce([&Tensor; 3]) -> Result<Tensor>) -> Vec<f64> {
        let shape = (self.tokens(), self.heads, self.width);
        let angles = Angles::new(&self.table(), &Device::Cpu).unwrap();
        let tensor = |at: usize| {
            let mut x = self.x[at].clone();
            if let Some(biases) = &self.biases {
                for row in x.chunks_mut(biases[at].len()) {
                    row.iter_mut().zip(&biases[at]).for_each(|(x, bias)| *x += bias);
                }
            }
            Tensor::from_vec(x, shape, &Device::Cpu).unwrap()
        };
        let (q, k) = (angles.turn(&tensor(0)).unwrap(), angles.turn(&tensor(1)).unwrap());
        let out = attend([&q, &k, &tensor(2)]).unwrap();
        out.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f64::from).collect()
    }
}
