//! Keeps molecules as short vectors whose distances are those of their descriptors.

use rayon::prelude::*;

use crate::rng::Rng;
use crate::transfer::{Block, Distances};

/// The numbers of a sketch. A squared distance is met to within an eighth of itself, as a standard deviation.
pub const WIDTH: usize = 128;
/// The seed of the projection: another one makes other sketches, which no earlier model fits.
const SEED: u64 = 1;
/// Distances are summed in so many parts side by side.
const LANES: usize = 16;

/// How one block of descriptors is brought to scale, as [`Distances`] measured it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Means of the columns.
    pub mean: Vec<f32>,
    /// Standard deviations; infinite where a column says nothing.
    pub deviation: Vec<f32>,
    /// The median of the squared distances.
    pub median: f32,
}

/// Sketches of the molecules of training: random projections (Johnson and Lindenstrauss 1984; signs: Achlioptas 2003) of the
/// descriptors by which [`Distances`] compare, [`WIDTH`] numbers each. An ordinary squared distance is 1.
///
/// ```
/// use crossmamba::transfer::Block;
/// use crossmamba::trust::Sketches;
///
/// let values = [0.0, 0.1, 5.0, 5.2];
/// let blocks = [Block { values: &values, width: 1 }];
/// let sketches = Sketches::fit(&blocks, &[0, 2]);
/// let new = sketches.of(&blocks, &[1]);
/// let (molecule, similarity) = sketches.nearest(&new, |_| true).unwrap();
/// assert_eq!(molecule, 0);
/// assert!(similarity > 0.9);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sketches {
    scales: Vec<Scale>,
    signs: Vec<[f32; WIDTH]>,
    known: Vec<f32>,
}

