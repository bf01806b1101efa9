//! Says where each sequence of a packed batch lies, and which way it is walked.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::Indices;
use crate::{Error, Result};

/// Says which way the tokens of a segment are walked; a reversed segment stays within its own bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the first token to the last.
    Forward,
    /// From the last token to the first.
    Reverse,
}

/// Holds the bounds of `s` consecutive sequences in a packed batch of `t` tokens; a sequence may be empty.
#[derive(Debug, Clone)]
pub struct Segments {
    offsets: Arc<[usize]>,
    owners: Arc<OnceLock<Indices>>,
    bounds: Arc<OnceLock<Indices>>,
}

impl PartialEq for Segments {
    fn eq(&self, other: &Self) -> bool {
        self.offsets == other.offsets
    }
}

impl Eq for Segments {}

impl Segments {
    /// Takes `s + 1` offsets: the first is 0, none is below the one before it, the last is the token count.
    ///
    /// # Errors
    ///
    /// [`Error::Defect`] if the offsets are not such.
    pub fn new(offsets: impl Into<Arc<[usize]>>) -> Result<Self> {
        let offsets = offsets.into();
        if offsets.first() != Some(&0) || offsets.windows(2).any(|w| w[0] > w[1]) {
            return Err(Error::defect("segments", "the offsets of the packed sequences do not rise from 0"));
        }
        Ok(Self { offsets, owners: Arc::default(), bounds: Arc::default() })
    }

    /// Cumulates lengths.
    ///
    /// ```
    /// use crossmamba::nn::Segments;
    /// assert_eq!(Segments::from_lengths([3, 0, 2]).offsets(), [0, 3, 3, 5]);
    /// ```
    pub fn from_lengths(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut offsets = vec![0];
        let mut end = 0;
        for length in lengths {
            end += length;
            offsets.push(end);
        }
        Self { offsets: offsets.into(), owners: Arc::default(), bounds: Arc::default() }
    }

    /// Counts the segments `s`.
    pub fn count(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Counts the tokens `t` of all segments.
    pub fn tokens(&self) -> usize {
        self.offsets[self.count()]
    }

    /// Returns the token range of one segment.
    pub fn range(&self, segment: usize) -> Range<usize> {
        self.offsets[segment]..self.offsets[segment + 1]
    }

    /// Iterates over the token ranges.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.offsets.windows(2).map(|w| w[0]..w[1])
    }

    /// Returns the `s + 1` offsets.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Returns the segment of each token (t), with the tokens of each segment as its inverse.
    pub fn owners(&self) -> &Indices {
        self.owners.get_or_init(|| {
            self.ranges().enumerate().flat_map(|(s, range)| range.map(move |_| s as u32)).collect()
        })
    }

    /// Returns the `s + 1` offsets as positions, which keep their copy on a device.
    pub fn bounds(&self) -> &Indices {
        self.bounds.get_or_init(|| self.offsets.iter().map(|&offset| offset as u32).collect())
    }

    /// Cuts the rows of a packed matrix (t, width) by segments.
    pub(crate) fn split_mut<'a, T>(&self, width: usize, rows: &'a mut [T]) -> Vec<&'a mut [T]> {
        self.split_groups_mut(width, 0, rows).into_iter().map(|(_, rows)| rows).collect()
    }

    /// Cuts the rows of a packed matrix (t, width) into groups of segments that have at least so many tokens together,
    /// the last group excepted: parts that are neither many nor large.
    pub(crate) fn split_groups_mut<'a, T>(
        &self,
        width: usize,
        tokens: usize,
        mut rows: &'a mut [T],
    ) -> Vec<(Range<usize>, &'a mut [T])> {
        let mut groups = Vec::new();
        let mut first = 0;
        for last in 0..self.count() {
            let own = self.offsets[last + 1] - self.offsets[first];
            if own >= tokens || last + 1 == self.count() {
                let (group, next) = rows.split_at_mut(own * width);
                groups.push((first..last + 1, group));
                rows = next;
                first = last + 1;
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_must_rise_from_zero() {
        assert!(Segments::new([0, 3, 3, 5]).is_ok());
        assert!(Segments::new([0]).is_ok());
        for wrong in [&[][..], &[1, 2], &[0, 3, 2]] {
            assert!(Segments::new(wrong).is_err(), "{wrong:?}");
        }
    }
    #[test]
    fn rows_are_cut_where_segments_end_and_each_token_knows_its_own() {
        let segments = Segments::from_lengths([2, 0, 1, 3]);
        let mut rows: Vec<usize> = (0..12).collect();
        let parts: Vec<usize> = segments.split_mut(2, &mut rows).iter().map(|part| part.len()).collect();
        assert_eq!(parts, [4, 0, 2, 6]);
        let groups = segments.split_groups_mut(2, 3, &mut rows);
        let groups: Vec<_> = groups.iter().map(|(segments, part)| (segments.clone(), part[0])).collect();
        assert_eq!(groups, [(0..3, 0), (3..4, 6)]);
        assert_eq!(segments.owners().positions(), [0, 0, 2, 3, 3, 3]);
        assert_eq!(segments.owners().users(3), [3, 4, 5]);
    }
}
