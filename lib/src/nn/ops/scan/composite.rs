//! Scans by tensor operations, for devices and numbers without kernels.
//!
//! A recurrence `hₜ = aₜ hₜ₋₁ + bₜ` is a composition of maps: after the step of width k each token holds the map of the
//! last 2k tokens, so that log₂ of the longest sequence steps over whole tensors suffice (Hillis and Steele 1986). Memory
//! grows with that logarithm.

use candle_core::Tensor;

use super::Outputs;
use super::job::Job;
use crate::Result;
use crate::nn::{Direction, Indices};

/// Scans one job as [`scan`](super::scan), which has an example, does several; differentiable in every input, through
/// all outputs.
///
/// # Errors
///
/// If shapes or types do not fit together.
pub fn scan(job: &Job) -> Result<Outputs<Tensor>> {
    let x = &job.x;
    let (e, n) = x.a.dims2()?;
    let (s, device) = (job.segments.count(), x.u.device());
    let owners = job.segments.owners().tensor(device)?;

    let delta = match &x.delta_bias {
        Some(bias) => x.delta.broadcast_add(bias)?,
        None => x.delta.clone(),
    };
    let dt = softplus(&delta)?; // (t, e)
    let decay = dt.unsqueeze(2)?.broadcast_mul(&x.a.unsqueeze(0)?)?.exp()?; // (t, e, n)
    let input = (&dt * &x.u)?.unsqueeze(2)?.broadcast_mul(&x.b.unsqueeze(1)?)?; // (t, e, n)
    let (decay, mut h) = compose(job, decay, input)?;
    let zeros = Tensor::zeros((s, e, n), x.u.dtype(), device)?;
    let first = x.h0.as_ref().unwrap_or(&zeros);
    if let Some(h0) = &x.h0 {
        h = (h + (&decay * h0.index_select(&owners, 0)?)?)?;
    }
    let project = x.c.unsqueeze(1)?; // (t, 1, n)
    let mut y = h.broadcast_mul(&project)?.sum(2)?; // (t, e)
    if let Some(skip) = &x.d {
        y = (y + x.u.broadcast_mul(skip)?)?;
    }

    let h_last = Tensor::cat(&[&h, first], 0)?.index_select(&last_states(job).tensor(device)?, 0)?;
    let Some(w) = &job.w else {
        let out = match &x.z {
            Some(z) => (y * z.silu()?)?,
            None => y,
        };
        return Ok(Outputs { out, h_last, k: None });
    };
    let pool = Tensor::zeros((s, e), x.u.dtype(), device)?.index_add(&owners, &(w * y)?.contiguous()?, 0)?;
    // Products without values keep the gaps of what was broadcast.
    let read = decay.broadcast_mul(&project)?.broadcast_mul(&w.unsqueeze(2)?)?.contiguous()?; // (t, e, n)
    Ok(Outputs { out: pool, h_last, k: Some(zeros.index_add(&owners, &read, 0)?) })
}

/// Composes the maps of all tokens from the beginning of each sequence: the decays since then, and the states if it
/// begins at 0, both (t, e, n).
fn compose(job: &Job, mut decay: Tensor, mut state: Tensor) -> Result<(Tensor, Tensor)> {
    let t = job.segments.tokens();
    let longest = job.segments.ranges().map(|range| range.len()).max().unwrap_or(0);
    let (_, e, n) = decay.dims3()?;
    // Behind the tokens lies the map that changes nothing.
    let (ones, zeros) = (Tensor::ones((1, e, n), decay.dtype(), decay.device())?, decay.zeros_like()?);
    let zeros = if t > 0 { zeros.narrow(0, 0, 1)? } else { ones.zeros_like()? };
    let mut width = 1;
    while width < longest {
        let before = job.segments.ranges().flat_map(|range| {
            range.clone().map(move |at| {
                let from = match job.direction {
                    Direction::Forward => at.checked_sub(width).filter(|&from| from >= range.start),
                    Direction::Reverse => Some(at + width).filter(|&from| from < range.end),
                };
                from.unwrap_or(t) as u32
            })
        });
        let before = before.collect::<Indices>().tensor(decay.device())?;
        let at = |x: &Tensor, nothing: &Tensor| Tensor::cat(&[x, nothing], 0)?.index_select(&before, 0);
        state = (&state + (&decay * at(&state, &zeros)?)?)?;
        decay = (&decay * at(&decay, &ones)?)?;
        width *= 2;
    }
    Ok((decay, state))
}

/// Finds each final state among the states of all tokens and, behind them, the initial ones.
fn last_states(job: &Job) -> Indices {
    let t = job.segments.tokens();
    let last = |(s, range): (usize, std::ops::Range<usize>)| match job.direction {
        _ if range.is_empty() => t + s,
        Direction::Forward => range.end - 1,
        Direction::Reverse => range.start,
    };
    job.segments.ranges().enumerate().map(|segment| last(segment) as u32).collect()
}

/// Computes `ln(1 + eˣ)` as `max(x, 0) + ln(1 + e^-|x|)`.
fn softplus(x: &Tensor) -> Result<Tensor> {
    Ok((x.relu()? + x.abs()?.neg()?.exp()?.affine(1.0, 1.0)?.log()?)?)
}
