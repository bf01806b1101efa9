//! Runs the baselines on the folds of the model.

use crossmamba::baseline::{
    Baseline, Composition, Entries, additive, counts, forest, inner_parts, pairing, partner_rule,
};
use crossmamba::identity::Identity;
use crossmamba::pair::{Sides, Task};
use crossmamba::report::Contender;
use crossmamba::split::Fold;
use rayon::prelude::*;

use super::molecules::{Described, Molecules};
use super::subject::Subject;

/// The forest is one baseline with one figure: its seed is not an option.
const FOREST_SEED: u64 = 1;

/// Predicts the test pairs of a fold, named by its place, from its training pairs.
type Rule<'a> = Box<dyn Fn(usize, &Fold) -> Vec<f64> + Send + Sync + 'a>;

/// A baseline that needs no inner parts.
type Predict = fn(Entries<'_>, &[usize], &[usize]) -> Vec<f64>;

/// Predicts the measured pairs with every baseline; none when the training pairs or their labels are not known.
pub(super) fn baselines(molecules: &Molecules, subject: &Subject) -> Vec<Contender> {
    if subject.folds.is_empty() {
        return Vec::new();
    }
    let labels: Vec<Option<f64>> = subject.table.pairs.iter().map(|pair| pair.label).collect();
    if let Some(fold) = subject.folds.iter().find(|fold| fold.train.iter().all(|&i| labels[i].is_none())) {
        tracing::warn!("no training pair of {} has a label: no baseline can learn", fold.name);
        return Vec::new();
    }
    let mut planned = of_occurrence(molecules, subject, &labels);
    planned.extend(
        molecules.by_sequence.iter().flat_map(|described| of_sequences(described, subject.task, &labels)),
    );
    planned
        .into_par_iter()
        .map(|(baseline, rule)| {
            let mut values = vec![f64::NAN; labels.len()];
            let folds: Vec<Vec<f64>> =
                subject.folds.par_iter().enumerate().map(|(at, fold)| rule(at, fold)).collect();
            for (fold, predicted) in subject.folds.iter().zip(folds) {
                for (&i, value) in fold.test.iter().zip(predicted) {
                    values[i] = value;
                }
            }
            Contender::baseline(baseline, subject.test.iter().map(|&i| values[i]).collect())
        })
        .collect()
}

/// Plans the baselines that see how often molecules occur, and with which labels.
fn of_occurrence<'a>(
    molecules: &'a Molecules,
    subject: &'a Subject,
    labels: &'a [Option<f64>],
) -> Vec<(Baseline, Rule<'a>)> {
    let counted = |baseline, molecules: &'a Identity| -> (Baseline, Rule<'a>) {
        let pairs = Entries { molecules, labels };
        let rule = move |at: usize, fold: &Fold| {
            counts(pairs, &inner_parts(&subject.folds, at, molecules), &fold.test)
        };
        (baseline, Box::new(rule))
    };
    let plain = |baseline, predict: Predict, molecules: &'a Identity| -> (Baseline, Rule<'a>) {
        let pairs = Entries { molecules, labels };
        (baseline, Box::new(move |_, fold: &Fold| predict(pairs, &fold.train, &fold.test)))
    };
    let by_id = &molecules.by_id;
    let by_sequence = molecules.by_sequence.as_ref().map(|described| &described.molecules);
    match subject.task {
        Task::Classification => std::iter::once(counted(Baseline::CountsById, by_id))
            .chain(by_sequence.map(|molecules| counted(Baseline::CountsBySequence, molecules)))
            // Where a molecule stands in either column there is no partner for the rule to be about.
            .chain((by_id.in_both_columns() == 0).then(|| plain(Baseline::IdRule, partner_rule, by_id)))
            .collect(),
        Task::Affinity => std::iter::once(plain(Baseline::AdditiveById, additive, by_id))
            .chain(by_sequence.map(|molecules| plain(Baseline::AdditiveBySequence, additive, molecules)))
            .collect(),
    }
}

/// Plans the baselines that look at sequences.
fn of_sequences<'a>(
    described: &'a Described,
    task: Task,
    labels: &'a [Option<f64>],
) -> Vec<(Baseline, Rule<'a>)> {
    let mut planned: Vec<(Baseline, Rule<'a>)> = Vec::new();
    if let (Some(duplexes), Task::Classification) = (&described.duplexes, task) {
        let rule = move |_, fold: &Fold| pairing(duplexes, labels, &fold.train, &fold.test);
        planned.push((Baseline::Duplex, Box::new(rule)));
    }
    if let Some(Sides { rna, partner }) = &described.words {
        let grow = move |fold: &Fold, features: &[&Composition]| {
            forest(labels, features, &fold.train, &fold.test, FOREST_SEED)
        };
        planned.push((Baseline::KmerForest, Box::new(move |_, fold: &Fold| grow(fold, &[rna, partner]))));
        if let Some(duplexes) = &described.duplexes {
            let of_pairs = Composition::of_duplexes(duplexes);
            let rule = move |_, fold: &Fold| grow(fold, &[rna, partner, &of_pairs]);
            planned.push((Baseline::KmerDuplexForest, Box::new(rule)));
        }
    }
    planned
}
