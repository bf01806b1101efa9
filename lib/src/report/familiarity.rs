//! Tells how much of a test was known from training.

use std::collections::HashSet;

/// The shares of test pairs whose molecules also stand in training pairs.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Familiarity {
    /// The RNA and the partner are both in training pairs.
    pub both: f64,
    /// Only the RNA is.
    pub rna_only: f64,
    /// Only the partner is.
    pub partner_only: f64,
    /// Neither is.
    pub neither: f64,
    /// The very same two molecules stand together in a training pair (possible when molecules are told by sequence).
    pub same_pair: f64,
}

impl Familiarity {
    /// Counts over the folds, each a training and a test part; molecules are numbers as in
    /// [`Entries`](crate::baseline::Entries). `None` without test pairs.
    pub fn of<'a>(
        rna: &[u32],
        partner: &[u32],
        folds: impl IntoIterator<Item = (&'a [usize], &'a [usize])>,
    ) -> Option<Self> {
        let mut counts = [0_u32; 5];
        let mut all = 0_u32;
        for (train, test) in folds {
            let rnas: HashSet<u32> = train.iter().map(|&i| rna[i]).collect();
            let partners: HashSet<u32> = train.iter().map(|&i| partner[i]).collect();
            let together: HashSet<(u32, u32)> = train.iter().map(|&i| (rna[i], partner[i])).collect();
            for &i in test {
                let kind = match (rnas.contains(&rna[i]), partners.contains(&partner[i])) {
                    (true, true) => 0,
                    (true, false) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                };
                counts[kind] += 1;
                counts[4] += u32::from(together.contains(&(rna[i], partner[i])));
                all += 1;
            }
        }
        let [both, rna_only, partner_only, neither, same_pair] =
            counts.map(|count| f64::from(count) / f64::from(all));
        (all > 0).then_some(Self { both, rna_only, partner_only, neither, same_pair })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_pair_is_counted_once() {
        let (rna, partner) = ([0, 1, 0, 2, 0, 2], [0, 1, 1, 1, 9, 9]);
        let found = Familiarity::of(&rna, &partner, [(&[0, 1][..], &[2, 3, 4, 5][..])]).unwrap();
        assert_eq!(
            found,
            Familiarity { both: 0.25, rna_only: 0.25, partner_only: 0.25, neither: 0.25, same_pair: 0.0 }
        );
        let same = Familiarity::of(&[0, 0], &[0, 0], [(&[0][..], &[1][..])]).unwrap();
        assert_eq!((same.both, same.same_pair), (1.0, 1.0));
        assert_eq!(Familiarity::of(&[], &[], []), None);
    }
}
