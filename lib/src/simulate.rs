//! Makes sets of molecules and labelled pairs with planted, documented binding rules: positive controls.
//!
//! Each molecule belongs to a class (a published motif, domain, seed, element or scaffold) and to a family of
//! relatives of one ancestor; the class is the family's, the rest of the ancestor is random. A pair binds
//! when the RNA holds the element that the partner recognises. So the rule holds for families that were never
//! seen, and everything else about a family is worthless for predicting it.
//!
//! Families are divided into five blocks and pairs are drawn inside a block: holding out a block leaves no
//! pair unused and no family known, on either side.

mod affinity;
mod antisense;
mod assemble;
mod binder;
mod evolve;
mod folds;
mod ligand;
mod molecule;
mod oracle;
mod pair;
mod pairing;
mod plan;
mod protein;
mod recognition;
mod rna;
mod seed;
mod settings;
mod side;
mod site;
#[cfg(test)]
mod tests;
mod write;

pub use assemble::{Set, simulate};
pub use folds::FoldRow;
pub use oracle::Oracle;
pub use pair::SimulatedPair;
pub use rna::Site;
pub use settings::{Kind, Settings};
pub use side::Member;
pub use write::{files, outputs};
