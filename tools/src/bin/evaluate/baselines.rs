//! Runs the baselines on the folds of the model.

use std::collections::HashMap;
use std::path::PathBuf;

use crossmamba::baseline::{
    Composition, Entries, additive, counts, forest, is_rna, number, pairing, partner_rule,
};
use crossmamba::duplex::{Duplex, Strand, hybridise};
use crossmamba::io::{open, read_sequences_from};
use crossmamba::pair::Task;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba::report::{Contender, Familiarity};
use crossmamba::split::Fold;
use crossmamba::{Error, Place, Result};
use rayon::prelude::*;

use super::subject::Subject;

/// The names that models must not have.
pub(super) const NAMES: [&str; 8] = [
    "counts-by-id",
    "counts-by-sequence",
    "id-rule",
    "additive-by-id",
    "additive-by-sequence",
    FOREST,
    DUPLEX,
    DUPLEX_FOREST,
];

const FOREST: &str = "kmer-forest";
const DUPLEX: &str = "duplex";
const DUPLEX_FOREST: &str = "kmer-duplex-forest";
/// The baselines that look at sequences.
const READ_SEQUENCES: [&str; 3] = [FOREST, DUPLEX, DUPLEX_FOREST];
/// The forest is one baseline with one figure: its seed is not an option.
const FOREST_SEED: u64 = 1;

/// One way to tell molecules apart: the number of each pair's RNA and partner.
struct Numbers {
    rna: Vec<u32>,
    partner: Vec<u32>,
}

impl Numbers {
    fn entries<'a>(&'a self, labels: &'a [Option<f64>]) -> Entries<'a> {
        Entries { rna: &self.rna, partner: &self.partner, labels }
    }
}

/// The ways to tell the molecules of the known pairs apart.
pub(super) struct Known {
    by_id: Numbers,
    by_sequence: Option<Numbers>,
    /// What the RNAs and the partners are made of, for the forest.
    compositions: Option<[Composition; 2]>,
    /// How the molecules of each pair pair, between RNAs.
    duplexes: Option<Vec<Duplex>>,
    pub(super) familiarity: Vec<(&'static str, Familiarity)>,
}

impl Known {
    pub(super) fn of(subject: &Subject, sequences: Option<&[PathBuf; 2]>, with_forest: bool) -> Result<Self> {
        let pairs = &subject.table.pairs;
        let by_id = Numbers {
            rna: number(pairs.iter().map(|pair| pair.rna.as_str())),
            partner: number(pairs.iter().map(|pair| pair.partner.as_str())),
        };
        let (mut numbered, mut compositions, mut duplexes) = (None, None, None);
        if let Some([rna, partner]) = sequences {
            let (rna, rnas) = by_sequence(rna, pairs.iter().map(|pair| &pair.rna))?;
            let (partner, partners) = by_sequence(partner, pairs.iter().map(|pair| &pair.partner))?;
            let numbers = Numbers { rna, partner };
            let molecules = [&rnas, &partners].map(|all| all.iter().map(Vec::as_slice).collect::<Vec<_>>());
            compositions = with_forest.then(|| molecules.each_ref().map(|all| Composition::of(all)));
            duplexes = molecules.iter().all(|all| is_rna(all)).then(|| hybridised(&numbers, &molecules));
            numbered = Some(numbers);
        }
        let by_sequence = numbered;
        let known = |numbers: &Numbers| {
            let folds = subject.folds.iter().map(|fold| (&fold.train[..], &fold.test[..]));
            Familiarity::of(&numbers.rna, &numbers.partner, folds)
        };
        let mut familiarity = Vec::new();
        familiarity.extend(known(&by_id).map(|shares| ("by identifier", shares)));
        familiarity.extend(by_sequence.as_ref().and_then(known).map(|shares| ("by sequence", shares)));
        Ok(Self { by_id, by_sequence, compositions, duplexes, familiarity })
    }

