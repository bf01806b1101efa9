//! `crossmamba-embed self-check`: does the checkpoint give the numbers that the published file gives?

use std::io::Write as _;
use std::path::PathBuf;

use crossmamba::Place;
use crossmamba::lm::{Verdict, self_check};
use crossmamba_tools::kit::{Files, Outcome};

use crossmamba_tools::embedding::{TrustArgs, Weights};

const EXAMPLES: &str = "\
Examples:
  Is this the published file?
    crossmamba-embed self-check --checkpoint esm2_t6_8M_UR50D

  Is it the file whose digest the methods section names, too?
    crossmamba-embed self-check --checkpoint esm2_t6_8M_UR50D/model.safetensors --verify sha256:…

Exit code: 0 the published numbers come out; 1 there are no published numbers to compare with; 2
they do not come out, or the file cannot be read.";

/// What is typed about a self-check.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// The model's published file or folder, of any layout; its content tells which model it is
    #[arg(long, value_name = "PATH")]
    checkpoint: PathBuf,

    #[command(flatten)]
    trust: TrustArgs,
}

impl CheckArgs {
    /// Lists the files of the run.
    pub(crate) fn files(&self) -> Files {
        Files::new().reads_anywhere([&self.checkpoint]).reads(&self.trust.vocabulary)
    }

    /// Resolves what was asked for.
    pub(crate) fn settings(&self) -> Weights {
        self.trust.weights(None, self.checkpoint.clone())
    }
}

/// Computes, compares and says what was found.
pub(crate) fn run(weights: &Weights) -> anyhow::Result<Outcome> {
    let (checkpoint, tokenizer) = weights.open()?;
    let found = self_check(&checkpoint, &tokenizer)?;
    let mut out = std::io::stdout().lock();
    for line in &found.lines {
        writeln!(out, "{line}")?;
    }
    match found.verdict {
        Verdict::Agrees => {
            writeln!(out, "the published numbers come out")?;
            Ok(Outcome::done())
        }
        Verdict::Differs { name, difference } => Err(Place::file(&weights.checkpoint)
            .error(
                format!("has the shape of {name} but not its numbers (largest difference {difference:.1e})"),
                "fetch the published file again; other weights of this shape cannot be checked",
            )
            .into()),
        _ => {
            tracing::warn!(
                "this is not one of the published files whose numbers are known: nothing was compared"
            );
            Ok(Outcome::done().rejected(1))
        }
    }
}
