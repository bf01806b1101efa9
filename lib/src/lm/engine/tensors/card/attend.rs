//! Attends within each segment: `lib/kernels/lm/attend.cuh`.

use std::ops::Range;

use super::launch;
use crate::nn::ops::card::{Launch, Number};

/// Queries of a block.
const QUERIES: usize = 64;

/// Divides segments into the work of a block: where the segment begins and ends, and the first query. What a block computes
/// depends on its segment alone.
pub(crate) fn tiles(segments: &[Range<usize>]) -> Vec<u32> {
    let of_segment = |segment: &Range<usize>| {
        let (begin, end) = (segment.start as u32, segment.end as u32);
        segment.clone().step_by(QUERIES).flat_map(move |first| [begin, end, first as u32])
    };
    segments.iter().flat_map(of_segment).collect()
}

/// Where everything lies, and its sizes.
#[derive(Debug, Default)]
pub(crate) struct Attend {
    /// Queries, keys and values as [`Turn`](super::turn::Turn) gives them: (t, heads, padded width).
    pub(crate) x: [u64; 3],
    /// What [`tiles`] gives: (blocks, 3).
    pub(crate) tiles: u64,
    /// (t, heads · width)
    pub(crate) out: u64,
    pub(crate) blocks: usize,
    pub(crate) heads: usize,
    pub(crate) width: usize,
    pub(crate) padded: usize,
}

impl Attend {
    /// Writes the launch.
    pub(crate) fn launch(&self, number: Number) -> Launch {
        let mut words = self.x.to_vec();
        words.extend([self.tiles, self.out, self.heads as u64, self.width as u64]);
        let kernel = format!("attend_{}_{}", number.name(), self.padded);
        launch(number, kernel, [self.blocks, self.heads, 1], words)
    }
}
