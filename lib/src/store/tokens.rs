//! Which rows a molecule has: one per residue, one per window, or none beside the global vector.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The rule that turns a sequence into rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "lowercase")]
pub enum TokenRule {
    /// One row per residue (SMILES: per token).
    Residue,
    /// One row per window of `size` residues, see [`windows`].
    Window {
        /// Residues of a window, at least 1.
        size: usize,
        /// Most windows of a molecule; longer molecules are sampled evenly; 0 is no limit.
        cap: usize,
    },
    /// No rows, or one: the encoder's summary of the whole molecule.
    Pooled,
}

impl TokenRule {
    /// Counts the rows of a sequence of this length.
    pub fn count(self, length: usize) -> usize {
        match self {
            Self::Residue => length,
            Self::Window { size, cap } => windows(length, size, cap).len(),
            Self::Pooled => 0,
        }
    }

    /// Tells whether a sequence of this length has residues that are in no row.
    ///
    /// ```
    /// use crossmamba::store::TokenRule;
    ///
    /// let rule = TokenRule::Window { size: 10, cap: 3 };
    /// assert!(rule.samples(31) && !rule.samples(30));
    /// ```
    pub fn samples(self, length: usize) -> bool {
        matches!(self, Self::Window { size, cap } if cap > 0 && length.div_ceil(size.max(1)) > cap)
    }
}

impl fmt::Display for TokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Residue => f.write_str("one row per residue"),
            Self::Window { size, cap: 0 } => write!(f, "windows of {size}"),
            Self::Window { size, cap } => write!(f, "windows of {size}, at most {cap}"),
            Self::Pooled => f.write_str("pooled"),
        }
    }
}

/// Places windows of `size` over a sequence of `length` residues, side by side, the last one shifted back so that
/// it ends with the sequence.
///
/// A sequence no longer than `size` has one window, its whole length; an empty one has none. When more than `cap`
/// windows (0: no limit) would be needed, `cap` windows are spread evenly from end to end, with gaps between them.
///
/// ```
/// use crossmamba::store::windows;
///
/// assert_eq!(windows(9, 4, 0), [0..4, 4..8, 5..9]);
/// assert_eq!(windows(100, 10, 3), [0..10, 45..55, 90..100]);
/// ```
pub fn windows(length: usize, size: usize, cap: usize) -> Vec<Range<usize>> {
    let size = size.max(1);
    if length <= size {
        return (length > 0).then_some(0..length).into_iter().collect();
    }
    let last = length - size; // the start of the last window
    let count = length.div_ceil(size);
    let start = |i: usize| {
        if cap == 1 {
            last / 2
        } else if cap > 0 && count > cap {
            (i as f64 * (last as f64 / (cap - 1) as f64)).round_ties_even() as usize
        } else {
            i * size
        }
    };
    let count = if cap > 0 { count.min(cap) } else { count };
    (0..count).map(start).map(|start| start.min(last)).map(|start| start..start + size).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_stand_side_by_side_and_the_last_is_shifted_back() {
        assert!(windows(0, 4, 0).is_empty());
        assert_eq!(windows(3, 4, 0), [0..3]);
        assert_eq!(windows(8, 4, 0), [0..4, 4..8]);
        assert_eq!(windows(9, 4, 0), [0..4, 4..8, 5..9]);
    }

    #[test]
    fn more_windows_than_the_cap_are_spread_evenly() {
        assert_eq!(windows(100, 10, 3), [0..10, 45..55, 90..100]);
        assert_eq!(windows(100, 10, 1), [45..55]);
        // Halves round to even, as in the Python code of the reference features.
        assert_eq!(windows(4 + 5, 4, 3), [0..4, 4..8, 5..9]);
        assert_eq!(windows(30 + 5, 5, 5), [0..5, 8..13, 15..20, 22..27, 30..35]);
    }

    proptest! {
        #[test]
        fn windows_are_ordered_inside_the_sequence_and_cover_it_unless_capped(
            length in 1usize..5000, size in 1usize..300, cap in 0usize..50,
        ) {
            let found = windows(length, size, cap);
            prop_assert!(!found.is_empty());
            prop_assert!(cap == 0 || found.len() <= cap);
            for window in &found {
                prop_assert_eq!(window.len(), size.min(length));
                prop_assert!(window.end <= length);
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].start < pair[1].start);
            }
            if cap != 1 {
                prop_assert_eq!(found[0].start, 0);
                prop_assert_eq!(found[found.len() - 1].end, length);
            }
            let gaps = found.windows(2).any(|pair| pair[0].end < pair[1].start);
            let rule = TokenRule::Window { size, cap };
            if rule.samples(length) {
                prop_assert_eq!(found.len(), cap);
            } else {
                prop_assert!(!gaps);
                prop_assert_eq!(found.len(), length.div_ceil(size));
            }
        }
    }
}
