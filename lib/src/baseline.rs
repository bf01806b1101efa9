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
mod kind;
mod pairing;
mod parts;

pub use additive::additive;
pub use boost::{Boosted, Row};
pub use composition::{Composition, is_rna};
pub use counts::{counts, partner_rule};
pub use forest::forest;
pub use kind::{Baseline, Sees};
pub use pairing::pairing;
pub use parts::inner_parts;

use crate::identity::Identity;

/// The pairs that a baseline learns from and predicts.
///
/// Whether molecules were numbered by identifier or by sequence is the whole difference between a baseline "by id" and
/// "by sequence".
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a> {
    /// The molecules of each pair.
    pub molecules: &'a Identity,
    /// The label of each pair; pairs without one are not learnt from.
    pub labels: &'a [Option<f64>],
}
