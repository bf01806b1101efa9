//! Defines the scan by plain f64 loops; every other implementation is measured against this one.
//!
//! The backward is written from the equations, with every state kept. With `gₜ` the adjoint of `hₜ`:
//!
//! ```text
//! gₜ  = dyₜ Cₜ + eₜ₊₁,   eₜ = aₜ gₜ,   e after the last = dh_last,   dh0 = e of the first
//! dCₜ = Σ_e dyₜ hₜ       dBₜ = Σ_e gₜ dtₜ uₜ       qₜ = Σₙ gₜ Bₜ       mₜ = eₜ hₜ₋₁
//! duₜ = D dyₜ + dtₜ qₜ   ddtₜ = uₜ qₜ + Σₙ A mₜ    dA = Σₜ dtₜ mₜ      dD = Σₜ dyₜ uₜ
//! ```
//!
//! `mₜ` is never formed as `(hₜ − dtₜ uₜ Bₜ) gₜ`: for fast decays that difference cancels completely.
//! The read-out adds, with `Pₜ = exp(A Σ_{r≤t} dtᵣ)` and `G` the gradient by `K`:
//!
//! ```text
//! dwₜ += Σₙ G Cₜ Pₜ    dCₜ += Σ_e G wₜ Pₜ    mₜ += Σ_{r≥t} G wᵣ Cᵣ Pᵣ
//! ```

use std::ops::Range;

use super::{Gradients, OutputGradients, Outputs, Problem, ScanInputs};
use crate::nn::Direction;

/// Scans, or reads out if the problem has pooling weights.
///
/// ```
/// use crossmamba::nn::ops::scan::{OutputGradients, Problem, ScanInputs, reference};
/// use crossmamba::nn::{Direction, Segments};
///
/// # fn main() -> crossmamba::Result<()> {
/// let (segments, ones) = (Segments::from_lengths([2]), [1.0; 2]);
/// let x = ScanInputs {
///     u: &ones[..],
///     delta: &ones,
///     a: &[-1.0],
///     b: &ones,
///     c: &ones,
///     d: None,
///     z: None,
///     delta_bias: None,
///     h0: None,
/// };
/// let problem = Problem::new(x, None, (1, 1), &segments, Direction::Forward)?;
/// let outputs = reference::forward(&problem);
/// assert_eq!(outputs.out[1], outputs.h_last[0]);
/// let by = OutputGradients { out: Some(&ones[..]), h_last: None, k: None };
/// assert_eq!(reference::backward(&problem, &by).x.u.len(), 2);
/// # Ok(())
/// # }
/// ```
pub fn forward(p: &Problem<'_, f64>) -> Outputs<Vec<f64>> {
    let (e, n) = (p.e, p.n);
    let pooled = p.w.is_some();
    let mut out = vec![0.0; if pooled { p.segments.count() } else { p.segments.tokens() } * e];
    let mut h_last = Vec::with_capacity(p.segments.count() * e * n);
    let mut k = vec![0.0; if pooled { p.segments.count() * e * n } else { 0 }];
    for (s, range) in p.segments.ranges().enumerate() {
        let trace = Trace::new(p, s, range);
        for (j, &t) in trace.order.iter().enumerate() {
            for d in 0..e {
                let y = trace.y[j * e + d];
                let Some(w) = p.w else {
                    out[t * e + d] = y * p.x.z.map_or(1.0, |z| silu(z[t * e + d]));
                    continue;
                };
                let w = w[t * e + d];
                out[s * e + d] += w * y;
                for i in 0..n {
                    k[(s * e + d) * n + i] += w * p.x.c[t * n + i] * trace.decay[((j + 1) * e + d) * n + i];
                }
            }
        }
        h_last.extend_from_slice(&trace.h[trace.order.len() * e * n..]);
    }
    Outputs { out, h_last, k: pooled.then_some(k) }
}

/// Computes every gradient; [`forward`] has an example.
pub fn backward(p: &Problem<'_, f64>, by: &OutputGradients<'_, f64>) -> Gradients<Vec<f64>> {
    let zeros = |x: &[f64]| vec![0.0; x.len()];
    let mut g = Gradients { x: p.x.clone().map(zeros), w: p.w.map(zeros) };
    for (s, range) in p.segments.ranges().enumerate() {
        segment_backward(p, by, s, range, &mut g);
    }
    g
}

