//! Cuts long segments of few channels into chunks that run side by side: `lib/kernels/scan/split.cuh` says how.

use super::plan::{Backward, Forward, beside};
use super::size::{Size, THREADS};
use super::words;
use crate::nn::ops::card::{Launch, Number};
use crate::nn::{Indices, Segments};

/// Chains of states that keep a card busy.
const ENOUGH: usize = 1 << 14;
/// Tokens of a chunk at least; fewer cost more than they win.
const SHORTEST: usize = 128;

/// Segments in chunks.
#[derive(Debug, Clone)]
pub struct Chunks {
    /// The chunks, in the order of their tokens.
    pub chunks: Segments,
    /// The first chunk of each segment, and their number.
    pub first: Indices,
}

impl Chunks {
    /// Cuts into chunks of at most `length` tokens; an empty segment is one.
    pub fn new(segments: &Segments, length: usize) -> Self {
        let (mut lengths, mut first) = (Vec::new(), vec![0]);
        for range in segments.ranges() {
            let count = range.len().div_ceil(length).max(1);
            lengths.extend((0..count).map(|at| length.min(range.len() - at * length)));
            first.push(lengths.len() as u32);
        }
        Self { chunks: Segments::from_lengths(lengths), first: first.into() }
    }

    /// Cuts segments of so many channels, if that pays.
    pub fn where_they_pay(segments: &Segments, channels: usize) -> Option<Self> {
        let longest = segments.ranges().map(|range| range.len()).max().unwrap_or(0);
        let parts = (ENOUGH / (segments.count() * channels).max(1)).min(longest / SHORTEST);
        (parts > 1).then(|| Self::new(segments, longest.div_ceil(parts).next_multiple_of(16)))
    }
}

/// How the chunks of a scan hang together; its [`Size`] and offsets are those of the chunks.
#[derive(Debug, Clone)]
pub struct Split {
    /// Segments.
    pub s: usize,
    /// Address of the first chunk of each segment and their number, u32.
    pub first: u64,
    /// Addresses of memory for the chunks' first states (chunks, e, n), for gradients by their last states likewise, and for
    /// times (chunks, e), all f32. A forward alone needs no gradients.
    pub states: u64,
    /// As above.
    pub gradients: u64,
    /// As above.
    pub times: u64,
}

/// Plans what finds the first states of chunks, and gives the scans that go on from there.
pub(super) fn forward(number: Number, jobs: &[Forward]) -> (Vec<Launch>, Vec<Forward>) {
    let mut jobs = jobs.to_vec();
    let cut = jobs.iter_mut().filter_map(|job| {
        let split = job.scan.split.clone()?;
        let ends = words::ends(&job.scan, None, false, [split.states, split.times]);
        let chain =
            words::chain(&job.scan, &split, [job.scan.x.h0, Some(job.to.h_last)], split.states, false);
        job.scan.x.h0 = Some(split.states);
        job.to.h_last = 0;
        Some((job.scan.size, split, ends, chain))
    });
    let cut = cut.collect::<Vec<_>>();
    (launches(number, &cut), jobs)
}

/// Plans what finds the gradients by the chunks' last states, and gives the scans that go on from there.
pub(super) fn backward(number: Number, jobs: &[Backward]) -> (Vec<Launch>, Vec<Backward>) {
    let mut jobs = jobs.to_vec();
    let cut = jobs.iter_mut().filter_map(|job| {
        let split = job.scan.split.clone()?;
        let ends = words::ends(&job.scan, job.by.out, true, [split.gradients, split.times]);
        let chain = words::chain(&job.scan, &split, [job.by.h_last, job.to.x.h0], split.gradients, true);
        job.scan.x.h0 = Some(split.states);
        job.by.h_last = Some(split.gradients);
        job.to.x.h0 = None;
        Some((job.scan.size, split, ends, chain))
    });
    let cut = cut.collect::<Vec<_>>();
    (launches(number, &cut), jobs)
}

/// Launches both kernels for each scan that is cut.
fn launches(number: Number, cut: &[(Size, Split, Vec<u64>, Vec<u64>)]) -> Vec<Launch> {
    let mut launches = Vec::new();
    for (size, split, ends, chain) in cut {
        let blocks = (split.s * size.e * size.n).div_ceil(THREADS);
        let grid = [size.s as u32, size.tiles() as u32, 1];
        launches.push(beside(number, &format!("scan_ends_{}_{}", number.name(), size.padded()), grid, ends));
        launches.push(beside(number, &format!("scan_chain_{}", number.name()), [blocks as u32, 1, 1], chain));
    }
    launches.retain(|launch| !launch.grid.contains(&0));
    launches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_stay_within_their_segments_and_only_long_ones_of_few_channels_are_cut() {
        let cut = Chunks::new(&Segments::from_lengths([5, 0, 2, 4]), 2);
        assert_eq!(cut.chunks.offsets(), [0, 2, 4, 5, 5, 7, 9, 11]);
        assert_eq!(cut.first.positions(), [0, 3, 4, 5, 7]);
        let chunks = |lengths: &[usize], channels| {
            let cut = Chunks::where_they_pay(&Segments::from_lengths(lengths.iter().copied()), channels);
            cut.map(|cut| cut.chunks.count())
        };
        assert_eq!(chunks(&[1000, 10], 128), Some(8));
        assert_eq!(chunks(&[255], 128), None);
        assert_eq!(chunks(&[1000; 128], 128), None);
        assert_eq!(chunks(&[], 128), None);
    }
}
