//! Measures how far molecules are from those of training.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::simd::arch;

/// Standardised values are clipped at plus and minus this.
const CLIP: f64 = 6.0;
/// A column whose standard deviation is smaller says nothing.
const LEAST_DEVIATION: f64 = 1e-9;
/// Squared distances up to this are of one molecule, or of two that no column tells apart.
const SAME: f32 = 1e-9;
/// The median is of the distances among at most this many molecules, evenly spread over all.
const MEDIAN_OF: usize = 2000;
/// Molecules of training that are measured against at a time.
const LANES: usize = 32;
/// Molecules that are measured at a time, so that sums stay in registers.
const TILE: usize = 8;
/// Vectors of molecules of training that are summed at a time: with AVX-512 all of them.
const VECTORS: usize = 2;
/// Molecules that are measured while some of training are in the cache.
pub(super) const TOGETHER: usize = 4 * TILE;

/// Some columns of every molecule of a side, molecule by molecule.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// The values, `width` of each molecule.
    pub values: &'a [f32],
    /// The number of columns.
    pub width: usize,
}

impl<'a> Block<'a> {
    /// Gives the values of a molecule.
    pub fn of(&self, molecule: u32) -> &'a [f32] {
        &self.values[molecule as usize * self.width..][..self.width]
    }
}

/// The distances to the molecules of training.
///
/// Each block of columns is standardised on them and clipped at ±6; the squared Euclidean distance is divided by its
/// median among them, so that every block has the same say in the mean over all. 1 is thus an ordinary distance.
///
/// ```
/// use crossmamba::transfer::{Block, Distances};
///
/// let values = [0.0, 1.0, 4.0];
/// let blocks = [Block { values: &values, width: 1 }];
/// let distances = Distances::fit(&blocks, &[0, 1, 2]);
/// let found = distances.rows(&blocks, &[0, 1]);
/// // Squared, they are 1, 9 and 16 but for a factor: the median is 9.
/// assert!((found[1] - 1.0 / 9.0).abs() < 1e-6 && (found[5] - 1.0).abs() < 1e-6);
/// assert_eq!(found[0], 0.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    blocks: Vec<Standardised>,
    molecules: usize,
}

/// One block, as measured on the molecules of training.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standardised {
    /// Means of the columns.
    pub mean: Vec<f32>,
    /// Standard deviations; infinite where a column says nothing.
    pub deviation: Vec<f32>,
    /// The median of the squared distances.
    pub median: f32,
    /// The standardised values of the molecules of training, molecule by molecule.
    pub known: Vec<f32>,
    /// The same in groups of [`LANES`] molecules, each column by column.
    lanes: Vec<f32>,
}

