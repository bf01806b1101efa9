//! Embeds sequences into a store: once per distinct sequence, only what is missing.

use std::process::ExitCode;

use crossmamba_tools::kit;

#[path = "embed/args.rs"]
mod args;
#[path = "embed/forecast.rs"]
mod forecast;
#[path = "embed/run.rs"]
mod run;
#[path = "embed/work.rs"]
mod work;

fn main() -> ExitCode {
    kit::run::<args::Args>()
}
