//! Counts what a test part shares with its training part.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::io::Write;
use std::path::Path;

use super::{Fold, Split};
use crate::io::AtomicFile;
use crate::pair::{Pair, PairTable, Task};
use crate::record::{Digest, RecordId};
use crate::{Error, Place, Result};

/// The sequences of each side as digests, for sides whose sequences are known.
#[derive(Debug, Clone, Default)]
pub struct Sequences {
    /// The RNAs.
    pub rna: Option<HashMap<RecordId, Digest>>,
    /// The partners.
    pub partner: Option<HashMap<RecordId, Digest>>,
}

/// What the test part of each fold shares with its training part.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit(Vec<[String; COLUMNS.len()]>);

const COLUMNS: [&str; 20] = [
    "fold",
    "train",
    "validation",
    "test",
    "train_positive",
    "test_positive",
    "train_label_mean",
    "test_label_mean",
    "test_rna",
    "test_rna_in_train",
    "test_partner",
    "test_partner_in_train",
    "test_rna_sequences",
    "test_rna_sequences_in_train",
    "test_partner_sequences",
    "test_partner_sequences_in_train",
    "test_pairs_rna_in_train",
    "test_pairs_partner_in_train",
    "test_pairs_both_in_train",
    "test_pairs_same_sequences_in_train",
];

impl Audit {
    /// Audits a split. Molecules are the same when their sequences are, where these are known, and when their
    /// identifiers are otherwise.
    ///
    /// # Errors
    /// A molecule whose sequence is not among those given.
    pub fn new(split: &Split, pairs: &PairTable, sequences: &Sequences) -> Result<Self> {
        let rna = keys(pairs, |pair| &pair.rna, sequences.rna.as_ref())?;
        let partner = keys(pairs, |pair| &pair.partner, sequences.partner.as_ref())?;
        let row = |fold: &Fold| {
            let mean = |part: &[usize]| {
                let labels: Option<Vec<f64>> = part.iter().map(|&i| pairs.pairs[i].label).collect();
                let labels = labels.filter(|labels| !labels.is_empty())?;
                Some(format!("{:.4}", labels.iter().sum::<f64>() / labels.len() as f64))
            };
            let positive = |part: &[usize]| {
                let positives = || part.iter().filter(|&&i| pairs.pairs[i].label == Some(1.0)).count();
                (pairs.task == Some(Task::Classification)).then(|| positives().to_string())
            };
            let known = |text: Option<String>| text.unwrap_or_else(|| "NA".into());
            let ids =
                |of: fn(&Pair) -> &RecordId| shared(fold, |i| of(&pairs.pairs[i])).map(|n| n.to_string());
            let digests = |given: bool, keys: &[Key]| {
                let counts = shared(fold, |i| keys[i]).map(|n| n.to_string());
                counts.map(|n| known(given.then_some(n)))
            };
            let train_of = |keys: &[Key]| fold.train.iter().map(|&i| keys[i]).collect::<HashSet<_>>();
            let (train_rna, train_partner) = (train_of(&rna), train_of(&partner));
            let train_pairs: HashSet<_> = fold.train.iter().map(|&i| (rna[i], partner[i])).collect();
            let tests =
                |holds: &dyn Fn(usize) -> bool| fold.test.iter().filter(|&&i| holds(i)).count().to_string();
            let in_rna = |i: usize| train_rna.contains(&rna[i]);
            let in_partner = |i: usize| train_partner.contains(&partner[i]);
            let [rna_ids, rna_ids_shared] = ids(|pair| &pair.rna);
            let [partner_ids, partner_ids_shared] = ids(|pair| &pair.partner);
            let [rna_seqs, rna_seqs_shared] = digests(sequences.rna.is_some(), &rna);
            let [partner_seqs, partner_seqs_shared] = digests(sequences.partner.is_some(), &partner);
            [
                fold.name.clone(),
                fold.train.len().to_string(),
                fold.validation.len().to_string(),
                fold.test.len().to_string(),
                known(positive(&fold.train)),
                known(positive(&fold.test)),
                known(mean(&fold.train)),
                known(mean(&fold.test)),
                rna_ids,
                rna_ids_shared,
                partner_ids,
                partner_ids_shared,
                rna_seqs,
                rna_seqs_shared,
                partner_seqs,
                partner_seqs_shared,
                tests(&in_rna),
                tests(&in_partner),
                tests(&|i| in_rna(i) && in_partner(i)),
                tests(&|i| train_pairs.contains(&(rna[i], partner[i]))),
            ]
        };
        Ok(Self(split.folds().iter().map(row).collect()))
    }

