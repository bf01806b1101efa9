//! Compares the experts of a fold by what they said of inner folds, and chooses.

use std::collections::BTreeMap;

use super::experts::Beside;
use super::fit::Watch;
use super::jobs::Pieces;
use super::run::{FoldRun, Run};
use crate::Result;
use crate::config::Head;
use crate::expert::{Choice, Inner, Kind, better, choose, figure};
use crate::nn::bundle::Calibration;
use crate::split::{Fold, Regime};
use crate::trust::{Neighbours, Told};

/// Pairs up to which the only model of a run is also measured on pairs that are new in other molecules than its test pairs.
const FEW: usize = 10_000;

impl Run<'_> {
    /// Gives the head with which the network alone is best on the inner folds, the first of equals or where none was asked;
    /// and the figures of all, where there are several.
    pub(super) fn best_head(
        &self,
        fold: &FoldRun,
        said: &BTreeMap<Head, BTreeMap<usize, Vec<f64>>>,
    ) -> (Head, BTreeMap<String, Option<f64>>) {
        let labels: Vec<f64> =
            fold.inner.iter().flat_map(|inner| inner.held.iter().map(|&at| self.labels[at])).collect();
        let (mut best, mut figures) = ((fold.heads[0], None), BTreeMap::new());
        if fold.heads.len() > 1 {
            for &head in &fold.heads {
                let scores: Vec<f64> =
                    said.get(&head).into_iter().flat_map(BTreeMap::values).flatten().copied().collect();
                let found =
                    if scores.len() == labels.len() { figure(self.task, &scores, &labels) } else { None };
                if better(found, best.1) {
                    best = (head, found);
                }
                figures.insert(head.name().to_owned(), found);
            }
        }
        (best.0, figures)
    }

    /// Chooses among the experts of a fold, with the head of its network, by what each said of every inner fold, and gives
    /// what the chosen one said. Nothing when it was asked to stop.
    pub(super) fn compare(
        &self,
        experts: &Beside<'_>,
        fold: &FoldRun,
        pieces: &Pieces,
        head: Head,
        known: Option<&Neighbours>,
        watch: &dyn Watch,
    ) -> Result<Option<(Choice<Calibration>, Told)>> {
        let asked = experts.regime(&fold.learnt, &fold.held);
        let (mut all, mut told) = (Inner { folds: fold.compared.len(), ..Inner::default() }, Told::default());
        let flags = |one: &Fold| match known {
            Some(known) => self.flags(known, fold, Some(&one.train), &one.test),
            None => Ok(Vec::new()),
        };
        for (number, one) in fold.compared.iter().enumerate() {
            let network = pieces.networks.get(&head).and_then(|said| said.get(&number));
            let network = network.map(|scores| (&Kind::Relay, scores));
            for (&kind, scores) in pieces.others.get(&number).into_iter().flatten().chain(network) {
                all.scores.entry(kind).or_default().extend(scores);
            }
            all.labels.extend(one.test.iter().map(|&at| self.labels[at]));
            told.flags.extend(flags(one)?);
        }
        let calibrate = |scores: &[f64], labels: &[f64]| self.calibrated(scores, labels, fold.target);
        let choice = choose(&self.kinds(experts, fold), &all, asked, self.task, calibrate);
        let chosen = &choice.candidates[choice.chosen];
        if all.folds > 0 {
            told.scores = (0..all.labels.len()).map(|at| chosen.score(&all.scores, at)).collect();
            told.labels.clone_from(&all.labels);
        }
        // One that predicts new pairs meets some of every kind; the networks of other inner folds would take too long.
        let (only, needs_network) = (self.folds.len() == 1, chosen.weights.contains_key(&Kind::Relay));
        if known.is_some() && only && !needs_network && fold.learnt.len() <= FEW {
            let lesson = self.lesson(fold)?;
            for (regime, name) in [
                (Regime::Pairs, "pairs"),
                (Regime::Rna, "rna"),
                (Regime::Partner, "partner"),
                (Regime::Both, "both"),
            ] {
                if regime == asked {
                    continue;
                }
                let purpose = format!("reliability of new {name}");
                for (number, one) in lesson.drawn(regime, &purpose).iter().enumerate() {
                    if watch.stopped() {
                        return Ok(None);
                    }
                    let scores = lesson.others_say(one, Some(&purpose), number)?;
                    told.scores.extend((0..one.test.len()).map(|at| chosen.score(&scores, at)));
                    told.labels.extend(one.test.iter().map(|&at| self.labels[at]));
                    told.flags.extend(flags(one)?);
                }
            }
        }
        Ok(Some((choice, told)))
    }
}
