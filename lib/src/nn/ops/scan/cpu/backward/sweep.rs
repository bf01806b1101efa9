//! Sweeps blocks of channels through a tile, forwards and back.

use super::super::super::OutputGradients;
use super::super::lanes::Lanes;
use super::super::plan::Tile;
use super::super::task::{Task, slot};
use super::{
    ADJOINT, Buffers, DK, DT, DU, DY, GROUP, GradientPointers, H0, Q_SUM, R_SUM, Rows, SUFFIX, V_SUM, W, Y,
};
use crate::nn::ops::scan::cpu::plan::Piece;

/// A few states of some blocks.
type States<S, const M: usize> = [[S; GROUP]; M];

/// Sweeps `M` blocks from `block` on; `near`: no decay of the tile underflows.
#[inline(always)]
pub(super) unsafe fn blocks<S: Lanes, const M: usize, const THROUGH_K: bool>(
    task: &Task<'_>,
    (tile, near): (&Tile, bool),
    at: &Buffers,
    block: usize,
    by: &OutputGradients<'_, f32>,
    to: &GradientPointers,
) {
    for m in 0..M {
        begin::<S, THROUGH_K>(task, tile, at, (block, m), by);
    }
    for group in (0..task.np).step_by(GROUP) {
        if near {
            forwards::<S, M, THROUGH_K, true>(task, tile, at, block, group);
        } else {
            forwards::<S, M, THROUGH_K, false>(task, tile, at, block, group);
        }
        backwards::<S, M, THROUGH_K>(task, tile, at, block, group, to);
    }
    if to.h0.0.is_null() {
        return;
    }
    for m in 0..M {
        for (index, piece) in task.pieces(tile).iter().enumerate() {
            if piece.begins {
                let adjoint = place::<S>(task, at, piece, index, (block, m), ADJOINT);
                task.scatter::<S>(adjoint, to.h0, piece.segment, block + m);
            }
        }
    }
}

/// Finds where a piece keeps one kind of states of the `m`-th swept block.
#[inline(always)]
fn place<S: Lanes>(
    task: &Task<'_>,
    at: &Buffers,
    piece: &Piece,
    index: usize,
    (block, m): (usize, usize),
    kind: usize,
) -> *mut f32 {
    slot(piece, index, block + m, at.local[m][kind], at.carried[kind], task.block_states::<S>())
}

/// Brings in initial states, final adjoints and gradients by K.
#[inline(always)]
unsafe fn begin<S: Lanes, const THROUGH_K: bool>(
    task: &Task<'_>,
    tile: &Tile,
    at: &Buffers,
    (block, m): (usize, usize),
    by: &OutputGradients<'_, f32>,
) {
    let size = task.block_states::<S>();
    for (index, piece) in task.pieces(tile).iter().enumerate() {
        let place = |kind| place::<S>(task, at, piece, index, (block, m), kind);
        if let (true, Some(h0)) = (piece.begins, task.call.p.x.h0) {
            task.gather::<S>(h0, piece.segment, block + m, place(H0));
        }
        if piece.ends {
            match by.h_last {
                Some(h_last) => task.gather::<S>(h_last, piece.segment, block + m, place(ADJOINT)),
                None => place(ADJOINT).write_bytes(0, size),
            }
            if let (true, Some(k)) = (THROUGH_K, by.k) {
                task.gather::<S>(k, piece.segment, block + m, place(DK));
                place(SUFFIX).write_bytes(0, size);
            }
        }
    }
}

/// Recomputes states and decays of a group, adds to the outputs and to dC.
#[inline(always)]
unsafe fn forwards<S: Lanes, const M: usize, const THROUGH_K: bool, const NEAR: bool>(
    task: &Task<'_>,
    tile: &Tile,
    at: &Buffers,
    block: usize,
    group: usize,
) {
    let width = S::WIDTH;
    let offset = group * width;
    let (np, kept) = (task.np, M * GROUP * width);
    let zero: States<S, M> = [[S::splat(0.0); GROUP]; M];
    let rates = rates::<S, M>(task, block, offset);
    let mut first = [std::ptr::null_mut(); M];
    for m in 0..M {
        first[m] = at.rows.at(block + m, 0);
    }
    let kinds = if task.call.p.w.is_some() { 2 } else { 1 };
    for (index, piece) in task.pieces(tile).iter().enumerate() {
        let mut h = zero;
        let mut decay = [[S::splat(1.0); GROUP]; M];
        let mut dk = zero;
        for m in 0..M {
            let place = |kind| place::<S>(task, at, piece, index, (block, m), kind).wrapping_add(offset);
            if let Some(number) = tile.checkpoint {
                let kept = task.checkpoint::<S>(number, block + m, kinds).add(offset);
                h[m] = load(kept, width);
                if THROUGH_K {
                    decay[m] = load(kept.add(task.block_states::<S>()), width);
                }
            } else if task.call.p.x.h0.is_some() {
                h[m] = load(place(H0), width);
            }
            if THROUGH_K {
                dk[m] = load(place(DK), width);
            }
        }
        for row in piece.rows.clone() {
            let (b, c) = (at.b.add(row * np + group), at.c.add(row * np + group));
            let (kept_h, kept_a, kept_terms) =
                (at.h.add(row * kept), at.a.add(row * kept), at.terms.add(row * kept));
            let sums = at.dc.add((row * np + group) * width);
            let mut dc: [S; GROUP] = load(sums, width);
            for m in 0..M {
                let f = first[m].add(row * Rows::ROW * width);
                let dt = S::load(f.add(DT * width));
                let (du, dy) = (S::load(f.add(DU * width)), S::load(f.add(DY * width)));
                let mut y = S::load(f.add(Y * width));
                let (mut w, mut v) = (y, y);
                if THROUGH_K {
                    w = S::load(f.add(W * width));
                    v = S::load(f.add(V_SUM * width));
                }
                let mut a = [dt; GROUP];
                for k in 0..GROUP {
                    a[k] = dt.mul(S::load(rates[m].add(k * width)));
                }
                let a = if NEAR { S::exp2_near(a) } else { S::exp2(a) };
                for k in 0..GROUP {
                    let to = (m * GROUP + k) * width;
                    let project = S::splat(*c.add(k));
                    h[m][k].store(kept_h.add(to));
                    a[k].store(kept_a.add(to));
                    h[m][k] = a[k].fma(h[m][k], du.mul(S::splat(*b.add(k))));
                    y = h[m][k].fma(project, y);
                    dc[k] = dy.fma(h[m][k], dc[k]);
                    if THROUGH_K {
                        decay[m][k] = decay[m][k].mul(a[k]);
                        let term = dk[m][k].mul(decay[m][k]);
                        v = term.fma(project, v);
                        let term = term.mul(w);
                        dc[k] = dc[k].add(term);
                        term.mul(project).store(kept_terms.add(to));
                    }
                }
                y.store(f.add(Y * width));
                if THROUGH_K {
                    v.store(f.add(V_SUM * width));
                }
            }
            store(dc, sums, width);
        }
    }
}

