//! Walks a unit backwards, recomputing its states tile by tile; equations in [`reference`](super::super::reference).
//!
//! Per tile: first, token by token over all channels, what every state needs; then, for some blocks of channels
//! and [`GROUP`] states at a time, the recurrence forwards (states and decays are kept for the tile, dC on the
//! way) and backwards (dB, dA, and sums over states for du and ddelta); last, token by token, the rest.

use super::super::OutputGradients;
use super::lanes::{Lanes, sigmoid, softplus_and_slope};
use super::plan::{ROWS, Tile};
use super::scratch::{Layout, Shared};
use super::task::{Fields, Task, by_quads};

mod sweep;

/// States that are swept at once.
const GROUP: usize = 4;

/// Fields: time step, time step × u, output, gradient by the output, Σ g B, Σ A m, slope of the time step, weight or
/// gate (a pool has no gate), Σ G C P.
const DT: usize = 0;
const DU: usize = 1;
const Y: usize = 2;
const DY: usize = 3;
const Q_SUM: usize = 4;
const R_SUM: usize = 5;
const SLOPE: usize = 6;
const W: usize = 7;
const GATE: usize = W;
const V_SUM: usize = 8;
type Rows = Fields<9>;

/// Where gradients go; null: not wanted.
#[derive(Clone, Copy)]
pub(super) struct GradientPointers {
    pub(super) u: Shared,
    pub(super) delta: Shared,
    pub(super) z: Shared,
    pub(super) w: Shared,
    pub(super) h0: Shared,
    /// (range of channels, t, n)
    pub(super) b: Shared,
    pub(super) c: Shared,
    /// (unit, block, padded states, lanes)
    pub(super) a: Shared,
    /// (unit, e)
    pub(super) skip: Shared,
    pub(super) bias: Shared,
}

/// Parts of the thread's buffer.
struct Buffers {
    rows: Rows,
    b: *mut f32,
    c: *mut f32,
    /// Sums over blocks for dB and dC (row, padded states, lanes).
    db: *mut f32,
    dc: *mut f32,
    /// Of the swept states (row, block, GROUP, lanes): states before each row, decays, and terms of the read-out.
    h: *mut f32,
    a: *mut f32,
    terms: *mut f32,
    /// Of whole sequences (piece, padded states, lanes), per swept block: initial states, adjoints, gradients by
    /// K, and suffix sums of the read-out …
    local: [[*mut f32; 4]; 2],
    /// … and those of a sequence that spans tiles (block, padded states, lanes).
    carried: [*mut f32; 4],
}

const H0: usize = 0;
const ADJOINT: usize = 1;
const DK: usize = 2;
const SUFFIX: usize = 3;

impl Buffers {
    fn new<S: Lanes>(task: &Task<'_>, layout: &mut Layout) -> Self {
        let (blocks, states) = (task.blocks::<S>(), task.block_states::<S>());
        let swept = ROWS * 2 * GROUP * S::WIDTH;
        Self {
            rows: Rows::new::<S>(layout.take(Rows::count::<S>(blocks))),
            b: layout.take(ROWS * task.np),
            c: layout.take(ROWS * task.np),
            db: layout.take(ROWS * states),
            dc: layout.take(ROWS * states),
            h: layout.take(swept),
            a: layout.take(swept),
            terms: layout.take(swept),
            local: [(); 2].map(|()| [(); 4].map(|()| layout.take(ROWS * states))),
            carried: [(); 4].map(|()| layout.take(blocks * states)),
        }
    }
}

/// Counts the floats of the thread's buffer that a task needs.
pub(super) fn scratch<S: Lanes>(task: &Task<'_>) -> usize {
    let mut layout = Layout::measure();
    Buffers::new::<S>(task, &mut layout);
    layout.taken()
}

/// Runs a task, sweeping `M` blocks at once (1 or 2); `THROUGH_K`: with a gradient by K.
///
/// # Safety
///
/// Needs the lanes' instruction set, `scratch` floats at `start`, and tensors of the problem's sizes.
#[inline(always)]
pub(super) unsafe fn run<S: Lanes, const M: usize, const THROUGH_K: bool>(
    task: &Task<'_>,
    start: *mut f32,
    by: &OutputGradients<'_, f32>,
    to: &GradientPointers,
) {
    let buffers = Buffers::new::<S>(task, &mut Layout::at(start));
    let tiles = task.tiles();
    for (i, tile) in tiles.iter().enumerate().rev() {
        run_tile::<S, M, THROUGH_K>(task, (tile, tiles[..i].last()), &buffers, by, to);
    }
}

