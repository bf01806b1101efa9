//! Dense matrices in double precision.

use rayon::prelude::*;

/// A matrix, row by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// Computes each element; rows are computed in parallel, and each by itself.
    ///
    /// ```
    /// use crossmamba::gp::Matrix;
    ///
    /// let times = Matrix::of(2, 3, |row, column| (row * column) as f64);
    /// assert_eq!(times.row(1), [0.0, 1.0, 2.0]);
    /// ```
    pub fn of(rows: usize, columns: usize, element: impl Fn(usize, usize) -> f64 + Sync) -> Self {
        let mut values = vec![0.0; rows * columns];
        values.par_chunks_mut(columns.max(1)).enumerate().for_each(|(row, values)| {
            values.iter_mut().enumerate().for_each(|(column, value)| *value = element(row, column));
        });
        Self { columns, values }
    }

    /// Gives the number of rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Gives the number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Gives a row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// Gives an element.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.row(row)[column]
    }

    pub(super) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }
}

/// Sums products in eight lanes, always in the same order.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (a8, b8) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
