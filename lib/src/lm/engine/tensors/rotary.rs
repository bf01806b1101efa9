//! Rotary positions, in halves: feature j of a head turns with feature j + width / 2.

use std::ops::Range;

use candle_core::{Device, Tensor};

use crate::Result;

/// Cosines and sines of each token: (t, 1, half a head's width).
#[derive(Debug)]
pub(super) struct Angles {
    cos: Tensor,
    sin: Tensor,
}

impl Angles {
    /// Computes position × frequency in f32, as the models were trained; a segment's first token has position 0.
    pub(super) fn new(segments: &[Range<usize>], frequencies: &[f32], device: &Device) -> Result<Self> {
        let longest = segments.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        let (mut cos, mut sin) = (Vec::new(), Vec::new());
        for position in 0..longest {
            for frequency in frequencies {
                let (s, c) = (position as f32 * frequency).sin_cos();
                cos.push(c);
                sin.push(s);
            }
        }
        let positions: Vec<u32> = segments.iter().flat_map(|segment| 0..segment.len() as u32).collect();
        let tokens = positions.len();
        let positions = Tensor::from_vec(positions, tokens, device)?;
        let half = frequencies.len();
        let of_tokens = |table: Vec<f32>| -> Result<Tensor> {
            let table = Tensor::from_vec(table, (longest, half), device)?;
            Ok(table.index_select(&positions, 0)?.reshape((tokens, 1, half))?)
        };
        Ok(Self { cos: of_tokens(cos)?, sin: of_tokens(sin)? })
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
