//! Counts what a test part shares with its training part.

mod table;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use super::{Fold, FoldName, Split};
use crate::identity::{Familiarity, Identity, Sequences};
use crate::io::AtomicFile;
use crate::pair::{PairTable, Task};
use crate::{Error, Result};

/// What the test part of each fold shares with its training part.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// One entry for each fold.
    pub folds: Vec<FoldAudit>,
}

/// What the test part of one fold shares with its training part.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldAudit {
    /// The fold's name.
    pub name: FoldName,
    /// The training part.
    pub train: PartAudit,
    /// The number of validation pairs.
    pub validation: usize,
    /// The test part.
    pub test: PartAudit,
    /// The RNAs of the test part, by identifier.
    pub rna_ids: Overlap,
    /// The partners of the test part, by identifier.
    pub partner_ids: Overlap,
    /// The RNAs of the test part, by sequence, if these are known.
    pub rna_sequences: Option<Overlap>,
    /// The partners of the test part, by sequence, if these are known.
    pub partner_sequences: Option<Overlap>,
    /// The pairs of the test part, molecules told by sequence where these are known.
    pub pairs: Familiarity,
}

/// The pairs of a part and their labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartAudit {
    /// The number of pairs.
    pub pairs: usize,
    /// The number of positive pairs; `None` unless the labels are classes.
    pub positives: Option<usize>,
    /// The mean label; `None` where a pair has none, or there are no pairs.
    pub label_mean: Option<f64>,
}

/// How many distinct molecules one column of the test part holds, and how many of them stand in training pairs, in
/// either column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// The molecules of the test part.
    pub test: usize,
    /// Those that are also in the training part.
    pub in_train: usize,
}

impl Audit {
    /// Audits a split. Molecules are the same when their sequences are, where these are known, and when their
    /// identifiers are otherwise; between RNAs they may stand in either column, and a pair in either order.
    ///
    /// ```
    /// use crossmamba::identity::Sequences;
    /// use crossmamba::pair::{Pair, PairTable};
    /// use crossmamba::record::RecordId;
    /// use crossmamba::split::{Audit, Groups, Part, Split};
    ///
    /// let pair = |rna, partner| -> Result<Pair, crossmamba::Error> {
    ///     let id = |text| RecordId::new(text).map_err(|problem| crossmamba::Error::setting("id", problem, "change it"));
    ///     Ok(Pair { rna: id(rna)?, partner: id(partner)?, label: None })
    /// };
    /// let pairs = PairTable::new(vec![pair("r", "p")?, pair("r", "q")?]);
    /// let split = Split::new(vec![Part::Train, Part::Test], Groups::default())?;
    /// let audit = Audit::new(&split, &pairs, &Sequences::default())?;
    /// assert_eq!((audit.folds[0].rna_ids.in_train, audit.folds[0].partner_ids.in_train), (1, 0));
    /// # Ok::<(), crossmamba::Error>(())
    /// ```
    ///
    /// # Errors
    /// A molecule whose sequence is not among those given.
    pub fn new(split: &Split, pairs: &PairTable, sequences: &Sequences) -> Result<Self> {
        let by_id = Identity::by_id(pairs, Some(sequences));
        let by_sequence = Identity::by_sequence(pairs, sequences)?;
        let told = if sequences.rna.is_some() || sequences.partner.is_some() { &by_sequence } else { &by_id };
        let audit = |fold: Fold| {
            let train = by_sequence.of_pairs(fold.train.iter().copied());
            let known = |given: bool, numbers| given.then(|| Overlap::of(numbers, &train, &fold));
            let train = by_id.of_pairs(fold.train.iter().copied());
            FoldAudit {
                train: PartAudit::of(&fold.train, pairs),
                validation: fold.validation.len(),
                test: PartAudit::of(&fold.test, pairs),
                rna_ids: Overlap::of(by_id.rna(), &train, &fold),
                partner_ids: Overlap::of(by_id.partner(), &train, &fold),
                rna_sequences: known(sequences.rna.is_some(), by_sequence.rna()),
                partner_sequences: known(sequences.partner.is_some(), by_sequence.partner()),
                pairs: Familiarity::of(told, &fold.train, &fold.test),
                name: fold.name,
            }
        };
        Ok(Self { folds: split.each_fold().map(audit).collect() })
    }

