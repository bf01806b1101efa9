//! One task: a unit of tiles on one range of channels.
//!
//! A task writes the tokens, segments, checkpoints and sums of its unit at its channels; no other task writes
//! there. Channels come in blocks of one vector. States are padded to a multiple of [`STATES`], with rates and
//! projections of 0.

use super::super::Problem;
use super::lanes::{LARGEST_EXPONENT, Lanes};
use super::plan::{Piece, Plan, ROWS, Tile};
use super::scratch::{LINE, Shared};

/// The number of states is padded to a multiple of this.
pub(super) const STATES: usize = 8;

/// What the tasks of one call share.
pub(super) struct Call<'a> {
    pub(super) p: &'a Problem<'a, f32>,
    pub(super) plan: &'a Plan,
    /// `A · log2(e)` as (blocks, padded states, lanes).
    pub(super) rates: Vec<f32>,
    /// The largest magnitude among the rates.
    pub(super) steepest: f32,
    /// States before each continued tile as (checkpoint, block, 1 or 2, padded states, lanes); null: not kept.
    pub(super) checkpoints: Shared,
}

impl<'a> Call<'a> {
    /// Lays the rates out for vectors of `width` channels.
    pub(super) fn new(p: &'a Problem<'a, f32>, plan: &'a Plan, width: usize, checkpoints: Shared) -> Self {
        let rates = pack_rates(p.x.a, (p.e, p.n), width);
        let steepest = rates.iter().fold(0.0, |largest: f32, rate| rate.abs().max(largest));
        Self { p, plan, rates, steepest, checkpoints }
    }

    /// Counts the ranges of channels.
    pub(super) fn ranges(&self) -> usize {
        self.p.e.div_ceil(self.plan.channels)
    }

    /// Makes the task of a number below units × ranges.
    pub(super) fn task(&self, number: usize) -> Task<'_> {
        let (unit, range) = (number / self.ranges(), number % self.ranges());
        let channel = range * self.plan.channels;
        let channels = self.plan.channels.min(self.p.e - channel);
        Task { call: self, unit, range, channel, channels, np: padded(self.p.n) }
    }
}

/// Pads a number of states.
pub(super) fn padded(n: usize) -> usize {
    n.next_multiple_of(STATES)
}

/// Lays rates out for vectors of channels.
fn pack_rates(a: &[f32], (e, n): (usize, usize), width: usize) -> Vec<f32> {
    let np = padded(n);
    let mut rates = vec![0.0; e.div_ceil(width) * np * width];
    for d in 0..e {
        for i in 0..n {
            rates[(d / width * np + i) * width + d % width] = a[d * n + i] * std::f32::consts::LOG2_E;
        }
    }
    rates
}

pub(super) struct Task<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) unit: usize,
    /// Which range of channels.
    pub(super) range: usize,
    pub(super) channel: usize,
    pub(super) channels: usize,
    pub(super) np: usize,
}

