//! Brings every input column to mean 0 and standard deviation 1, as measured on the training molecules.

use std::ops::Range;

/// Mean and scale of each column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns {
    /// Means.
    pub mean: Vec<f32>,
    /// What a centred value is divided by; never 0.
    pub scale: Vec<f32>,
}

/// The standardisation of one side, as saved in a model bundle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standardisation {
    /// Of the global vector.
    pub global: Columns,
    /// Of the rows.
    pub rows: Columns,
    /// Standardised values are clipped at plus and minus this.
    pub clip: f32,
}

/// Measures columns row by row (Welford's update, in f64), so that one pass is enough and order alone decides the bytes.
///
/// ```
/// use crossmamba::nn::data::Measure;
///
/// let mut rows = [1.0, 10.0, 3.0, 30.0];
/// let mut measure = Measure::new(2);
/// measure.add(&rows);
/// measure.columns(&[0..2], 0.05).apply(&mut rows, 6.0);
/// assert_eq!(rows, [-1.0, -1.0, 1.0, 1.0]);
/// ```
#[derive(Debug, Clone)]
pub struct Measure {
    rows: u64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Measure {
    /// Starts with no rows of `width` columns.
    pub fn new(width: usize) -> Self {
        Self { rows: 0, mean: vec![0.0; width], squares: vec![0.0; width] }
    }

    /// Adds rows that lie one after another.
    pub fn add(&mut self, rows: &[f32]) {
        if self.mean.is_empty() {
            return;
        }
        for row in rows.chunks_exact(self.mean.len()) {
            self.rows += 1;
            let weight = 1.0 / self.rows as f64;
            for ((mean, square), &x) in self.mean.iter_mut().zip(&mut self.squares).zip(row) {
                let before = x as f64 - *mean;
                *mean += before * weight;
                *square += before * (x as f64 - *mean);
            }
        }
    }

    /// Gives the columns. A scale is at least `floor` times the largest standard deviation of its block (the
    /// columns of one store): a column that hardly varies in training must not explode on new molecules.
    pub fn columns(&self, blocks: &[Range<usize>], floor: f64) -> Columns {
        let rows = self.rows.max(1) as f64;
        let deviations: Vec<f64> = self.squares.iter().map(|s| (s / rows).sqrt()).collect();
        let mut scale = vec![1.0_f32; deviations.len()];
        for block in blocks {
            let largest = deviations[block.clone()].iter().copied().fold(0.0, f64::max);
            for i in block.clone() {
                // A store whose columns are all constant carries nothing: leave it at 0.
                let s = deviations[i].max(floor * largest);
                scale[i] = if s > 1e-12 { s as f32 } else { 1.0 };
            }
        }
        Columns { mean: self.mean.iter().map(|&m| m as f32).collect(), scale }
    }
}

impl Columns {
    /// Centres, scales and clips rows in place.
    pub fn apply(&self, rows: &mut [f32], clip: f32) {
        if self.mean.is_empty() {
            return;
        }
        for row in rows.chunks_exact_mut(self.mean.len()) {
            for ((x, &mean), &scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
                *x = ((*x - mean) / scale).clamp(-clip, clip);
            }
        }
    }

    /// Gives the number of columns.
    pub fn width(&self) -> usize {
        self.mean.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_mean_zero_and_deviation_one_and_outliers_are_clipped() {
        let mut rows: Vec<f32> = (0..200).flat_map(|i| [i as f32, 5.0 + (i % 2) as f32 * 100.0]).collect();
        let mut measure = Measure::new(2);
        measure.add(&rows[..100]);
        measure.add(&rows[100..]);
        let columns = measure.columns(&[0..2], 0.05);
        columns.apply(&mut rows, 6.0);
        for column in 0..2 {
            let values: Vec<f32> = rows.iter().skip(column).step_by(2).copied().collect();
            let mean = values.iter().sum::<f32>() / 200.0;
            let square = values.iter().map(|x| x * x).sum::<f32>() / 200.0;
            assert!(mean.abs() < 1e-5 && (square - 1.0).abs() < 1e-4, "{mean} {square}");
        }
        let mut far = [1e9, -1e9];
        columns.apply(&mut far, 6.0);
        assert_eq!(far, [6.0, -6.0]);
    }

    #[test]
    fn a_nearly_constant_column_is_divided_by_the_floor_of_its_own_store() {
        let rows: Vec<f32> =
            (0..100).flat_map(|i| [i as f32, 1e-6 * i as f32, 1e-6 * i as f32, 3.0]).collect();
        let mut measure = Measure::new(4);
        measure.add(&rows);
        let columns = measure.columns(&[0..2, 2..3, 3..4], 0.05);
        assert!((columns.scale[1] / columns.scale[0] - 0.05).abs() < 1e-6);
        assert!((columns.scale[2] / (columns.scale[0] * 1e-6) - 1.0).abs() < 1e-3);
        assert_eq!(columns.scale[3], 1.0);
    }
}
