//! Trains the fusion model on embeddings and labelled pairs.

use std::process::ExitCode;

use crossmamba_tools::fuse_train::Args;
use crossmamba_tools::kit;

fn main() -> ExitCode {
    kit::run::<Args>()
}
