//! Chooses how many rows a card multiplies by weights at once.
//!
//! What a token gets must not depend on how many others there are, and the library of the card may sum a product of another
//! shape in another order. So rows are multiplied in blocks of [`LEAST`], the last filled up with zeros, and in taller blocks,
//! which are faster, only where these were seen to give the same bits: for each shape of weights and each card, once, on
//! random numbers.

#[cfg(feature = "cuda")]
use std::collections::BTreeMap;
#[cfg(any(test, feature = "cuda"))]
use std::ops::Range;
#[cfg(feature = "cuda")]
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "cuda")]
use candle_core::Tensor;

#[cfg(feature = "cuda")]
use crate::Result;

/// Rows of the smallest block.
pub(super) const LEAST: usize = 1024;
/// Rows of blocks that may be taken in its place, the tallest first.
#[cfg(any(test, feature = "cuda"))]
const TALLER: [usize; 3] = [16 * LEAST, 4 * LEAST, 2 * LEAST];

/// The heights of blocks that give one and the same row, for each shape of weights (outputs, inputs) of a model; those that
/// hold it share what they found.
#[derive(Debug, Clone, Default)]
pub(super) struct Heights {
    #[cfg(feature = "cuda")]
    known: Arc<Mutex<BTreeMap<[usize; 2], Vec<usize>>>>,
}

/// Cuts rows into blocks, tall ones as long as they are full, behind them the smallest.
#[cfg(any(test, feature = "cuda"))]
pub(super) fn blocks(rows: usize, heights: &[usize]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let left = rows.checked_sub(start).filter(|left| *left > 0)?;
        let height = heights.iter().copied().find(|height| *height <= left).unwrap_or(LEAST);
        start += height;
        Some(start - height..start)
    })
}

#[cfg(feature = "cuda")]
impl Heights {
    /// Gives the heights for weights (outputs, inputs), the tallest first.
    pub(super) fn of(&self, weight: &Tensor) -> Result<Vec<usize>> {
        let (outputs, inputs) = weight.dims2()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(heights) = known.get(&[outputs, inputs]) {
            return Ok(heights.clone());
        }
        let heights = try_heights(weight)?;
        known.insert([outputs, inputs], heights.clone());
        Ok(heights)
    }
}

/// Multiplies one block of random rows, repeated, in blocks of every height.
#[cfg(feature = "cuda")]
fn try_heights(weight: &Tensor) -> Result<Vec<usize>> {
    use candle_core::DType;

    use crate::nn::ops::cuda::Card;
    use crate::rng::Rng;

    let (card, (outputs, inputs)) = (Card::of(weight)?, weight.dims2()?);
    let mut random = vec![0.0_f32; LEAST * inputs];
    Rng::new(1).fill_normal(&mut random);
    let random = Tensor::from_vec(random, (LEAST, inputs), weight.device())?.to_dtype(weight.dtype())?;
    let transposed = weight.t()?.unsqueeze(0)?;
    let product = |times: usize| -> Result<Vec<u32>> {
        let rows = Tensor::cat(&vec![&random; times], 0)?.unsqueeze(0)?;
        let out = card.tensor(&(times * LEAST * outputs).into(), DType::F32)?;
        card.multiply(&rows, &transposed, card.address_of(&out)?)?;
        Ok(out.to_vec1::<f32>()?.into_iter().map(f32::to_bits).collect())
    };
    let least = product(1)?;
    let mut heights = Vec::new();
    for height in TALLER {
        if product(height / LEAST)?.chunks(least.len()).all(|block| block == least) {
            heights.push(height);
        }
    }
    heights.push(LEAST);
    Ok(heights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_all_rows_once_and_only_the_last_is_not_full() {
        for rows in [0, 1, LEAST, LEAST + 1, 7 * LEAST + 5, 100 * LEAST - 1] {
            for heights in [vec![LEAST], [TALLER.to_vec(), vec![LEAST]].concat()] {
                let all: Vec<_> = blocks(rows, &heights).collect();
                assert_eq!(all.first().map_or(0, |block| block.start), 0);
                assert!(all.windows(2).all(|two| two[0].end == two[1].start && two[0].end <= rows));
                assert_eq!(all.last().map_or(0, |block| block.end), rows.next_multiple_of(LEAST));
                assert!(all.iter().all(|block| heights.contains(&block.len())));
            }
        }
        let tall: Vec<_> = blocks(20 * LEAST + 1, &[16 * LEAST, 4 * LEAST, LEAST]).collect();
        assert_eq!(tall.iter().map(|block| block.len() / LEAST).collect::<Vec<_>>(), [16, 4, 1]);
    }
}
