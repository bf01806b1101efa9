//! `crossmamba-fuse-train`: trains the fusion model on embeddings and labelled pairs.

mod ablate;
mod args;
mod card;
mod predictions;
mod run;
mod settings;
mod watch;

use std::process::ExitCode;

use crossmamba_tools::kit;

use self::args::Args;
use self::settings::Settings;

fn main() -> ExitCode {
    kit::run::<Args>()
}
