//! Divides sequences that are longer than a model's context into windows that overlap, and joins their rows again.

use std::collections::VecDeque;
use std::ops::Range;

/// Places windows of `context` residues every `stride` residues, the last one shifted back so that it ends with the
/// sequence.
///
/// A sequence no longer than `context` has one window, its whole length (also an empty one). A stride beyond the
/// context would leave residues out: it counts as the context, and 0 as 1.
///
/// ```
/// use crossmamba::lm::contexts;
///
/// assert_eq!(contexts(10, 4, 2).collect::<Vec<_>>(), [0..4, 2..6, 4..8, 6..10]);
/// ```
pub fn contexts(length: usize, context: usize, stride: usize) -> impl Iterator<Item = Range<usize>> {
    let context = context.max(1);
    let stride = stride.clamp(1, context);
    let size = length.min(context);
    let last = length - size; // the start of the last window
    let count = last.div_ceil(stride) + 1;
    (0..count).map(move |i| (i * stride).min(last)).map(move |start| start..start + size)
}

/// Weighs the row of a residue by its distance, in residues, to the nearer end of its window.
///
/// The first and last residue of a window weigh 1. An end of the window that is also the end of the sequence does
/// not count: nothing is cut off there.
///
/// ```
/// use crossmamba::lm::weight;
///
/// // A window in the middle of a sequence of 12 residues.
/// assert_eq!([4, 5, 6, 7].map(|at| weight(at, &(4..8), 12)), [1, 2, 2, 1]);
/// ```
pub fn weight(at: usize, window: &Range<usize>, length: usize) -> usize {
    let left = if window.start == 0 { usize::MAX } else { at + 1 - window.start };
    let right = if window.end == length { usize::MAX } else { window.end - at };
    left.min(right).min(window.len())
}

/// Joins the rows of a sequence's windows: each residue's row is the weighted mean of the rows it has in the windows
/// that hold it ([`weight`]).
///
/// Windows come in order, and rows leave in order as soon as no further window can change them, so that a sequence
/// of any length needs the memory of about one window. The means are computed in double precision.
///
/// ```
/// use crossmamba::lm::Stitcher;
///
/// // Three residues of one value each, read in two windows of two; the one in the middle has two values.
/// let (mut stitcher, mut rows) = (Stitcher::new(3, 1), Vec::new());
/// stitcher.add(&(0..2), 1, &[1.0, 2.0], |row| rows.extend_from_slice(row));
/// stitcher.add(&(1..3), 3, &[4.0, 5.0], |row| rows.extend_from_slice(row));
/// assert_eq!(rows, [1.0, 3.0, 5.0]);
/// ```
pub struct Stitcher {
    length: usize,
    width: usize,
    /// The residue that the first waiting sum belongs to.
    first: usize,
    waiting: VecDeque<Sum>,
}

struct Sum {
    weight: f64,
    values: Vec<f64>,
}

impl Stitcher {
    /// Starts with a sequence of `length` residues, whose rows have `width` values.
    pub fn new(length: usize, width: usize) -> Self {
        Self { length, width, first: 0, waiting: VecDeque::new() }
    }

