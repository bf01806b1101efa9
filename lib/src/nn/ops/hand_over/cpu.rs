//! Scales molecule by molecule.

use candle_core::{Result, Shape};
use rayon::prelude::*;

use super::{EPSILON, HandOver};
use crate::nn::ops::real::Real;
use crate::nn::ops::slices::{SliceOp, View};
use crate::nn::ops::vectors::dot;
use crate::simd::simd;

/// Gives one over the root mean square of one molecule's states.
#[inline(always)]
fn scale<F: Real>(states: &[View<'_, F>], row: std::ops::Range<usize>) -> F {
    let mut squares = F::ZERO;
    for state in states {
        squares += dot(&state.values[row.clone()], &state.values[row.clone()]);
    }
    F::ONE / (squares / F::of((states.len() * row.len()) as f64) + F::of(EPSILON)).sqrt()
}

impl SliceOp for HandOver {
    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let (states, gammas) = x.split_at(x.len() / 2);
        let (s, width) = (states[0].dims[0], states[0].row());
        let scales: Vec<F> =
            (0..s).into_par_iter().map(|at| simd!(|| scale(states, at * width..(at + 1) * width))).collect();
        let outputs = states.iter().zip(gammas).map(|(state, gamma)| {
            let mut out = vec![F::ZERO; state.values.len()];
            out.par_chunks_mut(width).zip(state.values.par_chunks(width)).zip(&scales).for_each(
                |((out, h), &scale)| {
                    simd!(|| {
                        for ((out, &h), &gamma) in out.iter_mut().zip(h).zip(gamma.values) {
                            *out = h * scale * gamma;
                        }
                    });
                },
            );
            (out, state.dims.into())
        });
        Ok(outputs.collect())
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let (states, gammas) = x.split_at(x.len() / 2);
        let (s, width) = (states[0].dims[0], states[0].row());
        let count = F::of((states.len() * width) as f64);
        let rows = |at: usize| at * width..(at + 1) * width;
        // Per molecule: the scale, and how the loss changes along the states themselves.
        let along: Vec<(F, F)> = (0..s)
            .into_par_iter()
            .map(|at| {
                simd!(|| {
                    let scale = scale(states, rows(at));
                    let mut along = F::ZERO;
                    for ((state, gamma), grad) in states.iter().zip(gammas).zip(grads) {
                        let Some(grad) = grad else { continue };
                        let (h, g) = (&state.values[rows(at)], &grad[rows(at)]);
                        let mut lanes = [F::ZERO; 16];
                        let chunks = h.chunks(16).zip(g.chunks(16)).zip(gamma.values.chunks(16));
                        for ((h, g), gamma) in chunks {
                            for (lane, ((&h, &g), &gamma)) in lanes.iter_mut().zip(h.iter().zip(g).zip(gamma))
                            {
                                *lane += h * g * gamma;
                            }
                        }
                        for lane in lanes {
                            along += lane;
                        }
                    }
                    (scale, along * scale * scale * scale / count)
                })
            })
            .collect();
        let mut dstates = Vec::new();
        let mut dgammas = Vec::new();
        for ((state, gamma), grad) in states.iter().zip(gammas).zip(grads) {
            let mut dstate = vec![F::ZERO; state.values.len()];
            dstate.par_chunks_mut(width).enumerate().for_each(|(at, out)| {
                let (scale, along) = along[at];
                simd!(|| match grad {
                    Some(grad) => {
                        let (h, g) = (&state.values[rows(at)], &grad[rows(at)]);
                        for (((out, &h), &g), &gamma) in out.iter_mut().zip(h).zip(g).zip(gamma.values) {
                            *out = g * gamma * scale - h * along;
                        }
                    }
                    None => {
                        for (out, &h) in out.iter_mut().zip(&state.values[rows(at)]) {
                            *out = -(h * along);
                        }
                    }
                });
            });
            dstates.push(Some(dstate));
            dgammas.push(grad.map(|grad| {
                let mut dgamma = vec![F::ZERO; width];
                dgamma.par_chunks_mut(256).enumerate().for_each(|(part, out)| {
                    simd!(|| {
                        for (at, &(scale, _)) in along.iter().enumerate() {
                            let start = at * width + part * 256;
                            let (h, g) =
                                (&state.values[start..start + out.len()], &grad[start..start + out.len()]);
                            for ((out, &h), &g) in out.iter_mut().zip(h).zip(g) {
                                *out += h * g * scale;
                            }
                        }
                    });
                });
                dgamma
            }));
        }
        dstates.extend(dgammas);
        Ok(dstates)
    }
}
