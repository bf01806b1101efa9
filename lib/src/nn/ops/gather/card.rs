//! Copies segments on a card: `lib/kernels/ops/gather.cuh` holds the kernels.

use candle_core::Result;

use super::Gather;
use crate::nn::Segments;
use crate::nn::ops::card::desk::{CardOp, Desk, Lies, countable};

/// Gives the addresses of bounds and owners; of segments that are single rows, none.
fn places(desk: &mut dyn Desk, segments: &Segments) -> Result<[u64; 2]> {
    if segments.ranges().all(|range| range.len() == 1) {
        return Ok([0; 2]);
    }
    Ok([desk.positions(segments.bounds())?, desk.positions(segments.owners())?])
}

impl Gather {
    /// Writes the struct of the kernels; `users` are what only sums need.
    fn words(&self, desk: &mut dyn Desk, from: u64, to: &Lies, users: [u64; 2]) -> Result<Vec<u64>> {
        let mut words = vec![from, to.at, desk.positions(&self.at)?];
        words.extend(users);
        words.extend(places(desk, &self.segments)?);
        words.extend(places(desk, &self.taken)?);
        words.extend([to.dims[0], to.row(), self.at.bound()].map(|size| size as u64));
        Ok(words)
    }

    /// Copies rows to where they are taken.
    pub(in crate::nn::ops) fn copy(&self, desk: &mut dyn Desk, from: u64, to: &Lies) -> Result<()> {
        let words = self.words(desk, from, to, [0; 2])?;
        desk.run("gather", to.count(), words)
    }

    /// Adds up, for each row, what lies where it was taken to.
    pub(in crate::nn::ops) fn sum(&self, desk: &mut dyn Desk, from: u64, to: &Lies) -> Result<()> {
        let (first, users) = self.at.inverse();
        let users = [desk.positions(first)?, desk.positions(users)?];
        let words = self.words(desk, from, to, users)?;
        desk.run("gather_gradient", to.count(), words)
    }
}

impl CardOp for Gather {
    fn fits(&self, dims: &[&[usize]]) -> bool {
        let width = dims[0][1..].iter().product();
        countable(&[dims[0][0].max(self.taken.tokens()), width])
    }

    fn forward(&self, desk: &mut dyn Desk, x: &[Lies]) -> Result<Vec<Lies>> {
        let mut dims = x[0].dims.clone();
        dims[0] = self.taken.tokens();
        let out = desk.output(&dims)?;
        self.copy(desk, x[0].at, &out)?;
        Ok(vec![out])
    }

    fn backward(&self, desk: &mut dyn Desk, x: &[Lies], grads: &[Option<u64>]) -> Result<Vec<Option<u64>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let dx = desk.output(&x[0].dims)?;
        self.sum(desk, grad, &dx)?;
        Ok(vec![Some(dx.at)])
    }
}
