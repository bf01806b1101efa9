//! Parses the command line, sets up logging and threads, checks the files, runs the tool and chooses the exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crossmamba::io::AtomicFile;
use crossmamba::memory::address_space;
use crossmamba::simd::Instructions;
use crossmamba::text::message;
use crossmamba::{Error, Result};

use super::{Common, Files, Outcome, allocator, environment, log, mqc, stop, threads};

/// A command-line tool.
pub trait Tool: clap::Parser {
    /// Its name, as `crossmamba-parse`.
    const NAME: &'static str;

    /// Gives the common options.
    fn common(&self) -> &Common;

    /// Lists every path that the run will read or write, but for the common options.
    fn files(&self) -> Files;

    /// Runs the tool, and gives what it has to say at its end, and its outputs, which are committed after it.
    fn run(self) -> anyhow::Result<Outcome>;
}

/// What a shell reports of a process that SIGTERM ended: engines know it as "try again", here from where it stopped.
const TERMINATED: u8 = 128 + libc::SIGTERM as u8;

/// What every help leads to first.
const FIRST: &str = concat!(
    "CrossMamba RNA ",
    env!("CARGO_PKG_VERSION"),
    "\nFirst time? This predicts at once, from two files of sequences:\n  ",
    "crossmamba-predict --model rna-protein-1 --rna rna.fa --partner protein.fa --output scores.tsv"
);

/// Runs a tool: 0 done, 1 finished with rejected records, 2 failed, 143 stopped by a signal with the work kept; a closed
/// pipe is 0.
pub fn run<T: Tool>() -> ExitCode {
    allocator::keep_large_buffers(address_space());
    environment::prepare();
    stop::tidy_up_at_signals();
    let product = concat!("CrossMamba RNA ", env!("CARGO_PKG_VERSION"));
    let mut command = T::command().before_help(product).before_long_help(FIRST);
    let tool = T::from_arg_matches(&command.get_matches_mut())
        .unwrap_or_else(|error| error.format(&mut command).exit());
    let common = tool.common().clone();
    log::start(&common);
    match threads::start(&common).and_then(|()| run_checked(tool, &common)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(T::NAME, &error),
    }
}

/// Prints a result on standard output.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::io("write", "-"))
}

fn run_checked<T: Tool>(tool: T, common: &Common) -> anyhow::Result<u64> {
    Instructions::chosen()?;
    tool.files().writes(&common.mqc).check()?;
    let mqc = common.mqc.as_deref().map(AtomicFile::create).transpose()?;
    let mut outcome = tool.run()?;
    if let Some(file) = mqc {
        let file = mqc::write(file, common.sample.as_deref(), T::NAME, &outcome)?;
        outcome = outcome.outputs([file]);
    }
    let rejects = outcome.rejects();
    outcome.commit()?;
    Ok(rejects)
}

fn fail(name: &str, error: &anyhow::Error) -> ExitCode {
    log::say(&message(&format!("{name}: error: {}", sentence(error))));
    let stopped = error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Error::Stopped { .. })));
    ExitCode::from(if stopped { TERMINATED } else { 2 })
}

/// Joins an error with its causes, but for a cause that the error's own words already hold.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| {
        if said.is_empty() {
            cause
        } else if said.contains(&cause) {
            said
        } else {
            format!("{said}: {cause}")
        }
    })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let direct = cause.downcast_ref::<io::Error>();
        let wrapped = match cause.downcast_ref::<Error>() {
            Some(Error::Io { source, .. }) => Some(source),
            _ => None,
        };
        direct.or(wrapped).is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
