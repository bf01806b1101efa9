//! Disturbs in one pass; the gradient of noise is the gradient itself.

use candle_core::{CpuStorage, DType, Result, Shape, Storage, Tensor, bail};

use crate::nn::ops::nary::NaryOp;
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::with_views;
use crate::simd::simd;

/// Multiplies by a mask.
pub(super) struct Dropped {
    pub(super) mask: Vec<f32>,
}

/// Adds normal numbers times a share of the standard deviation of all values.
pub(super) struct Noisy {
    pub(super) noise: Vec<f32>,
    pub(super) share: f64,
}

impl Dropped {
    fn masked<F: Real>(&self, x: &Tensor) -> Result<Vec<F>> {
        with_views(std::slice::from_ref(x), |x| {
            Ok(simd!(|| each(
                x[0].values,
                &self.mask,
                #[inline(always)]
                |x: F, m| x * m
            )))
        })
    }
}

impl NaryOp for Dropped {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let x = &inputs[0];
        store(x, || self.masked::<f32>(x), || self.masked::<f64>(x))
    }

    fn backward(&self, _: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(grad) = &grads[0] else { return Ok(vec![None]) };
        let grad = grad.contiguous()?;
        let by_x = match grad.dtype() {
            DType::F32 => Tensor::from_vec(self.masked::<f32>(&grad)?, grad.shape(), grad.device())?,
            _ => Tensor::from_vec(self.masked::<f64>(&grad)?, grad.shape(), grad.device())?,
        };
        Ok(vec![Some(by_x)])
    }
}

impl Noisy {
    fn noisy<F: Real>(&self, x: &Tensor) -> Result<Vec<F>> {
        with_views(std::slice::from_ref(x), |x| {
            let scale = deviation(x[0].values, self.share);
            Ok(simd!(|| each(
                x[0].values,
                &self.noise,
                #[inline(always)]
                |x: F, noise: F| x + noise * F::of(f64::from(scale))
            )))
        })
    }
}

impl NaryOp for Noisy {
    fn name(&self) -> &'static str {
        "noise"
    }

    fn forward(&self, inputs: &[Tensor]) -> Result<Vec<(Storage, Shape)>> {
        let x = &inputs[0];
        store(x, || self.noisy::<f32>(x), || self.noisy::<f64>(x))
    }

    fn backward(&self, _: &[Tensor], grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Ok(grads.to_vec())
    }
}

#[inline(always)]
fn each<F: Real>(x: &[F], drawn: &[f32], f: impl Fn(F, F) -> F) -> Vec<F> {
    x.iter().zip(drawn).map(|(&x, &drawn)| f(x, F::of(f64::from(drawn)))).collect()
}

/// Measures a share of the standard deviation by one running sum over the values in order: the same bits for any number of
/// threads.
fn deviation<F: Real>(values: &[F], share: f64) -> f32 {
    // In single precision, as values are on a card.
    let values = || values.iter().map(|v| f64::from(v.to_f64() as f32));
    let count = values().len() as f64;
    let mean = values().sum::<f64>() / count;
    let squares = values().map(|v| (v - mean).powi(2)).sum::<f64>();
    (share * (squares / (count - 1.0)).sqrt()) as f32
}

fn store(
    x: &Tensor,
    single: impl FnOnce() -> Result<Vec<f32>>,
    double: impl FnOnce() -> Result<Vec<f64>>,
) -> Result<Vec<(Storage, Shape)>> {
    let storage = match x.dtype() {
        DType::F32 => CpuStorage::F32(single()?),
        DType::F64 => CpuStorage::F64(double()?),
        dtype => bail!("no value of {dtype:?} is disturbed here"),
    };
    Ok(vec![(Storage::Cpu(storage), x.shape().clone())])
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use crate::nn::ops::disturb::{add_noise, drop_values};
    use crate::nn::ops::draw::{dropout, normal};
    use crate::rng::{self, Rng};

    #[test]
    fn what_is_disturbed_and_its_gradient_are_those_of_tensor_operations() {
        let x = Var::from_vec(rng::normal(33, 5), (33, 5), &Device::Cpu).unwrap();
        let all = |x: &candle_core::Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let (mut one, mut two) = (Rng::new(3), Rng::new(3));
        let dropped = drop_values(&x, 0.4, &mut one).unwrap();
        let expected = (x.as_tensor() * dropout(&mut two, 0.4, &x).unwrap()).unwrap();
        assert_eq!(all(&dropped), all(&expected));
        let by = |y: candle_core::Tensor| {
            all(y.sqr().unwrap().sum_all().unwrap().backward().unwrap().get(&x).unwrap())
        };
        assert_eq!(by(dropped), by(expected));

        let noisy = add_noise(&x, 0.5, &mut one).unwrap();
        let values = all(&x);
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / 165.0;
        let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
        let scale = 0.5 * (squares / 164.0).sqrt();
        let expected = (x.as_tensor() + (normal(&mut two, &x).unwrap() * scale).unwrap()).unwrap();
        for (found, expected) in all(&noisy).into_iter().zip(all(&expected)) {
            assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{found} {expected}");
        }
        assert_eq!(one.bits(), two.bits());
        assert_eq!(by(noisy), by(expected));
    }
}
