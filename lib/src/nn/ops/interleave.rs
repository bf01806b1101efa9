//! Puts global and row tokens in one packed sequence.

mod cpu;

use candle_core::Tensor;

use super::dispatch::{Operation, apply_one};
use super::slices;
use crate::Result;
use crate::nn::{Indices, Segments};

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
) -> Result<Tensor> {
    let op = Interleave { global: global.is_some(), rows: rows.is_some(), segments: segments.clone() };
    let inputs: Vec<&Tensor> = [Some(modality), global, rows].into_iter().flatten().collect();
    apply_one(op, &inputs)
}

pub(super) struct Interleave {
    pub(super) global: bool,
    pub(super) rows: bool,
    pub(super) segments: Segments,
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

impl Interleave {
    /// Lists which row each token is, the globals before the rows.
    fn order(&self) -> Indices {
        let globals = if self.global { self.segments.count() as u32 } else { 0 };
        let mut order = Vec::with_capacity(self.segments.tokens());
        self.each(|_, is_global, at| order.push(at as u32 + if is_global { 0 } else { globals }));
        order.into()
    }
}

impl Operation for Interleave {
    const NAME: &'static str = "interleave";

    fn composite(&self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        let all = Tensor::cat(&x[1..], 0)?; // (s + t′, d)
        Ok(vec![all.index_select(&self.order().tensor(all.device())?, 0)?.broadcast_add(x[0])?])
    }

    fn cpu(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        slices::apply(self, x)
    }

    #[cfg(feature = "cuda")]
    fn cuda(self, x: &[&Tensor]) -> Result<Vec<Tensor>> {
        // The composite, but that rows are summed by a kernel of ours in the backward.
        let rows = super::gather::gather_rows(&Tensor::cat(&x[1..], 0)?, &self.order())?;
        Ok(vec![rows.broadcast_add(x[0])?])
    }
}
