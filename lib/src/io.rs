//! Opens inputs whatever their compression, and makes outputs appear whole or not at all.

mod atomic;
mod open;

pub use atomic::{AtomicFile, write_atomic};
pub use open::{Input, open};
