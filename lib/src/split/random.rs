//! Divides pairs at random, with the same mix of labels in every part.

use std::num::NonZero;

use super::{Part, Split, Splitter};
use crate::pair::{PairTable, Task};
use crate::rng::Rng;
use crate::{Error, Result};

/// Bins of equally many affinities, each of which is divided for itself.
const BINS: usize = 10;

/// Whether the parts get the same mix of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Stratify {
    /// Labels are not looked at.
    None,
    /// Each label, or each tenth of the affinities, is divided for itself.
    Label,
}

/// Divides pairs into folds of equal size at random.
#[derive(Debug, Clone)]
pub struct RandomFolds {
    /// The number of folds, two or more.
    pub folds: NonZero<u32>,
    /// The seed; with the order of the pairs it alone decides.
    pub seed: u64,
    /// Whether the folds get the same mix of labels.
    pub stratify: Stratify,
}

/// Divides pairs into training, validation and test parts at random.
#[derive(Debug, Clone)]
pub struct HoldOut {
    /// The share of the pairs that is tested on, above 0.
    pub test: f64,
    /// The share of the pairs that is validated on.
    pub validation: f64,
    /// The seed; with the order of the pairs it alone decides.
    pub seed: u64,
    /// Whether the parts get the same mix of labels.
    pub stratify: Stratify,
}

impl Splitter for RandomFolds {
    /// Deals the pairs in random order, one stratum after the other, so that the folds differ by one pair at
    /// most.
    ///
    /// # Errors
    /// One fold only, more folds than pairs, or a pair without a label that is needed.
    fn split(&self, pairs: &PairTable) -> Result<Split> {
        let (count, folds) = (pairs.pairs.len(), self.folds.get());
        if folds < 2 {
            return Err(Error::setting(
                "folds",
                "one fold leaves nothing to train on",
                "ask for two or more",
            ));
        }
        if folds as usize > count {
            let problem = format!("{folds} folds cannot be made of {count} pairs");
            return Err(Error::setting("folds", problem, "ask for fewer"));
        }
        let mut rng = Rng::new(self.seed).fork("random folds");
        let mut parts = vec![Part::Unused; count];
        let order = strata(pairs, self.stratify, &mut rng)?.concat();
        for (dealt, pair) in order.into_iter().enumerate() {
            parts[pair] = Part::Fold(dealt as u32 % folds);
        }
        Split::new(parts, None)
    }
}

impl Splitter for HoldOut {
    /// Takes from each stratum its share, so that each part's size is right to one pair.
    ///
    /// # Errors
    /// Shares outside 0..1, a part that would be empty, or a pair without a label that is needed.
    fn split(&self, pairs: &PairTable) -> Result<Split> {
        let within = |share: f64| (0.0..1.0).contains(&share);
        if !within(self.test) || self.test == 0.0 {
            return Err(Error::setting("test", "the share is not between 0 and 1", "use 0.2, for example"));
        }
        if !within(self.validation) || self.test + self.validation >= 1.0 {
            let problem = "nothing is left to train on";
            return Err(Error::setting("validation", problem, "use 0.1, for example"));
        }
        let mut rng = Rng::new(self.seed).fork("hold-out");
        let mut parts = vec![Part::Train; pairs.pairs.len()];
        let (mut seen, mut tested, mut validated) = (0, 0, 0);
        for stratum in strata(pairs, self.stratify, &mut rng)? {
            // What is due after this stratum, less what was taken before it.
            seen += stratum.len();
            let due =
                |share: f64, taken: usize| ((seen as f64 * share).round() as usize).saturating_sub(taken);
            let test = due(self.test, tested).min(stratum.len());
            let validation = due(self.validation, validated).min(stratum.len() - test);
            (tested, validated) = (tested + test, validated + validation);
            for (i, pair) in stratum.into_iter().enumerate() {
                if i < test {
                    parts[pair] = Part::Test;
                } else if i < test + validation {
                    parts[pair] = Part::Validation;
                }
            }
        }
        for (name, share, taken) in [("test", self.test, tested), ("validation", self.validation, validated)]
        {
            if share > 0.0 && taken == 0 {
                let problem = format!("{share} of {seen} pairs is less than one");
                return Err(Error::setting(name, problem, "use a larger share"));
            }
        }
        Split::new(parts, None)
    }
}

