//! `--self-check`: does the checkpoint give the numbers that the published file gives?

use std::io::Write as _;

use crossmamba::lm::{Verdict, self_check};
use crossmamba::{Error, Place};
use crossmamba_tools::kit::Outcome;

use crate::language::LanguageSettings;

pub(crate) fn run(settings: Option<&LanguageSettings>) -> anyhow::Result<Outcome> {
    let Some(settings) = settings else {
        let remedy = "choose `--encoder esm2`, `rinalmo` or `molformer`";
        return Err(Error::setting("self-check", "only language models have it", remedy).into());
    };
    let (checkpoint, tokenizer) = settings.open()?;
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
        Verdict::Differs { name, difference } => Err(Place::file(&settings.checkpoint)
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
