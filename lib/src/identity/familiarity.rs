//! Tells how much of a test was known from training.

use std::collections::HashMap;

use serde::Serialize;

use super::Identity;

/// Counts of test pairs by which of their molecules also stand in training pairs, in either column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Familiarity {
    /// The RNA and the partner are both in training pairs.
    pub both: usize,
    /// Only the RNA is.
    pub rna_only: usize,
    /// Only the partner is.
    pub partner_only: usize,
    /// Neither is.
    pub neither: usize,
    /// The very same two molecules stand together in a training pair, in either order: possible when molecules are told
    /// by sequence, and between RNAs.
    pub same_pair: usize,
}

/// The same as shares of all test pairs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shares {
    /// The RNA and the partner are both in training pairs.
    pub both: f64,
    /// Only the RNA is.
    pub rna_only: f64,
    /// Only the partner is.
    pub partner_only: f64,
    /// Neither is.
    pub neither: f64,
    /// The very same two molecules stand together in a training pair.
    pub same_pair: f64,
}

impl Familiarity {
    /// Counts the pairs of one test part, given as indices like those of its training part.
    ///
    /// ```
    /// use crossmamba::identity::{Familiarity, Identity};
    /// use crossmamba::pair::{Pair, PairTable};
    /// use crossmamba::record::RecordId;
    ///
    /// let pair = |rna, partner| -> Result<Pair, &str> {
    ///     Ok(Pair { rna: RecordId::new(rna)?, partner: RecordId::new(partner)?, label: None })
    /// };
    /// let pairs = PairTable::new(vec![pair("a", "b")?, pair("b", "a")?, pair("c", "a")?]);
    /// let known = Familiarity::of(&Identity::by_id(&pairs, None), &[0], &[1, 2]);
    /// // The mirror of a training pair, and a pair whose partner was trained on as an RNA.
    /// assert_eq!((known.both, known.same_pair, known.partner_only), (1, 1, 1));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn of(molecules: &Identity, train: &[usize], test: &[usize]) -> Self {
        let trained = molecules.of_pairs(train.iter().copied());
        // Of the test part, which is the smaller one in a cross-validation.
        let mut tested: HashMap<[u32; 2], bool> =
            test.iter().map(|&pair| (molecules.pair(pair), false)).collect();
        for &pair in train {
            if let Some(known) = tested.get_mut(&molecules.pair(pair)) {
                *known = true;
            }
        }
        let mut found = Self::default();
        for &pair in test {
            let known = |numbers: &[u32]| trained[numbers[pair] as usize];
            *match (known(molecules.rna()), known(molecules.partner())) {
                (true, true) => &mut found.both,
                (true, false) => &mut found.rna_only,
                (false, true) => &mut found.partner_only,
                (false, false) => &mut found.neither,
            } += 1;
            found.same_pair += usize::from(tested[&molecules.pair(pair)]);
        }
        found
    }

    /// Adds the counts of another test part.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            both: self.both + other.both,
            rna_only: self.rna_only + other.rna_only,
            partner_only: self.partner_only + other.partner_only,
            neither: self.neither + other.neither,
            same_pair: self.same_pair + other.same_pair,
        }
    }

    /// Gives the number of test pairs.
    pub const fn pairs(&self) -> usize {
        self.both + self.rna_only + self.partner_only + self.neither
    }

    /// Gives the counts as shares; `None` without test pairs.
    pub fn shares(&self) -> Option<Shares> {
        let all = self.pairs();
        let share = |count: usize| count as f64 / all as f64;
        (all > 0).then(|| Shares {
            both: share(self.both),
            rna_only: share(self.rna_only),
            partner_only: share(self.partner_only),
            neither: share(self.neither),
            same_pair: share(self.same_pair),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair::{Pair, PairTable};
    use crate::record::RecordId;

    fn molecules(pairs: &[(&str, &str)]) -> Identity {
        let id = |text: &str| RecordId::new(text).unwrap();
        let pair = |(r, p): &(&str, &str)| Pair { rna: id(r), partner: id(p), label: None };
        Identity::by_id(&PairTable::new(pairs.iter().map(pair).collect()), None)
    }

    #[test]
    fn each_test_pair_is_counted_once() {
        let table = molecules(&[("r", "p"), ("s", "q"), ("r", "q"), ("t", "q"), ("r", "new"), ("t", "new")]);
        let found = Familiarity::of(&table, &[0, 1], &[2, 3, 4, 5]);
        assert_eq!(found, Familiarity { both: 1, rna_only: 1, partner_only: 1, neither: 1, same_pair: 0 });
        assert_eq!(found.shares().unwrap().both, 0.25);
        assert_eq!(found.and(found).pairs(), 8);
        assert_eq!(Familiarity::of(&table, &[0], &[]).shares(), None);
    }

    #[test]
    fn a_molecule_trained_on_in_the_other_column_is_known() {
        let table = molecules(&[("a", "b"), ("c", "a"), ("b", "a"), ("b", "d")]);
        let found = Familiarity::of(&table, &[0], &[1, 2, 3]);
        assert_eq!(found, Familiarity { both: 1, rna_only: 1, partner_only: 1, neither: 0, same_pair: 1 });
    }
}