impl<'a> Task<'a> {
    pub(super) fn tiles(&self) -> &'a [Tile] {
        &self.call.plan.tiles[self.call.plan.units[self.unit].clone()]
    }

    pub(super) fn pieces(&self, tile: &Tile) -> &'a [Piece] {
        &self.call.plan.pieces[tile.pieces.clone()]
    }

    pub(super) fn blocks<S: Lanes>(&self) -> usize {
        self.channels.div_ceil(S::WIDTH)
    }

    /// Counts the channels of a block that exist.
    pub(super) fn lanes<S: Lanes>(&self, block: usize) -> usize {
        S::WIDTH.min(self.channels - block * S::WIDTH)
    }

    /// Counts the floats of one block's states.
    pub(super) fn block_states<S: Lanes>(&self) -> usize {
        self.np * S::WIDTH
    }

    /// Numbers a block among those of all channels.
    pub(super) fn global_block<S: Lanes>(&self, block: usize) -> usize {
        self.channel / S::WIDTH + block
    }

    /// Finds the first value of a block in a row of an (s, e, n) tensor.
    pub(super) fn state<S: Lanes>(&self, segment: usize, block: usize) -> usize {
        (segment * self.call.p.e + self.channel + block * S::WIDTH) * self.call.p.n
    }

    /// Finds a block's rates.
    pub(super) fn rates<S: Lanes>(&self, block: usize) -> *const f32 {
        let at = self.global_block::<S>(block) * self.block_states::<S>();
        self.call.rates[at..at + self.block_states::<S>()].as_ptr()
    }

    /// Finds what is kept before a continued tile: the states, and behind them the decays of a read-out.
    pub(super) unsafe fn checkpoint<S: Lanes>(&self, number: usize, block: usize, kinds: usize) -> *mut f32 {
        let blocks = self.call.p.e.div_ceil(S::WIDTH);
        let at = (number * blocks + self.global_block::<S>(block)) * kinds * self.block_states::<S>();
        // SAFETY: the caller has checked that checkpoints are there.
        unsafe { self.call.checkpoints.0.add(at) }
    }

    /// Tells whether all decays of some tokens, whose largest time step is given, are far from underflow.
    ///
    /// Then they need not be clamped, which is one operation in eight on the multipliers.
    #[inline(always)]
    pub(super) unsafe fn near<S: Lanes>(&self, longest: S) -> bool {
        longest.largest() * self.call.steepest < LARGEST_EXPONENT
    }

    /// Asks for the states that are kept before a continued tile.
    #[inline(always)]
    pub(super) unsafe fn prefetch_checkpoint<S: Lanes>(&self, number: usize, block: usize) {
        let kinds = if self.call.p.w.is_some() { 2 } else { 1 };
        let kept = self.checkpoint::<S>(number, block, kinds);
        for at in (0..kinds * self.block_states::<S>()).step_by(LINE) {
            S::prefetch(kept.add(at));
        }
    }

    /// Lists the token of each row of a tile.
    pub(super) fn tokens(&self, tile: &Tile) -> [usize; ROWS] {
        let mut tokens = [0; ROWS];
        for piece in self.pieces(tile) {
            let mut token = piece.token;
            for row in piece.rows.clone() {
                tokens[row] = token;
                token = token.wrapping_add_signed(self.call.plan.step);
            }
        }
        tokens
    }

    /// Lists the tokens of the tile that comes next, if any.
    pub(super) fn next_tokens(&self, next: Option<&Tile>) -> ([usize; ROWS], usize) {
        next.map_or(([0; ROWS], 0), |tile| (self.tokens(tile), tile.rows))
    }

    /// Copies the tile's rows of a projection (t, n) in the order of the walk, padded.
    pub(super) unsafe fn copy_projection(&self, from: &[f32], tokens: &[usize], to: *mut f32) {
        let (n, np) = (self.call.p.n, self.np);
        for (row, &token) in tokens.iter().enumerate() {
            // SAFETY: the caller's buffer holds `ROWS` padded rows.
            let to = unsafe { std::slice::from_raw_parts_mut(to.add(row * np), np) };
            to[..n].copy_from_slice(&from[token * n..(token + 1) * n]);
            to[n..].fill(0.0);
        }
    }

    /// Loads a row of consecutive blocks; several blocks are always whole.
    #[inline(always)]
    pub(super) unsafe fn load<S: Lanes, const Q: usize>(
        &self,
        from: *const f32,
        row: usize,
        block: usize,
    ) -> [S; Q] {
        let p = from.add(row * self.call.p.e + self.channel + block * S::WIDTH);
        let mut x = [S::splat(0.0); Q];
        for (k, x) in x.iter_mut().enumerate() {
            *x = if Q > 1 || self.lanes::<S>(block) == S::WIDTH {
                S::load(p.add(k * S::WIDTH))
            } else {
                S::load_part(p, self.lanes::<S>(block))
            };
        }
        x
    }

    /// As `load`, or zeros where there is nothing to load.
    #[inline(always)]
    pub(super) unsafe fn load_or_zero<S: Lanes, const Q: usize>(
        &self,
        from: Option<&[f32]>,
        row: usize,
        block: usize,
    ) -> [S; Q] {
        match from {
            Some(from) => self.load(from.as_ptr(), row, block),
            None => [S::splat(0.0); Q],
        }
    }

    /// Asks for a block of some tokens' rows in each of `arrays`.
    #[inline(always)]
    pub(super) unsafe fn prefetch<S: Lanes>(&self, arrays: &[&[f32]], tokens: &[usize], block: usize) {
        for array in arrays {
            let p = array.as_ptr().wrapping_add(self.channel + block * S::WIDTH);
            for token in tokens {
                S::prefetch(p.wrapping_add(token * self.call.p.e));
            }
        }
    }

    /// Stores a row of consecutive blocks.
    #[inline(always)]
    pub(super) unsafe fn store<S: Lanes, const Q: usize>(
        &self,
        x: [S; Q],
        to: Shared,
        row: usize,
        block: usize,
    ) {
        let p = to.0.add(row * self.call.p.e + self.channel + block * S::WIDTH);
        for (k, x) in x.into_iter().enumerate() {
            if Q > 1 || self.lanes::<S>(block) == S::WIDTH {
                x.store(p.add(k * S::WIDTH));
            } else {
                x.store_part(p, self.lanes::<S>(block));
            }
        }
    }

    /// Reads a block's states of one segment from an (s, e, n) tensor as (padded states, lanes).
    #[inline(always)]
    pub(super) unsafe fn gather<S: Lanes>(&self, from: &[f32], segment: usize, block: usize, to: *mut f32) {
        let n = self.call.p.n;
        S::gather(from.as_ptr().add(self.state::<S>(segment, block)), self.lanes::<S>(block), n, to);
        to.add(n * S::WIDTH).write_bytes(0, (self.np - n) * S::WIDTH);
    }

    /// Writes a block's states of one segment into an (s, e, n) tensor.
    #[inline(always)]
    pub(super) unsafe fn scatter<S: Lanes>(
        &self,
        from: *const f32,
        to: Shared,
        segment: usize,
        block: usize,
    ) {
        let to = to.0.add(self.state::<S>(segment, block));
        S::scatter(from, self.lanes::<S>(block), self.call.p.n, to);
    }
}

