//! Takes one step: a batch of pairs to a loss, its gradient to new weights.

use super::loss::Loss;
use super::negatives::Negatives;
use super::schedule::Schedule;
use super::state::State;
use crate::Result;
use crate::nn::data::{Dataset, Standardisation, TokenBatch};
use crate::nn::model::{FusionModel, Mode};
use crate::pair::{Side, Sides};
use crate::rng::Rng;

/// A pair with what the model shall say about it.
type Target = (Sides<u32>, f32);

/// What stays the same over the steps of a fit.
pub(super) struct Course<'a> {
    pub(super) model: &'a FusionModel,
    pub(super) data: &'a Dataset,
    pub(super) standardisation: &'a Sides<Standardisation>,
    pub(super) rng: &'a Rng,
    /// The training pairs, in the order of the table.
    pub(super) pairs: Vec<Target>,
    /// What draws negative pairs, if they are drawn.
    pub(super) negatives: Option<Negatives>,
    pub(super) loss: Loss,
    pub(super) schedule: Schedule,
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
        let (distinct, index) = self.data.index(&batch.iter().map(|b| b.0).collect::<Vec<_>>())?;
        let tokens = Sides::try_of(|side| -> Result<TokenBatch> {
            self.data.table(side).batch(&distinct[side], &self.standardisation[side])
        })?;
        let mut mode = Mode::Train(rng);
        let rna = model.encode(Side::Rna, &tokens.rna, &mut mode)?;
        let partner = model.encode(Side::Partner, &tokens.partner, &mut mode)?;
        let scores = model.score(&rna, &partner, &index, &mut mode)?;
        let share = if measured { model.crosstalk_share(&rna, &partner, &index)? } else { None };
        let targets: Vec<f32> = batch.iter().map(|b| b.1).collect();
        let mean = self.loss.mean(&scores, &targets)?;
        let gradients = mean.backward()?;
        let rate = self.schedule.rate(state.step);
        let norm = state.optimiser.step(model.params(), &gradients, rate)?;
        state.ema.update(state.step, model.params())?;
        state.add(f64::from(mean.to_scalar::<f32>()?), norm);
        Ok(share)
    }

    /// Gives the pairs of a batch; negative ones are replaced by drawn ones, if negatives are drawn.
    fn batch(&self, members: &[usize], rng: &Rng) -> Vec<Target> {
        let batch: Vec<Target> = members.iter().map(|&at| self.pairs[at]).collect();
        let Some(negatives) = &self.negatives else { return batch };
        let positives: Vec<Sides<u32>> = batch.iter().filter(|b| b.1 > 0.5).map(|b| b.0).collect();
        if positives.is_empty() {
            return batch;
        }
        let drawn = negatives.draw(&positives, &mut rng.fork("negatives"));
        let both = [(positives, 1.0), (drawn, 0.0)];
        both.into_iter().flat_map(|(pairs, y)| pairs.into_iter().map(move |pair| (pair, y))).collect()
    }
}
