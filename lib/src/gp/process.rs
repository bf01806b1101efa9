//! Gaussian process regression over pairs.

use rayon::prelude::*;

use super::matrix::dot;
use super::{Cholesky, Matrix};
use crate::words::Size;
use crate::{Error, Result};

/// The most pairs that are trained on: their matrix takes 2 GiB.
pub const LARGEST: usize = 1 << 14;

/// How much each part of the likeness of two pairs weighs, and the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the product of both likenesses.
    pub both: f64,
    /// Of the likeness of the RNAs alone, and of the partners alone.
    pub alone: [f64; 2],
    /// The variance of a label around its pair's value, in the same unit as the others.
    pub noise: f64,
}

impl Default for Weights {
    /// `R P + R / 2 + P / 2 + 0.3 I`, R the likeness of the RNAs and P that of the partners.
    fn default() -> Self {
        Self { both: 1.0, alone: [0.5; 2], noise: 0.3 }
    }
}

impl Weights {
    fn of(&self, rna: f64, partner: f64) -> f64 {
        self.both * rna * partner + self.alone[0] * rna + self.alone[1] * partner
    }

    /// The likeness of a pair with itself.
    fn own(&self) -> f64 {
        self.of(1.0, 1.0)
    }
}

/// A normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// The mean, in the unit of the labels.
    pub mean: f64,
    /// The variance of a new label, its noise included, in the squared unit of the labels.
    pub variance: f64,
}

/// A Gaussian process that knows the labels of some pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianProcess {
    weights: Weights,
    pairs: Vec<[usize; 2]>,
    factor: Cholesky,
    /// (K + noise)⁻¹ (labels − mean).
    solved: Vec<f64>,
    mean: f64,
    /// What a variance of 1 is worth in labels, by maximum likelihood.
    scale: f64,
}

impl GaussianProcess {
    /// Reads the labels of some pairs (Rasmussen and Williams 2006, algorithm 2.1).
    ///
    /// `likeness` holds that of the training RNAs and that of the training partners, each a square; `pairs` names a row of
    /// either.
    ///
    /// # Errors
    /// No pairs, more than [`LARGEST`], a pair without a label or outside the matrices, and labels or likenesses that are
    /// not finite or contradict each other.
    pub fn fit(
        likeness: [&Matrix; 2],
        pairs: &[[usize; 2]],
        labels: &[f64],
        weights: Weights,
    ) -> Result<Self> {
        let n = pairs.len();
        if n == 0 || n != labels.len() || labels.iter().any(|label| !label.is_finite()) {
            let problem = format!("{n} pairs have {} labels", labels.len());
            return Err(fault(problem, "give one finite label to each of at least one pair"));
        }
        if n > LARGEST {
            let problem = format!("{n} pairs would take {}", Size((n * n * 8) as u64));
            return Err(fault(problem, format!("train on at most {LARGEST}, or choose another expert")));
        }
        check(likeness, pairs)?;
        let of = |i: usize, j: usize| {
            let [rna, partner] = [0, 1].map(|side| likeness[side].at(pairs[i][side], pairs[j][side]));
            weights.of(rna, partner) + if i == j { weights.noise } else { 0.0 }
        };
        let Some(factor) = Cholesky::of(Matrix::of(n, n, of)) else {
            return Err(fault(
                "the likenesses contradict each other".into(),
                "give the noise a larger weight",
            ));
        };
        let mean = labels.iter().sum::<f64>() / n as f64;
        let centred: Vec<f64> = labels.iter().map(|label| label - mean).collect();
        let solved = factor.solve(&centred);
        let scale = dot(&centred, &solved).max(0.0) / n as f64;
        Ok(Self { weights, pairs: pairs.to_vec(), factor, solved, mean, scale })
    }

    /// Predicts the labels of pairs; the rows of `likeness` are their molecules, its columns those of the training.
    ///
    /// # Errors
    /// A pair outside the matrices, or matrices of other training molecules.
    pub fn predict(&self, likeness: [&Matrix; 2], pairs: &[[usize; 2]]) -> Result<Vec<Normal>> {
        self.check_known(likeness, pairs)?;
        let one = |pair: &[usize; 2]| {
            let known = self.near(likeness, pair);
            let explained = self.factor.forward(&known);
            let left = (self.weights.own() - dot(&explained, &explained)).max(0.0) + self.weights.noise;
            Normal { mean: self.mean + dot(&known, &self.solved), variance: self.scale * left }
        };
        Ok(pairs.par_iter().map(one).collect())
    }

