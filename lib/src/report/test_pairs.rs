//! Holds the pairs that are measured.

use std::collections::HashMap;

use serde::Serialize;

use crate::metrics::Sample;
use crate::pair::{Sides, Task};

/// The pairs that are measured.
#[derive(Debug, Clone)]
pub struct TestPairs {
    /// What was predicted.
    pub task: Task,
    /// The label of each pair.
    pub truth: Vec<f64>,
    /// The folds that divide the pairs, by name (one fold: a hold-out).
    pub folds: Vec<(String, Vec<usize>)>,
    /// The number of each pair's molecules: equal numbers, equal molecule.
    pub molecules: Sides<Vec<u32>>,
    /// The number of each pair itself, equal for a pair and its mirror.
    pub units: Vec<u32>,
}

/// Pairs that are measured together.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// `pooled`, `mean` (of the folds), or a fold's name.
    pub name: String,
    /// The number of pairs.
    pub pairs: usize,
    /// The number of positive pairs; `None` for an affinity.
    pub positives: Option<usize>,
}

impl Group {
    /// Tells whether all labels of a classification are alike, so that most measures are not defined.
    pub fn has_one_class(&self) -> bool {
        self.positives.is_some_and(|positives| positives == 0 || positives == self.pairs)
    }
}

impl TestPairs {
    /// Takes some of the pairs, as one fold of this name.
    pub(super) fn part(&self, name: &str, pairs: &[usize]) -> Self {
        let take = |numbers: &[u32]| pairs.iter().map(|&pair| numbers[pair]).collect();
        Self {
            task: self.task,
            truth: pairs.iter().map(|&pair| self.truth[pair]).collect(),
            folds: vec![(name.to_owned(), (0..pairs.len()).collect())],
            molecules: self.molecules.as_ref().map(|numbers| take(numbers)),
            units: take(&self.units),
        }
    }

    /// Numbers the molecules of each pair within its fold: what is compared within one molecule was predicted by one
    /// model.
    pub(super) fn within(&self) -> Sides<Vec<u32>> {
        self.molecules.as_ref().map(|molecules| {
            let mut numbers = HashMap::new();
            let mut within = vec![0; molecules.len()];
            for (fold, (_, pairs)) in self.folds.iter().enumerate() {
                for &pair in pairs {
                    let next = numbers.len() as u32;
                    within[pair] = *numbers.entry((fold, molecules[pair])).or_insert(next);
                }
            }
            within
        })
    }

    /// Lists the units of each fold.
    pub(super) fn strata(&self) -> Vec<Vec<Vec<usize>>> {
        let units = |(_, pairs): &(String, Vec<usize>)| {
            let mut places = HashMap::new();
            let mut units: Vec<Vec<usize>> = Vec::new();
            for &pair in pairs {
                let place = *places.entry(self.units[pair]).or_insert(units.len());
                if place == units.len() {
                    units.push(Vec::new());
                }
                units[place].push(pair);
            }
            units
        };
        self.folds.iter().map(units).collect()
    }

    /// Sorts the pairs of one contender that are asked for.
    pub(super) fn sample(&self, values: &[f64], within: &Sides<Vec<u32>>, pairs: &[usize]) -> Sample {
        let (values, truth): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&i| (values[i], self.truth[i])).unzip();
        let sample = match self.task {
            Task::Classification => {
                Sample::classification(values, truth.into_iter().map(|label| label > 0.5).collect())
            }
            Task::Affinity => Sample::affinity(values, truth),
        };
        let within = within.as_ref().map(|groups| pairs.iter().map(|&i| groups[i]).collect::<Vec<u32>>());
        sample.grouped(Sides::new(&within.rna, &within.partner))
    }

    /// Gives the pairs that are measured together: all, with several folds their mean, and each.
    pub(super) fn groups(&self) -> Vec<Group> {
        let group = |name: &str, labels: &mut dyn Iterator<Item = f64>| {
            let labels: Vec<f64> = labels.collect();
            let positives = labels.iter().filter(|&&label| label > 0.5).count();
            Group {
                name: name.into(),
                pairs: labels.len(),
                positives: (self.task == Task::Classification).then_some(positives),
            }
        };
        let mut groups = vec![group("pooled", &mut self.truth.iter().copied())];
        if self.folds.len() > 1 {
            groups.push(group("mean", &mut self.truth.iter().copied()));
            let fold =
                |(name, pairs): &(String, Vec<usize>)| group(name, &mut pairs.iter().map(|&i| self.truth[i]));
            groups.extend(self.folds.iter().map(fold));
        }
        groups
    }
}