    /// Predicts the measured pairs with every baseline; none when the training pairs are not known.
    pub(super) fn baselines(&self, subject: &Subject) -> Vec<Contender> {
        type Rule<'a> = Box<dyn Fn(&Fold) -> Vec<f64> + Send + Sync + 'a>;
        if subject.folds.is_empty() {
            return Vec::new();
        }
        let labels: Vec<Option<f64>> = subject.table.pairs.iter().map(|pair| pair.label).collect();
        let (by_id, by_sequence) =
            (self.by_id.entries(&labels), self.by_sequence.as_ref().map(|numbers| numbers.entries(&labels)));
        let mut planned: Vec<(&str, Rule<'_>)> = Vec::new();
        let mut plan = |name, rule: fn(Entries<'_>, &[usize], &[usize]) -> Vec<f64>, pairs| {
            if let Some(pairs) = pairs {
                planned.push((name, Box::new(move |fold: &Fold| rule(pairs, &fold.train, &fold.test))));
            }
        };
        match subject.task {
            Task::Classification => {
                plan("counts-by-id", counts, Some(by_id));
                plan("counts-by-sequence", counts, by_sequence);
                plan("id-rule", partner_rule, Some(by_id));
            }
            Task::Affinity => {
                plan("additive-by-id", additive, Some(by_id));
                plan("additive-by-sequence", additive, by_sequence);
            }
        }
        if let (Some(duplexes), Task::Classification) = (&self.duplexes, subject.task) {
            let labels = &labels;
            let rule = move |fold: &Fold| pairing(duplexes, labels, &fold.train, &fold.test);
            planned.push((DUPLEX, Box::new(rule)));
        }
        if let (Some([rna, partner]), Some(pairs)) = (&self.compositions, by_sequence) {
            let grow = move |fold: &Fold, of_pairs: Option<&Composition>| {
                forest(pairs, [rna, partner], of_pairs, &fold.train, &fold.test, FOREST_SEED)
            };
            planned.push((FOREST, Box::new(move |fold: &Fold| grow(fold, None))));
            if let Some(duplexes) = &self.duplexes {
                let of_pairs = Composition::of_duplexes(duplexes);
                planned.push((DUPLEX_FOREST, Box::new(move |fold: &Fold| grow(fold, Some(&of_pairs)))));
            }
        }
        planned
            .into_par_iter()
            .map(|(name, rule)| {
                let mut values = vec![f64::NAN; labels.len()];
                let folds: Vec<Vec<f64>> = subject.folds.par_iter().map(rule).collect();
                for (fold, predicted) in subject.folds.iter().zip(folds) {
                    for (&i, value) in fold.test.iter().zip(predicted) {
                        values[i] = value;
                    }
                }
                let values = subject.test.iter().map(|&i| values[i]).collect();
                Contender {
                    name: name.into(),
                    baseline: true,
                    blind: !READ_SEQUENCES.contains(&name),
                    values,
                }
            })
            .collect()
    }
}

/// Computes how the molecules of each pair pair.
fn hybridised(numbers: &Numbers, molecules: &[Vec<&[u8]>; 2]) -> Vec<Duplex> {
    let [rnas, partners] =
        molecules.each_ref().map(|all| all.iter().map(|s| Strand::of(s)).collect::<Vec<_>>());
    tracing::info!("computing the duplexes of {} pairs", numbers.rna.len());
    let pairs = numbers.rna.par_iter().zip(&numbers.partner);
    pairs.map(|(&rna, &partner)| hybridise(&rnas[rna as usize], &partners[partner as usize])).collect()
}

/// Numbers molecules by their sequences, and gives the sequence of each number.
fn by_sequence<'a>(
    path: &PathBuf,
    ids: impl Iterator<Item = &'a RecordId>,
) -> Result<(Vec<u32>, Vec<Vec<u8>>)> {
    let records = read(path)?;
    let sequences: HashMap<&RecordId, &[u8]> =
        records.iter().map(|record| (&record.id, &record.sequence[..])).collect();
    let keys = ids.map(|id| {
        sequences.get(id).copied().ok_or_else(|| {
            Place::file(path).record(id).error("has no sequence", "give the sequences of all pairs")
        })
    });
    let keys = keys.collect::<Result<Vec<&[u8]>>>()?;
    let numbers = number(keys.iter().copied());
    let mut distinct: Vec<Vec<u8>> = Vec::new();
    for (key, &number) in keys.iter().zip(&numbers) {
        if number as usize == distinct.len() {
            distinct.push(key.to_vec());
        }
    }
    Ok((numbers, distinct))
}

/// Reads FASTA or a SMILES list, told by the first letter; every letter of RNA is one of protein as well.
fn read(path: &PathBuf) -> Result<Vec<Record>> {
    let mut input = open(path)?;
    let start = input.fill_buf().map_err(Error::io("read", path))?;
    let kind = if start.first() == Some(&b'>') { Molecule::Protein } else { Molecule::SmallMolecule };
    read_sequences_from(input, path, kind)
}