/// Vectors that pass between the phases of a tile: some fields per row and block.
#[derive(Clone, Copy)]
pub(super) struct Fields<const F: usize> {
    start: *mut f32,
    block: usize,
    width: usize,
}

impl<const F: usize> Fields<F> {
    /// Vectors in a row of a block.
    pub(super) const ROW: usize = F;

    /// Counts the floats that are needed.
    pub(super) fn count<S: Lanes>(blocks: usize) -> usize {
        blocks * Self::block_stride::<S>()
    }

    pub(super) fn new<S: Lanes>(start: *mut f32) -> Self {
        Self { start, block: Self::block_stride::<S>(), width: S::WIDTH }
    }

    /// Finds the first field of a row.
    #[inline(always)]
    pub(super) unsafe fn at(self, block: usize, row: usize) -> *mut f32 {
        self.start.add(block * self.block + row * F * self.width)
    }

    const fn block_stride<S: Lanes>() -> usize {
        // One vector more than needed, see `Layout::take`.
        (ROWS * F + 1) * S::WIDTH
    }
}

/// Iterates over the blocks of `range`, four at a time as long as they are whole.
macro_rules! by_quads {
    ($width:expr, $channels:expr, |$block:ident, $quad:ident| $body:expr) => {{
        let (width, channels) = ($width, $channels);
        let mut $block = 0;
        while ($block + 4) * width <= channels {
            const $quad: usize = 4;
            $body;
            $block += 4;
        }
        while $block * width < channels {
            const $quad: usize = 1;
            $body;
            $block += 1;
        }
    }};
}
pub(super) use by_quads;

/// Marks where pieces keep what they carry from tile to tile, or from one phase to the next.
#[inline(always)]
pub(super) fn slot(
    piece: &Piece,
    index: usize,
    block: usize,
    local: *mut f32,
    carried: *mut f32,
    size: usize,
) -> *mut f32 {
    let (base, at) = if piece.begins && piece.ends { (local, index) } else { (carried, block) };
    base.wrapping_add(at * size)
}
