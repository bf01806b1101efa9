//! Counts of named things, compared as sets are.

/// How often each of many things occurs; the things are named by numbers.
///
/// ```
/// use crossmamba::encoder::Bag;
///
/// let (one, other) = (Bag::of([7, 7, 9]), Bag::of([7, 8]));
/// assert_eq!(one.tanimoto(&other), 1.0 / 4.0);
/// assert_eq!(one.folded(4), [0, 1, 0, 2]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bag {
    /// Things and their counts, in order of the things; no count is 0.
    counts: Vec<(u64, u32)>,
    /// The sum of the counts.
    total: u64,
}

impl Bag {
    /// Counts things.
    pub fn of(things: impl IntoIterator<Item = u64>) -> Self {
        let mut all: Vec<u64> = things.into_iter().collect();
        all.sort_unstable();
        let counts = all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        Self { counts, total: all.len() as u64 }
    }

    /// Takes the counts of things, by ascending number; those of 0 are left out.
    ///
    /// ```
    /// use crossmamba::encoder::Bag;
    ///
    /// assert_eq!(Bag::from_counts([(7, 2), (8, 0), (9, 1)]), Bag::of([7, 7, 9]));
    /// ```
    pub fn from_counts(counts: impl IntoIterator<Item = (u64, u32)>) -> Self {
        let counts: Vec<(u64, u32)> = counts.into_iter().filter(|&(_, count)| count > 0).collect();
        let total = counts.iter().map(|&(_, count)| u64::from(count)).sum();
        Self { counts, total }
    }

    /// Gives the things with their counts, in order of the things.
    pub fn counts(&self) -> &[(u64, u32)] {
        &self.counts
    }

    /// Gives the number of things, each as often as it occurs.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Gives the sum of the smaller counts over the sum of the larger ones, from 0 to 1 (Tanimoto's coefficient of counts,
    /// or Ruzicka's); 0 of two empty bags.
    pub fn tanimoto(&self, other: &Self) -> f64 {
        let (mut mine, mut theirs) = (self.counts.iter().peekable(), other.counts.iter().peekable());
        let mut shared = 0_u64;
        while let (Some(&&(a, n)), Some(&&(b, m))) = (mine.peek(), theirs.peek()) {
            if a <= b {
                mine.next();
            }
            if b <= a {
                theirs.next();
            }
            if a == b {
                shared += u64::from(n.min(m));
            }
        }
        let all = self.total + other.total - shared;
        if all == 0 { 0.0 } else { shared as f64 / all as f64 }
    }

    /// Gives the counts in `width` buckets: a thing's is its number's remainder.
    ///
    pub fn folded(&self, width: usize) -> Vec<u32> {
        let mut buckets = vec![0; width];
        for &(thing, count) in &self.counts {
            if let Some(place) = thing.checked_rem(width as u64) {
                buckets[place as usize] += count;
            }
        }
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanimoto_is_symmetric_one_for_equals_and_zero_for_strangers() {
        let (a, b, c) = (Bag::of([1, 1, 2, 5]), Bag::of([1, 2, 2]), Bag::of([9]));
        assert_eq!(a.tanimoto(&b), b.tanimoto(&a));
        assert_eq!((a.tanimoto(&a), a.tanimoto(&c)), (1.0, 0.0));
        assert_eq!(a.tanimoto(&b), 2.0 / 5.0);
        assert_eq!(Bag::default().tanimoto(&Bag::default()), 0.0);
    }

    #[test]
    fn buckets_keep_every_count() {
        let bag = Bag::of([3, 3, 4, 11, 20]);
        assert_eq!(bag.folded(8).iter().sum::<u32>(), 5);
        assert_eq!(bag.folded(8)[3], 3);
        assert!(bag.folded(0).is_empty());
    }
}
