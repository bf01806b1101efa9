//! Draws on a card: `lib/kernels/ops/draw.cuh` holds the kernels.

use super::What;
use crate::nn::ops::card::desk::module;
use crate::nn::ops::card::{Launch, Number};
use crate::rng::Rng;

/// Numbers that a group of threads serves; the kernels have the same two.
const SERVED: usize = 127 * 16;
const THREADS: u32 = 128;

/// Draws on the card where `x` lies, if it lies on one that has kernels for its numbers.
#[cfg(feature = "cuda")]
pub(super) fn on_card(
    what: What,
    rng: &mut Rng,
    x: &candle_core::Tensor,
) -> crate::Result<Option<candle_core::Tensor>> {
    use crate::nn::ops::cuda::Card;

    let Some(number) = Number::of(x.dtype()).filter(|_| !x.device().is_cpu()) else { return Ok(None) };
    let card = Card::of(x)?;
    let drawn = card.tensor(x.shape(), x.dtype())?;
    if let Some(launch) = launch(what, rng, number, card.address_of(&drawn)?, x.elem_count()) {
        card.launch(&[launch])?;
    }
    Ok(Some(drawn))
}

/// Plans the launch that draws so many numbers to an address, and lets the generator move on as if it had drawn them;
/// nothing is launched for nothing.
pub(in crate::nn::ops) fn launch(
    what: What,
    rng: &mut Rng,
    number: Number,
    to: u64,
    count: usize,
) -> Option<Launch> {
    let words = if what == What::Normal { count.next_multiple_of(2) } else { count };
    let (key, first) = rng.place();
    rng.pass(words as u64);
    if count == 0 {
        return None;
    }
    let (kernel, limit, kept) = match what {
        What::Dropout(share) => ("dropout", What::limit(share), 1.0 / (1.0 - share)),
        What::Normal => ("normal", 0, 0.0),
    };
    let mut argument = vec![to];
    argument.extend(key.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
    argument.extend([first as u64, count as u64, u64::from(limit), f64::to_bits(kept)]);
    Some(Launch {
        module: module(number),
        kernel: format!("{kernel}_{}", number.name()),
        grid: [count.div_ceil(SERVED) as u32, 1, 1],
        threads: THREADS,
        shared: 0,
        words: argument,
    })
}
