//! Products of matrices, summed in f32.

use candle_core::Tensor;

use super::heights::Heights;
use crate::Result;

/// Multiplies rows (t, k) by weights (n, k): (t, n) in f32. On a card without `heights` in the smallest blocks.
#[cfg_attr(not(feature = "cuda"), expect(unused_variables, reason = "a card alone cuts rows into blocks"))]
pub(super) fn rows(x: &Tensor, weight: &Tensor, heights: Option<&Heights>) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if x.device().is_cuda() {
        return on_card(x, weight, heights);
    }
    Ok(x.matmul(&weight.t()?)?)
}

/// Multiplies (b, m, k) by (b, k, n), one by one: (b, m, n) in f32.
pub(super) fn each(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if a.device().is_cuda() {
        use crate::nn::ops::cuda::Card;
        let (batch, m, n) = (a.dim(0)?, a.dim(1)?, b.dim(2)?);
        let card = Card::of(a)?;
        let out = card.tensor(&(batch, m, n).into(), candle_core::DType::F32)?;
        card.multiply(a, b, card.address_of(&out)?)?;
        return Ok(out);
    }
    Ok(a.matmul(b)?)
}

#[cfg(feature = "cuda")]
fn on_card(x: &Tensor, weight: &Tensor, heights: Option<&Heights>) -> Result<Tensor> {
    use candle_core::DType;

    use super::heights::{LEAST, blocks};
    use crate::nn::ops::cuda::Card;

    let ((t, k), n) = (x.dims2()?, weight.dim(0)?);
    let card = Card::of(x)?;
    let out = card.tensor(&(t.next_multiple_of(LEAST), n).into(), DType::F32)?;
    let (to, transposed) = (card.address_of(&out)?, weight.t()?.unsqueeze(0)?);
    // Where one block does, nothing need be known of taller ones.
    let heights = heights.filter(|_| t > LEAST).map_or(Ok(vec![LEAST]), |heights| heights.of(weight))?;
    for block in blocks(t, &heights) {
        let there = block.end.min(t) - block.start;
        let rows = x.narrow(0, block.start, there)?;
        let rows = if there < block.len() {
            Tensor::cat(&[rows, Tensor::zeros((block.len() - there, k), x.dtype(), x.device())?], 0)?
        } else {
            rows
        };
        let at = to + (block.start * n * DType::F32.size_in_bytes()) as u64;
        card.multiply(&rows.unsqueeze(0)?, &transposed, at)?;
    }
    Ok(out.narrow(0, 0, t)?)
}
