//! Counts letters.

/// How often each byte was seen, in four tables, so that equal neighbours do not wait for each other.
pub(crate) struct LetterCounts(Box<[[u64; 256]; 4]>);

impl Default for LetterCounts {
    fn default() -> Self {
        Self(Box::new([[0; 256]; 4]))
    }
}

impl LetterCounts {
    pub(crate) fn add(&mut self, letters: &[u8]) {
        let (fours, rest) = letters.as_chunks::<4>();
        for four in fours {
            for (table, &letter) in self.0.iter_mut().zip(four) {
                table[letter as usize] += 1;
            }
        }
        for &letter in rest {
            self.0[0][letter as usize] += 1;
        }
    }

    /// Takes back what [`LetterCounts::add`] added.
    pub(crate) fn remove(&mut self, letters: &[u8]) {
        let (fours, rest) = letters.as_chunks::<4>();
        for four in fours {
            for (table, &letter) in self.0.iter_mut().zip(four) {
                table[letter as usize] -= 1;
            }
        }
        for &letter in rest {
            self.0[0][letter as usize] -= 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *count += more;
        }
    }

    pub(crate) fn totals(&self) -> [u64; 256] {
        std::array::from_fn(|letter| self.0.iter().map(|table| table[letter]).sum())
    }
}
