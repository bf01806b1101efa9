//! Numbers that look random and are the same in every run.

/// A stream of numbers.
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Starts the stream that belongs to some words, under a seed.
    pub(crate) fn new(seed: u64, words: &str) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in words.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(state)
    }

    /// Gives the next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// Gives a number from 0 to below `n`, which is not 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Gives at most `count` places from 0 to below `end`, at a stride, each moved at random inside its stretch.
    pub(crate) fn places(&mut self, end: usize, count: usize) -> Vec<usize> {
        let count = count.min(end);
        let start = |i: usize| i * end / count;
        (0..count).map(|i| start(i) + self.below(start(i + 1) - start(i))).collect()
    }

    /// Puts a list into another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}
