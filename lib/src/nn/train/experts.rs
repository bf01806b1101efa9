//! Compares the network with the other experts of a fold, and grows these.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fit::{Fitted, Watch};
use super::run::{FoldRun, Run};
use crate::expert::{Choice, ExpertChoice, Experts, Inner, Kind, Learn, MOST, World, choose};
use crate::identity::Identity;
use crate::nn::bundle::{Calibration, Member};
use crate::nn::data::DUPLEX_VALUES;
use crate::nn::predict::mean_scores;
use crate::pair::{Sides, Task};
use crate::rng::Rng;
use crate::split::{Fold, FoldName, Groups, Regime, Together};
use crate::trust::{Neighbours, Told};
use crate::{Error, Result};

/// Inner folds on which experts are compared.
const FOLDS: usize = 3;
/// Pairs up to which the only model of a run is also measured on pairs that are new in other molecules than its test pairs.
const FEW: usize = 10_000;
/// Experts, the choice among them, and what the chosen one said of inner folds.
pub(super) type Made = (Experts, Choice<Calibration>, Told);

/// Which experts there are beside the network, and what the split holds out.
#[derive(Debug, Clone)]
pub struct Beside<'a> {
    /// Which experts.
    pub choice: ExpertChoice,
    /// Whether trees read transfer numbers; then the model tells the training labels.
    pub transfer: bool,
    /// The groups of the split.
    pub groups: &'a Groups,
    /// The molecules of the pairs.
    pub molecules: &'a Identity,
    together: Together,
}

/// What trees see of the pairs of a run.
struct Seen {
    pairs: Vec<Sides<u32>>,
    own: Vec<f32>,
    width: usize,
    labels: Vec<f64>,
}

impl<'a> Beside<'a> {
    /// Names the experts; `groups` and `molecules` are of the pairs of the run.
    pub fn new(choice: ExpertChoice, transfer: bool, groups: &'a Groups, molecules: &'a Identity) -> Self {
        Self { choice, transfer, groups, molecules, together: Together::new(groups, molecules) }
    }

    /// Writes what decides the result, for the key of the run.
    pub(super) fn key(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Key<'a> {
            experts: ExpertChoice,
            transfer: bool,
            together: [&'a [u32]; 3],
        }
        let Together { rna, partner, pair } = &self.together;
        Key { experts: self.choice, transfer: self.transfer, together: [rna, partner, pair] }
    }

    fn regime(&self, train: &[usize], test: &[usize]) -> Regime {
        Regime::of(self.groups, self.molecules, train, test)
    }
}

