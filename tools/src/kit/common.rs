//! The options that every tool has.

use std::num::NonZero;
use std::path::PathBuf;

/// No machine has more cores, and each thread takes memory.
const MOST_THREADS: usize = 1024;

/// Options common to every tool.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Number of threads; the result does not depend on it [default: all cores]
    #[arg(long, short = 't', value_name = "N", global = true, env = "CROSSMAMBA_THREADS", value_parser = threads)]
    pub threads: Option<NonZero<usize>>,

    /// Print errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print more: -v for details, -vv for everything
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Also write a `MultiQC` custom-content file with the run's summary
    #[arg(long, value_name = "FILE", global = true)]
    pub mqc: Option<PathBuf>,

    /// Name of this run in the `MultiQC` report [default: folder and name of the file of --mqc]
    #[arg(long, value_name = "NAME", global = true, requires = "mqc")]
    pub sample: Option<String>,
}

fn threads(text: &str) -> Result<NonZero<usize>, String> {
    let count = text.trim().parse::<NonZero<usize>>().map_err(|error| error.to_string())?;
    if count.get() > MOST_THREADS {
        return Err(format!("more than {MOST_THREADS} threads only wait for each other"));
    }
    Ok(count)
}
