//! Averages rows: over windows, over molecules, in one way wherever it is done.

use std::ops::Range;

/// The mean of rows as they come, summed in f64 in their order.
#[derive(Debug, Clone)]
pub(crate) struct RowMean {
    sums: Vec<f64>,
    rows: usize,
}

impl RowMean {
    /// Starts with no rows of `width` values.
    pub(crate) fn new(width: usize) -> Self {
        Self { sums: vec![0.0; width], rows: 0 }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: &[f32]) {
        self.rows += 1;
        self.sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
    }

    /// Gives the mean; of no rows, zeros.
    pub(crate) fn values(&self) -> impl Iterator<Item = f32> {
        let rows = self.rows.max(1) as f64;
        self.sums.iter().map(move |sum| (sum / rows) as f32)
    }
}

/// Averages the rows of residues over each stretch of the molecule.
///
/// The sums run in f64 in the order of the rows, so that a window has the same bits whether an encoder, a language
/// model or the training averaged it.
///
/// # Shapes
/// `rows` holds (l, `width`) values; the result (number of stretches, `width`).
///
/// ```
/// use crossmamba::store::{mean_rows, windows};
///
/// let rows = [1.0, 10.0, 3.0, 30.0, 8.0, 80.0]; // three residues, two columns
/// assert_eq!(mean_rows(&rows, 2, &windows(3, 2, 0)), [2.0, 20.0, 5.5, 55.0]);
/// ```
pub fn mean_rows(rows: &[f32], width: usize, stretches: &[Range<usize>]) -> Vec<f32> {
    let mut out = Vec::with_capacity(stretches.len() * width);
    for stretch in stretches {
        let mut mean = RowMean::new(width);
        for row in rows[stretch.start * width..stretch.end * width].chunks_exact(width.max(1)) {
            mean.add(row);
        }
        out.extend(mean.values());
    }
    out
}
