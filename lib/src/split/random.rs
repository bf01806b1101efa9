//! Divides pairs at random, with the same mix of labels in every part.

use std::num::NonZero;

use super::strata::Units;
use super::{Groups, Part, Split, Splitter, Stratify};
use crate::identity::Identity;
use crate::pair::PairTable;
use crate::rng::Rng;
use crate::{Error, Result};

/// Divides pairs into folds of equal size at random.
///
/// ```
/// use std::num::NonZero;
/// use crossmamba::identity::Identity;
/// use crossmamba::pair::{Pair, PairTable};
/// use crossmamba::record::RecordId;
/// use crossmamba::split::{RandomFolds, Splitter as _, Stratify};
///
/// let id = |text: String| RecordId::new(text);
/// let pairs = (0..10).map(|i| Ok(Pair { rna: id(format!("r{i}"))?, partner: id("p".into())?, label: None }));
/// let pairs = PairTable::new(pairs.collect::<Result<_, &str>>()?);
/// let rule = RandomFolds { folds: NonZero::new(5).ok_or("zero")?, seed: 1, stratify: Stratify::None };
/// let split = rule.split(&pairs, &Identity::by_id(&pairs, None)).map_err(|_| "cannot be split")?;
/// assert!(split.folds().iter().all(|fold| fold.test.len() == 2));
/// # Ok::<(), &str>(())
/// ```
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
    /// most, or by two where a pair and its mirror stay together.
    ///
    /// # Errors
    /// One fold only, more folds than pairs, or a pair without a label that is needed.
    fn split(&self, pairs: &PairTable, molecules: &Identity) -> Result<Split> {
        let (units, folds) = (Units::of(molecules), self.folds.get());
        if folds < 2 {
            return Err(Error::setting(
                "folds",
                "one fold leaves nothing to train on",
                "ask for two or more",
            ));
        }
        if folds as usize > units.count() {
            let problem = format!("{folds} folds cannot be made of {} pairs", units.count());
            return Err(Error::setting("folds", problem, "ask for fewer"));
        }
        let mut rng = Rng::new(self.seed).fork("random folds");
        let mut parts = vec![Part::Unused; pairs.pairs.len()];
        let mut sizes = vec![0; folds as usize];
        for unit in units.strata(pairs, self.stratify, &mut rng)?.concat() {
            // The first of the smallest: where every unit is one pair they are dealt in turn.
            let fold = (0..sizes.len()).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
            sizes[fold] += unit.len();
            for &pair in unit {
                parts[pair] = Part::Fold(fold as u32);
            }
        }
        Split::new(parts, Groups::default())
    }
}

impl Splitter for HoldOut {
    /// Takes from each stratum its share, so that each part's size is right to one pair; a pair and its mirror stay
    /// together.
    ///
    /// # Errors
    /// Shares outside 0..1, a part that would be empty, or a pair without a label that is needed.
    fn split(&self, pairs: &PairTable, molecules: &Identity) -> Result<Split> {
        self.check()?;
        let mut rng = Rng::new(self.seed).fork("hold-out");
        let mut parts = vec![Part::Train; pairs.pairs.len()];
        let units = Units::of(molecules);
        let (mut seen, mut tested, mut validated) = (0, 0, 0);
        for stratum in units.strata(pairs, self.stratify, &mut rng)? {
            // What is due after this stratum.
            seen += stratum.iter().map(|unit| unit.len()).sum::<usize>();
            let due = |share: f64| (seen as f64 * share).round() as usize;
            for unit in stratum {
                let (part, taken) = if tested < due(self.test) {
                    (Part::Test, &mut tested)
                } else if validated < due(self.validation) {
                    (Part::Validation, &mut validated)
                } else {
                    break;
                };
                *taken += unit.len();
                for &pair in unit {
                    parts[pair] = part;
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
        Split::new(parts, Groups::default())
    }
}

impl HoldOut {
    fn check(&self) -> Result<()> {
        let within = |share: f64| (0.0..1.0).contains(&share);
        if !within(self.test) || self.test == 0.0 {
            return Err(Error::setting("test", "the share is not between 0 and 1", "use 0.2, for example"));
        }
        if !within(self.validation) || self.test + self.validation >= 1.0 {
            let problem = "nothing is left to train on";
            return Err(Error::setting("validation", problem, "use 0.1, for example"));
        }
        Ok(())
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

    fn divided(rule: &dyn Splitter, pairs: &PairTable) -> Result<Split> {
        rule.split(pairs, &Identity::by_id(pairs, None))
    }

    fn folds(labels: &[f64], seed: u64) -> Split {
        let folds = NonZero::new(5).unwrap();
        divided(&RandomFolds { folds, seed, stratify: Stratify::Label }, &table(labels)).unwrap()
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
        let split = divided(&rule, &table(&labels)).unwrap();
        let fold = &split.folds()[0];
        assert_eq!((fold.train.len(), fold.validation.len(), fold.test.len()), (700, 100, 200));
        assert_eq!(fold.test.iter().filter(|&&i| labels[i] == 1.0).count(), 20);
        assert!(divided(&HoldOut { test: 0.0, ..rule.clone() }, &table(&labels)).is_err());
        assert!(divided(&HoldOut { validation: 0.9, ..rule.clone() }, &table(&labels)).is_err());
        assert!(divided(&rule, &table(&labels[..2])).is_err());
    }

    #[test]
    fn a_pair_and_its_mirror_are_never_divided() {
        let id = |i: usize| RecordId::new(format!("a{i}")).unwrap();
        let mut rng = Rng::new(5);
        let mut drawn = Vec::new();
        for (i, j) in (0..20).flat_map(|i| (0..i).map(move |j| (i, j))) {
            let label = Some(f64::from(u8::from(rng.below(3) == 0)));
            drawn.push(Pair { rna: id(i), partner: id(j), label });
            if rng.below(2) == 0 {
                drawn.push(Pair { rna: id(j), partner: id(i), label });
            }
        }
        rng.shuffle(&mut drawn);
        let pairs = PairTable::new(drawn);
        let molecules = Identity::by_id(&pairs, None);
        let mirrors = crate::identity::mirrors(&molecules);
        assert!(mirrors.len() > 60);
        let folds = RandomFolds { folds: NonZero::new(4).unwrap(), seed: 1, stratify: Stratify::Label };
        let holdout = HoldOut { test: 0.3, validation: 0.2, seed: 1, stratify: Stratify::Label };
        for rule in [&folds as &dyn Splitter, &holdout] {
            let split = rule.split(&pairs, &molecules).unwrap();
            assert!(mirrors.iter().all(|&(a, b)| split.parts()[a] == split.parts()[b]));
        }
        let sizes = folds.split(&pairs, &molecules).unwrap().folds().into_iter().map(|fold| fold.test.len());
        let (least, most) = (sizes.clone().min().unwrap(), sizes.max().unwrap());
        assert!(most - least <= 2, "{least} to {most}");
    }
}
