//! Goes through the model and back: from tokens and pairs to a loss and its gradient.

use candle_core::Tensor;
use candle_core::backprop::GradStore;

use crate::Result;
use crate::nn::data::{PairIndex, TokenBatch};
use crate::nn::model::{FusionModel, Mode};
use crate::nn::ops::backward_from;
use crate::nn::threads::both_sides;
use crate::pair::Sides;
use crate::rng::Rng;

/// What a batch says.
pub(super) struct Gradients {
    pub(super) loss: Tensor,
    pub(super) of: GradStore,
    /// The crosstalk, if it was to be measured and there is any.
    pub(super) share: Option<Sides<f64>>,
}

/// Computes the loss of a batch and its gradient.
///
/// Where the pool has several threads the sides go through their encoders at the same time, forth and back. What is drawn,
/// and the order of every sum, are those of one thread: the walk back from the loss ends at the encoded molecules, each of
/// whose tensors the pairs use once, and goes on from there on either side.
pub(super) fn gradients(
    model: &FusionModel,
    tokens: &Sides<TokenBatch>,
    pairs: &PairIndex,
    rng: Rng,
    measured: bool,
    loss: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Gradients> {
    let mut mode = Mode::Train(rng);
    let profiles = model.encode_both(tokens, &mut mode)?;
    let several = rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1;
    let cuts = match both_sides(|side| if several { profiles[side].cut() } else { Ok(None) })? {
        Sides { rna: Some(rna), partner: Some(partner) } if model.device().is_cpu() => {
            Some(Sides { rna, partner })
        }
        _ => None,
    };
    let seen = match &cuts {
        Some(cuts) => cuts.as_ref().map(|cut| &cut.profiles),
        None => profiles.as_ref(),
    };
    let scores = model.score(seen.rna, seen.partner, pairs, &mut mode)?;
    let share = if measured { model.crosstalk_share(seen.rna, seen.partner, pairs)? } else { None };
    let loss = loss(&scores)?;
    let mut of = loss.backward()?;
    if let Some(cuts) = cuts {
        let ends = cuts.map(|cut| {
            let known = cut.ends.into_iter().filter_map(|(copy, behind)| Some((behind, of.remove(&copy)?)));
            known.collect::<Vec<_>>()
        });
        let behind = both_sides(|side| backward_from(&ends[side]))?;
        for param in model.params() {
            let param = param.var().as_tensor();
            if let Some(gradient) = behind.rna.get(param).or_else(|| behind.partner.get(param)) {
                of.insert(param, gradient.clone());
            }
        }
    }
    Ok(Gradients { loss, of, share })
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::config::{Crosstalk, Fusion, ModelConfig, Reading};
    use crate::nn::data::Widths;

    const WIDTHS: Sides<Widths> = Sides::new(Widths { global: 9, rows: 5 }, Widths { global: 0, rows: 7 });

    fn molecules(rng: &mut Rng, widths: Widths, count: usize) -> TokenBatch {
        let mut offsets = vec![0];
        for _ in 0..count {
            offsets.push(offsets[offsets.len() - 1] + 1 + rng.below(40));
        }
        let mut random = |rows: usize, width: usize| {
            let mut values = vec![0.0; rows * width];
            rng.fill_normal(&mut values);
            (width > 0).then(|| Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap())
        };
        let global = random(count, widths.global);
        TokenBatch::new(global, random(offsets[count], widths.rows), offsets).unwrap()
    }

    /// The bits of a step: the loss, the crosstalk, and every gradient by name.
    fn bits(config: &ModelConfig, threads: usize) -> Vec<(String, Vec<u32>)> {
        let model = FusionModel::new(config, WIDTHS, &Rng::new(1), &Device::Cpu).unwrap();
        let mut rng = Rng::new(2);
        let tokens = Sides {
            rna: molecules(&mut rng, WIDTHS.rna, 11),
            partner: molecules(&mut rng, WIDTHS.partner, 23),
        };
        let draw = |rng: &mut Rng, n| (0..60).map(|_| rng.below(n) as u32).collect::<Vec<_>>();
        let pairs = PairIndex::new(draw(&mut rng, 11), draw(&mut rng, 23)).unwrap();
        let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(16 << 20).build().unwrap();
        let step = || {
            gradients(&model, &tokens, &pairs, Rng::new(3), true, |scores| Ok(scores.sqr()?.mean_all()?))
                .unwrap()
        };
        let found = pool.install(step);
        let values = |x: &Tensor| {
            let values = x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            values.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        let of = |p: &crate::nn::params::Param| {
            (p.name().to_owned(), found.of.get(p.var().as_tensor()).map(&values).unwrap_or_default())
        };
        let share = found.share.map(|share| share.map(|s| (s as f32).to_bits()).into_array().to_vec());
        let rest = [("loss".into(), values(&found.loss)), ("share".into(), share.unwrap_or_default())];
        model.params().iter().map(of).chain(rest).collect()
    }

    #[test]
    fn a_step_has_the_same_bits_whether_the_sides_are_computed_together_or_in_turn() {
        let small = ModelConfig { width: 16, inner: 32, state: 4, hidden: 8, ..ModelConfig::default() };
        let cases = [
            small.clone(),
            ModelConfig { layers: 2, ..small.clone() },
            ModelConfig { crosstalk: Crosstalk::None, reading: Reading::Forward, ..small.clone() },
            ModelConfig { noise: 0.0, dropout: 0.0, input_norm: true, ..small.clone() },
            ModelConfig { fusion: Fusion::Mlp, ..small.clone() },
            ModelConfig { fusion: Fusion::DeepRelay, ..small.clone() },
            ModelConfig { fusion: Fusion::CrossAttention, ..small },
        ];
        for config in cases {
            let one = bits(&config, 1);
            assert!(one.iter().filter(|(_, values)| !values.is_empty()).count() > 4);
            for threads in [2, 3] {
                for (one, several) in one.iter().zip(bits(&config, threads)) {
                    assert!(*one == several, "{config:?}: {} differs with {threads} threads", one.0);
                }
            }
        }
    }
}
