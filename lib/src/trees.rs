//! Boosts trees over columns of numbers (Friedman 2001), by histograms and leaf by leaf, as `LightGBM` does (Ke et al.
//! 2017).
//!
//! Many pairs share a molecule, and a molecule's columns are kept once ([`Part`]). Columns are looked at side by side, each
//! summing in one order: the same rows, settings and seed give the same trees, for any number of threads.
//!
//! No crate takes this place: those in Rust want a matrix of all columns for every row, which holds the columns of a
//! molecule as often as it has pairs, and the bindings of `LightGBM` and `XGBoost` bring a C++ library to build.

mod bins;
mod coded;
mod columns;
mod fit;
mod grow;
mod model;

pub use columns::{Columns, Part};
pub use fit::fit;
pub use model::{Split, Tree, Trees};

use serde::{Deserialize, Serialize};

/// What trees are fitted to, and what their sum is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Labels 0 and 1; the sum is a logit.
    Logistic,
    /// Numbers; the sum is one of them.
    Squared,
}

/// How many trees, and how each is grown.
///
/// The defaults were found by cross-validation inside training parts of public sets of RNAs, and of RNAs and proteins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Trees.
    pub rounds: usize,
    /// The share of a tree's answer that is added.
    pub rate: f64,
    /// Leaves of a tree, at most.
    pub leaves: usize,
    /// Rows of a leaf, at least, among those that a tree is grown on.
    pub least: usize,
    /// The penalty on squared leaf values: as much as so many rows of second derivative 1.
    pub penalty: f64,
    /// The share of the rows that a tree is grown on.
    pub rows: f64,
    /// The share of the columns that a tree looks at.
    pub columns: f64,
    /// The share of these that one node looks at.
    pub node_columns: f64,
    /// Steps in which the values of a column are told apart, at most 256.
    pub bins: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rounds: 200,
            rate: 0.05,
            leaves: 15,
            least: 10,
            penalty: 5.0,
            rows: 0.7,
            columns: 1.0,
            node_columns: 0.3,
            bins: 63,
        }
    }
}

impl Settings {
    /// Gives the settings for few columns of which each says much: fewer trees, of which a node looks at half of the columns.
    pub fn of_few_columns() -> Self {
        Self { rounds: 80, node_columns: 0.5, ..Self::default() }
    }

    /// Gives the settings for so many rows that time counts: a tree looks at half of the columns, and a node at few of these.
    pub fn of_many_rows() -> Self {
        Self { columns: 0.5, node_columns: 0.15, ..Self::default() }
    }
}
