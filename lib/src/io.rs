//! Opens inputs whatever their compression, reads sequences, and makes outputs appear whole or not at all.

mod atomic;
mod open;
mod sequence;
mod tsv;

pub use atomic::{AtomicFile, write_atomic};
pub use open::{Input, open};
pub use sequence::{RawRecord, fasta_records, is_letter, read_sequences, read_sequences_from};
pub use tsv::{Row, TsvReader};
