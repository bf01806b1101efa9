//! A `libcuda.so` whose only card is the PTX emulator: what a program does through the driver runs without a GPU.
//!
//! A program that opens `libcuda.so` at run time, as cudarc does, finds this one if its folder stands first in
//! `LD_LIBRARY_PATH`. What a card does later is done later: copies, launches and fills wait in their stream until the
//! host synchronises, so that a missing synchronisation or a missing event gives wrong numbers here too. Memory that
//! the driver did not pin behaves as the manual says: it is read at the call, and a copy into it waits for the stream.
//!
//! A fault of a kernel is said on standard error in full; as on a card, every later call then fails. The environment
//! tells the card what to be ([`Settings`]) and which calls to refuse ([`Plan`]). The few functions of cuBLAS and
//! cuRAND that candle calls are here too.
//!
//! [`Driver`] is the same without the C interface, for tests.

mod blas;
mod call;
mod driver;
mod event;
mod failure;
mod ffi;
mod host;
mod memory;
mod module;
mod settings;
mod status;
mod stream;

pub use blas::{Element, Gemm, Matrix};
pub use call::Refusal;
pub use driver::{Driver, Handle};
pub use failure::Plan;
pub use host::Host;
pub use settings::Settings;
pub use status::Status;