fn segment_backward(
    p: &Problem<'_, f64>,
    by: &OutputGradients<'_, f64>,
    s: usize,
    range: Range<usize>,
    g: &mut Gradients<Vec<f64>>,
) {
    let (e, n) = (p.e, p.n);
    let ScanInputs { u, delta, a, b, c, d: skip, z, delta_bias, .. } = &p.x;
    let trace = Trace::new(p, s, range);
    let states = s * e * n..(s + 1) * e * n;
    let mut carry = by.h_last.map_or_else(|| vec![0.0; e * n], |h| h[states.clone()].to_vec());
    let mut read = vec![0.0; e * n];
    for (j, &t) in trace.order.iter().enumerate().rev() {
        for d in 0..e {
            let at = t * e + d;
            let y = trace.y[j * e + d];
            let dy = match (by.out, p.w, z) {
                (None, ..) => 0.0,
                (Some(pool), Some(w), _) => pool[s * e + d] * w[at],
                (Some(out), None, Some(z)) => out[at] * silu(z[at]),
                (Some(out), None, None) => out[at],
            };
            if let (Some(out), Some(z), Some(dz)) = (by.out, z, &mut g.x.z) {
                let gate = sigmoid(z[at]);
                dz[at] = out[at] * y * gate * (1.0 + z[at] * (1.0 - gate));
            }
            if let (Some(pool), Some(dw)) = (by.out, &mut g.w) {
                dw[at] += pool[s * e + d] * y;
            }

            let dt = trace.dt[j * e + d];
            let (mut q, mut r) = (0.0, 0.0);
            for i in 0..n {
                let (di, ti) = (d * n + i, t * n + i);
                let before = (j * e + d) * n + i;
                let after = before + e * n;
                let adjoint = dy * c[ti] + carry[di];
                carry[di] = (dt * a[di]).exp() * adjoint;
                let mut m = carry[di] * trace.h[before];
                g.x.c[ti] += dy * trace.h[after];
                g.x.b[ti] += adjoint * dt * u[at];
                if let (Some(dk), Some(w), Some(dw)) = (by.k, p.w, &mut g.w) {
                    let x = dk[states.start + di] * trace.decay[after];
                    dw[at] += x * c[ti];
                    g.x.c[ti] += x * w[at];
                    read[di] += x * w[at] * c[ti];
                    m += read[di];
                }
                q += adjoint * b[ti];
                r += a[di] * m;
                g.x.a[di] += dt * m;
            }
            g.x.u[at] = dt * q + skip.map_or(0.0, |skip| skip[d] * dy);
            let ddelta = (u[at] * q + r) * sigmoid(delta[at] + delta_bias.map_or(0.0, |bias| bias[d]));
            g.x.delta[at] = ddelta;
            if let Some(dbias) = &mut g.x.delta_bias {
                dbias[d] += ddelta;
            }
            if let Some(dskip) = &mut g.x.d {
                dskip[d] += dy * u[at];
            }
        }
    }
    if let Some(dh0) = &mut g.x.h0 {
        dh0[states].copy_from_slice(&carry);
    }
}

/// Every intermediate of one segment, in the order of the walk.
struct Trace {
    /// Token of each step (l).
    order: Vec<usize>,
    /// Time steps (l, e).
    dt: Vec<f64>,
    /// States before the first step and after each (l + 1, e, n).
    h: Vec<f64>,
    /// Decay since the segment's start (l + 1, e, n).
    decay: Vec<f64>,
    /// Outputs before gate and pooling (l, e).
    y: Vec<f64>,
}

impl Trace {
    fn new(p: &Problem<'_, f64>, s: usize, range: Range<usize>) -> Self {
        let (e, n) = (p.e, p.n);
        let x = &p.x;
        let order: Vec<usize> = match p.direction {
            Direction::Forward => range.collect(),
            Direction::Reverse => range.rev().collect(),
        };
        let mut h = x.h0.map_or_else(|| vec![0.0; e * n], |h0| h0[s * e * n..(s + 1) * e * n].to_vec());
        let mut decay = vec![1.0; e * n];
        let (mut dts, mut ys) = (Vec::new(), Vec::new());
        for (j, &t) in order.iter().enumerate() {
            for d in 0..e {
                let u = x.u[t * e + d];
                let dt = softplus(x.delta[t * e + d] + x.delta_bias.map_or(0.0, |bias| bias[d]));
                let mut y = x.d.map_or(0.0, |skip| skip[d] * u);
                for i in 0..n {
                    let before = (j * e + d) * n + i;
                    let a = (dt * x.a[d * n + i]).exp();
                    let state = a * h[before] + dt * u * x.b[t * n + i];
                    h.push(state);
                    decay.push(a * decay[before]);
                    y += x.c[t * n + i] * state;
                }
                dts.push(dt);
                ys.push(y);
            }
        }
        Self { order, dt: dts, h, decay, y: ys }
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

fn silu(x: f64) -> f64 {
    x * sigmoid(x)
}
