//! Looks for near-identical pairs, and for the nearest relatives of test molecules in training.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::construction::one;
use super::subject::{Space, Told};
use super::{Finding, Section, Subject};
use crate::Result;
use crate::cluster::{Candidates, ClusterRule, Likeness, Question, Relatives};
use crate::identity::Identity;
use crate::metrics::Confusion;
use crate::pair::{Side, Sides, Task};
use crate::record::{Molecule, Record, RecordId};

/// Borders of the bins of identity, of small molecules of Tanimoto's coefficient, ascending; what is below the first has no
/// relative in training.
pub(super) const fn borders(kind: Molecule) -> &'static [f64] {
    match kind {
        Molecule::Rna => &[0.7, 0.8, 0.9],
        Molecule::Protein => &[0.4, 0.6, 0.8, 0.9],
        Molecule::SmallMolecule => &[0.5, 0.7, 0.9],
    }
}

/// How near the molecules of the test pairs are to training, where their sequences are known.
pub(super) type Nearest = Sides<Option<Near>>;

/// How near the molecules of one side are.
pub(super) struct Near {
    /// For each test pair, the identity of its molecule's nearest training molecule; 0 where none is a relative.
    pub(super) identities: Vec<f64>,
    /// The length of the words by which relatives were found; `None` where all were compared.
    word: Option<usize>,
}

/// Numbers molecules so that near-identical ones have one number; `None` where the sequences are not known.
pub(super) fn near(subject: &Subject<'_>) -> Result<Option<Identity>> {
    let Some(told) = &subject.told else { return Ok(None) };
    let mut joined: Vec<u32> = (0..told.letters.len() as u32).collect();
    let rule = ClusterRule {
        likeness: Likeness { identity: told.described.thresholds.near, coverage: 0.0 },
        candidates: Candidates::Auto,
    };
    for (side, Space { place, .. }) in Side::BOTH.into_iter().zip(&told.spaces) {
        let here: Vec<usize> = (0..place.len()).filter(|&number| place[number].is_some()).collect();
        let records: Vec<Record> = here
            .iter()
            .filter_map(|&number| {
                let id = RecordId::new(number.to_string()).ok()?;
                Some(Record { id, sequence: told.letters[number].to_vec() })
            })
            .collect();
        let (clusters, _) = rule.cluster(told.described.kinds[side], &records)?;
        let mut first: HashMap<u32, u32> = HashMap::new();
        for (&number, &cluster) in here.iter().zip(clusters.numbers()) {
            joined[number] = *first.entry(cluster).or_insert(number as u32);
        }
    }
    Ok(Some(told.molecules.renumbered(&joined)))
}

/// Counts near-identical pairs with contradictory labels, and the ceiling that they set.
pub(super) fn contradictions(subject: &Subject<'_>, near: &Identity) -> Section {
    let near_text = "Two pairs are near-identical where their RNAs are, and their partners are: single linkage at the stated \
        identity (small molecules: Tanimoto coefficient of circular fingerprints). The ceiling is the highest MCC of an oracle that knows all labels but must give \
        near-identical pairs one answer: no model that reads sequences alone can be expected to do better.";
    let mut findings = Vec::new();
    if let Some(told) = &subject.told {
        let share = told.described.thresholds.near;
        findings.push(Finding::new(
            "near_identity",
            "Identity of near-identical molecules",
            super::Form::Share,
            share,
        ));
    }
    let labelled: Vec<usize> =
        (0..subject.pairs.pairs.len()).filter(|&pair| subject.pairs.pairs[pair].label.is_some()).collect();
    if subject.task() == Task::Classification {
        let cells = cells_of(subject, near, &labelled);
        let cell = |pair: usize| cells[&near.pair(pair)];
        let of_class =
            |class: bool| labelled.iter().copied().filter(move |&pair| subject.positive(pair) == class);
        for (name, words, class) in [("negatives", "Negative", false), ("positives", "Positive", true)] {
            let against = of_class(class).filter(|&pair| cell(pair)[usize::from(!class)] > 0).count();
            let other = if class { "negative" } else { "positive" };
            findings.push(Finding::share(
                format!("{name}_contradicted"),
                format!("{words} pairs that are near-identical to a {other} pair"),
                against,
                of_class(class).count(),
            ));
        }
        let tested = cells_of(subject, near, &subject.test);
        for (name, label, cells) in [
            ("ceiling_mcc", "Ceiling for models of sequences (MCC)", cells),
            ("ceiling_mcc_of_tests", "The same of the test pairs alone (MCC)", tested),
        ] {
            let ceiling = ceiling(cells.into_values().collect());
            findings.push(Finding::new(name, label, super::Form::Measure, ceiling));
        }
    }
    let known = subject.folds.iter().flat_map(|fold| {
        let train: std::collections::HashSet<[u32; 2]> =
            fold.train.iter().map(|&pair| near.pair(pair)).collect();
        fold.test.iter().map(move |&pair| train.contains(&near.pair(pair))).collect::<Vec<_>>()
    });
    let known: Vec<bool> = known.collect();
    findings.push(Finding::share(
        "test_pairs_near_pair_known",
        "Test pairs that are near-identical to a training pair",
        known.iter().filter(|known| **known).count(),
        known.len(),
    ));
    Section { title: "Near-identical pairs".into(), text: near_text.into(), findings }
}

