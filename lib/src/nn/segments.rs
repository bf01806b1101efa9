//! Says where each sequence of a packed batch lies, and which way it is walked.

use std::ops::Range;
use std::sync::Arc;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments(Arc<[usize]>);

impl Segments {
    /// Takes `s + 1` offsets: the first is 0, none is below the one before it, the last is the token count.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if the offsets are not such.
    pub fn new(offsets: impl Into<Arc<[usize]>>) -> Result<Self> {
        let offsets = offsets.into();
        if offsets.first() != Some(&0) || offsets.windows(2).any(|w| w[0] > w[1]) {
            return Err(Error::defect("segments", "the offsets of the packed sequences do not rise from 0"));
        }
        Ok(Self(offsets))
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
        Self(offsets.into())
    }

    /// Counts the segments `s`.
    pub fn count(&self) -> usize {
        self.0.len() - 1
    }

    /// Counts the tokens `t` of all segments.
    pub fn tokens(&self) -> usize {
        self.0[self.count()]
    }

    /// Returns the token range of one segment.
    pub fn range(&self, segment: usize) -> Range<usize> {
        self.0[segment]..self.0[segment + 1]
    }

    /// Iterates over the token ranges.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.0.windows(2).map(|w| w[0]..w[1])
    }

    /// Returns the `s + 1` offsets.
    pub fn offsets(&self) -> &[usize] {
        &self.0
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
}
