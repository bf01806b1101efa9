//! Reads sequences: strictly for the tools behind `crossmamba-parse`, in raw pieces for that tool itself.

mod chunks;
mod format;
mod ids;
mod raw;
mod strict;

pub use chunks::{Chunk, Chunks};
pub use format::Format;
pub use ids::{read_digests, read_ids};
pub use raw::{RawRecord, for_each_record};
pub use strict::{read_sequences, read_sequences_from, read_sequences_with_lines};
