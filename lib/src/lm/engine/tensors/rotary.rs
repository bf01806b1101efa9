//! Rotary positions, in halves: feature j of a head turns with feature j + width / 2.

use std::ops::Range;

use candle_core::{Device, Tensor};

use crate::Result;

/// Cosines and sines of each position, and the position of each token.
#[derive(Debug)]
pub(super) struct Table {
    /// (longest, half a head's width)
    pub(super) cos: Vec<f32>,
    /// (longest, half a head's width)
    pub(super) sin: Vec<f32>,
    /// (t)
    pub(super) positions: Vec<u32>,
    half: usize,
}

impl Table {
    /// Computes position × frequency in f32, as the models were trained; a segment's first token has position 0.
    pub(super) fn new(segments: &[Range<usize>], frequencies: &[f32]) -> Self {
        let longest = segments.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        let (mut cos, mut sin) = (Vec::new(), Vec::new());
        for position in 0..longest {
            for frequency in frequencies {
                let (s, c) = (position as f32 * frequency).sin_cos();
                cos.push(c);
                sin.push(s);
            }
        }
        let positions = segments.iter().flat_map(|segment| 0..segment.len() as u32).collect();
        Self { cos, sin, positions, half: frequencies.len() }
    }
}

/// Cosines and sines of each token: (t, 1, half a head's width).
#[derive(Debug)]
pub(super) struct Angles {
    cos: Tensor,
    sin: Tensor,
}

impl Angles {
    /// Brings a table to a device, token by token.
    pub(super) fn new(table: &Table, device: &Device) -> Result<Self> {
        let tokens = table.positions.len();
        let positions = Tensor::new(&*table.positions, device)?;
        let of_tokens = |of: &[f32]| -> Result<Tensor> {
            let of = Tensor::from_slice(of, (of.len() / table.half, table.half), device)?;
            Ok(of.index_select(&positions, 0)?.reshape((tokens, 1, table.half))?)
        };
        Ok(Self { cos: of_tokens(&table.cos)?, sin: of_tokens(&table.sin)? })
    }

    /// Turns the heads of rows (t, heads, width of a head).
    pub(super) fn turn(&self, x: &Tensor) -> Result<Tensor> {
        let half = self.cos.dim(2)?;
        let (a, b) = (x.narrow(2, 0, half)?, x.narrow(2, half, half)?);
        let first = (a.broadcast_mul(&self.cos)? - b.broadcast_mul(&self.sin)?)?;
        let second = (b.broadcast_mul(&self.cos)? + a.broadcast_mul(&self.sin)?)?;
        Ok(Tensor::cat(&[first, second], 2)?)
    }
}