impl Run<'_> {
    /// Refuses a Gaussian process alone where it cannot be.
    pub(super) fn check_experts(&self, fold: &Fold) -> Result<()> {
        if self.experts.as_ref().is_none_or(|experts| experts.choice != ExpertChoice::Gp) {
            return Ok(());
        }
        let refused = |problem| Err(Error::setting("--experts", problem, "give auto, trees or relay"));
        if self.task == Task::Classification {
            return refused("gp is for affinities, and the labels are classes".into());
        }
        let pairs = fold.train.len();
        if pairs > MOST {
            refused(format!("gp is for at most {MOST} pairs, and {pairs} are trained on"))
        } else {
            Ok(())
        }
    }

    /// Draws the inner folds on which the network of a fold is compared with the other experts; none where nothing is
    /// compared with it.
    pub(super) fn inner_folds(&self, fold: &Fold) -> Vec<Fold> {
        match &self.experts {
            Some(experts) if experts.choice == ExpertChoice::Auto => {
                let regime = experts.regime(&fold.train, &fold.test);
                self.drawn(experts, fold.name.as_str(), &fold.train, regime, "choice")
            }
            _ => Vec::new(),
        }
    }

    /// Draws inner folds of a regime; of the blocks by which both molecules are held out, three
    /// that share no cluster. None where a training part would have one class only.
    fn drawn(
        &self,
        experts: &Beside<'_>,
        name: &str,
        train: &[usize],
        regime: Regime,
        purpose: &str,
    ) -> Vec<Fold> {
        let mut rng = Rng::new(self.seed).fork(name).fork(purpose);
        let mut folds = regime.inner(&experts.together, train, FOLDS, &mut rng);
        if regime == Regime::Both && folds.len() == 9 {
            folds = folds.into_iter().step_by(4).collect();
        }
        let named = folds.into_iter().enumerate().map(|(number, inner)| {
            let name = FoldName::inner(name, number);
            Fold { name, train: inner.train, validation: Vec::new(), test: inner.test }
        });
        let named: Vec<Fold> = named.collect();
        let learnable =
            named.iter().all(|fold| self.check(name, fold.train.iter().map(|&at| self.labels[at])).is_ok());
        if learnable { named } else { Vec::new() }
    }

    /// Makes the experts of a fold, and chooses; nothing when it was asked to stop. `inner` are the networks of its inner
    /// folds.
    pub(super) fn experts(
        &self,
        experts: &Beside<'_>,
        fold: &FoldRun,
        inner: &[Fitted],
        known: Option<&Neighbours>,
        watch: &dyn Watch,
    ) -> Result<Option<Made>> {
        let all = self.pairs_of(fold)?;
        let world =
            World { descriptors: self.data.descriptors()?, pairs: &all.pairs, own: (&all.own, all.width) };
        let regime = experts.regime(&fold.learnt, &fold.held);
        let kinds = experts.choice.kinds(self.task, fold.learnt.len(), experts.transfer);
        let learn = Learn {
            task: self.task,
            labels: &all.labels,
            regime,
            together: &experts.together,
            transfer: experts.transfer,
            kinds: &kinds,
        };
        let rng = Rng::new(self.seed).fork(&fold.name).fork("experts");
        let (mut said, mut told) = (Inner::default(), Told::default());
        let drawn = self.drawn(experts, &fold.name, &fold.learnt, regime, "choice");
        for (number, one) in drawn.iter().enumerate() {
            if watch.stopped() {
                return Ok(None);
            }
            let made = Experts::fit(&world, &learn, &one.train, &rng.fork(&format!("inner {number}")))?;
            let mut scores: BTreeMap<Kind, Vec<f64>> = made.scores(&world, &one.test)?;
            if let (Some(fitted), Some(prepared)) = (inner.get(number), fold.inner.get(number)) {
                let pairs: Vec<Sides<u32>> = one.test.iter().map(|&at| all.pairs[at]).collect();
                let network = self.model(&Rng::new(0))?;
                network.params().restore(&fitted.weights)?;
                let member = Member { network, standardisation: prepared.standardisation.clone() };
                // In the scale of the whole fold.
                let scores_of_relay = mean_scores(&[member], self.data, &pairs)?
                    .into_iter()
                    .map(|score| fold.target.scaled(prepared.target.unscaled(score)));
                scores.insert(Kind::Relay, scores_of_relay.collect());
            }
            for (kind, scores) in scores {
                said.scores.entry(kind).or_default().extend(scores);
            }
            said.labels.extend(one.test.iter().map(|&at| self.labels[at]));
            said.folds += 1;
            if let Some(known) = known {
                told.flags.extend(self.flags(known, fold, Some(&one.train), &one.test)?);
            }
        }
        if watch.stopped() {
            return Ok(None);
        }
        let made = Experts::fit(&world, &learn, &fold.learnt, &rng)?;
        let calibrate = |scores: &[f64], labels: &[f64]| self.calibrated(scores, labels, fold.target);
        let choice = choose(&kinds, &said, regime, self.task, calibrate);
        let chosen = &choice.candidates[choice.chosen];
        if said.folds > 0 {
            told.scores = (0..said.labels.len()).map(|at| chosen.score(&said.scores, at)).collect();
            told.labels.clone_from(&said.labels);
        }
        // One that predicts new pairs meets some of every kind; the networks of other inner folds would take too long.
        let (only, needs_network) = (self.folds.len() == 1, chosen.weights.contains_key(&Kind::Relay));
        if let Some(known) = known
            && only
            && !needs_network
            && fold.learnt.len() <= FEW
        {
            for (other, name) in [
                (Regime::Pairs, "pairs"),
                (Regime::Rna, "rna"),
                (Regime::Partner, "partner"),
                (Regime::Both, "both"),
            ] {
                let purpose = format!("reliability of new {name}");
                let drawn = if other == regime {
                    Vec::new()
                } else {
                    self.drawn(experts, &fold.name, &fold.learnt, other, &purpose)
                };
                for (number, one) in drawn.iter().enumerate() {
                    if watch.stopped() {
                        return Ok(None);
                    }
                    let rng = rng.fork(&purpose).fork(&format!("inner {number}"));
                    let scores = Experts::fit(&world, &learn, &one.train, &rng)?.scores(&world, &one.test)?;
                    told.scores.extend((0..one.test.len()).map(|at| chosen.score(&scores, at)));
                    told.labels.extend(one.test.iter().map(|&at| self.labels[at]));
                    told.flags.extend(self.flags(known, fold, Some(&one.train), &one.test)?);
                }
            }
        }
        Ok(Some((made, choice, told)))
    }

    /// Gives what trees see of all pairs of the run; the labels are scaled as the fold's network learns them.
    fn pairs_of(&self, fold: &FoldRun) -> Result<Seen> {
        let known = |pair: &Option<Sides<u32>>| {
            pair.ok_or_else(|| Error::defect("experts", "a pair of the run has no molecules"))
        };
        let pairs = self.data.pairs.iter().map(known).collect::<Result<Vec<_>>>()?;
        let own = self.data.duplex_values(&pairs);
        let width = if own.is_some() { DUPLEX_VALUES } else { 0 };
        let labels = self.labels.iter().map(|&label| fold.target.scaled(label)).collect();
        Ok(Seen { pairs, own: own.unwrap_or_default(), width, labels })
    }
}
