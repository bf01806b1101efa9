//! Opens inputs whatever their compression, reads sequences, and makes outputs appear whole or not at all.

mod atomic;
mod folder;
mod gzip;
mod hidden;
mod json;
mod kind;
mod lines;
mod number;
mod open;
mod rows;
mod sequence;
mod source;
mod stream;
mod table;
mod tsv;

pub use atomic::{AtomicFile, write_atomic};
pub use folder::AtomicFolder;
pub use hidden::remove_unfinished;
pub use json::{to_json, write_json};
pub use number::{Number, rounded};
pub use open::open;
pub use rows::{Cell, Holds, RowWriter, TableForm};
pub use sequence::{
    Chunk, Chunks, Format, RawRecord, for_each_record, read_digests, read_ids, read_sequences,
    read_sequences_from, read_sequences_with_lines,
};
pub use source::{Input, Source};
pub use stream::{followed, is_stream};
pub use table::{Column, Delimiter, Dialect, TableReader, TableRow, same_name};
pub use tsv::{TsvReader, TsvRow};