    /// Predicts as [`GaussianProcess::predict`] does, without the variance, which takes by far the most time.
    ///
    /// # Errors
    /// As [`GaussianProcess::predict`].
    pub fn means(&self, likeness: [&Matrix; 2], pairs: &[[usize; 2]]) -> Result<Vec<f64>> {
        self.check_known(likeness, pairs)?;
        let one = |pair: &[usize; 2]| self.mean + dot(&self.near(likeness, pair), &self.solved);
        Ok(pairs.par_iter().map(one).collect())
    }

    /// Gives the likeness of a pair with each known one.
    fn near(&self, likeness: [&Matrix; 2], pair: &[usize; 2]) -> Vec<f64> {
        let rows = [0, 1].map(|side| likeness[side].row(pair[side]));
        self.pairs.iter().map(|&[r, p]| self.weights.of(rows[0][r], rows[1][p])).collect()
    }

    fn check_known(&self, likeness: [&Matrix; 2], pairs: &[[usize; 2]]) -> Result<()> {
        check(likeness, pairs)?;
        for side in [0, 1] {
            let known = self.pairs.iter().map(|pair| pair[side] + 1).max().unwrap_or(0);
            if likeness[side].columns() < known {
                let problem =
                    format!("{} training molecules are compared, not {known}", likeness[side].columns());
                return Err(fault(problem, "compare with the molecules of the training, in their order"));
            }
        }
        Ok(())
    }
}

fn check(likeness: [&Matrix; 2], pairs: &[[usize; 2]]) -> Result<()> {
    for side in [0, 1] {
        if let Some(pair) = pairs.iter().find(|pair| pair[side] >= likeness[side].rows()) {
            let problem = format!("molecule {} of {} is asked for", pair[side], likeness[side].rows());
            return Err(fault(problem, "count molecules from 0"));
        }
    }
    Ok(())
}

fn fault(problem: String, remedy: impl Into<String>) -> Error {
    Error::setting("the Gaussian process", problem, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlike(n: usize) -> Matrix {
        Matrix::of(n, n, |i, j| f64::from(u8::from(i == j)))
    }

    #[test]
    fn what_is_like_nothing_known_gets_the_mean_and_the_whole_variance() {
        let labels = [4.0, 5.0, 9.0];
        let pairs = [[0, 0], [1, 1], [2, 2]];
        let process =
            GaussianProcess::fit([&unlike(3), &unlike(3)], &pairs, &labels, Weights::default()).unwrap();
        let far = Matrix::of(1, 3, |_, _| 0.0);
        let found = process.predict([&far, &far], &[[0, 0]]).unwrap()[0];
        assert_eq!(found.mean, 6.0);
        // Three independent pairs of variance (2 + 0.3) s: the scale that is likeliest gives the labels' own variance.
        assert!((found.variance - 14.0 / 3.0).abs() < 1e-12, "{}", found.variance);
        let known = process.predict([&unlike(3), &unlike(3)], &[[2, 2]]).unwrap()[0];
        assert_eq!(process.means([&unlike(3), &unlike(3)], &[[2, 2]]).unwrap(), [known.mean]);
        assert!((known.mean - (6.0 + 3.0 * 2.0 / 2.3)).abs() < 1e-12 && known.variance < found.variance);
    }

    #[test]
    fn what_cannot_be_is_refused_in_a_sentence() {
        let (one, weights) = (unlike(1), Weights::default());
        let fit = |pairs: &[[usize; 2]], labels: &[f64], weights| {
            GaussianProcess::fit([&one, &one], pairs, labels, weights).unwrap_err().to_string()
        };
        assert!(fit(&[], &[], weights).contains("0 pairs have 0 labels"));
        assert!(fit(&[[0, 0]], &[f64::NAN], weights).contains("finite label"));
        assert!(fit(&[[0, 1]], &[1.0], weights).contains("molecule 1 of 1"));
        let none = Weights { noise: 0.0, ..weights };
        assert!(fit(&[[0, 0], [0, 0]], &[1.0, 2.0], none).contains("larger weight"));
        let many = vec![[0, 0]; LARGEST + 1];
        assert!(fit(&many, &vec![0.0; many.len()], weights).contains("2.1 GB"));
    }
}
