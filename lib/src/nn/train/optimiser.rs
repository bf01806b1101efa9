//! Moves the weights: `AdamW` with its moments in the open, so that a run can stop and go on bit for bit.

mod card;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor};
use rayon::prelude::*;

use crate::config::TrainingConfig;
use crate::nn::params::{Param, ParamStore};
use crate::{Error, Result};

const BETA: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// `AdamW` (Loshchilov and Hutter 2019) with clipping by the global norm and decay for some weights only.
///
/// ```
/// use candle_core::Device;
/// use crossmamba::config::TrainingConfig;
/// use crossmamba::nn::train::AdamW;
/// use crossmamba::nn::{Fusion, FusionModel, ModelConfig, Sides, Widths};
/// use crossmamba::rng::Rng;
///
/// let widths = Widths { global: 3, rows: 0 };
/// let config = ModelConfig { fusion: Fusion::Mlp, width: 2, hidden: 2, ..ModelConfig::default() };
/// let model = FusionModel::new(&config, Sides::new(widths, widths), &Rng::new(1), &Device::Cpu)?;
/// let mut optimiser = AdamW::new(model.params(), &TrainingConfig::default())?;
/// // The gradient of half a sum of squares is the weight itself.
/// let weight = model.params().get("head.hidden.weight").unwrap().var().as_tensor();
/// let half = (weight.sqr()?.sum_all()? * 0.5)?;
/// let norm = optimiser.step(model.params(), &half.backward()?, 1e-3)?;
/// assert!(norm > 0.0 && optimiser.state()?.0 == 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AdamW {
    decay: f64,
    clip: f64,
    steps: u64,
    moments: Moments,
}

/// First and second moments of each tensor, in the order of the parameters' names; they lie where the parameters do.
#[derive(Debug, Clone)]
enum Moments {
    Host(Vec<[Vec<f32>; 2]>),
    Card(Vec<[Tensor; 2]>),
}

/// Moments as a checkpoint keeps them.
type Saved = Vec<[Vec<f32>; 2]>;

/// The factors of one step.
struct Factors {
    rate: f64,
    unbias: [f64; 2],
}

impl AdamW {
    /// Starts with zero moments.
    ///
    /// # Errors
    /// A device without memory for them.
    pub fn new(params: &ParamStore, config: &TrainingConfig) -> Result<Self> {
        let on_card = params.iter().next().is_some_and(|p| !p.var().device().is_cpu());
        let moments = if on_card {
            Moments::Card(card::zeros(params)?)
        } else {
            Moments::Host(params.iter().map(|p| [(); 2].map(|()| vec![0.0; p.var().elem_count()])).collect())
        };
        Ok(Self { decay: config.weight_decay, clip: config.clip_norm, steps: 0, moments })
    }

    /// Gives the number of steps taken and the moments of each tensor, for a checkpoint.
    ///
    /// # Errors
    /// A card that was lost.
    pub fn state(&self) -> Result<(u64, Vec<[Vec<f32>; 2]>)> {
        let moments = match &self.moments {
            Moments::Host(moments) => moments.clone(),
            Moments::Card(moments) => card::saved(moments)?,
        };
        Ok((self.steps, moments))
    }

    /// Goes on from a checkpoint, whichever device it comes from; `false` if the moments do not fit these parameters.
    ///
    /// # Errors
    /// A device without memory for them.
    pub fn restore(&mut self, steps: u64, moments: Vec<[Vec<f32>; 2]>) -> Result<bool> {
        let sizes: Vec<usize> = match &self.moments {
            Moments::Host(held) => held.iter().map(|m| m[0].len()).collect(),
            Moments::Card(held) => held.iter().map(|m| m[0].elem_count()).collect(),
        };
        let fits = |(saved, &size): (&[Vec<f32>; 2], &usize)| saved.iter().all(|m| m.len() == size);
        if moments.len() != sizes.len() || !moments.iter().zip(&sizes).all(fits) {
            return Ok(false);
        }
        match &mut self.moments {
            Moments::Host(held) => *held = moments,
            Moments::Card(held) => card::restore(held, moments)?,
        }
        self.steps = steps;
        Ok(true)
    }

