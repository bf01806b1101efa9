//! Convolves on a card: `lib/kernels/ops/conv.cuh` holds the kernels.

use candle_core::Result;

use super::Conv;
use crate::nn::Direction;
use crate::nn::ops::card::Number;
use crate::nn::ops::card::desk::{CardOp, Desk, Lies, countable, whole};

/// Tokens of a tile whose sums one thread makes, at least; and the most tiles.
const STEPS: usize = 64;
const TILES: usize = 256;

/// Everything that one call works with; what is absent is 0.
#[derive(Default)]
struct Work {
    taps: u64,
    slope: u64,
    parts: u64,
    grad: u64,
    out: u64,
    to: [u64; 3],
}

impl Conv {
    /// Gives the tokens of a tile, and the number of tiles.
    fn tiles(&self) -> (usize, usize) {
        let tokens = self.segments.tokens();
        let steps = STEPS.max(tokens.div_ceil(TILES));
        (steps, tokens.div_ceil(steps))
    }

    /// Turns the weight.
    fn taps(&self, desk: &mut dyn Desk, x: &[Lies]) -> Result<Work> {
        let count = x[1].count();
        let work = Work { taps: desk.alloc(Number::F32, count)?, ..Work::default() };
        let words = self.words(desk, x, &work)?;
        desk.run("conv_taps", count, words)?;
        Ok(work)
    }

    /// Writes the struct of the kernels.
    fn words(&self, desk: &mut dyn Desk, x: &[Lies], work: &Work) -> Result<Vec<u64>> {
        let (owners, bounds) =
            (desk.positions(self.segments.owners())?, desk.positions(self.segments.bounds())?);
        let (steps, tiles) = self.tiles();
        let [dx, dweight, dbias] = work.to;
        let mut words = vec![x[0].at, x[1].at, x[2].at, work.grad, owners, bounds];
        words.extend([work.taps, work.slope, work.parts, work.out, dx, dweight, dbias]);
        let [e, w] = [x[1].dims[0], x[1].dims[1]];
        words.extend([self.segments.tokens(), e, w, tiles, steps].map(|size| size as u64));
        words.push(u64::from(self.direction == Direction::Reverse));
        Ok(words)
    }
}

impl CardOp for Conv {
    fn fits(&self, dims: &[&[usize]]) -> bool {
        let (tokens, e, w) = (dims[0][0], dims[1][0], dims[1][1]);
        countable(&[tokens, e]) && countable(&[TILES, w + 1, e]) && w > 0 && e > 0
    }

    fn forward(&self, desk: &mut dyn Desk, x: &[Lies]) -> Result<Vec<Lies>> {
        let (mut work, out) = (self.taps(desk, x)?, desk.output(&x[0].dims)?);
        work.out = out.at;
        let words = self.words(desk, x, &work)?;
        desk.run("conv_forward", out.count(), words)?;
        Ok(vec![out])
    }

    fn backward(&self, desk: &mut dyn Desk, x: &[Lies], grads: &[Option<u64>]) -> Result<Vec<Option<u64>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; 3]) };
        let (values, taps, e) = (x[0].count(), x[1].count(), x[2].count());
        let parts = self.tiles().1 * (taps + e);
        let mut work = self.taps(desk, x)?;
        work.grad = grad;
        work.slope = desk.alloc(Number::F32, values)?;
        work.parts = desk.alloc(Number::F32, parts)?;
        for (to, x) in work.to.iter_mut().zip(x) {
            *to = desk.output(&x.dims)?.at;
        }
        let words = self.words(desk, x, &work)?;
        desk.run("conv_slope", values, words.clone())?;
        desk.run("conv_gradient", whole(values) + parts, words.clone())?;
        desk.run("conv_finish", whole(taps) + e, words)?;
        Ok(work.to.map(Some).into())
    }
}