#[inline(always)]
unsafe fn run_tile<S: Lanes, const M: usize, const THROUGH_K: bool>(
    task: &Task<'_>,
    (tile, next): (&Tile, Option<&Tile>),
    at: &Buffers,
    by: &OutputGradients<'_, f32>,
    to: &GradientPointers,
) {
    let p = task.call.p;
    let x = &p.x;
    let tokens = task.tokens(tile);
    let (next_tokens, next_rows) = task.next_tokens(next);
    let gate = x.z.or(p.w).unwrap_or(x.u);
    // A pool's gradient is one row per segment and stays in the cache.
    let dout = by.out.filter(|_| p.w.is_none()).unwrap_or(x.u);
    let tokens = &tokens[..tile.rows];
    task.copy_projection(x.b, tokens, at.b);
    task.copy_projection(x.c, tokens, at.c);
    let sums = tile.rows * task.block_states::<S>();
    at.db.write_bytes(0, sums);
    at.dc.write_bytes(0, sums);
    let mut longest = S::splat(0.0);
    for piece in task.pieces(tile) {
        for row in piece.rows.clone() {
            let (token, segment) = (tokens[row], piece.segment);
            by_quads!(S::WIDTH, task.channels, |block, Q| {
                prepare::<S, Q, THROUGH_K>(task, at.rows, (row, token, segment), block, by, to, &mut longest);
            });
        }
    }
    let near = task.near(longest);
    let blocks = task.blocks::<S>();
    let mut block = 0;
    while block + M <= blocks {
        for m in 0..M {
            task.prefetch::<S>(&[x.u, x.delta, gate, dout], &next_tokens[..next_rows], block + m);
            if let Some(number) = next.and_then(|tile| tile.checkpoint) {
                task.prefetch_checkpoint::<S>(number, block + m);
            }
        }
        sweep::blocks::<S, M, THROUGH_K>(task, (tile, near), at, block, by, to);
        block += M;
    }
    while block < blocks {
        sweep::blocks::<S, 1, THROUGH_K>(task, (tile, near), at, block, by, to);
        block += 1;
    }
    for piece in task.pieces(tile) {
        for row in piece.rows.clone() {
            let (token, segment) = (tokens[row], piece.segment);
            by_quads!(S::WIDTH, task.channels, |block, Q| {
                finish::<S, Q, THROUGH_K>(task, at.rows, (row, token, segment), block, by, to);
            });
        }
    }
    projections::<S>(task, at, tokens, to);
}

/// Computes what every state of some channels needs at one token.
#[inline(always)]
unsafe fn prepare<S: Lanes, const Q: usize, const THROUGH_K: bool>(
    task: &Task<'_>,
    rows: Rows,
    (row, token, segment): (usize, usize, usize),
    block: usize,
    by: &OutputGradients<'_, f32>,
    to: &GradientPointers,
    longest: &mut S,
) {
    let p = task.call.p;
    let x = &p.x;
    let mut delta: [S; Q] = task.load(x.delta.as_ptr(), token, block);
    let bias: [S; Q] = task.load_or_zero(x.delta_bias, 0, block);
    let skip: [S; Q] = task.load_or_zero(x.d, 0, block);
    let u: [S; Q] = task.load(x.u.as_ptr(), token, block);
    for k in 0..Q {
        delta[k] = delta[k].add(bias[k]);
    }
    let (dt, slope) = softplus_and_slope(delta);
    let mut dy: [S; Q] = task.load_or_zero(by.out, if p.w.is_some() { segment } else { token }, block);
    if let Some(w) = p.w {
        let w: [S; Q] = task.load(w.as_ptr(), token, block);
        for k in 0..Q {
            dy[k] = dy[k].mul(w[k]);
            w[k].store(rows.at(block + k, row).add(W * S::WIDTH));
        }
    }
    if let Some(z) = x.z {
        let z: [S; Q] = task.load(z.as_ptr(), token, block);
        let gate = sigmoid(z);
        for k in 0..Q {
            dy[k] = dy[k].mul(z[k].mul(gate[k]));
            gate[k].store(rows.at(block + k, row).add(GATE * S::WIDTH));
        }
    }
    let zero = S::splat(0.0);
    for k in 0..Q {
        *longest = longest.max(dt[k]);
        let f = rows.at(block + k, row);
        dt[k].store(f.add(DT * S::WIDTH));
        dt[k].mul(u[k]).store(f.add(DU * S::WIDTH));
        skip[k].mul(u[k]).store(f.add(Y * S::WIDTH));
        dy[k].store(f.add(DY * S::WIDTH));
        zero.store(f.add(Q_SUM * S::WIDTH));
        zero.store(f.add(R_SUM * S::WIDTH));
        slope[k].store(f.add(SLOPE * S::WIDTH));
        if THROUGH_K {
            zero.store(f.add(V_SUM * S::WIDTH));
        }
    }
    if !to.skip.0.is_null() {
        let mut sum: [S; Q] = task.load(to.skip.0, task.unit, block);
        for k in 0..Q {
            sum[k] = dy[k].fma(u[k], sum[k]);
        }
        task.store(sum, to.skip, task.unit, block);
    }
}