    /// Writes one row for each fold.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut file = AtomicFile::create(&path)?;
        self.write_to(&mut file).map_err(Error::io("write", path))?;
        file.commit()
    }

    /// Writes as [`Audit::write`] does.
    pub fn write_to(&self, out: impl Write) -> std::io::Result<()> {
        table::write(&self.folds, out)
    }
}

impl PartAudit {
    fn of(part: &[usize], pairs: &PairTable) -> Self {
        let labels: Option<Vec<f64>> = part.iter().map(|&i| pairs.pairs[i].label).collect();
        let labels = labels.filter(|labels| !labels.is_empty());
        let positives = || part.iter().filter(|&&i| pairs.pairs[i].label == Some(1.0)).count();
        Self {
            pairs: part.len(),
            positives: (pairs.task == Some(Task::Classification)).then(positives),
            label_mean: labels.map(|labels| labels.iter().sum::<f64>() / labels.len() as f64),
        }
    }
}

impl Overlap {
    fn of(numbers: &[u32], trained: &[bool], fold: &Fold) -> Self {
        let test: HashSet<u32> = fold.test.iter().map(|&pair| numbers[pair]).collect();
        Self {
            test: test.len(),
            in_train: test.iter().filter(|&&molecule| trained[molecule as usize]).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::pair::Pair;
    use crate::record::{Digest, RecordId};
    use crate::split::{Groups, Part};

    fn id(text: &str) -> RecordId {
        RecordId::new(text).unwrap()
    }

    fn pair(rna: &str, partner: &str, label: f64) -> Pair {
        Pair { rna: id(rna), partner: id(partner), label: Some(label) }
    }

    fn row(audit: &Audit) -> String {
        let mut text = Vec::new();
        audit.write_to(&mut text).unwrap();
        String::from_utf8(text).unwrap().lines().nth(1).unwrap().replace('\t', " ")
    }

    #[test]
    fn what_is_shared_is_counted_by_id_and_by_sequence() {
        let pairs = PairTable::new(vec![
            pair("a", "x", 1.0),
            pair("b", "y", 0.0),
            pair("a", "y", 1.0),
            pair("c", "z", 0.0),
        ]);
        let split =
            Split::new(vec![Part::Train, Part::Train, Part::Test, Part::Test], Groups::default()).unwrap();
        // c is a copy of b.
        let digests = [("a", "AC"), ("b", "GU"), ("c", "GU")];
        let rna = digests.map(|(name, text)| (id(name), Digest::of(text.as_bytes()))).into_iter().collect();
        let audit = Audit::new(&split, &pairs, &Sequences { rna: Some(rna), partner: None }).unwrap();
        assert_eq!(audit.folds[0].rna_ids, Overlap { test: 2, in_train: 1 });
        assert_eq!(audit.folds[0].rna_sequences, Some(Overlap { test: 2, in_train: 2 }));
        assert_eq!(row(&audit), "holdout 2 0 2 1 1 0.5 0.5 2 1 2 1 2 2 NA NA 2 1 1 0");
        let missing = Sequences { rna: Some(HashMap::new()), partner: None };
        let message = Audit::new(&split, &pairs, &missing).unwrap_err().to_string();
        assert!(message.starts_with("pairs, record `a`: is not among the sequences"), "{message}");
    }

    #[test]
    fn between_rnas_a_mirror_is_the_same_pair_and_either_column_counts() {
        let pairs = PairTable::new(vec![pair("a", "b", 1.0), pair("b", "a", 1.0), pair("c", "a", 0.0)]);
        let split = Split::new(vec![Part::Train, Part::Test, Part::Test], Groups::default()).unwrap();
        let fold = &Audit::new(&split, &pairs, &Sequences::default()).unwrap().folds[0];
        assert_eq!(fold.pairs.same_pair, 1);
        assert_eq!(
            (fold.rna_ids, fold.partner_ids),
            (Overlap { test: 2, in_train: 1 }, Overlap { test: 1, in_train: 1 })
        );
    }
}
