//! Cholesky's factor of a symmetric positive definite matrix.

use rayon::prelude::*;

use super::Matrix;
use super::matrix::dot;

/// Columns that are finished together: their rows stay in the cache while all rows below are computed.
const STRIPE: usize = 64;

/// The lower triangle L of A = L Lᵀ.
#[derive(Debug, Clone, PartialEq)]
pub struct Cholesky {
    lower: Matrix,
}

impl Cholesky {
    /// Factors a square matrix, of which the lower triangle alone is read; nothing when it is not positive definite.
    ///
    /// Takes n³ / 3 operations, on all cores; every element is one sum in one order, whatever their number.
    ///
    /// ```
    /// use crossmamba::gp::{Cholesky, Matrix};
    ///
    /// let factor = Cholesky::of(Matrix::of(2, 2, |i, j| [[4.0, 2.0], [2.0, 5.0]][i][j])).expect("definite");
    /// assert_eq!(factor.solve(&[8.0, 12.0]), [1.0, 2.0]);
    /// assert_eq!(Cholesky::of(Matrix::of(2, 2, |_, _| 1.0)), None);
    /// ```
    pub fn of(mut matrix: Matrix) -> Option<Self> {
        let n = matrix.rows().min(matrix.columns());
        let width = matrix.columns().max(1);
        for from in (0..n).step_by(STRIPE) {
            let to = (from + STRIPE).min(n);
            let (above, below) = matrix.values_mut().split_at_mut(to * width);
            for row in from..to {
                let (before, here) = above.split_at_mut(row * width);
                let here = &mut here[..width];
                for column in from..row {
                    let finished = &before[column * width..(column + 1) * width];
                    here[column] = element(here, finished, column);
                }
                let own = here[row];
                let square = own - dot(&here[..row], &here[..row]);
                // What is left of it after rounding is nothing.
                if square.is_nan() || square <= own * f64::EPSILON * n as f64 {
                    return None;
                }
                here[row] = square.sqrt();
                here[row + 1..].fill(0.0);
            }
            let above = &*above;
            below.par_chunks_mut(width).for_each(|here| {
                for column in from..to {
                    here[column] = element(here, &above[column * width..(column + 1) * width], column);
                }
            });
        }
        Some(Self { lower: matrix })
    }

    /// Solves L x = y.
    ///
    pub(super) fn forward(&self, y: &[f64]) -> Vec<f64> {
        let mut x = y.to_vec();
        for row in 0..x.len() {
            let lower = self.lower.row(row);
            x[row] = (x[row] - dot(&lower[..row], &x[..row])) / lower[row];
        }
        x
    }

    /// Solves A x = y.
    pub fn solve(&self, y: &[f64]) -> Vec<f64> {
        let mut x = self.forward(y);
        for row in (0..x.len()).rev() {
            let lower = self.lower.row(row);
            let value = x[row] / lower[row];
            x[row] = value;
            x[..row].iter_mut().zip(lower).for_each(|(x, l)| *x -= l * value);
        }
        x
    }
}

/// Gives an element of a row from those before it and from the finished row of its column.
fn element(here: &[f64], finished: &[f64], column: usize) -> f64 {
    (here[column] - dot(&here[..column], &finished[..column])) / finished[column]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_factor_times_itself_is_the_matrix_and_a_solution_solves() {
        for n in [1, 2, 63, 64, 65, 150] {
            let mut rng = Rng::new(n as u64);
            let draws: Vec<f64> = (0..n * n).map(|_| rng.uniform() - 0.5).collect();
            let at = |i: usize, j: usize| {
                let product: f64 = (0..n).map(|k| draws[i * n + k] * draws[j * n + k]).sum();
                product + if i == j { 1.0 } else { 0.0 }
            };
            let matrix = Matrix::of(n, n, at);
            let factor = Cholesky::of(matrix.clone()).unwrap();
            for i in 0..n {
                for j in 0..=i {
                    let product = dot(&factor.lower.row(i)[..=j], &factor.lower.row(j)[..=j]);
                    assert!((product - matrix.at(i, j)).abs() < 1e-9 * n as f64, "{n} {i} {j}");
                }
            }
            let y: Vec<f64> = (0..n).map(|_| rng.uniform() - 0.5).collect();
            let x = factor.solve(&y);
            for (i, y) in y.iter().enumerate() {
                assert!((dot(matrix.row(i), &x) - y).abs() < 1e-7, "{n} {i}");
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let matrix = || {
            Matrix::of(200, 200, |i, j| {
                (-((i as f64 - j as f64) / 9.0).powi(2)).exp() + f64::from(u8::from(i == j))
            })
        };
        let with = |threads| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
                .install(|| Cholesky::of(matrix()))
        };
        assert_eq!(with(1), with(3));
    }
}