    /// Takes one step and gives the norm of the gradient before clipping.
    ///
    /// Sums run over the values in order, so the bytes do not depend on the number of threads. A parameter without
    /// a gradient stays as it is. On a card everything stays there; only the norm comes back, at the end.
    ///
    /// # Errors
    /// A gradient that is not finite: the training has diverged.
    pub fn step(&mut self, params: &ParamStore, gradients: &GradStore, rate: f64) -> Result<f64> {
        let power = i32::try_from(self.steps + 1).unwrap_or(i32::MAX);
        let factors = Factors { rate, unbias: BETA.map(|beta| 1.0 / (1.0 - beta.powi(power))) };
        let norm = match &mut self.moments {
            Moments::Host(moments) => on_host(moments, params, gradients, &factors, self.decay, self.clip)?,
            Moments::Card(moments) => {
                card::step(moments, params, gradients, &factors, self.decay, self.clip)?
            }
        };
        self.steps += 1;
        if norm.is_finite() {
            return Ok(norm);
        }
        Err(Error::setting(
            "training.learning-rate",
            format!("the training has diverged at step {}: the gradient is not finite", self.steps),
            "lower the learning rate, or look for extreme values in the embeddings",
        ))
    }
}

/// Moves weights on the CPU, unless the norm of their gradient, which it gives, is not finite.
fn on_host(
    moments: &mut Saved,
    params: &ParamStore,
    gradients: &GradStore,
    factors: &Factors,
    decay: f64,
    clip: f64,
) -> Result<f64> {
    let params: Vec<&Param> = params.iter().collect();
    // Parameter by parameter; only the sum of their squares goes over all of them, in their order.
    let gradient = |param: &&Param| -> Result<(Option<Vec<f32>>, f64)> {
        let gradient = gradients.get(param.var().as_tensor()).map(values).transpose()?;
        let squares = gradient.iter().flatten().map(|&g| f64::from(g).powi(2)).sum::<f64>();
        Ok((gradient, squares))
    };
    let all = params.par_iter().map(gradient).collect::<Result<Vec<_>>>()?;
    let norm = all.iter().fold(0.0, |sum, (_, squares)| sum + squares).sqrt();
    if !norm.is_finite() {
        return Ok(norm);
    }
    let scale = if clip > 0.0 && norm > clip { (clip / norm) as f32 } else { 1.0 };
    let (b1, b2) = (BETA[0] as f32, BETA[1] as f32);
    let (r, u2) = ((factors.rate * factors.unbias[0]) as f32, factors.unbias[1] as f32);
    let eps = EPSILON as f32;
    params
        .par_iter()
        .zip(all)
        .zip(moments)
        .try_for_each(|((param, (gradient, _)), [first, second])| {
            let Some(gradient) = gradient else { return Ok(()) };
            let shrink = if param.decay() { 1.0 - factors.rate * decay } else { 1.0 } as f32;
            let mut weights = values(param.var().as_tensor())?;
            for (((w, g), m), v) in weights.iter_mut().zip(gradient).zip(first).zip(second) {
                let g = g * scale;
                *m = b1 * *m + (1.0 - b1) * g;
                *v = b2 * *v + (1.0 - b2) * g * g;
                *w = shrink * *w - r * *m / ((*v * u2).sqrt() + eps);
            }
            let var = param.var();
            let moved = Tensor::from_vec(weights, var.shape(), &Device::Cpu)?;
            Ok(var.set(&moved.to_dtype(var.dtype())?)?)
        })
        .map(|()| norm)
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Fusion, FusionModel, ModelConfig, Sides, Widths};
    use crate::rng::Rng;

    fn model() -> FusionModel {
        let width = Widths { global: 3, rows: 0 };
        let config = ModelConfig { fusion: Fusion::Mlp, width: 2, hidden: 2, ..ModelConfig::default() };
        FusionModel::new(&config, Sides::new(width, width), &Rng::new(1), &Device::Cpu).unwrap()
    }

    /// Half the sum of squares: the gradient of each weight is the weight.
    fn gradients(params: &ParamStore) -> GradStore {
        let squares = params.iter().map(|p| p.var().sqr().unwrap().sum_all().unwrap());
        let sum = squares.reduce(|a, b| (a + b).unwrap()).unwrap();
        (sum * 0.5).unwrap().backward().unwrap()
    }

    fn flat(params: &ParamStore) -> Vec<f32> {
        params.iter().flat_map(|p| values(p.var().as_tensor()).unwrap()).collect()
    }

    #[test]
    fn steps_are_those_of_the_equations_in_f64() {
        let model = model();
        let params = model.params();
        let config = TrainingConfig { weight_decay: 0.1, clip_norm: 0.5, ..TrainingConfig::default() };
        let mut optimiser = AdamW::new(params, &config).unwrap();
        let decays: Vec<bool> = params.iter().flat_map(|p| vec![p.decay(); p.var().elem_count()]).collect();
        assert!(decays.contains(&true) && decays.contains(&false));
        let mut weights: Vec<f64> = flat(params).into_iter().map(f64::from).collect();
        let mut moments = vec![[0.0_f64; 2]; weights.len()];
        for step in 1..=5 {
            let norm = weights.iter().map(|w| w * w).sum::<f64>().sqrt();
            let scale = (0.5 / norm).min(1.0);
            for ((w, [m, v]), &decay) in weights.iter_mut().zip(&mut moments).zip(&decays) {
                let g = *w * scale;
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                let (m, v) = (*m / (1.0 - 0.9_f64.powi(step)), *v / (1.0 - 0.999_f64.powi(step)));
                *w = if decay { *w * (1.0 - 0.01 * 0.1) } else { *w } - 0.01 * m / (v.sqrt() + 1e-8);
            }
            let found = optimiser.step(params, &gradients(params), 0.01).unwrap();
            assert!((found - norm).abs() < 1e-4 * norm);
            for (found, expected) in flat(params).into_iter().zip(&weights) {
                assert!((f64::from(found) - expected).abs() < 1e-5, "step {step}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_restored_optimiser_takes_the_same_steps() {
        let (one, two) = (model(), model());
        let config = TrainingConfig::default();
        let mut first = AdamW::new(one.params(), &config).unwrap();
        for _ in 0..3 {
            first.step(one.params(), &gradients(one.params()), 1e-2).unwrap();
        }
        let mut second = AdamW::new(two.params(), &config).unwrap();
        let (steps, moments) = first.state().unwrap();
        assert!(second.restore(steps, moments).unwrap());
        two.params().restore(&one.params().snapshot().unwrap()).unwrap();
        first.step(one.params(), &gradients(one.params()), 1e-2).unwrap();
        second.step(two.params(), &gradients(two.params()), 1e-2).unwrap();
        assert_eq!(flat(one.params()), flat(two.params()));
        assert!(!second.restore(0, Vec::new()).unwrap());
    }

    #[test]
    fn a_gradient_that_is_not_finite_ends_the_training_with_a_sentence() {
        let model = model();
        let mut optimiser = AdamW::new(model.params(), &TrainingConfig::default()).unwrap();
        let first = model.params().iter().next().unwrap();
        let infinite = (first.var().as_tensor() * f64::INFINITY).unwrap().sum_all().unwrap();
        let words =
            optimiser.step(model.params(), &infinite.backward().unwrap(), 1e-3).unwrap_err().to_string();
        assert!(words.contains("diverged at step 1") && words.contains("lower the learning rate"), "{words}");
    }
}
