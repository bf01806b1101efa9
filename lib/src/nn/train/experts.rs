//! Makes the experts of a fold beside its network, and asks each about inner folds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fit::Fitted;
use super::run::{FoldRun, Run};
use crate::config::{Fusion, Head};
use crate::expert::{ExpertChoice, Experts, Kin, Kind, Learn, MOST, World};
use crate::identity::Identity;
use crate::nn::bundle::Member;
use crate::nn::data::DUPLEX_VALUES;
use crate::nn::predict::mean_scores;
use crate::pair::{Sides, Task};
use crate::rng::Rng;
use crate::split::{Fold, FoldName, Groups, Regime, Together};
use crate::trees::Settings;
use crate::{Error, Result};

/// Inner folds on which experts are compared.
const FOLDS: usize = 3;

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

/// What the experts of a fold learn from.
pub(super) struct Lesson<'a> {
    run: &'a Run<'a>,
    experts: &'a Beside<'a>,
    fold: &'a FoldRun,
    /// What the fold's test pairs are new in.
    regime: Regime,
    /// Which experts there are.
    kinds: Vec<Kind>,
    pairs: Vec<Sides<u32>>,
    own: Vec<f32>,
    width: usize,
    labels: Vec<f64>,
    rng: Rng,
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
            // Folds of trees that earlier programs grew otherwise are not mixed with these.
            trees: [Settings; 3],
        }
        let Together { rna, partner, pair } = &self.together;
        let trees = [Settings::default(), Settings::of_few_columns(), Settings::of_many_rows()];
        Key { experts: self.choice, transfer: self.transfer, together: [rna, partner, pair], trees }
    }

    /// Says what test pairs are new in.
    pub(super) fn regime(&self, train: &[usize], test: &[usize]) -> Regime {
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

    /// Draws the inner folds on which the experts of a fold are compared: none where the network stands alone.
    pub(super) fn inner_folds(&self, fold: &Fold) -> Vec<Fold> {
        let Some(experts) = &self.experts else { return Vec::new() };
        let regime = experts.regime(&fold.train, &fold.test);
        self.drawn(experts, fold.name.as_str(), &fold.train, regime, "choice")
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

    /// Lists the heads that the network of a fold may have: several where that is left open, and experts are compared on
    /// inner folds of new partners. There a concatenation ranks better than products on most sets; elsewhere products do.
    pub(super) fn heads(&self, fold: &Fold, compared: bool) -> Vec<Head> {
        let model = &self.config.model;
        let regime = self.experts.as_ref().map(|experts| experts.regime(&fold.train, &fold.test));
        let gated = matches!(model.fusion, Fusion::Gated | Fusion::GatedInput);
        match model.head {
            Head::Auto if compared && regime == Some(Regime::Partner) && !gated => {
                vec![Head::Product, Head::Concat]
            }
            Head::Auto => vec![Head::Product],
            head => vec![head],
        }
    }

    /// Lists the experts of a fold.
    pub(super) fn kinds(&self, experts: &Beside<'_>, fold: &FoldRun) -> Vec<Kind> {
        experts.choice.kinds(self.task, fold.learnt.len(), experts.transfer)
    }

    /// Gives what the experts of a fold learn from; the labels are scaled as its network learns them.
    pub(super) fn lesson<'a>(&'a self, fold: &'a FoldRun) -> Result<Lesson<'a>> {
        let Some(experts) = &self.experts else {
            return Err(Error::defect("training", "there are no experts beside the network"));
        };
        let known = |pair: &Option<Sides<u32>>| {
            pair.ok_or_else(|| Error::defect("experts", "a pair of the run has no molecules"))
        };
        let pairs = self.data.pairs.iter().map(known).collect::<Result<Vec<_>>>()?;
        let own = self.data.duplex_values(&pairs);
        Ok(Lesson {
            run: self,
            experts,
            fold,
            regime: experts.regime(&fold.learnt, &fold.held),
            kinds: self.kinds(experts, fold),
            width: if own.is_some() { DUPLEX_VALUES } else { 0 },
            own: own.unwrap_or_default(),
            labels: self.labels.iter().map(|&label| fold.target.scaled(label)).collect(),
            pairs,
            rng: Rng::new(self.seed).fork(&fold.name).fork("experts"),
        })
    }

    /// Gives what the network of an inner fold says of its test pairs, in the scale of the whole fold.
    pub(super) fn network_says(
        &self,
        fold: &FoldRun,
        head: Head,
        number: usize,
        fitted: &Fitted,
    ) -> Result<Vec<f64>> {
        let inner = &fold.inner[number];
        let pairs: Vec<Sides<u32>> = inner.held.iter().filter_map(|&at| self.data.pair(at)).collect();
        let network = self.model(head)?;
        network.params().restore(&fitted.weights)?;
        let member = Member { network, standardisation: inner.standardisation.clone() };
        let scores = mean_scores(&[&[member]], self.data, &pairs)?.remove(0);
        Ok(scores.into_iter().map(|score| fold.target.scaled(inner.target.unscaled(score))).collect())
    }
}

impl Lesson<'_> {
    /// Draws inner folds of a regime for a purpose.
    pub(super) fn drawn(&self, regime: Regime, purpose: &str) -> Vec<Fold> {
        self.run.drawn(self.experts, &self.fold.name, &self.fold.learnt, regime, purpose)
    }

    /// Makes the experts of the whole training part.
    pub(super) fn whole(&self) -> Result<Experts> {
        Experts::fit(&self.world()?, &self.learn(), &self.fold.learnt, &self.rng)
    }

    /// Makes the experts of an inner fold, drawn for the choice or another purpose, and gives what they say of its test pairs.
    pub(super) fn others_say(
        &self,
        inner: &Fold,
        purpose: Option<&str>,
        number: usize,
    ) -> Result<BTreeMap<Kind, Vec<f64>>> {
        let rng = purpose
            .map_or_else(|| self.rng.clone(), |purpose| self.rng.fork(purpose))
            .fork(&format!("inner {number}"));
        Ok(Experts::fit_and_ask(&self.world()?, &self.learn(), &inner.train, &inner.test, &rng)?.1)
    }

    fn world(&self) -> Result<World<'_>> {
        let descriptors = self.run.data.descriptors()?;
        let kin = self.run.data.homologs().map_or(Kin::None, |all| Kin::All(all));
        Ok(World { descriptors, pairs: &self.pairs, own: (&self.own, self.width), kin })
    }

    fn learn(&self) -> Learn<'_> {
        Learn {
            task: self.run.task,
            labels: &self.labels,
            regime: self.regime,
            together: &self.experts.together,
            transfer: self.experts.transfer,
            kinds: &self.kinds,
        }
    }
}