impl Distances {
    /// Measures the blocks on some molecules, those of training.
    pub fn fit(blocks: &[Block<'_>], known: &[u32]) -> Self {
        let blocks = blocks.iter().map(|block| Standardised::fit(block, known)).collect();
        Self { blocks, molecules: known.len() }
    }

    /// Takes what an earlier [`Distances::fit`] gave: the parts of every block.
    ///
    /// # Errors
    /// Parts that do not fit together, as a part of a sentence.
    pub fn from_blocks(mut blocks: Vec<Standardised>, molecules: usize) -> Result<Self, String> {
        for (number, block) in blocks.iter_mut().enumerate() {
            let width = block.mean.len();
            if block.deviation.len() != width || block.known.len() != molecules * width {
                return Err(format!("block {number} has columns that do not fit together"));
            }
            let scale =
                block.median > 0.0 && block.median.is_finite() && block.deviation.iter().all(|d| *d > 0.0);
            if !scale {
                return Err(format!("block {number} has a scale that is none"));
            }
            block.lanes = in_lanes(&block.known, width);
        }
        Ok(Self { blocks, molecules })
    }

    /// Gives the blocks as they were measured.
    pub fn blocks(&self) -> &[Standardised] {
        &self.blocks
    }

    /// Gives the number of molecules of training.
    pub const fn molecules(&self) -> usize {
        self.molecules
    }

    /// Gives the distances of molecules to those of training, molecule by molecule. A distance depends on its two
    /// molecules alone, and on neither their place nor the number of threads.
    ///
    /// # Panics
    /// Blocks of other widths than those that were measured.
    pub fn rows(&self, blocks: &[Block<'_>], molecules: &[u32]) -> Vec<f32> {
        assert_eq!(blocks.len(), self.blocks.len(), "blocks of another kind");
        let rows = |some: &[u32]| {
            let mut sums = vec![0.0; some.len() * self.molecules];
            for (block, standardised) in blocks.iter().zip(&self.blocks) {
                let values: Vec<Vec<f32>> =
                    some.iter().map(|&molecule| standardised.apply(block.of(molecule))).collect();
                let median = f64::from(standardised.median);
                standardised.squared(&values, self.molecules, |row, first, squared| {
                    let sums = &mut sums[row * self.molecules + first..][..squared.len()];
                    sums.iter_mut().zip(squared).for_each(|(sum, &more)| *sum += f64::from(more) / median);
                });
            }
            let count = self.blocks.len().max(1) as f64;
            sums.into_iter().map(move |sum| (sum / count) as f32).collect::<Vec<f32>>()
        };
        molecules.par_chunks(TOGETHER).flat_map_iter(rows).collect()
    }
}

impl Standardised {
    /// Takes the parts of a block as an earlier [`Distances::fit`] gave them; [`Distances::from_blocks`] checks them.
    pub fn new(mean: Vec<f32>, deviation: Vec<f32>, median: f32, known: Vec<f32>) -> Self {
        Self { mean, deviation, median, known, lanes: Vec::new() }
    }

    fn fit(block: &Block<'_>, known: &[u32]) -> Self {
        let count = known.len().max(1) as f64;
        let mean = |column: usize| -> f64 {
            known.iter().map(|&molecule| f64::from(block.of(molecule)[column])).sum::<f64>() / count
        };
        let (mean, deviation): (Vec<f32>, Vec<f32>) = (0..block.width)
            .into_par_iter()
            .map(|column| {
                let mean = mean(column);
                let squares = known.iter().map(|&molecule| f64::from(block.of(molecule)[column]) - mean);
                let deviation = (squares.map(|x| x * x).sum::<f64>() / count).sqrt();
                (mean as f32, if deviation < LEAST_DEVIATION { f32::INFINITY } else { deviation as f32 })
            })
            .unzip();
        let mut found = Self { mean, deviation, median: 1.0, ..Self::default() };
        found.known = known.iter().flat_map(|&molecule| found.apply(block.of(molecule))).collect();
        found.lanes = in_lanes(&found.known, block.width);
        found.median = found.measure_median(known.len());
        found
    }

    /// Brings the values of a molecule to mean 0 and standard deviation 1, and clips them.
    fn apply(&self, values: &[f32]) -> Vec<f32> {
        assert_eq!(values.len(), self.mean.len(), "a block of another width");
        let standard = |((value, mean), deviation): ((&f32, &f32), &f32)| {
            let z = (f64::from(*value) - f64::from(*mean)) / f64::from(*deviation);
            // What is no number, or infinite, is ordinary.
            if z.is_nan() { 0.0 } else { z.clamp(-CLIP, CLIP) as f32 }
        };
        values.iter().zip(&self.mean).zip(&self.deviation).map(standard).collect()
    }

    /// Gives the squared distances of rows of standardised values to every molecule of training, each summed column by
    /// column: of a row, from some molecule on, those of some molecules.
    fn squared(&self, rows: &[Vec<f32>], molecules: usize, mut take: impl FnMut(usize, usize, &[f32])) {
        let width = self.mean.len();
        // Column by column; rows that are missing in the last tile are 0.
        let value = |row: usize, column: usize| rows.get(row).map_or(0.0, |values| values[column]);
        let tiles: Vec<Vec<[f32; TILE]>> = (0..rows.len())
            .step_by(TILE)
            .map(|first| {
                (0..width).map(|column| std::array::from_fn(|at| value(first + at, column))).collect()
            })
            .collect();
        for first in (0..molecules).step_by(LANES) {
            let (columns, _) = self.lanes[first * width..][..LANES * width].as_chunks();
            for (number, tile) in tiles.iter().enumerate() {
                let sums = arch().dispatch(Squares { tile, columns });
                for (at, sums) in sums.iter().enumerate().take(rows.len() - number * TILE) {
                    take(number * TILE + at, first, &sums[..LANES.min(molecules - first)]);
                }
            }
        }
    }

    fn measure_median(&self, molecules: usize) -> f32 {
        let width = self.mean.len();
        let some: Vec<usize> = if molecules <= MEDIAN_OF {
            (0..molecules).collect()
        } else {
            (0..MEDIAN_OF).map(|at| at * molecules / MEDIAN_OF).collect()
        };
        let known: Vec<Vec<f32>> =
            some.iter().map(|&at| self.known[at * width..][..width].to_vec()).collect();
        let sample =
            Self { mean: self.mean.clone(), lanes: in_lanes(&known.concat(), width), ..Self::default() };
        let mut all: Vec<f32> = known
            .par_chunks(TOGETHER)
            .enumerate()
            .flat_map_iter(|(number, rows)| {
                let mut found = Vec::new();
                sample.squared(rows, known.len(), |row, first, squared| {
                    let before = (number * TOGETHER + row).saturating_sub(first).min(squared.len());
                    found.extend(squared[..before].iter().filter(|squared| **squared > SAME));
                });
                found
            })
            .collect();
        if all.is_empty() {
            return 1.0;
        }
        let middle = all.len() / 2;
        let odd = all.len() % 2 == 1;
        let (below, upper, _) = all.select_nth_unstable_by(middle, f32::total_cmp);
        let upper = *upper;
        if odd { upper } else { below.iter().copied().fold(f32::MIN, f32::max).midpoint(upper) }
    }
}

/// Some molecules and some others, column by column, and the sums of their squared differences.
struct Squares<'a> {
    tile: &'a [[f32; TILE]],
    columns: &'a [[f32; LANES]],
}

impl WithSimd for Squares<'_> {
    type Output = [[f32; LANES]; TILE];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let mut found = [[0.0; LANES]; TILE];
        for first in (0..LANES / S::F32_LANES).step_by(VECTORS) {
            let mut sums = [[simd.splat_f32s(0.0); VECTORS]; TILE];
            for (values, known) in self.tile.iter().zip(self.columns) {
                let known = &S::as_simd_f32s(known).0[first..first + VECTORS];
                for (sums, &value) in sums.iter_mut().zip(values) {
                    let value = simd.splat_f32s(value);
                    for (sum, &known) in sums.iter_mut().zip(known) {
                        let difference = simd.sub_f32s(value, known);
                        *sum = simd.add_f32s(*sum, simd.mul_f32s(difference, difference));
                    }
                }
            }
            for (found, sums) in found.iter_mut().zip(sums) {
                S::as_mut_simd_f32s(found).0[first..first + VECTORS].copy_from_slice(&sums);
            }
        }
        found
    }
}

