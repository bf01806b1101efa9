//! Walks a unit forwards.
//!
//! Per tile: first, token by token over all channels, the time step and what else every state needs; then, block
//! by block, the recurrence of a few states at a time in registers; last, token by token, the gate, or the pool.

use super::lanes::{Lanes, sigmoid, softplus};
use super::plan::{ROWS, Tile};
use super::scratch::{Layout, Shared};
use super::task::{Fields, Task, by_quads, slot};

/// Fields: time step, time step × u, output, pooling weight.
const DT: usize = 0;
const DU: usize = 1;
const Y: usize = 2;
const W: usize = 3;
type Rows = Fields<4>;

/// Where results go; null: not wanted.
#[derive(Clone, Copy)]
pub(super) struct OutputPointers {
    pub(super) out: Shared,
    pub(super) h_last: Shared,
    pub(super) k: Shared,
}

/// Parts of the thread's buffer.
struct Buffers {
    rows: Rows,
    b: *mut f32,
    c: *mut f32,
    /// States, decays and read-outs of whole sequences (piece, padded states, lanes) …
    local: [*mut f32; 3],
    /// … and those of a sequence that spans tiles (block, padded states, lanes).
    carried: [*mut f32; 3],
}

impl Buffers {
    fn new<S: Lanes>(task: &Task<'_>, layout: &mut Layout) -> Self {
        let (blocks, states) = (task.blocks::<S>(), task.block_states::<S>());
        Self {
            rows: Rows::new::<S>(layout.take(Rows::count::<S>(blocks))),
            b: layout.take(ROWS * task.np),
            c: layout.take(ROWS * task.np),
            local: [(); 3].map(|()| layout.take(ROWS * states)),
            carried: [(); 3].map(|()| layout.take(blocks * states)),
        }
    }
}

/// Counts the floats of the thread's buffer that a task needs.
pub(super) fn scratch<S: Lanes>(task: &Task<'_>) -> usize {
    let mut layout = Layout::measure();
    Buffers::new::<S>(task, &mut layout);
    layout.taken()
}

/// Runs a task with `G` states in registers; `READOUT`: pools, and computes the read-out.
///
/// # Safety
///
/// Needs the lanes' instruction set, `scratch` floats at `start`, and outputs of the problem's sizes.
#[inline(always)]
pub(super) unsafe fn run<S: Lanes, const G: usize, const READOUT: bool>(
    task: &Task<'_>,
    start: *mut f32,
    to: &OutputPointers,
) {
    let buffers = Buffers::new::<S>(task, &mut Layout::at(start));
    let tiles = task.tiles();
    for (i, tile) in tiles.iter().enumerate() {
        run_tile::<S, G, READOUT>(task, (tile, tiles.get(i + 1)), &buffers, to);
    }
}

#[inline(always)]
unsafe fn run_tile<S: Lanes, const G: usize, const READOUT: bool>(
    task: &Task<'_>,
    (tile, next): (&Tile, Option<&Tile>),
    at: &Buffers,
    to: &OutputPointers,
) {
    let x = &task.call.p.x;
    let tokens = task.tokens(tile);
    let (next_tokens, next_rows) = task.next_tokens(next);
    let gate = x.z.or(task.call.p.w).unwrap_or(x.u);
    let tokens = &tokens[..tile.rows];
    task.copy_projection(x.b, tokens, at.b);
    task.copy_projection(x.c, tokens, at.c);
    let mut longest = S::splat(0.0);
    for (row, &token) in tokens.iter().enumerate() {
        by_quads!(S::WIDTH, task.channels, |block, Q| prepare::<S, Q, READOUT>(
            task,
            at.rows,
            row,
            token,
            block,
            &mut longest
        ));
    }
    let near = task.near(longest);
    for block in 0..task.blocks::<S>() {
        task.prefetch::<S>(&[x.u, x.delta, gate], &next_tokens[..next_rows], block);
        begin_block::<S, READOUT>(task, tile, at, block);
        for group in (0..task.np).step_by(G) {
            if near {
                recur::<S, G, READOUT, true>(task, tile, at, block, group);
            } else {
                recur::<S, G, READOUT, false>(task, tile, at, block, group);
            }
        }
        end_block::<S, READOUT>(task, tile, at, block, to);
    }
    if !READOUT {
        for (row, &token) in tokens.iter().enumerate() {
            by_quads!(S::WIDTH, task.channels, |block, Q| gate_rows::<S, Q>(
                task, at.rows, row, token, block, to
            ));
        }
    }
}

/// Computes what every state of some channels needs at one token.
#[inline(always)]
unsafe fn prepare<S: Lanes, const Q: usize, const READOUT: bool>(
    task: &Task<'_>,
    rows: Rows,
    row: usize,
    token: usize,
    block: usize,
    longest: &mut S,
) {
    let x = &task.call.p.x;
    let mut delta: [S; Q] = task.load(x.delta.as_ptr(), token, block);
    let bias: [S; Q] = task.load_or_zero(x.delta_bias, 0, block);
    let skip: [S; Q] = task.load_or_zero(x.d, 0, block);
    let u: [S; Q] = task.load(x.u.as_ptr(), token, block);
    for k in 0..Q {
        delta[k] = delta[k].add(bias[k]);
    }
    let dt = softplus(delta);
    for k in 0..Q {
        *longest = longest.max(dt[k]);
        let f = rows.at(block + k, row);
        dt[k].store(f.add(DT * S::WIDTH));
        dt[k].mul(u[k]).store(f.add(DU * S::WIDTH));
        skip[k].mul(u[k]).store(f.add(Y * S::WIDTH));
    }
    if READOUT {
        let w: [S; Q] = task.load_or_zero(task.call.p.w, token, block);
        for k in 0..Q {
            w[k].store(rows.at(block + k, row).add(W * S::WIDTH));
        }
    }
}