/// Carries the adjoint back through a group; adds to dB, dA and the sums over states.
#[inline(always)]
unsafe fn backwards<S: Lanes, const M: usize, const THROUGH_K: bool>(
    task: &Task<'_>,
    tile: &Tile,
    at: &Buffers,
    block: usize,
    group: usize,
    to: &GradientPointers,
) {
    let width = S::WIDTH;
    let offset = group * width;
    let (np, kept) = (task.np, M * GROUP * width);
    let blocks = task.call.p.e.div_ceil(width);
    let sum = |m: usize| {
        let at = (task.unit * blocks + task.global_block::<S>(block + m)) * task.block_states::<S>();
        to.a.0.wrapping_add(at + offset)
    };
    let rates = rates::<S, M>(task, block, offset);
    let mut first = [std::ptr::null_mut(); M];
    for m in 0..M {
        first[m] = at.rows.at(block + m, 0);
    }
    let mut da: States<S, M> = [[S::splat(0.0); GROUP]; M];
    for m in 0..M {
        da[m] = load(sum(m), width);
    }
    for (index, piece) in task.pieces(tile).iter().enumerate() {
        let place =
            |m: usize, kind| place::<S>(task, at, piece, index, (block, m), kind).wrapping_add(offset);
        let mut carry = da;
        let mut suffix = da;
        for m in 0..M {
            carry[m] = load(place(m, ADJOINT), width);
            if THROUGH_K {
                suffix[m] = load(place(m, SUFFIX), width);
            }
        }
        for row in piece.rows.clone().rev() {
            let (b, c) = (at.b.add(row * np + group), at.c.add(row * np + group));
            let (kept_h, kept_a, kept_terms) =
                (at.h.add(row * kept), at.a.add(row * kept), at.terms.add(row * kept));
            let sums = at.db.add((row * np + group) * width);
            let mut db: [S; GROUP] = load(sums, width);
            for m in 0..M {
                let f = first[m].add(row * Rows::ROW * width);
                let dt = S::load(f.add(DT * width));
                let (du, dy) = (S::load(f.add(DU * width)), S::load(f.add(DY * width)));
                let (mut q, mut r) = (S::load(f.add(Q_SUM * width)), S::load(f.add(R_SUM * width)));
                for k in 0..GROUP {
                    let from = (m * GROUP + k) * width;
                    let adjoint = dy.fma(S::splat(*c.add(k)), carry[m][k]);
                    db[k] = adjoint.fma(du, db[k]);
                    q = adjoint.fma(S::splat(*b.add(k)), q);
                    carry[m][k] = adjoint.mul(S::load(kept_a.add(from)));
                    let before = S::load(kept_h.add(from));
                    let moved = if THROUGH_K {
                        suffix[m][k] = suffix[m][k].add(S::load(kept_terms.add(from)));
                        carry[m][k].fma(before, suffix[m][k])
                    } else {
                        carry[m][k].mul(before)
                    };
                    r = moved.fma(S::load(rates[m].add(k * width)), r);
                    da[m][k] = dt.fma(moved, da[m][k]);
                }
                q.store(f.add(Q_SUM * width));
                r.store(f.add(R_SUM * width));
            }
            store(db, sums, width);
        }
        for m in 0..M {
            store(carry[m], place(m, ADJOINT), width);
            if THROUGH_K {
                store(suffix[m], place(m, SUFFIX), width);
            }
        }
    }
    for m in 0..M {
        store(da[m], sum(m), width);
    }
}

/// Finds the rates of a group of states in each swept block.
#[inline(always)]
unsafe fn rates<S: Lanes, const M: usize>(task: &Task<'_>, block: usize, offset: usize) -> [*const f32; M] {
    let mut rates = [std::ptr::null(); M];
    for (m, rates) in rates.iter_mut().enumerate() {
        *rates = task.rates::<S>(block + m).add(offset);
    }
    rates
}

#[inline(always)]
unsafe fn load<S: Lanes>(from: *const f32, width: usize) -> [S; GROUP] {
    let mut x = [S::splat(0.0); GROUP];
    for k in 0..GROUP {
        x[k] = S::load(from.add(k * width));
    }
    x
}

#[inline(always)]
unsafe fn store<S: Lanes>(x: [S; GROUP], to: *mut f32, width: usize) {
    for k in 0..GROUP {
        x[k].store(to.add(k * width));
    }
}
