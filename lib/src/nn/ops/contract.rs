//! Contracts the read-out of one molecule with the state of the other, pair by pair.

#[cfg(any(test, feature = "cuda"))]
mod card;
mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;
use crate::nn::Indices;

/// Computes `Σₙ k[taker of the pair, ·, n] · h[giver of the pair, ·, n]`, added up over the directions, without ever
/// copying the read-outs or states of a pair.
///
/// # Shapes
///
/// `k` one (s, e, n) per direction, `h` one (s′, e, n) per direction, `taker` and `giver` b positions each → (b, e).
pub(crate) fn contract(k: &[Tensor], h: &[Tensor], taker: &Indices, giver: &Indices) -> Result<Tensor> {
    let inputs: Vec<&Tensor> = k.iter().chain(h).collect();
    apply_one(Contract { taker: taker.clone(), giver: giver.clone() }, &inputs)
}

pub(super) struct Contract {
    pub(super) taker: Indices,
    pub(super) giver: Indices,
}

impl Operation for Contract {
    const NAME: &'static str = "contract";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let (taker, giver) = (self.taker.tensor(x[0].device())?, self.giver.tensor(x[0].device())?);
        let (k, h) = x.split_at(x.len() / 2);
        let mut sum = Tensor::zeros((self.taker.len(), k[0].dim(1)?), k[0].dtype(), k[0].device())?;
        for (k, h) in k.iter().zip(h) {
            sum = (sum + (k.index_select(&taker, 0)? * h.index_select(&giver, 0)?)?.sum(2)?)?; // (b, e)
        }
        Ok(vec![sum])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }

    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        super::cuda::graph::apply(self, x)
    }
}
