//! `crossmamba-predict`: scores pairs with a trained model.

mod args;
mod run;
mod settings;
mod write;

pub use args::Args;
pub use settings::Settings;