    /// Writes one row for each fold.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut file = AtomicFile::create(&path)?;
        self.write_to(&mut file).map_err(Error::io("write", path))?;
        file.commit()
    }

    /// Writes as [`Audit::write`] does.
    pub fn write_to(&self, mut out: impl Write) -> std::io::Result<()> {
        writeln!(out, "{}", COLUMNS.join("\t"))?;
        self.0.iter().try_for_each(|row| writeln!(out, "{}", row.join("\t")))
    }
}

/// A number that is equal for equal molecules.
type Key = u32;

fn keys<'a>(
    pairs: &'a PairTable,
    id: impl Fn(&'a Pair) -> &'a RecordId,
    digests: Option<&HashMap<RecordId, Digest>>,
) -> Result<Vec<Key>> {
    let (mut by_digest, mut by_id) = (HashMap::new(), HashMap::new());
    pairs
        .pairs
        .iter()
        .map(|pair| {
            let id = id(pair);
            let Some(digests) = digests else {
                let next = by_id.len() as Key;
                return Ok(*by_id.entry(id).or_insert(next));
            };
            let digest = digests.get(id).ok_or_else(|| {
                let place = Place::file(pairs.path()).record(id);
                place.error("is not among the sequences", "pass the file that holds it")
            })?;
            let next = by_digest.len() as Key;
            Ok(*by_digest.entry(digest).or_insert(next))
        })
        .collect()
}

/// Counts the distinct keys of the test part, and those that are in the training part, too.
fn shared<K: Eq + Hash>(fold: &Fold, key: impl Fn(usize) -> K) -> [usize; 2] {
    let train: HashSet<K> = fold.train.iter().map(|&i| key(i)).collect();
    let test: HashSet<K> = fold.test.iter().map(|&i| key(i)).collect();
    [test.len(), test.iter().filter(|key| train.contains(key)).count()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::Part;

    #[test]
    fn what_is_shared_is_counted_by_id_and_by_sequence() {
        let id = |text: &str| RecordId::new(text).unwrap();
        let pair = |rna, partner, label| Pair { rna: id(rna), partner: id(partner), label: Some(label) };
        let pairs = PairTable::new(vec![
            pair("a", "x", 1.0),
            pair("b", "y", 0.0),
            pair("a", "y", 1.0),
            pair("c", "z", 0.0),
        ]);
        let split = Split::new(vec![Part::Train, Part::Train, Part::Test, Part::Test], None).unwrap();
        // c is a copy of b.
        let digests = [("a", "AC"), ("b", "GU"), ("c", "GU")];
        let rna = digests.map(|(name, text)| (id(name), Digest::of(text.as_bytes()))).into_iter().collect();
        let audit = Audit::new(&split, &pairs, &Sequences { rna: Some(rna), partner: None }).unwrap();
        let mut text = Vec::new();
        audit.write_to(&mut text).unwrap();
        let row = String::from_utf8(text).unwrap().lines().nth(1).unwrap().replace('\t', " ");
        assert_eq!(row, "holdout 2 0 2 1 1 0.5000 0.5000 2 1 2 1 2 2 NA NA 2 1 1 0");
        let missing = Sequences { rna: Some(HashMap::new()), partner: None };
        let message = Audit::new(&split, &pairs, &missing).unwrap_err().to_string();
        assert!(message.starts_with("pairs, record `a`: is not among the sequences"), "{message}");
    }
}
