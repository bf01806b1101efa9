//! Measures predictions beside baselines.

use std::process::ExitCode;

fn main() -> ExitCode {
    crossmamba_tools::kit::run::<crossmamba_tools::evaluate::Args>()
}
