//! Reads sequences: strictly for the tools behind `crossmamba-parse`, record by record for that tool itself.

mod letters;
mod raw;
mod strict;

pub use letters::is_letter;
pub use raw::{RawRecord, fasta_records};
pub use strict::{read_sequences, read_sequences_from};