/// Puts values, molecule by molecule, into groups of [`LANES`] molecules, each column by column; the last is filled with 0.
fn in_lanes(values: &[f32], width: usize) -> Vec<f32> {
    if width == 0 {
        return Vec::new();
    }
    let groups = values.chunks(LANES * width).flat_map(|group| {
        let molecules = group.len() / width;
        (0..width).flat_map(move |column| {
            (0..LANES).map(move |at| if at < molecules { group[at * width + column] } else { 0.0 })
        })
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::normal as values;

    #[test]
    fn distances_are_symmetric_zero_to_oneself_and_of_median_one() {
        let (a, b) = (values(70, 5), values(70, 40));
        let blocks = [Block { values: &a, width: 5 }, Block { values: &b, width: 40 }];
        let all: Vec<u32> = (0..70).collect();
        let distances = Distances::fit(&blocks, &all);
        let found = distances.rows(&blocks, &all);
        assert!((0..70).all(|i| found[i * 70 + i] == 0.0));
        assert!((0..70).all(|i| (0..70).all(|j| found[i * 70 + j] == found[j * 70 + i])));
        let one = Distances::fit(&blocks[..1], &all);
        let mut off: Vec<f32> = one.rows(&blocks[..1], &all).into_iter().filter(|d| *d > 0.0).collect();
        off.sort_unstable_by(f32::total_cmp);
        assert!((off[off.len() / 2 - 1].midpoint(off[off.len() / 2]) - 1.0).abs() < 1e-6);
        // A molecule's distances do not depend on which others are asked about.
        assert_eq!(distances.rows(&blocks, &[69, 3]), [&found[69 * 70..], &found[3 * 70..4 * 70]].concat());
    }

    #[test]
    fn a_column_that_never_varies_in_training_says_nothing_of_new_molecules() {
        let values = [1.0, 7.0, 2.0, 7.0, 4.0, 7.0, 2.0, 1e9];
        let blocks = [Block { values: &values, width: 2 }];
        let distances = Distances::fit(&blocks, &[0, 1, 2]);
        assert_eq!(distances.rows(&blocks, &[3])[1], 0.0);
        let again = Distances::from_blocks(distances.blocks().to_vec(), 3).unwrap();
        assert_eq!(again, distances);
        assert!(Distances::from_blocks(distances.blocks().to_vec(), 4).is_err());
    }

    #[test]
    fn one_molecule_and_equal_ones_have_a_scale_all_the_same() {
        let values = [3.0, 3.0, 5.0];
        let blocks = [Block { values: &values, width: 1 }];
        for known in [&[0][..], &[0, 1], &[]] {
            let distances = Distances::fit(&blocks, known);
            assert!(distances.rows(&blocks, &[2]).iter().all(|d| d.is_finite()));
        }
    }
}
