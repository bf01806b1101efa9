//! Measures how wrong a batch of scores is, in forms that neither overflow nor lose their gradient.

use candle_core::Tensor;

use crate::Result;
use crate::config::{AffinityLoss, ClassificationLoss, LossConfig};
use crate::pair::Task;

/// A loss with everything it needs to know about the training pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// Focal loss: −`α_t` (1 − `p_t)^γ` ln `p_t`; γ = 0 is cross-entropy. The weights are those of the classes 1 and 0.
    Focal {
        /// The exponent.
        gamma: f64,
        /// Weights of positive and negative pairs.
        weights: [f64; 2],
    },
    /// Huber loss on standardised labels, quadratic up to `delta`; infinite `delta` is half the squared error.
    Huber {
        /// Where it becomes linear.
        delta: f64,
    },
}

impl Loss {
    /// Chooses the loss of a task; `positive` is the fraction of positive training pairs.
    pub fn new(config: &LossConfig, task: Task, positive: f64) -> Self {
        match task {
            Task::Affinity => Self::Huber {
                delta: match config.affinity {
                    AffinityLoss::Huber => config.delta,
                    AffinityLoss::Mse => f64::INFINITY,
                },
            },
            Task::Classification => match config.classification {
                ClassificationLoss::Focal => Self::Focal {
                    gamma: config.gamma,
                    weights: config.alpha.map_or([1.0, 1.0], |a| [2.0 * a, 2.0 * (1.0 - a)]),
                },
                ClassificationLoss::Bce => Self::Focal { gamma: 0.0, weights: [1.0, 1.0] },
                ClassificationLoss::WeightedBce => {
                    let positive = positive.clamp(1e-3, 1.0 - 1e-3);
                    Self::Focal { gamma: 0.0, weights: [0.5 / positive, 0.5 / (1.0 - positive)] }
                }
            },
        }
    }

    /// Gives the mean loss of a batch as a scalar tensor with gradient.
    ///
    /// # Shapes
    /// `scores` is (b,), `targets` has b values: 0 or 1, or standardised affinities.
    ///
    /// ```
    /// use candle_core::{Device, Tensor};
    /// use crossmamba::nn::train::Loss;
    ///
    /// let scores = Tensor::new(&[2.0_f32, -1.0], &Device::Cpu)?;
    /// let loss = Loss::Huber { delta: f64::INFINITY }.mean(&scores, &[1.0, 1.0])?; // half the squared error
    /// assert_eq!(loss.to_scalar::<f32>()?, (0.5 + 2.0) / 2.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mean(&self, scores: &Tensor, targets: &[f32]) -> Result<Tensor> {
        Ok(self.each(scores, targets)?.mean_all()?)
    }

    /// Gives the weighted sum of a batch's losses over a number, as a scalar tensor with gradient: what a part of the pairs
    /// adds to the mean of all of them.
    ///
    /// # Shapes
    /// As in [`Loss::mean`]; `weights` has b values.
    ///
    /// ```
    /// use candle_core::{Device, Tensor};
    /// use crossmamba::nn::train::Loss;
    ///
    /// let scores = Tensor::new(&[2.0_f32, -1.0], &Device::Cpu)?;
    /// let loss = Loss::Huber { delta: f64::INFINITY }.part(&scores, &[1.0, 1.0], &[1.0, 3.0], 10.0)?;
    /// assert!((loss.to_scalar::<f32>()? - (0.5 + 3.0 * 2.0) / 10.0).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn part(&self, scores: &Tensor, targets: &[f32], weights: &[f32], of: f64) -> Result<Tensor> {
        let each = (self.each(scores, targets)? * vector(weights.to_vec(), scores)?)?;
        Ok((each.sum_all()? / of)?)
    }

    /// Gives the loss of each pair (b,).
    fn each(&self, scores: &Tensor, targets: &[f32]) -> Result<Tensor> {
        match *self {
            Self::Focal { gamma, weights } => {
                let signs: Vec<f32> = targets.iter().map(|&y| if y > 0.5 { 1.0 } else { -1.0 }).collect();
                // s > 0 when the score is on the right side: p_t = σ(s).
                let s = (scores * vector(signs, scores)?)?;
                // −ln p_t = softplus(−s) and ln(1 − p_t) = −softplus(s): both stay finite for any score.
                let mut loss = softplus(&s.neg()?)?;
                if gamma > 0.0 {
                    loss = (loss * (softplus(&s)? * -gamma)?.exp()?)?;
                }
                if weights != [1.0, 1.0] {
                    let each = targets.iter().map(|&y| weights[usize::from(y <= 0.5)] as f32).collect();
                    loss = (loss * vector(each, scores)?)?;
                }
                Ok(loss)
            }
            Self::Huber { delta } => {
                let wrong = (scores - vector(targets.to_vec(), scores)?)?;
                if delta.is_infinite() {
                    Ok((wrong.sqr()? * 0.5)?)
                } else {
                    // With c = min(|d|, δ): c (|d| − c/2) is d²/2 inside and δ(|d| − δ/2) outside.
                    let wrong = wrong.abs()?;
                    let inside = wrong.minimum(delta)?;
                    Ok((&inside * (&wrong - (&inside * 0.5)?)?)?)
                }
            }
        }
    }

    /// Gives the mean loss of plain numbers, in f64: what is logged for the validation part.
    pub fn mean_of(&self, scores: &[f64], targets: &[f64]) -> f64 {
        let each = scores.iter().zip(targets).map(|(&score, &target)| match *self {
            Self::Focal { gamma, weights } => {
                let s = if target > 0.5 { score } else { -score };
                let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
                weights[usize::from(target <= 0.5)] * softplus(-s) * (-gamma * softplus(s)).exp()
            }
            Self::Huber { delta } => {
                let wrong = (score - target).abs();
                let inside = wrong.min(delta);
                inside * (wrong - inside / 2.0)
            }
        });
        each.sum::<f64>() / scores.len().max(1) as f64
    }
}

