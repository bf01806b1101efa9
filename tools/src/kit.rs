//! Starts a tool, and turns its outcome into an exit code.

mod allocator;
mod common;
mod device;
mod environment;
mod files;
mod log;
mod mqc;
mod outcome;
mod progress;
mod rejects;
mod run;
mod stop;
mod threads;

pub use common::Common;
pub use device::open_device;
pub use files::Files;
pub use outcome::Outcome;
pub use progress::Progress;
pub use rejects::Rejects;
pub use run::{Tool, print, run};
pub use stop::StopRequest;
