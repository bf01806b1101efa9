//! Says which pairs each step of an epoch takes.

use super::step::Labelled;
use crate::nn::bundle::Plan;
use crate::pair::{Side, Sides};
use crate::rng::Rng;

/// Draws the steps of each epoch; what it draws depends on the seed and the epoch alone.
pub(super) struct Batches<'a> {
    plan: &'a Plan,
    rng: &'a Rng,
    /// The molecules of each training pair.
    pairs: Vec<Sides<u32>>,
    /// The distinct ones of each side, ascending.
    molecules: Sides<Vec<u32>>,
    /// Places of the training pairs that are always taken, and of those of which some are drawn.
    kept: Vec<usize>,
    drawn: Vec<usize>,
}

/// Places of training pairs, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Epoch {
    order: Vec<usize>,
    /// Where each step begins in the order, and the end.
    bounds: Vec<usize>,
}

impl Epoch {
    /// Gives the places of the pairs of a step; a block may have none.
    pub(super) fn step(&self, at: usize) -> &[usize] {
        &self.order[self.bounds[at]..self.bounds[at + 1]]
    }
}

impl<'a> Batches<'a> {
    pub(super) fn new(plan: &'a Plan, rng: &'a Rng, targets: &[Labelled]) -> Self {
        let pairs: Vec<Sides<u32>> = targets.iter().map(|target| target.0).collect();
        let molecules = Sides::of(|side| {
            let mut all: Vec<u32> = pairs.iter().map(|pair| pair[side]).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let sampled = |&at: &usize| plan.negatives.is_some() && targets[at].1 <= 0.5;
        let (drawn, kept) = (0..pairs.len()).partition(sampled);
        Self { plan, rng, pairs, molecules, kept, drawn }
    }

    /// Draws the steps of an epoch.
    pub(super) fn epoch(&self, epoch: usize) -> Epoch {
        let taken = self.taken(epoch);
        match self.plan.blocks {
            None => self.shuffled(&taken, epoch),
            Some(parts) => self.blocks(&taken, parts, epoch),
        }
    }

    /// Gives the pairs of an epoch, ascending.
    fn taken(&self, epoch: usize) -> Vec<usize> {
        let mut taken = self.kept.clone();
        if let Some(count) = self.plan.negatives {
            let mut drawn = self.drawn.clone();
            self.rng.fork(&format!("negatives {epoch}")).shuffle(&mut drawn);
            taken.extend(drawn.into_iter().take(count));
            taken.sort_unstable();
        }
        taken
    }

    fn shuffled(&self, taken: &[usize], epoch: usize) -> Epoch {
        let order = self.rng.fork(&format!("order {epoch}")).permutation(taken.len());
        let steps = self.plan.steps_per_epoch;
        let bounds = (0..=steps).map(|step| step * order.len() / steps).collect();
        Epoch { order: order.into_iter().map(|at| taken[at]).collect(), bounds }
    }

    /// Divides the molecules of each side at random, and takes the pairs between two parts together.
    fn blocks(&self, taken: &[usize], parts: Sides<usize>, epoch: usize) -> Epoch {
        let rng = self.rng.fork(&format!("blocks {epoch}"));
        let part_of = Sides::of(|side: Side| {
            let count = self.molecules[side].len();
            let order = rng.fork(side.name()).permutation(count);
            order.into_iter().map(|place| place * parts[side] / count.max(1)).collect::<Vec<usize>>()
        });
        let steps = rng.fork("order").permutation(parts.rna * parts.partner);
        let step_of = |pair: &Sides<u32>| {
            let part =
                Sides::of(|side| part_of[side][self.molecules[side].partition_point(|&m| m < pair[side])]);
            steps[part.rna * parts.partner + part.partner]
        };
        let step_of: Vec<usize> = taken.iter().map(|&at| step_of(&self.pairs[at])).collect();
        let mut bounds = vec![0; steps.len() + 1];
        for &step in &step_of {
            bounds[step + 1] += 1;
        }
        for step in 0..steps.len() {
            bounds[step + 1] += bounds[step];
        }
        let (mut next, mut order) = (bounds.clone(), vec![0; taken.len()]);
        for (&at, &step) in taken.iter().zip(&step_of) {
            order[next[step]] = at;
            next[step] += 1;
        }
        Epoch { order, bounds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::nn::bundle::Extent;

    /// All pairs of 9 RNAs with 14 partners but every seventh; every fifth is positive.
    fn targets() -> Vec<Labelled> {
        let all = (0..9).flat_map(|rna| (0..14).map(move |partner| Sides::new(rna, partner)));
        let known = all.enumerate().filter(|(at, _)| at % 7 != 3);
        known.map(|(at, pair)| (pair, f32::from(u8::from(at % 5 == 0)))).collect()
    }

    fn plan(settings: &str) -> Plan {
        let config = Config::parse(settings, std::path::Path::new("config.yaml")).unwrap();
        let negatives = targets().iter().filter(|target| target.1 < 0.5).count();
        Plan::new(&config, &Extent { pairs: targets().len(), negatives, molecules: Sides::new(9, 14) })
    }

    fn steps(plan: &Plan, epoch: &Epoch) -> Vec<Vec<usize>> {
        (0..plan.steps_per_epoch).map(|at| epoch.step(at).to_vec()).collect()
    }

    #[test]
    fn each_epoch_takes_every_pair_once_in_another_order() {
        for settings in ["training: {batch: 20}", "training: {batch: 1, batches: blocks}"] {
            let (plan, rng, targets) = (plan(settings), Rng::new(1), targets());
            assert!(plan.steps_per_epoch > 4);
            let batches = Batches::new(&plan, &rng, &targets);
            let first = batches.epoch(0);
            let mut all = steps(&plan, &first).concat();
            all.sort_unstable();
            assert_eq!(all, (0..targets.len()).collect::<Vec<_>>());
            // Another fit that goes on from there draws the same.
            assert_eq!(Batches::new(&plan, &rng, &targets).epoch(1), batches.epoch(1));
            assert_ne!(batches.epoch(1), first);
        }
    }

    #[test]
    fn a_block_holds_all_known_pairs_between_its_molecules() {
        let (plan, rng, targets) = (plan("training: {batch: 1, batches: blocks}"), Rng::new(2), targets());
        let parts = plan.blocks.unwrap();
        assert!(parts.rna > 1 && parts.partner > 1);
        for step in steps(&plan, &Batches::new(&plan, &rng, &targets).epoch(3)) {
            let of = |side: Side| step.iter().map(|&at| targets[at].0[side]).collect::<Vec<_>>();
            let (rna, partner) = (of(Side::Rna), of(Side::Partner));
            let between = (0..targets.len())
                .filter(|&at| rna.contains(&targets[at].0.rna) && partner.contains(&targets[at].0.partner));
            assert_eq!(between.collect::<Vec<_>>(), step);
        }
    }

    #[test]
    fn the_loss_of_drawn_negatives_is_on_average_that_of_all() {
        use std::collections::BTreeMap;

        use candle_core::{Device, Tensor};

        use crate::nn::train::Loss;
        use crate::nn::train::step::Sum;

        let scores = [1.5_f32, -0.5, 2.0, 0.25, -3.0];
        let targets: Vec<Labelled> =
            (0..5).map(|at| (Sides::new(at, at), f32::from(u8::from(at == 0)))).collect();
        let config =
            Config::parse("training: {negatives-per-positive: 2}", std::path::Path::new("c")).unwrap();
        let plan = Plan::new(&config, &Extent { pairs: 5, negatives: 4, molecules: Sides::new(5, 5) });
        let (rng, loss) = (Rng::new(3), Loss::Focal { gamma: 2.0, weights: [1.0, 1.0] });
        let batches = Batches::new(&plan, &rng, &targets);
        let mut seen: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for epoch in 0..600 {
            let mut taken = batches.epoch(epoch).order;
            taken.sort_unstable();
            *seen.entry(taken).or_default() += 1;
        }
        // The positive pair with two of four others: each choice comes up, and about as often as any other.
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|(taken, &often)| taken[0] == 0 && (60..=140).contains(&often)), "{seen:?}");
        let sum = Sum::new(&plan, &targets);
        let drawn = |taken: &Vec<usize>| {
            let batch: Vec<Labelled> = taken.iter().map(|&at| targets[at]).collect();
            let scores: Vec<f32> = taken.iter().map(|&at| scores[at]).collect();
            let scores = Tensor::new(scores, &Device::Cpu).unwrap();
            f64::from(sum.of(&loss, &scores, &batch).unwrap().to_scalar::<f32>().unwrap())
        };
        let average = seen.keys().map(drawn).sum::<f64>() / 6.0;
        let plain: Vec<f64> = scores.iter().map(|&score| f64::from(score)).collect();
        let wanted: Vec<f64> = targets.iter().map(|target| f64::from(target.1)).collect();
        assert!((average - loss.mean_of(&plain, &wanted)).abs() < 1e-6);
    }
}
