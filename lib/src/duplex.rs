//! Computes how well two RNAs pair: the free energy of the best duplex between them, and of the seed.
//!
//! Small RNAs find their targets by base pairing, and pairing is a property of the pair that no embedding of either
//! molecule alone can show. The nearest-neighbour model gives it without anything to learn: energies add up over
//! stacked base pairs, with penalties for what lies between them ([`energy`]).

pub mod energy;
mod fold;
mod shuffle;
mod significance;
mod site;
mod strand;

pub use fold::{Duplex, hybridise};
pub use significance::{Null, SHUFFLES};
pub use site::{Site, best_site};
pub use strand::Strand;
