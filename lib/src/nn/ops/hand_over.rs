//! Prepares the state that one molecule hands to the other.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply};
use super::slices;
use crate::Result;

const EPSILON: f64 = 1e-8;

/// Scales final states to a root mean square of 1 over all directions together, then by Γ:
/// `Γ ⊙ h / sqrt(mean(h²) + 1e-8)`.
///
/// # Shapes
///
/// `states` and `gammas` one per direction: (s, e, n) and (e, n) → one (s, e, n) per direction.
pub(crate) fn hand_over(states: &[Tensor], gammas: &[Tensor]) -> Result<Vec<Tensor>> {
    let inputs: Vec<&Tensor> = states.iter().chain(gammas).collect();
    apply(HandOver, &inputs)
}

pub(super) struct HandOver;

impl Operation for HandOver {
    const NAME: &'static str = "hand-over";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let (states, gammas) = x.split_at(x.len() / 2);
        let (s, e, n) = states[0].dims3()?;
        let mut squares = Tensor::zeros((s, 1, 1), states[0].dtype(), states[0].device())?;
        for state in states {
            squares = (squares + state.sqr()?.sum_keepdim((1, 2))?)?;
        }
        let count = (states.len() * e * n) as f64;
        let root = squares.affine(1.0 / count, EPSILON)?.sqrt()?; // (s, 1, 1)
        let scaled = |(state, gamma): (&&Tensor, &&Tensor)| -> Result<Tensor> {
            Ok(state.broadcast_div(&root)?.broadcast_mul(gamma)?)
        };
        states.iter().zip(gammas).map(scaled).collect()
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }
}
