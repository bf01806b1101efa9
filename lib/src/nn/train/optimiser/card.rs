//! The same steps by tensor operations, which stay on the card: roundings are those of the loops on the CPU, but for the
//! order of the sum that gives the norm.

use candle_core::backprop::GradStore;
use candle_core::{DType, Tensor};

use super::{BETA, EPSILON, Factors, Saved};
use crate::Result;
use crate::nn::params::ParamStore;

/// Gives zero moments.
pub(super) fn zeros(params: &ParamStore) -> Result<Vec<[Tensor; 2]>> {
    let zero = |tensor: &Tensor| Tensor::zeros(tensor.shape(), DType::F32, tensor.device());
    params.iter().map(|p| Ok([zero(p.var().as_tensor())?, zero(p.var().as_tensor())?])).collect()
}

/// Copies moments from the card.
pub(super) fn saved(moments: &[[Tensor; 2]]) -> Result<Saved> {
    let copy = |x: &Tensor| -> Result<Vec<f32>> { Ok(x.flatten_all()?.to_vec1::<f32>()?) };
    moments.iter().map(|[first, second]| Ok([copy(first)?, copy(second)?])).collect()
}

/// Copies moments to the card; they have the sizes of those that are there.
pub(super) fn restore(held: &mut [[Tensor; 2]], moments: Saved) -> Result<()> {
    for (held, saved) in held.iter_mut().zip(moments) {
        for (held, saved) in held.iter_mut().zip(saved) {
            *held = Tensor::from_vec(saved, held.shape(), held.device())?;
        }
    }
    Ok(())
}

/// Moves weights and gives the norm of their gradient. The card is not waited for before everything is under way: after a
/// norm that is not finite the weights are not either.
pub(super) fn step(
    moments: &mut [[Tensor; 2]],
    params: &ParamStore,
    gradients: &GradStore,
    factors: &Factors,
    decay: f64,
    clip: f64,
) -> Result<f64> {
    let mut all = Vec::with_capacity(params.len());
    let mut squares = Vec::with_capacity(params.len());
    for param in params {
        let gradient = gradients.get(param.var().as_tensor());
        let gradient = gradient.map(|g| g.contiguous()?.to_dtype(DType::F32)).transpose()?;
        if let Some(gradient) = &gradient {
            squares.push(gradient.sqr()?.sum_all()?);
        }
        all.push(gradient);
    }
    if squares.is_empty() {
        return Ok(0.0);
    }
    let norm = Tensor::stack(&squares, 0)?.to_dtype(DType::F64)?.sum_all()?.sqrt()?;
    let scale = if clip > 0.0 {
        let clip = Tensor::new(clip, norm.device())?;
        Some((clip / &norm)?.minimum(1.0)?.to_dtype(DType::F32)?)
    } else {
        None
    };
    // Constants are rounded to f32 first, as on the CPU.
    let (b1, b2) = (BETA[0] as f32, BETA[1] as f32);
    let times = |x: &Tensor, factor: f32| x.affine(f64::from(factor), 0.0);
    let (r, u2) = ((factors.rate * factors.unbias[0]) as f32, factors.unbias[1] as f32);
    for ((param, gradient), [first, second]) in params.iter().zip(all).zip(moments) {
        let Some(gradient) = gradient else { continue };
        let g = match &scale {
            Some(scale) => gradient.broadcast_mul(scale)?,
            None => gradient,
        };
        *first = (times(first, b1)? + times(&g, 1.0 - b1)?)?;
        *second = (times(second, b2)? + (times(&g, 1.0 - b2)? * &g)?)?;
        let spread = times(second, u2)?.sqrt()?.affine(1.0, f64::from(EPSILON as f32))?;
        let shrink = if param.decay() { 1.0 - factors.rate * decay } else { 1.0 } as f32;
        let var = param.var();
        let weights = times(&var.as_tensor().detach().to_dtype(DType::F32)?, shrink)?;
        let moved = (weights - (times(first, r)? / spread)?)?;
        // A gradient carries no graph here, but what was multiplied with a variable would.
        var.set(&moved.detach().to_dtype(var.dtype())?)?;
    }
    Ok(norm.to_scalar::<f64>()?)
}