/// Counts the negative and the positive ones of pairs that are near-identical.
fn cells_of(subject: &Subject<'_>, near: &Identity, pairs: &[usize]) -> HashMap<[u32; 2], [u64; 2]> {
    let mut cells: HashMap<[u32; 2], [u64; 2]> = HashMap::new();
    for &pair in pairs {
        cells.entry(near.pair(pair)).or_default()[usize::from(subject.positive(pair))] += 1;
    }
    cells
}

/// Gives the highest MCC of answers that are the same for all pairs of a cell, which are negative and positive pairs; NaN where
/// there is one class.
///
/// MCC is quasi-convex in the true and the false positives: the best answers call positive all cells from some share of
/// positives on.
fn ceiling(mut cells: Vec<[u64; 2]>) -> f64 {
    // The larger share of positives first: a / b > c / d where a d > c b.
    cells.sort_unstable_by(|a, b| (b[1] * a[0]).cmp(&(a[1] * b[0])));
    let total = |class: usize| cells.iter().map(|cell| cell[class]).sum::<u64>();
    let (negatives, positives) = (total(0), total(1));
    let (mut best, mut called) = (f64::NAN, [0, 0]);
    for (at, cell) in cells.iter().enumerate() {
        called = [called[0] + cell[0], called[1] + cell[1]];
        let alike = |next: &[u64; 2]| next[1] * cell[0] == cell[1] * next[0];
        if !cells.get(at + 1).is_some_and(alike) {
            let [false_positives, true_positives] = called;
            let calls = Confusion {
                true_positives,
                false_positives,
                true_negatives: negatives - false_positives,
                false_negatives: positives - true_positives,
            };
            best = best.max(calls.mcc());
        }
    }
    best
}

/// Finds for the test pairs how near their molecules are to those of training pairs.
pub(super) fn nearest(subject: &Subject<'_>) -> Nearest {
    let Some(told) = &subject.told else { return Sides::new(None, None) };
    let spaces = Side::BOTH.into_iter().zip(&told.spaces);
    let relatives: Vec<Relatives<'_>> =
        spaces.map(|(side, space)| space.relatives(borders(told.described.kinds[side])[0])).collect();
    Sides::of(|side| of_side(subject, told, side, &relatives[told.space_of(side)]))
}

fn of_side(subject: &Subject<'_>, told: &Told<'_>, side: Side, relatives: &Relatives<'_>) -> Option<Near> {
    let space = &told.spaces[told.space_of(side)];
    let mut sets = Vec::new();
    let mut questions: Vec<Question> = Vec::new();
    let mut asked = HashMap::new();
    for (set, fold) in (0..).zip(&subject.folds) {
        let mut members = vec![false; space.len()];
        for number in fold.train.iter().flat_map(|&pair| told.molecules.pair(pair)) {
            if let Some(at) = space.place[number as usize] {
                members[at as usize] = true;
            }
        }
        sets.push(members);
        for &pair in &fold.test {
            let at = space.place[told.molecules.of(side)[pair] as usize]?;
            asked.insert(pair, questions.len());
            questions.push((at, set));
        }
    }
    let found = relatives.nearest(&questions, &sets);
    let identity = |pair| asked.get(pair).and_then(|&at| found[at]).map_or(0.0, |(_, identity)| identity);
    Some(Near { identities: subject.test.iter().map(identity).collect(), word: relatives.word() })
}

