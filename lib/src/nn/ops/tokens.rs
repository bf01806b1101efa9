//! Puts global and row tokens in one packed sequence, and averages packed sequences.

use candle_core::{Result, Shape, Tensor};

use super::real::Real;
use super::slices::{SliceOp, View, apply_one};
use super::vectors::simd;
use crate::nn::Segments;

/// Packs each molecule's global token before its rows, and adds the modality's vector to all of them.
///
/// # Shapes
///
/// `global` (s, d), `rows` (t′, d), `modality` (d) → (t, d), where `segments` counts globals and rows.
pub(crate) fn interleave(
    global: Option<&Tensor>,
    rows: Option<&Tensor>,
    modality: &Tensor,
    segments: &Segments,
) -> crate::Result<Tensor> {
    let op = Interleave { global: global.is_some(), rows: rows.is_some(), segments: segments.clone() };
    let inputs: Vec<&Tensor> = [Some(modality), global, rows].into_iter().flatten().collect();
    apply_one(op, &inputs)
}

/// Averages the tokens of each segment; an empty one gives zeros.
///
/// # Shapes
///
/// `x` (t, d) → (s, d).
pub(crate) fn segment_mean(x: &Tensor, segments: &Segments) -> crate::Result<Tensor> {
    apply_one(SegmentMean { segments: segments.clone() }, &[x])
}

struct Interleave {
    global: bool,
    rows: bool,
    segments: Segments,
}

impl Interleave {
    /// Calls `f` for each token with its position, whether it is a global one, and its row there.
    fn each(&self, mut f: impl FnMut(usize, bool, usize)) {
        let mut row = 0;
        for (molecule, range) in self.segments.ranges().enumerate() {
            for token in range.clone() {
                if self.global && token == range.start {
                    f(token, true, molecule);
                } else {
                    f(token, false, row);
                    row += 1;
                }
            }
        }
    }
}

impl SliceOp for Interleave {
    const NAME: &'static str = "interleave";

    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let modality = x[0].values;
        let d = modality.len();
        let global = if self.global { x[1].values } else { &[] };
        let rows = if self.rows { x[x.len() - 1].values } else { &[] };
        let t = self.segments.tokens();
        let mut out = Vec::with_capacity(t * d);
        self.each(|_, is_global, at| {
            let source = if is_global { global } else { rows };
            out.extend(source[at * d..(at + 1) * d].iter().zip(modality).map(|(&x, &m)| x + m));
        });
        Ok(vec![(out, (t, d).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None; x.len()]) };
        let d = x[0].values.len();
        let mut global = Vec::with_capacity(if self.global { x[1].values.len() } else { 0 });
        let mut rows = Vec::with_capacity(if self.rows { x[x.len() - 1].values.len() } else { 0 });
        let mut modality = vec![F::ZERO; d];
        self.each(|token, is_global, _| {
            let grad = &grad[token * d..(token + 1) * d];
            modality.iter_mut().zip(grad).for_each(|(sum, &g)| *sum += g);
            if is_global { global.extend_from_slice(grad) } else { rows.extend_from_slice(grad) }
        });
        let mut all = vec![Some(modality)];
        if self.global {
            all.push(Some(global));
        }
        if self.rows {
            all.push(Some(rows));
        }
        Ok(all)
    }
}

struct SegmentMean {
    segments: Segments,
}

impl SliceOp for SegmentMean {
    const NAME: &'static str = "segment-mean";

    fn forward<F: Real>(&self, x: &[View<'_, F>]) -> Result<Vec<(Vec<F>, Shape)>> {
        let d = x[0].row();
        let mut out = vec![F::ZERO; self.segments.count() * d];
        simd(|| {
            for (range, out) in self.segments.ranges().zip(out.chunks_exact_mut(d)) {
                let scale = F::ONE / F::of(range.len().max(1) as f64);
                for row in x[0].values[range.start * d..range.end * d].chunks_exact(d) {
                    for (sum, &x) in out.iter_mut().zip(row) {
                        *sum += x;
                    }
                }
                for sum in out {
                    *sum *= scale;
                }
            }
        });
        Ok(vec![(out, (self.segments.count(), d).into())])
    }

    fn backward<F: Real>(&self, x: &[View<'_, F>], grads: &[Option<&[F]>]) -> Result<Vec<Option<Vec<F>>>> {
        let Some(grad) = grads[0] else { return Ok(vec![None]) };
        let d = x[0].row();
        let mut by_x = vec![F::ZERO; x[0].values.len()];
        simd(|| {
            for (range, grad) in self.segments.ranges().zip(grad.chunks_exact(d)) {
                let scale = F::ONE / F::of(range.len().max(1) as f64);
                for row in by_x[range.start * d..range.end * d].chunks_exact_mut(d) {
                    for (out, &g) in row.iter_mut().zip(grad) {
                        *out = g * scale;
                    }
                }
            }
        });
        Ok(vec![Some(by_x)])
    }
}
