//! Affinity of pairs by a Gaussian process over what their molecules have in common.
//!
//! The similarity of two pairs is made of those of their molecules, `R P + R / 2 + P / 2`, so that a pair is told by
//! pairs of which one molecule alone is alike, too. Nothing is trained: labels are read once, and each prediction knows
//! how sure it is.
//!
//! ```
//! use crossmamba::gp::{GaussianProcess, Likeness, Traits, Weights};
//!
//! let rnas = ["GGCACUUCGGUGCC", "GGCACUUCGGUGCU", "AAAAACAAAAAC"].map(|rna| Traits::rna(rna.as_bytes()));
//! let molecules = ["CCO", "CCCO", "c1ccccc1"].map(Traits::small_molecule);
//! let molecules = molecules.into_iter().collect::<Result<Vec<_>, _>>().expect("molecules");
//! // All but the last RNA are trained on: two pairs, with their affinities.
//! let pairs = [[0, 0], [1, 2]];
//! let (rna, partner) = (Likeness::fit(&rnas[..2], 0.5), Likeness::fit(&molecules, 0.25));
//! let similar = [rna.matrix(&rnas[..2], &rnas[..2]), partner.matrix(&molecules, &molecules)];
//! let process = GaussianProcess::fit([&similar[0], &similar[1]], &pairs, &[5.0, 7.0], Weights::default())?;
//! let new = [rna.matrix(&rnas, &rnas[..2]), similar[1].clone()];
//! let found = process.predict([&new[0], &new[1]], &[[0, 1], [2, 1]])?;
//! assert!(found[0].mean < 6.0 && found[0].variance < found[1].variance);
//! # Ok::<(), crossmamba::Error>(())
//! ```

mod cholesky;
mod likeness;
mod matrix;
mod process;
mod traits;

pub use cholesky::Cholesky;
pub use likeness::Likeness;
pub use matrix::Matrix;
pub use process::{GaussianProcess, LARGEST, Normal, Weights};
pub use traits::Traits;