/// Puts numbers where the scores are, in their type.
fn vector(values: Vec<f32>, scores: &Tensor) -> Result<Tensor> {
    let length = values.len();
    Ok(Tensor::from_vec(values, length, scores.device())?.to_dtype(scores.dtype())?)
}

/// ln(1 + eˣ) as max(x, 0) + ln(1 + e^−|x|), which does not overflow.
fn softplus(x: &Tensor) -> Result<Tensor> {
    let tail = (x.abs()?.neg()?.exp()? + 1.0)?.log()?;
    Ok((x.relu()? + tail)?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    const LOSSES: [Loss; 5] = [
        Loss::Focal { gamma: 0.0, weights: [1.0, 1.0] },
        Loss::Focal { gamma: 2.0, weights: [1.0, 1.0] },
        Loss::Focal { gamma: 0.5, weights: [0.5, 1.5] },
        Loss::Huber { delta: 1.0 },
        Loss::Huber { delta: f64::INFINITY },
    ];
    const TARGETS: [f32; 6] = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];

    #[test]
    fn tensors_and_plain_numbers_agree_and_gradients_are_those_of_finite_differences() {
        let scores = [0.3_f32, -1.2, 4.0, 2.5, -3.0, 0.01];
        let targets: Vec<f64> = TARGETS.iter().map(|&y| y as f64).collect();
        for loss in LOSSES {
            let var = Var::from_slice(&scores, 6, &Device::Cpu).unwrap();
            let mean = loss.mean(var.as_tensor(), &TARGETS).unwrap();
            let plain: Vec<f64> = scores.iter().map(|&s| s as f64).collect();
            let value = mean.to_scalar::<f32>().unwrap() as f64;
            assert!((value - loss.mean_of(&plain, &targets)).abs() < 1e-5, "{loss:?}");
            let gradient = mean.backward().unwrap().get(&var).unwrap().to_vec1::<f32>().unwrap();
            for (i, &found) in gradient.iter().enumerate() {
                let at = |shift: f64| {
                    let mut moved = plain.clone();
                    moved[i] += shift;
                    loss.mean_of(&moved, &targets)
                };
                let expected = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((found as f64 - expected).abs() < 2e-4, "{loss:?} {i}: {found} {expected}");
            }
        }
    }

    #[test]
    fn extreme_scores_keep_the_loss_and_its_gradient_finite() {
        let scores = [1e4_f32, -1e4, -1e4, 1e4, 0.0, 0.0];
        for loss in LOSSES {
            let var = Var::from_slice(&scores, 6, &Device::Cpu).unwrap();
            let mean = loss.mean(var.as_tensor(), &TARGETS).unwrap();
            let gradient = mean.backward().unwrap().get(&var).unwrap().to_vec1::<f32>().unwrap();
            assert!(mean.to_scalar::<f32>().unwrap().is_finite() && gradient.iter().all(|g| g.is_finite()));
        }
    }

    #[test]
    fn the_configuration_chooses_the_loss() {
        let config = LossConfig::default();
        let focal = Loss::new(&config, Task::Classification, 0.5);
        assert_eq!(focal, Loss::Focal { gamma: 2.0, weights: [1.0, 1.0] });
        assert_eq!(Loss::new(&config, Task::Affinity, 0.0), Loss::Huber { delta: 1.0 });
        let weighted = LossConfig { classification: ClassificationLoss::WeightedBce, ..config };
        let loss = Loss::new(&weighted, Task::Classification, 0.25);
        assert_eq!(loss, Loss::Focal { gamma: 0.0, weights: [2.0, 0.5 / 0.75] });
    }
}