/// Gives the pairs of each stratum in random order.
fn strata(pairs: &PairTable, stratify: Stratify, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
    let mut order = rng.permutation(pairs.pairs.len());
    if stratify == Stratify::None {
        return Ok(vec![order]);
    }
    let (task, labels) = pairs.require_labels()?;
    // The sort keeps the random order of equal labels.
    order.sort_by(|&a, &b| labels[a].total_cmp(&labels[b]));
    match task {
        Task::Classification => {
            let positives = order.split_off(order.partition_point(|&pair| labels[pair] == 0.0));
            Ok(vec![order, positives])
        }
        Task::Affinity => {
            let size = order.len().div_ceil(BINS).max(1);
            Ok(order
                .chunks(size)
                .map(|bin| {
                    let mut bin = bin.to_vec();
                    rng.shuffle(&mut bin);
                    bin
                })
                .collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair::Pair;
    use crate::record::RecordId;

    fn table(labels: &[f64]) -> PairTable {
        let id = |text: String| RecordId::new(text).unwrap();
        let pair =
            |(i, &label)| Pair { rna: id(format!("r{i}")), partner: id("p".into()), label: Some(label) };
        PairTable::new(labels.iter().enumerate().map(pair).collect())
    }

    fn folds(labels: &[f64], seed: u64) -> Split {
        let folds = NonZero::new(5).unwrap();
        RandomFolds { folds, seed, stratify: Stratify::Label }.split(&table(labels)).unwrap()
    }

    #[test]
    fn folds_are_even_in_size_and_in_label() {
        let labels: Vec<f64> = (0..103).map(|i| f64::from(u8::from(i % 4 == 0))).collect();
        let split = folds(&labels, 1);
        assert_eq!(split, folds(&labels, 1));
        assert_ne!(split, folds(&labels, 2));
        for fold in split.folds() {
            assert!((20..=21).contains(&fold.test.len()));
            let positives = fold.test.iter().filter(|&&i| labels[i] == 1.0).count();
            assert!((5..=6).contains(&positives), "{positives}");
            assert_eq!(fold.train.len() + fold.test.len(), 103);
        }
    }

    #[test]
    fn each_fold_spans_the_affinities() {
        let labels: Vec<f64> = (0..200).map(|i| f64::from(i) * 0.05 + 0.01).collect();
        for fold in folds(&labels, 1).folds() {
            let mean = fold.test.iter().map(|&i| labels[i]).sum::<f64>() / fold.test.len() as f64;
            assert!((mean - 5.0).abs() < 0.3, "{mean}");
        }
    }

    #[test]
    fn a_holdout_takes_its_shares() {
        let labels: Vec<f64> = (0..1000).map(|i| f64::from(u8::from(i % 10 == 0))).collect();
        let rule = HoldOut { test: 0.2, validation: 0.1, seed: 3, stratify: Stratify::Label };
        let split = rule.split(&table(&labels)).unwrap();
        let fold = &split.folds()[0];
        assert_eq!((fold.train.len(), fold.validation.len(), fold.test.len()), (700, 100, 200));
        assert_eq!(fold.test.iter().filter(|&&i| labels[i] == 1.0).count(), 20);
        assert!(HoldOut { test: 0.0, ..rule.clone() }.split(&table(&labels)).is_err());
        assert!(HoldOut { validation: 0.9, ..rule.clone() }.split(&table(&labels)).is_err());
        assert!(rule.split(&table(&labels[..2])).is_err());
    }
}
