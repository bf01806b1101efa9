//! Products of matrices, summed in f32.

use candle_core::Tensor;

use crate::Result;

/// Rows that a card multiplies by weights at once. The last few are filled up with zeros: a product of another shape may
/// be summed in another order, and then what a token gets would depend on how many others there are.
#[cfg(feature = "cuda")]
const ROWS: usize = 1024;

/// Multiplies rows (t, k) by weights (n, k): (t, n) in f32.
pub(super) fn rows(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if x.device().is_cuda() {
        return on_card(x, weight);
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
fn on_card(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    use candle_core::DType;

    use crate::nn::ops::cuda::Card;

    let ((t, k), n) = (x.dims2()?, weight.dim(0)?);
    let card = Card::of(x)?;
    let out = card.tensor(&(t.next_multiple_of(ROWS), n).into(), DType::F32)?;
    let (to, weight) = (card.address_of(&out)?, weight.t()?.unsqueeze(0)?);
    for from in (0..t).step_by(ROWS) {
        let rows = x.narrow(0, from, ROWS.min(t - from))?;
        let missing = from + ROWS - (from + ROWS).min(t);
        let rows = if missing > 0 {
            Tensor::cat(&[rows, Tensor::zeros((missing, k), x.dtype(), x.device())?], 0)?
        } else {
            rows
        };
        let at = to + (from * n * DType::F32.size_in_bytes()) as u64;
        card.multiply(&rows.unsqueeze(0)?, &weight, at)?;
    }
    Ok(out.narrow(0, 0, t)?)
}
