//! Disturbs what a model trains on: drops values, adds noise.

mod cpu;

use candle_core::{DType, Tensor};

use super::draw::{What, dropout, normal};
use super::nary::{self, NaryOp};
use crate::rng::Rng;
use crate::{Error, Result};

/// Drops a share of the values, below 1, and scales up the others.
pub(crate) fn drop_values(x: &Tensor, share: f64, rng: &mut Rng) -> Result<Tensor> {
    if !has_kernel(x) {
        return Ok((x * dropout(rng, share, x)?)?);
    }
    let mut mask = vec![0.0; x.elem_count()];
    What::Dropout(share).fill(rng, &mut mask);
    run(cpu::Dropped { mask }, x)
}

/// Adds normal noise of `share` standard deviations of all values of `x`, of which there are at least two.
pub(crate) fn add_noise(x: &Tensor, share: f64, rng: &mut Rng) -> Result<Tensor> {
    if has_kernel(x) {
        let mut noise = vec![0.0; x.elem_count()];
        What::Normal.fill(rng, &mut noise);
        return run(cpu::Noisy { noise, share }, x);
    }
    // The same up to the order of the sums, without waiting for a card.
    let values = x.detach().flatten_all()?.to_dtype(DType::F32)?;
    let noise = normal(rng, &values)?;
    let squares = values.broadcast_sub(&values.mean_all()?)?.sqr()?.sum_all()?;
    let scale = squares.affine(1.0 / (x.elem_count() - 1) as f64, 0.0)?.sqrt()?.affine(share, 0.0)?;
    Ok((x + noise.broadcast_mul(&scale)?.reshape(x.shape())?.to_dtype(x.dtype())?)?)
}

fn has_kernel(x: &Tensor) -> bool {
    x.device().is_cpu() && matches!(x.dtype(), DType::F32 | DType::F64)
}

fn run(op: impl NaryOp, x: &Tensor) -> Result<Tensor> {
    let name = op.name();
    nary::apply(op, &[&x.contiguous()?])?.pop().ok_or_else(|| Error::defect(name, "there is no output"))
}
