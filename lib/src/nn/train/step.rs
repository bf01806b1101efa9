//! Takes one step: a batch of pairs to a loss, its gradient to new weights.

use candle_core::Tensor;

use super::gradients::{Gradients, gradients};
use super::loss::Loss;
use super::negatives::Negatives;
use super::schedule::Schedule;
use super::state::State;
use crate::Result;
use crate::nn::bundle::Plan;
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::model::FusionModel;
use crate::nn::threads::both_sides;
use crate::pair::Sides;
use crate::rng::Rng;

/// A pair with what the model shall say about it.
pub(super) type Labelled = (Sides<u32>, f32);

/// What stays the same over the steps of a fit.
pub(super) struct Course<'a> {
    pub(super) model: &'a FusionModel,
    pub(super) data: &'a Dataset,
    pub(super) standardisation: &'a Sides<Standardisation>,
    pub(super) rng: &'a Rng,
    /// The training pairs, in the order of the table.
    pub(super) pairs: Vec<Labelled>,
    /// What draws negative pairs, if they are drawn.
    pub(super) negatives: Option<Negatives>,
    pub(super) loss: Loss,
    /// How the losses of a step are added up.
    pub(super) sum: Sum,
    pub(super) schedule: Schedule,
}

/// How the losses of a step are added up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sum {
    /// Their mean: every step counts alike.
    Mean,
    /// Every pair counts alike, however many are in its step, but for negative ones that stand for others.
    Pairs {
        /// What a negative pair counts.
        negative: f32,
        /// How many pairs a step stands for on average.
        mean: f64,
    },
}

impl Sum {
    /// Goes by how the pairs of an epoch are taken.
    pub(super) fn new(plan: &Plan, pairs: &[Labelled]) -> Self {
        if plan.blocks.is_none() && plan.negatives.is_none() {
            return Self::Mean;
        }
        let negatives = pairs.iter().filter(|pair| pair.1 <= 0.5).count();
        Self::Pairs {
            // Those that are drawn stand for all.
            negative: plan.negatives.map_or(1.0, |drawn| negatives as f32 / drawn.max(1) as f32),
            mean: pairs.len() as f64 / plan.steps_per_epoch as f64,
        }
    }

    /// Gives the loss of a batch as a scalar tensor with gradient.
    pub(super) fn of(self, loss: &Loss, scores: &Tensor, batch: &[Labelled]) -> Result<Tensor> {
        let targets: Vec<f32> = batch.iter().map(|b| b.1).collect();
        match self {
            Self::Mean => loss.mean(scores, &targets),
            Self::Pairs { negative, mean } => {
                let weights: Vec<f32> =
                    targets.iter().map(|&y| if y > 0.5 { 1.0 } else { negative }).collect();
                loss.part(scores, &targets, &weights, mean)
            }
        }
    }
}

