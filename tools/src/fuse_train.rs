//! `crossmamba-fuse-train`: trains the fusion model on embeddings and labelled pairs.

mod args;
mod predictions;
mod run;
mod settings;
mod signal;
mod watch;

pub use args::Args;
pub use settings::Settings;