    /// Adds the rows (window, width) of the next window; `next` is where the window after it starts, or the length
    /// of the sequence. Each row that is complete goes to `out`, in order.
    pub fn add(&mut self, window: &Range<usize>, next: usize, rows: &[f32], mut out: impl FnMut(&[f32])) {
        if self.waiting.is_empty() && next >= window.end {
            // Nothing overlaps: the rows are what the model gave, bit for bit.
            rows.chunks_exact(self.width).for_each(out);
            self.first = window.end;
            return;
        }
        for (at, row) in window.clone().zip(rows.chunks_exact(self.width)) {
            let place = at - self.first;
            if place == self.waiting.len() {
                self.waiting.push_back(Sum { weight: 0.0, values: vec![0.0; self.width] });
            }
            let sum = &mut self.waiting[place];
            let weight = weight(at, window, self.length) as f64;
            sum.weight += weight;
            sum.values.iter_mut().zip(row).for_each(|(sum, &value)| *sum += weight * f64::from(value));
        }
        let mut row = vec![0.0; self.width];
        while self.first < next
            && let Some(sum) = self.waiting.pop_front()
        {
            row.iter_mut().zip(&sum.values).for_each(|(row, value)| *row = (value / sum.weight) as f32);
            out(&row);
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, as plainly as it can be said.
    fn reference(length: usize, width: usize, parts: &[(Range<usize>, Vec<f32>)]) -> Vec<f64> {
        let mut out = Vec::new();
        for at in 0..length {
            for column in 0..width {
                let (mut sum, mut total) = (0.0, 0.0);
                for (window, rows) in parts {
                    if window.contains(&at) {
                        let mut distance = f64::from(window.len() as u32);
                        if window.start > 0 {
                            distance = distance.min((at - window.start) as f64 + 1.0);
                        }
                        if window.end < length {
                            distance = distance.min((window.end - at) as f64);
                        }
                        sum += distance * f64::from(rows[(at - window.start) * width + column]);
                        total += distance;
                    }
                }
                out.push(sum / total);
            }
        }
        out
    }

    fn stitched(length: usize, width: usize, parts: &[(Range<usize>, Vec<f32>)]) -> Vec<f32> {
        let mut stitcher = Stitcher::new(length, width);
        let mut out = Vec::new();
        for (i, (window, rows)) in parts.iter().enumerate() {
            let next = parts.get(i + 1).map_or(length, |(next, _)| next.start);
            stitcher.add(window, next, rows, |row| out.extend_from_slice(row));
        }
        out
    }

    #[test]
    fn windows_overlap_by_half_and_the_last_is_shifted_back() {
        let found: Vec<_> = contexts(10, 4, 2).collect();
        assert_eq!(found, [0..4, 2..6, 4..8, 6..10]);
        assert_eq!(contexts(11, 4, 2).last(), Some(7..11));
        assert_eq!(contexts(4, 4, 2).collect::<Vec<_>>(), [0..4]);
        assert_eq!(contexts(0, 4, 2).collect::<Vec<_>>(), [0..0]);
        assert_eq!(contexts(9, 4, 9).collect::<Vec<_>>(), [0..4, 4..8, 5..9]);
    }

    #[test]
    fn the_middle_of_a_window_outweighs_its_ends_and_the_ends_of_the_sequence_are_no_ends() {
        let weights =
            |window: Range<usize>| window.clone().map(|at| weight(at, &window, 12)).collect::<Vec<_>>();
        assert_eq!(weights(4..8), [1, 2, 2, 1]);
        assert_eq!(weights(0..4), [4, 3, 2, 1]);
        assert_eq!(weights(8..12), [1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn windows_cover_every_residue_in_order(length in 0usize..3000, context in 1usize..300, stride in 0usize..400) {
            let found: Vec<_> = contexts(length, context, stride).collect();
            prop_assert_eq!(found[0].start, 0);
            prop_assert_eq!(found[found.len() - 1].end, length);
            prop_assert!(found.iter().all(|window| window.len() == length.min(context)));
            for pair in found.windows(2) {
                prop_assert!(pair[0].start < pair[1].start && pair[1].start <= pair[0].end);
            }
        }

        #[test]
        fn stitching_gives_the_weighted_mean_of_the_definition(
            length in 1usize..60, context in 1usize..25, stride in 1usize..30, seed in 0u32..1000,
        ) {
            let width = 3;
            let value = |i: usize| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed * 97) % 2001) as f32 / 500.0 - 2.0;
            let parts: Vec<_> = contexts(length, context, stride)
                .enumerate()
                .map(|(w, window)| {
                    let rows = (0..window.len() * width).map(|i| value(i + 1000 * w)).collect();
                    (window, rows)
                })
                .collect();
            let found = stitched(length, width, &parts);
            let wanted = reference(length, width, &parts);
            prop_assert_eq!(found.len(), wanted.len());
            for (found, wanted) in found.iter().zip(&wanted) {
                prop_assert!((f64::from(*found) - wanted).abs() < 1e-6, "{} {}", found, wanted);
            }
        }
    }
}