/// Computes the gradients of some channels at one token from the sums over states.
#[inline(always)]
unsafe fn finish<S: Lanes, const Q: usize, const THROUGH_K: bool>(
    task: &Task<'_>,
    rows: Rows,
    (row, token, segment): (usize, usize, usize),
    block: usize,
    by: &OutputGradients<'_, f32>,
    to: &GradientPointers,
) {
    let p = task.call.p;
    let x = &p.x;
    let field = |k: usize, field: usize| rows.at(block + k, row).add(field * S::WIDTH);
    let skip: [S; Q] = task.load_or_zero(x.d, 0, block);
    let u: [S; Q] = task.load(x.u.as_ptr(), token, block);
    let (mut du, mut ddelta) = (u, u);
    for k in 0..Q {
        let (dt, dy) = (S::load(field(k, DT)), S::load(field(k, DY)));
        let (q, r) = (S::load(field(k, Q_SUM)), S::load(field(k, R_SUM)));
        du[k] = dt.fma(q, skip[k].mul(dy));
        // The rates carry a factor log2(e).
        ddelta[k] = u[k].fma(q, r.mul(S::splat(std::f32::consts::LN_2))).mul(S::load(field(k, SLOPE)));
    }
    task.store(du, to.u, token, block);
    task.store(ddelta, to.delta, token, block);
    if !to.bias.0.is_null() {
        let mut sum: [S; Q] = task.load(to.bias.0, task.unit, block);
        for k in 0..Q {
            sum[k] = sum[k].add(ddelta[k]);
        }
        task.store(sum, to.bias, task.unit, block);
    }
    if let Some(z) = x.z {
        let z: [S; Q] = task.load(z.as_ptr(), token, block);
        let mut dz: [S; Q] = task.load_or_zero(by.out, token, block);
        for k in 0..Q {
            let gate = S::load(field(k, GATE));
            // s (1 + z (1 − s))
            let silu = z[k].mul(gate);
            let slope = gate.add(silu.sub(silu.mul(gate)));
            dz[k] = dz[k].mul(S::load(field(k, Y))).mul(slope);
        }
        task.store(dz, to.z, token, block);
    }
    if p.w.is_some() {
        let pool: [S; Q] = task.load_or_zero(by.out, segment, block);
        let mut dw = pool;
        for k in 0..Q {
            dw[k] = pool[k].mul(S::load(field(k, Y)));
            if THROUGH_K {
                dw[k] = dw[k].add(S::load(field(k, V_SUM)));
            }
        }
        task.store(dw, to.w, token, block);
    }
}

/// Sums dB and dC over lanes and writes them.
#[inline(always)]
unsafe fn projections<S: Lanes>(task: &Task<'_>, at: &Buffers, tokens: &[usize], to: &GradientPointers) {
    let (n, np) = (task.call.p.n, task.np);
    let range = task.range * task.call.p.segments.tokens();
    for (sums, sum, to) in [(at.db, at.b, to.b), (at.dc, at.c, to.c)] {
        // The tile's projections are done with: their place takes the sums.
        S::sums(sums, tokens.len() * np, sum);
        for (row, &token) in tokens.iter().enumerate() {
            to.0.add((range + token) * n).copy_from_nonoverlapping(sum.add(row * np), n);
        }
    }
}