/// Brings initial states in, and keeps the states before a continued tile.
#[inline(always)]
unsafe fn begin_block<S: Lanes, const READOUT: bool>(
    task: &Task<'_>,
    tile: &Tile,
    at: &Buffers,
    block: usize,
) {
    let size = task.block_states::<S>();
    if let Some(h0) = task.call.p.x.h0 {
        for (index, piece) in task.pieces(tile).iter().enumerate().filter(|(_, piece)| piece.begins) {
            task.gather::<S>(
                h0,
                piece.segment,
                block,
                slot(piece, index, block, at.local[0], at.carried[0], size),
            );
        }
    }
    if let Some(number) = tile.checkpoint.filter(|_| !task.call.checkpoints.0.is_null()) {
        let kinds = if READOUT { 2 } else { 1 };
        let kept = task.checkpoint::<S>(number, block, kinds);
        for kind in 0..kinds {
            kept.add(kind * size).copy_from_nonoverlapping(at.carried[kind].add(block * size), size);
        }
    }
}

/// Runs the recurrence of `G` states of one block over all rows; `NEAR`: no decay underflows.
#[inline(always)]
unsafe fn recur<S: Lanes, const G: usize, const READOUT: bool, const NEAR: bool>(
    task: &Task<'_>,
    tile: &Tile,
    at: &Buffers,
    block: usize,
    group: usize,
) {
    let width = S::WIDTH;
    let rates = task.rates::<S>(block).add(group * width);
    for (index, piece) in task.pieces(tile).iter().enumerate() {
        let place = |kind: usize| {
            slot(piece, index, block, at.local[kind], at.carried[kind], task.block_states::<S>())
                .wrapping_add(group * width)
        };
        let [states, decays, reads] = [place(0), place(1), place(2)];
        let mut h = [S::splat(0.0); G];
        let mut decay = [S::splat(1.0); G];
        let mut read = [S::splat(0.0); G];
        if !piece.begins || task.call.p.x.h0.is_some() {
            for k in 0..G {
                h[k] = S::load(states.add(k * width));
            }
        }
        if READOUT && !piece.begins {
            for k in 0..G {
                decay[k] = S::load(decays.add(k * width));
                read[k] = S::load(reads.add(k * width));
            }
        }
        let mut f = at.rows.at(block, piece.rows.start);
        let mut b = at.b.add(piece.rows.start * task.np + group);
        let mut c = at.c.add(piece.rows.start * task.np + group);
        for _ in piece.rows.clone() {
            let dt = S::load(f.add(DT * width));
            let du = S::load(f.add(DU * width));
            let mut y = [S::load(f.add(Y * width)), S::splat(0.0)];
            let w = if READOUT { S::load(f.add(W * width)) } else { dt };
            let mut a = [dt; G];
            for k in 0..G {
                a[k] = dt.mul(S::load(rates.add(k * width)));
            }
            let a = if NEAR { S::exp2_near(a) } else { S::exp2(a) };
            for k in 0..G {
                let from_input = du.mul(S::splat(*b.add(k)));
                h[k] = a[k].fma(h[k], from_input);
                let project = S::splat(*c.add(k));
                y[k % 2] = h[k].fma(project, y[k % 2]);
                if READOUT {
                    decay[k] = decay[k].mul(a[k]);
                    read[k] = decay[k].mul(w).fma(project, read[k]);
                }
            }
            y[0].add(y[1]).store(f.add(Y * width));
            f = f.add(4 * width);
            b = b.add(task.np);
            c = c.add(task.np);
        }
        for k in 0..G {
            h[k].store(states.add(k * width));
            if READOUT {
                decay[k].store(decays.add(k * width));
                read[k].store(reads.add(k * width));
            }
        }
    }
}

/// Writes final states and read-outs, and pools.
#[inline(always)]
unsafe fn end_block<S: Lanes, const READOUT: bool>(
    task: &Task<'_>,
    tile: &Tile,
    at: &Buffers,
    block: usize,
    to: &OutputPointers,
) {
    for (index, piece) in task.pieces(tile).iter().enumerate() {
        let place = |kind: usize| {
            slot(piece, index, block, at.local[kind], at.carried[kind], task.block_states::<S>())
        };
        if piece.ends {
            task.scatter::<S>(place(0), to.h_last, piece.segment, block);
        }
        if READOUT {
            if piece.ends {
                task.scatter::<S>(place(2), to.k, piece.segment, block);
            }
            let mut pool = S::splat(0.0);
            if !piece.begins {
                [pool] = task.load(to.out.0, piece.segment, block);
            }
            for row in piece.rows.clone() {
                let f = at.rows.at(block, row);
                pool = S::load(f.add(W * S::WIDTH)).fma(S::load(f.add(Y * S::WIDTH)), pool);
            }
            task.store([pool], to.out, piece.segment, block);
        }
    }
}

/// Gates the outputs of some channels at one token.
#[inline(always)]
unsafe fn gate_rows<S: Lanes, const Q: usize>(
    task: &Task<'_>,
    rows: Rows,
    row: usize,
    token: usize,
    block: usize,
    to: &OutputPointers,
) {
    let mut y = [S::splat(0.0); Q];
    for k in 0..Q {
        y[k] = S::load(rows.at(block + k, row).add(Y * S::WIDTH));
    }
    if let Some(z) = task.call.p.x.z {
        let z: [S; Q] = task.load(z.as_ptr(), token, block);
        let gate = sigmoid(z);
        for k in 0..Q {
            y[k] = y[k].mul(z[k].mul(gate[k]));
        }
    }
    task.store(y, to.out, token, block);
}
