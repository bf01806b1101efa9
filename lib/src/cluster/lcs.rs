//! Bounds the number of identical letters that any alignment of two sequences can have.

/// Letters that are read between two looks at whether enough can still be found.
const STRIDE: usize = 16;

/// Codes of letters, and words of 64 positions: a sequence as one row of bits for each letter.
///
/// The longest common subsequence of two sequences is found 64 cells at a time (Hyyrö 2004). No alignment, whatever its
/// scores, pairs more identical letters than that: what it excludes need not be aligned.
pub(super) struct Rows {
    bits: Vec<u64>,
    words: usize,
    length: usize,
}

impl Rows {
    /// Writes down where each of the `letters` codes stands in a sequence.
    pub(super) fn of(sequence: &[u8], letters: usize) -> Self {
        let words = sequence.len().div_ceil(64);
        let mut bits = vec![0; words * letters];
        for (at, &code) in sequence.iter().enumerate() {
            bits[usize::from(code) * words + at / 64] |= 1 << (at % 64);
        }
        Self { bits, words, length: sequence.len() }
    }

    /// Gives the length of the longest common subsequence with another sequence, or `None` as soon as it cannot be `needed`
    /// any more: each further letter adds one at most. Chance pairs are left after a part of their letters.
    pub(super) fn common(&self, other: &[u8], needed: usize, state: &mut Vec<u64>) -> Option<u32> {
        state.clear();
        state.resize(self.words, u64::MAX);
        for (at, letters) in other.chunks(STRIDE).enumerate() {
            if self.found(state) as usize + (other.len() - at * STRIDE) < needed {
                return None;
            }
            self.read(letters, state);
        }
        Some(self.found(state)).filter(|&found| found as usize >= needed)
    }

    /// Counts the letters of the longest common subsequence with what has been read.
    fn found(&self, state: &[u64]) -> u32 {
        // Bits behind the end of the sequence never match, and stay ones.
        let ones: u32 = state.iter().map(|v| v.count_ones()).sum();
        (self.words * 64) as u32 - ones
    }

    fn read(&self, letters: &[u8], state: &mut [u64]) {
        for &code in letters {
            let row = &self.bits[usize::from(code) * self.words..][..self.words];
            let mut carry = false;
            for (v, &matches) in state.iter_mut().zip(row) {
                let u = *v & matches;
                let (sum, over) = v.overflowing_add(u);
                let (sum, again) = sum.overflowing_add(u64::from(carry));
                carry = over || again;
                *v = sum | (*v & !matches);
            }
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// The textbook recursion.
    fn plain(a: &[u8], b: &[u8]) -> u32 {
        let mut row = vec![0; b.len() + 1];
        for &x in a {
            let mut diagonal = 0;
            for (j, &y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    #[test]
    fn words_of_bits_give_what_the_recursion_gives() {
        let mut rng = Rng::new(3);
        for length in [1, 2, 63, 64, 65, 127, 128, 129, 200] {
            for letters in [2, 4, 21] {
                let mut draw = |n: usize| (0..n).map(|_| rng.below(letters) as u8).collect::<Vec<_>>();
                let (a, b) = (draw(length), draw(150));
                let (rows, found) = (Rows::of(&a, letters), plain(&a, &b));
                for needed in [0, found as usize, found as usize + 1, 200] {
                    let wanted = Some(found).filter(|_| needed <= found as usize);
                    assert_eq!(rows.common(&b, needed, &mut Vec::new()), wanted, "{needed}");
                }
            }
        }
    }
}