impl Sketches {
    /// Measures the blocks on some molecules, those of training, and keeps their sketches.
    pub fn fit(blocks: &[Block<'_>], known: &[u32]) -> Self {
        let distances = Distances::fit(blocks, known);
        let scales: Vec<Scale> = distances
            .blocks()
            .iter()
            .map(|block| Scale {
                mean: block.mean.clone(),
                deviation: block.deviation.clone(),
                median: block.median,
            })
            .collect();
        drop(distances);
        let mut made = Self { signs: signs(&scales), scales, known: Vec::new() };
        made.known = made.of(blocks, known);
        made
    }

    /// Takes what an earlier [`Sketches::fit`] gave.
    ///
    /// # Errors
    /// Parts that do not fit together, as a part of a sentence.
    pub fn from_parts(scales: Vec<Scale>, known: Vec<f32>) -> Result<Self, String> {
        for (number, scale) in scales.iter().enumerate() {
            let usable =
                scale.median > 0.0 && scale.median.is_finite() && scale.deviation.iter().all(|d| *d > 0.0);
            if scale.mean.len() != scale.deviation.len() || !usable {
                return Err(format!("block {number} has a scale that is none"));
            }
        }
        if !known.len().is_multiple_of(WIDTH) || !known.iter().all(|value| value.is_finite()) {
            return Err("a sketch is not whole".into());
        }
        Ok(Self { signs: signs(&scales), scales, known })
    }

    /// Gives the scales of the blocks.
    pub fn scales(&self) -> &[Scale] {
        &self.scales
    }

    /// Gives the sketches of the molecules of training, one after the other.
    pub fn known(&self) -> &[f32] {
        &self.known
    }

    /// Tells whether blocks have the widths of those that were measured.
    pub fn fits(&self, blocks: &[Block<'_>]) -> bool {
        blocks.len() == self.scales.len()
            && self.scales.iter().zip(blocks).all(|(scale, block)| scale.mean.len() == block.width)
    }

    /// Sketches molecules, one after the other.
    ///
    /// # Panics
    /// Blocks of other widths than those that were measured.
    pub fn of(&self, blocks: &[Block<'_>], molecules: &[u32]) -> Vec<f32> {
        assert!(self.fits(blocks), "blocks of another kind");
        let sketch = |&molecule: &u32| {
            let mut sums = [0.0_f32; WIDTH];
            let mut signs = self.signs.iter();
            for (block, scale) in blocks.iter().zip(&self.scales) {
                let unit = (f64::from(scale.median) * (blocks.len() * WIDTH) as f64).sqrt();
                for (value, signs) in scale.apply(block.of(molecule), unit).zip(signs.by_ref()) {
                    if value != 0.0 {
                        sums.iter_mut().zip(signs).for_each(|(sum, sign)| *sum += value * sign);
                    }
                }
            }
            sums
        };
        molecules.par_iter().flat_map_iter(sketch).collect()
    }

    /// Gives the molecule of training that is nearest to a sketch, the first of equals, and its similarity: exp(−d) of the
    /// squared distance d. Only molecules that are `wanted` are looked at.
    pub fn nearest(&self, sketch: &[f32], wanted: impl Fn(u32) -> bool) -> Option<(u32, f32)> {
        let mut best: Option<(u32, f32)> = None;
        for (at, known) in (0..).zip(self.known.chunks_exact(WIDTH)) {
            if wanted(at) {
                let squared = squared(sketch, known);
                if best.is_none_or(|(_, least)| squared < least) {
                    best = Some((at, squared));
                }
            }
        }
        best.map(|(at, squared)| (at, (-squared).exp()))
    }
}

impl Scale {
    /// Standardises the values of a molecule, as [`Distances`] does, and divides them by a unit.
    fn apply(&self, values: &[f32], unit: f64) -> impl Iterator<Item = f32> {
        let columns = values.iter().zip(&self.mean).zip(&self.deviation);
        columns.map(move |((value, mean), deviation)| {
            let z = (f64::from(*value) - f64::from(*mean)) / f64::from(*deviation);
            if z.is_nan() { 0.0 } else { (z.clamp(-6.0, 6.0) / unit) as f32 }
        })
    }
}

/// Draws the signs of every column.
fn signs(scales: &[Scale]) -> Vec<[f32; WIDTH]> {
    let mut rng = Rng::new(SEED).fork("sketches");
    let columns = scales.iter().map(|scale| scale.mean.len()).sum();
    let mut draw = || {
        let mut signs = [0.0; WIDTH];
        for part in signs.chunks_mut(32) {
            let bits = rng.bits();
            part.iter_mut()
                .enumerate()
                .for_each(|(at, sign)| *sign = if bits >> at & 1 == 1 { 1.0 } else { -1.0 });
        }
        signs
    };
    (0..columns).map(|_| draw()).collect()
}

fn squared(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (one, other) in one.as_chunks::<LANES>().0.iter().zip(other.as_chunks::<LANES>().0) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += (one - other) * (one - other);
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::normal as values;

    #[test]
    fn distances_of_sketches_are_those_of_descriptors_but_for_a_part() {
        let (a, b) = (values(60, 30), values(60, 70));
        let blocks = [Block { values: &a, width: 30 }, Block { values: &b, width: 70 }];
        let all: Vec<u32> = (0..60).collect();
        let (exact, sketches) = (Distances::fit(&blocks, &all), Sketches::fit(&blocks, &all));
        let exact = exact.rows(&blocks, &all);
        let sketch = |at: usize| &sketches.known()[at * WIDTH..][..WIDTH];
        let ratios: Vec<f64> = (0..60)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| f64::from(squared(sketch(i), sketch(j)) / exact[i * 60 + j]))
            .collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        let spread = (ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / ratios.len() as f64).sqrt();
        assert!((mean - 1.0).abs() < 0.06 && (0.08..0.17).contains(&spread), "{mean} {spread}");
    }

    #[test]
    fn a_molecule_is_nearest_to_itself_and_else_to_the_best_that_is_wanted() {
        let a = values(40, 50);
        let blocks = [Block { values: &a, width: 50 }];
        let sketches = Sketches::fit(&blocks, &(0..40).collect::<Vec<_>>());
        let asked = sketches.of(&blocks, &[7]);
        assert_eq!(sketches.nearest(&asked, |_| true), Some((7, 1.0)));
        let other = sketches.nearest(&asked, |at| at != 7).unwrap();
        assert!(other.0 != 7 && other.1 < 1.0);
        assert_eq!(sketches.nearest(&asked, |_| false), None);
        let again = Sketches::from_parts(sketches.scales().to_vec(), sketches.known().to_vec()).unwrap();
        assert_eq!(again, sketches);
        assert!(Sketches::from_parts(sketches.scales().to_vec(), vec![0.0; 3]).is_err());
    }
}
