//! How alike two molecules are.

use super::{Matrix, Traits};

/// Standardised values are clipped at plus and minus this.
const CLIP: f64 = 6.0;
/// Standard deviations and distances below this are none.
const NOTHING: f64 = 1e-9;

/// The likeness of molecules of one kind, from 0 to 1: a part from counts, the mean Tanimoto coefficient of the bags; the
/// rest from columns, the mean over the blocks of exp(−d / median), where d is the squared distance of standardised
/// columns, and the median is that among the training molecules.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    blocks: Vec<Space>,
    of_columns: f64,
}

impl Likeness {
    /// The part of columns in the likeness of two RNAs.
    pub const RNA_COLUMNS: f64 = 0.5;
    /// The part of columns in the likeness of two small molecules: as much as one of the three fingerprints.
    pub const MOLECULE_COLUMNS: f64 = 0.25;

    /// Measures columns on the distinct molecules that are trained on; `of_columns` is the part of the columns.
    ///
    /// ```
    /// use crossmamba::gp::{Likeness, Traits};
    ///
    /// let rnas = ["GGCACUUCGGUGCC", "GGCACUUCGGUGCU", "AAAAACAAAAAC"].map(|rna| Traits::rna(rna.as_bytes()));
    /// let likeness = Likeness::fit(&rnas, Likeness::RNA_COLUMNS).matrix(&rnas, &rnas);
    /// assert!((likeness.at(0, 0) - 1.0).abs() < 1e-12);
    /// assert!(likeness.at(0, 1) > likeness.at(0, 2));
    /// ```
    pub fn fit(training: &[Traits], of_columns: f64) -> Self {
        let blocks = training.first().map_or(0, |traits| traits.blocks.len());
        let space = |block: usize| {
            let rows: Vec<&[f32]> = training.iter().map(|traits| traits.blocks[block].as_slice()).collect();
            Space::fit(&rows)
        };
        Self { blocks: (0..blocks).map(space).collect(), of_columns }
    }

    /// Gives the likeness of each molecule of `rows` with each of `columns`.
    pub fn matrix(&self, rows: &[Traits], columns: &[Traits]) -> Matrix {
        let standard = |all: &[Traits]| -> Vec<Vec<Vec<f64>>> {
            let of = |traits: &Traits| {
                self.blocks.iter().zip(&traits.blocks).map(|(space, row)| space.standard(row)).collect()
            };
            all.iter().map(of).collect()
        };
        let (a, b) = (standard(rows), standard(columns)); // (molecule, block, column)
        let of_counts = |i: usize, j: usize| {
            let bags = rows[i].bags.iter().zip(&columns[j].bags);
            let number = bags.len().max(1) as f64;
            bags.map(|(one, other)| one.tanimoto(other)).sum::<f64>() / number
        };
        let of_columns = |i: usize, j: usize| {
            let blocks = self.blocks.iter().zip(a[i].iter().zip(&b[j]));
            blocks.map(|(space, (one, other))| (-distance(one, other) / space.median).exp()).sum::<f64>()
                / self.blocks.len().max(1) as f64
        };
        Matrix::of(rows.len(), columns.len(), |i, j| {
            (1.0 - self.of_columns) * of_counts(i, j) + self.of_columns * of_columns(i, j)
        })
    }
}

/// Standardises one block of columns.
#[derive(Debug, Clone, PartialEq)]
struct Space {
    mean: Vec<f64>,
    /// What a centred value is divided by; nothing for a column that does not vary.
    scale: Vec<Option<f64>>,
    /// The median squared distance of two different training molecules, 1 when there are none.
    median: f64,
}

impl Space {
    fn fit(rows: &[&[f32]]) -> Self {
        let width = rows.first().map_or(0, |row| row.len());
        let number = rows.len().max(1) as f64;
        let mean: Vec<f64> =
            (0..width).map(|c| rows.iter().map(|row| f64::from(row[c])).sum::<f64>() / number).collect();
        let deviation = |c: usize| {
            let squares: f64 = rows.iter().map(|row| (f64::from(row[c]) - mean[c]).powi(2)).sum();
            (squares / number).sqrt()
        };
        let scale = (0..width).map(deviation).map(|s| (s > NOTHING).then_some(s)).collect();
        let mut space = Self { mean, scale, median: 1.0 };
        let standard: Vec<Vec<f64>> = rows.iter().map(|row| space.standard(row)).collect();
        let mut distances = Vec::new();
        for (i, one) in standard.iter().enumerate() {
            let before = standard[..i].iter().map(|other| distance(one, other));
            distances.extend(before.filter(|&d| d > NOTHING));
        }
        space.median = median(&mut distances).unwrap_or(1.0);
        space
    }

    fn standard(&self, row: &[f32]) -> Vec<f64> {
        let columns = row.iter().zip(self.mean.iter().zip(&self.scale));
        columns
            .map(|(&x, (mean, scale))| scale.map_or(0.0, |s| ((f64::from(x) - mean) / s).clamp(-CLIP, CLIP)))
            .collect()
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

fn median(values: &mut [f64]) -> Option<f64> {
    let (middle, odd) = (values.len() / 2, values.len() % 2 == 1);
    if values.is_empty() {
        return None;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return Some(upper);
    }
    below.iter().copied().max_by(f64::total_cmp).map(|lower| f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn a_column_that_does_not_vary_in_training_tells_nothing() {
        let traits = |x: f32| Traits { bags: Vec::new(), blocks: vec![vec![x, 5.0]] };
        let likeness = Likeness::fit(&[traits(0.0), traits(1.0)], 1.0);
        let new = Traits { bags: Vec::new(), blocks: vec![vec![0.0, 9.0]] };
        assert_eq!(likeness.matrix(&[new], &[traits(0.0)]).at(0, 0), 1.0);
    }
}
