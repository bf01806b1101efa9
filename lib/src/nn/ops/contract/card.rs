//! Contracts pairs on a card: `lib/kernels/ops/contract.cuh` holds the kernels.

use candle_core::Result;

use super::Contract;
use crate::nn::Indices;
use crate::nn::ops::card::desk::{CardOp, Desk, Lies, countable};

/// Directions that the kernels take.
const DIRECTIONS: usize = 4;
/// Factors of a launch.
const FACTORS: usize = 2 * DIRECTIONS;
/// Lanes that share a channel of a pair.
const LANES: usize = 4;

impl Contract {
    /// Writes the struct of one factor's gradient.
    fn factor(
        &self,
        desk: &mut dyn Desk,
        own: &Lies,
        other: &Lies,
        of_taker: bool,
        by: (u64, u64),
    ) -> Result<Vec<u64>> {
        let (mine, its): (&Indices, &Indices) =
            if of_taker { (&self.taker, &self.giver) } else { (&self.giver, &self.taker) };
        let (first, users) = mine.inverse();
        let (grad, to) = by;
        let at = [desk.positions(its)?, desk.positions(first)?, desk.positions(users)?];
        let sizes = [own.dims[0], mine.bound(), own.dims[1], own.dims[2]].map(|size| size as u64);
        Ok([other.at, grad].into_iter().chain(at).chain([to]).chain(sizes).collect())
    }
}

impl CardOp for Contract {
    fn fits(&self, dims: &[&[usize]]) -> bool {
        let most = dims.iter().map(|dims| dims[0]).max().unwrap_or(0);
        let (e, n) = (dims[0][1], dims[0][2]);
        let (pairs, lanes) = (self.taker.len(), n.next_multiple_of(4));
        e > 0
            && n > 0
            && dims.len() <= FACTORS
            && countable(&[pairs, e, LANES])
            && countable(&[most, e, lanes])
    }

    fn forward(&self, desk: &mut dyn Desk, x: &[Lies]) -> Result<Vec<Lies>> {
        let (pairs, e, n) = (self.taker.len(), x[0].dims[1], x[0].dims[2]);
        let out = desk.output(&[pairs, e])?;
        let half = x.len() / 2;
        let mut words = Vec::new();
        for factors in [&x[..half], &x[half..]] {
            words.extend((0..DIRECTIONS).map(|at| factors.get(at).map_or(0, |x| x.at)));
        }
        words.extend([desk.positions(&self.taker)?, desk.positions(&self.giver)?, out.at]);
        words.extend([half, pairs, e, n].map(|size| size as u64));
        desk.run("contract", pairs * e * LANES, words)?;
        Ok(vec![out])
    }

    fn backward(&self, desk: &mut dyn Desk, x: &[Lies], grads: &[Option<u64>]) -> Result<Vec<Option<u64>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; x.len()]) };
        let half = x.len() / 2;
        let (mut words, mut to) = (Vec::new(), Vec::new());
        for (at, own) in x.iter().enumerate() {
            let (other, of_taker) = (&x[(at + half) % x.len()], at < half);
            let out = desk.output(&own.dims)?.at;
            words.extend(self.factor(desk, own, other, of_taker, (grad, out))?);
            to.push(Some(out));
        }
        words.resize(words.len() / x.len() * FACTORS, 0);
        let most = x.iter().map(|x| x.dims[0] * x.dims[1] * x.dims[2].div_ceil(4)).max().unwrap_or(0);
        desk.run_beside("contract_gradient", most, x.len(), words)?;
        Ok(to)
    }
}
