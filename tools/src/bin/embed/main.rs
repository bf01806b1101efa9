//! Embeds sequences into a store: once per distinct sequence, only what is missing.

use std::process::ExitCode;

use crossmamba_tools::kit;

mod args;
mod check;
mod export;
mod forecast;
mod import;
mod run;
mod select;
mod settings;

fn main() -> ExitCode {
    kit::run::<args::Args>()
}
