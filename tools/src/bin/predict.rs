//! Predicts interactions of pairs with a trained model.

use std::process::ExitCode;

use crossmamba_tools::kit;
use crossmamba_tools::predict::Args;

fn main() -> ExitCode {
    kit::run::<Args>()
}