impl Course<'_> {
    /// Trains on the pairs at these places; measures the crosstalk of the batch when asked to and when there is any.
    pub(super) fn step(
        &self,
        members: &[usize],
        measured: bool,
        state: &mut State,
    ) -> Result<Option<Sides<f64>>> {
        let model = self.model;
        let rng = self.rng.fork(&format!("step {}", state.step));
        let batch = self.batch(members, &rng);
        if batch.is_empty() {
            // No pair between the molecules of a block is known, or none is positive where negatives are drawn for these: nothing
            // is learnt, and nothing moves.
            state.add(0.0, 0.0);
            return Ok(None);
        }
        let (distinct, index) = self.data.index(&batch.iter().map(|b| b.0).collect::<Vec<_>>())?;
        let tokens =
            both_sides(|side| self.data.table(side).batch(&distinct[side], &self.standardisation[side]))?;
        let loss = |scores: &Tensor| self.sum.of(&self.loss, scores, &batch);
        let Gradients { loss, of, share } = gradients(model, &tokens, &index, rng, measured, loss)?;
        let rate = self.schedule.rate(state.step);
        let norm = state.optimiser.step(model.params(), &of, rate)?;
        state.ema.update(state.step, model.params())?;
        state.add(f64::from(loss.to_scalar::<f32>()?), norm);
        Ok(share)
    }

    /// Gives the pairs of a batch; negative ones are replaced by drawn ones, if negatives are drawn.
    fn batch(&self, members: &[usize], rng: &Rng) -> Vec<Labelled> {
        let batch: Vec<Labelled> = members.iter().map(|&at| self.pairs[at]).collect();
        let Some(negatives) = &self.negatives else { return batch };
        let positives: Vec<Sides<u32>> = batch.iter().filter(|b| b.1 > 0.5).map(|b| b.0).collect();
        let drawn = negatives.draw(&positives, &mut rng.fork("negatives"));
        let both = [(positives, 1.0), (drawn, 0.0)];
        both.into_iter().flat_map(|(pairs, y)| pairs.into_iter().map(move |pair| (pair, y))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use candle_core::{DType, Device};

    use super::*;
    use crate::config::{Config, ModelConfig};
    use crate::nn::bundle::Extent;
    use crate::nn::data::{PairIndex, TokenBatch, Widths};
    use crate::nn::model::Mode;
    use crate::pair::Side;

    const RNAS: u32 = 4;
    const PARTNERS: u32 = 6;

    fn model() -> FusionModel {
        let widths = Widths { global: 5, rows: 3 };
        let config = ModelConfig { width: 8, inner: 16, state: 4, hidden: 8, ..ModelConfig::default() };
        FusionModel::new_in(&config, Sides::new(widths, widths), &Rng::new(1), DType::F64, &Device::Cpu)
            .unwrap()
    }

    /// The tokens of some molecules, which are always the same for a molecule.
    fn tokens(side: Side, molecules: &[u32]) -> TokenBatch {
        let (mut globals, mut rows, mut offsets) = (Vec::new(), Vec::new(), vec![0]);
        for &molecule in molecules {
            let mut rng = Rng::new(u64::from(molecule)).fork(side.name());
            let count = 1 + molecule as usize % 3;
            let mut values = vec![0.0; 5 + 3 * count];
            rng.fill_normal(&mut values);
            globals.extend_from_slice(&values[..5]);
            rows.extend_from_slice(&values[5..]);
            offsets.push(rows.len() / 3);
        }
        let tensor = |values: Vec<f32>, width| {
            let x = Tensor::from_vec(values, ((), width), &Device::Cpu).unwrap();
            Some(x.to_dtype(DType::F64).unwrap())
        };
        TokenBatch::new(tensor(globals, 5), tensor(rows, 3), offsets).unwrap()
    }

    fn gradients_of(
        model: &FusionModel,
        molecules: &Sides<Vec<u32>>,
        batch: &[Labelled],
        sum: Sum,
    ) -> BTreeMap<String, Vec<f64>> {
        let place = |side: Side| {
            let place = |b: &Labelled| molecules[side].iter().position(|&m| m == b.0[side]).unwrap() as u32;
            batch.iter().map(place).collect::<Vec<_>>()
        };
        let pairs = PairIndex::new(place(Side::Rna), place(Side::Partner));
        let [rna, partner] = Side::BOTH.map(|side| tokens(side, &molecules[side]));
        let scores = model.forward(&rna, &partner, &pairs.unwrap(), &mut Mode::Eval).unwrap();
        let loss = Loss::Focal { gamma: 2.0, weights: [1.0, 1.0] };
        let gradients = sum.of(&loss, &scores, batch).unwrap().backward().unwrap();
        let of = |x: &Tensor| gradients.get(x).unwrap().flatten_all().unwrap().to_vec1::<f64>().unwrap();
        model.params().iter().map(|p| (p.name().to_owned(), of(p.var().as_tensor()))).collect()
    }

    #[test]
    fn the_gradient_of_a_block_is_the_sum_of_those_of_its_pairs() {
        let model = model();
        let all = (0..RNAS).flat_map(|rna| (0..PARTNERS).map(move |partner| Sides::new(rna, partner)));
        let known = all.enumerate().filter(|(at, _)| at % 5 != 2);
        let block: Vec<Labelled> = known.map(|(at, pair)| (pair, f32::from(u8::from(at % 3 == 0)))).collect();
        let sum = Sum::Pairs { negative: 2.5, mean: 7.0 };
        let together = Sides::new((0..RNAS).collect(), (0..PARTNERS).collect());
        let whole = gradients_of(&model, &together, &block, sum);
        let mut added: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for one in &block {
            let alone = Sides::of(|side| vec![one.0[side]]);
            for (name, gradient) in gradients_of(&model, &alone, std::slice::from_ref(one), sum) {
                let total = added.entry(name).or_insert_with(|| vec![0.0; gradient.len()]);
                total.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
            }
        }
        assert_eq!(whole.keys().collect::<Vec<_>>(), added.keys().collect::<Vec<_>>());
        for (name, expected) in &added {
            let largest = expected.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
            assert!(largest > 0.0, "{name}");
            for (found, expected) in whole[name].iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-10 * largest, "{name}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_block_counts_every_pair_alike_and_a_drawn_negative_for_those_it_stands_for() {
        let config = |text: &str| Config::parse(text, std::path::Path::new("config.yaml")).unwrap();
        let pairs: Vec<Labelled> =
            (0..40).map(|at| (Sides::new(at, at), f32::from(u8::from(at < 4)))).collect();
        let extent = Extent { pairs: 40, negatives: 36, molecules: Sides::new(40, 40) };
        let sum = |text: &str| Sum::new(&Plan::new(&config(text), &extent), &pairs);
        assert!(matches!(sum("training: {batch: 10}"), Sum::Mean));
        let Sum::Pairs { negative, mean } = sum("training: {batch: 10, negatives-per-positive: 3}") else {
            panic!("drawn pairs do not count alike")
        };
        // 4 positive and 12 of 36 negative pairs, in 2 steps that stand for 40 pairs.
        assert_eq!((negative, mean), (3.0, 20.0));
    }
}
