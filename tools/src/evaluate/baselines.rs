//! Runs the baselines on the folds of the model.

use std::collections::HashMap;
use std::path::PathBuf;

use crossmamba::baseline::{Entries, additive, counts, number, partner_rule};
use crossmamba::io::{open, read_sequences_from};
use crossmamba::pair::Task;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::report::{Contender, Familiarity};
use crossmamba::{Error, Place, Result};
use rayon::prelude::*;

use super::subject::Subject;

/// The names that models must not have.
pub(super) const NAMES: [&str; 5] =
    ["counts-by-id", "counts-by-sequence", "id-rule", "additive-by-id", "additive-by-sequence"];

/// One way to tell molecules apart: the number of each pair's RNA and partner.
struct Numbers {
    rna: Vec<u32>,
    partner: Vec<u32>,
}

/// The ways to tell the molecules of the known pairs apart.
pub(super) struct Known {
    by_id: Numbers,
    by_sequence: Option<Numbers>,
    pub(super) familiarity: Vec<(&'static str, Familiarity)>,
}

impl Known {
    pub(super) fn of(subject: &Subject, sequences: Option<&[PathBuf; 2]>) -> Result<Self> {
        let pairs = &subject.table.pairs;
        let by_id = Numbers {
            rna: number(pairs.iter().map(|pair| pair.rna.as_str())),
            partner: number(pairs.iter().map(|pair| pair.partner.as_str())),
        };
        let by_sequence = match sequences {
            Some([rna, partner]) => Some(Numbers {
                rna: by_sequence(rna, pairs.iter().map(|pair| &pair.rna))?,
                partner: by_sequence(partner, pairs.iter().map(|pair| &pair.partner))?,
            }),
            None => None,
        };
        let known = |numbers: &Numbers| {
            let folds = subject.folds.iter().map(|fold| (&fold.train[..], &fold.test[..]));
            Familiarity::of(&numbers.rna, &numbers.partner, folds)
        };
        let mut familiarity = Vec::new();
        familiarity.extend(known(&by_id).map(|shares| ("by identifier", shares)));
        familiarity.extend(by_sequence.as_ref().and_then(known).map(|shares| ("by sequence", shares)));
        Ok(Self { by_id, by_sequence, familiarity })
    }

    /// Predicts the measured pairs with every baseline; none when the training pairs are not known.
    pub(super) fn baselines(&self, subject: &Subject) -> Vec<Contender> {
        type Rule = fn(Entries<'_>, &[usize], &[usize]) -> Vec<f64>;
        if subject.folds.is_empty() {
            return Vec::new();
        }
        let mut planned: Vec<(&str, Rule, &Numbers)> = match subject.task {
            Task::Classification => vec![("counts-by-id", counts, &self.by_id)],
            Task::Affinity => vec![("additive-by-id", additive, &self.by_id)],
        };
        match (&self.by_sequence, subject.task) {
            (Some(numbers), Task::Classification) => planned.push(("counts-by-sequence", counts, numbers)),
            (Some(numbers), Task::Affinity) => planned.push(("additive-by-sequence", additive, numbers)),
            (None, _) => {}
        }
        if subject.task == Task::Classification {
            planned.push(("id-rule", partner_rule, &self.by_id));
        }
        let labels: Vec<Option<f64>> = subject.table.pairs.iter().map(|pair| pair.label).collect();
        planned
            .into_par_iter()
            .map(|(name, rule, numbers)| {
                let entries = Entries { rna: &numbers.rna, partner: &numbers.partner, labels: &labels };
                let mut values = vec![f64::NAN; labels.len()];
                let folds: Vec<Vec<f64>> =
                    subject.folds.par_iter().map(|fold| rule(entries, &fold.train, &fold.test)).collect();
                for (fold, predicted) in subject.folds.iter().zip(folds) {
                    for (&i, value) in fold.test.iter().zip(predicted) {
                        values[i] = value;
                    }
                }
                let values = subject.test.iter().map(|&i| values[i]).collect();
                Contender { name: name.into(), baseline: true, values }
            })
            .collect()
    }
}

/// Numbers molecules by their sequences.
fn by_sequence<'a>(path: &PathBuf, ids: impl Iterator<Item = &'a RecordId>) -> Result<Vec<u32>> {
    let records = read(path)?;
    let sequences: HashMap<&RecordId, &[u8]> =
        records.iter().map(|record| (&record.id, &record.sequence[..])).collect();
    let keys = ids.map(|id| {
        sequences.get(id).copied().ok_or_else(|| {
            Place::file(path).record(id).error("has no sequence", "give the sequences of all pairs")
        })
    });
    Ok(number(keys.collect::<Result<Vec<_>>>()?))
}

/// Reads FASTA or a SMILES list, told by the first letter; every letter of RNA is one of protein as well.
fn read(path: &PathBuf) -> Result<Vec<Record>> {
    let mut input = open(path)?;
    let start = input.fill_buf().map_err(Error::io("read", path))?;
    let kind = if start.first() == Some(&b'>') { Molecule::Protein } else { Molecule::SmallMolecule };
    read_sequences_from(input, path, kind)
}
