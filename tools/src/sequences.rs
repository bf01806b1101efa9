//! Reads sequences as others write them, normalises them, and says of every record that it rejects why.

mod id_rule;
mod lengths;
mod letters;
mod piece;
mod pipeline;
mod read;
mod sink;

pub use id_rule::{IdRule, accession};
pub use piece::Naming;
pub use pipeline::run;
pub use read::read;
pub use sink::Sink;
