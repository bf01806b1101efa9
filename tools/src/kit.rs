//! Starts a tool, and turns its outcome into an exit code.

mod allocator;
mod common;
mod mqc;
mod outcome;
mod paths;
mod progress;
mod run;
mod spinning;
mod stop;

pub use common::Common;
pub use outcome::Outcome;
pub use paths::check_paths;
pub use progress::Progress;
pub use run::{Tool, run};
pub use stop::StopRequest;
