//! `crossmamba-predict`: scores pairs with a trained model.

mod args;
mod candidates;
mod given;
mod list;
mod page;
mod pairing;
mod run;
mod settings;
mod write;

use std::process::ExitCode;

use crossmamba_tools::kit;

use self::args::Args;
use self::settings::Settings;

fn main() -> ExitCode {
    kit::run::<Args>()
}
