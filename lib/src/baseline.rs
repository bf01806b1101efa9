//! Predicts without a network: from how often a molecule was seen, from what words its sequence is made of, or from how
//! well two RNAs pair.
//!
//! [`counts`], [`partner_rule`] and [`additive`] look at no sequence; [`forest`] does, and [`pairing`] looks at how well
//! two RNAs pair.
//!
//! In the usual benchmarks a molecule's name tells much about its label: negatives are drawn from few molecules, or
//! each protein stands in one positive pair. A model's figure under a random split means little unless it stands
//! beside these.

mod additive;
mod boost;
mod composition;
mod counts;
mod forest;
mod pairing;

use std::collections::BTreeMap;

pub use additive::additive;
pub use boost::{Boosted, Row};
pub use composition::{Composition, is_rna};
pub use counts::{counts, partner_rule};
pub use forest::forest;
pub use pairing::pairing;

/// The pairs that a baseline learns from and predicts, molecules as numbers: equal numbers, equal molecule.
///
/// Numbers come from identifiers or from sequences ([`number`]); that is the whole difference between a baseline
/// "by id" and "by sequence".
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a> {
    /// The number of each pair's RNA.
    pub rna: &'a [u32],
    /// The number of each pair's partner.
    pub partner: &'a [u32],
    /// The label of each pair; pairs without one are not learnt from.
    pub labels: &'a [Option<f64>],
}

/// Numbers keys by their first appearance.
///
/// ```
/// assert_eq!(crossmamba::baseline::number(["a", "b", "a"]), [0, 1, 0]);
/// ```
pub fn number<K: Ord>(keys: impl IntoIterator<Item = K>) -> Vec<u32> {
    let mut numbers = BTreeMap::new();
    keys.into_iter()
        .map(|key| {
            let next = numbers.len() as u32;
            *numbers.entry(key).or_insert(next)
        })
        .collect()
}