/// A bin of identity.
pub(super) struct Bin {
    /// Its name in tables.
    pub(super) name: String,
    /// Its name in words.
    pub(super) words: String,
    low: f64,
    high: f64,
}

impl Bin {
    /// Tells whether an identity lies in it.
    pub(super) fn holds(&self, identity: f64) -> bool {
        identity >= self.low && identity < self.high
    }

    /// Gives the bins of a kind, ascending; the last holds what is identical.
    pub(super) fn all(kind: Molecule) -> Vec<Self> {
        let borders = borders(kind);
        let high = borders[0];
        let mut bins =
            vec![Self { name: format!("below_{high}"), words: format!("below {high}"), low: 0.0, high }];
        for (at, &low) in borders.iter().enumerate() {
            let high = borders.get(at + 1).copied().unwrap_or(1.0);
            bins.push(Self {
                name: format!("{low}_to_{high}"),
                words: format!("{low} to {high}"),
                low,
                high,
            });
        }
        let words = match kind {
            Molecule::SmallMolecule => "identical as far as fingerprints tell",
            _ => "identical, or part of it",
        };
        bins.push(Self { name: "identical".into(), words: words.into(), low: 1.0, high: f64::INFINITY });
        bins
    }
}

/// Shows how near the molecules of test pairs are to training.
pub(super) fn histograms(subject: &Subject<'_>, nearest: &Nearest) -> Option<Section> {
    let told = subject.told.as_ref()?;
    let mut findings = Vec::new();
    let mut text = "Test pairs by the molecule in training that is nearest to their own: identical letters of the best local \
               alignment as a share of the shorter sequence (small molecules: Tanimoto coefficient of the counts of circular \
               fingerprints, radius 2)."
        .to_owned();
    for side in Side::BOTH {
        let Some(Near { identities: values, word }) = &nearest[side] else { continue };
        // Molecules of one space are compared together.
        if let Some(word) = word.filter(|_| side == Side::Rna || told.space_of(side) > 0) {
            let _ = write!(
                text,
                " The {}s are too many, or too long, to compare all: those were compared that share a word of {word} letters, \
                 so that some far relatives are missed.",
                one(side)
            );
        }
        for bin in Bin::all(told.described.kinds[side]) {
            let here = values.iter().filter(|value| bin.holds(**value)).count();
            let Bin { name, words: label, .. } = bin;
            let name = format!("nearest_{}_{name}", side.name());
            let label = format!("{}: {label}", one(side));
            findings.push(Finding::share(name, label, here, values.len()));
        }
    }
    (!findings.is_empty()).then(|| Section { title: "Nearest relatives in training".into(), text, findings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_is_the_best_answer_and_not_the_majority_s() {
        // The majority calls nothing positive: MCC 0. Of those called positive a third are.
        let cells = [vec![[2, 1]; 100], vec![[1, 0]; 1000]].concat();
        let wanted = 100.0 * 1000.0 / (300.0 * 100.0 * 1200.0 * 1000.0_f64).sqrt();
        assert!((ceiling(cells) - wanted).abs() < 1e-12);
        assert_eq!(ceiling(vec![[3, 0], [0, 4]]), 1.0);
        assert_eq!(ceiling(vec![[1, 1], [2, 2]]), 0.0);
        assert!(ceiling(vec![[3, 0]]).is_nan());
    }

    #[test]
    fn no_other_answers_do_better() {
        // All 2⁷ answers to seven cells.
        let cells = vec![[3, 1], [1, 5], [2, 2], [7, 1], [1, 1], [4, 6], [9, 2]];
        let mcc = |called: u32| {
            let mut calls = Confusion::default();
            for (at, [negative, positive]) in cells.iter().enumerate() {
                if called >> at & 1 == 1 {
                    calls.true_positives += positive;
                    calls.false_positives += negative;
                } else {
                    calls.false_negatives += positive;
                    calls.true_negatives += negative;
                }
            }
            calls.mcc()
        };
        let best = (0..1 << 7).map(mcc).fold(f64::NAN, f64::max);
        assert_eq!(ceiling(cells.clone()), best);
    }
}
