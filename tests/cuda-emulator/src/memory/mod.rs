//! Keeps the emulated memory: bytes, which of them were ever written, and who touched them last.

mod global;
mod region;
mod touch;

pub use global::Memory;
pub(crate) use region::Region;
pub(crate) use touch::Who;
