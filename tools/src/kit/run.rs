//! Parses the command line, sets up logging and threads, runs the tool and chooses the exit code.

use std::io;
use std::process::ExitCode;

use crossmamba::Error;
use crossmamba::simd::Instructions;
use tracing::Level;

use super::{Common, Outcome, allocator, mqc, spinning};

/// A command-line tool.
pub trait Tool: clap::Parser {
    /// Its name, as `crossmamba-parse`.
    const NAME: &'static str;

    /// Gives the common options.
    fn common(&self) -> &Common;

    /// Runs the tool, and gives what it has to say at its end.
    fn run(self) -> anyhow::Result<Outcome>;
}

/// What a shell reports of a process that SIGTERM ended: engines know it as "try again", here from where it stopped.
const TERMINATED: u8 = 128 + libc::SIGTERM as u8;

/// Runs a tool: 0 done, 1 finished with rejected records, 2 failed, 143 stopped by a signal with the work kept; a closed
/// pipe is 0.
pub fn run<T: Tool>() -> ExitCode {
    allocator::keep_large_buffers();
    spinning::keep_candle_on_its_thread();
    let tool = T::parse();
    let common = tool.common().clone();
    start_log(&common);
    if let Some(threads) = common.threads
        && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global()
    {
        return fail(T::NAME, &anyhow::anyhow!("cannot start {threads} threads: {error}"));
    }
    if let Err(error) = Instructions::chosen() {
        return fail(T::NAME, &error.into());
    }
    let written = tool.run().and_then(|outcome| {
        if let Some(path) = &common.mqc {
            mqc::write(path, common.sample.as_deref(), T::NAME, &outcome)?;
        }
        Ok(outcome)
    });
    match written {
        Ok(outcome) if outcome.rejects() > 0 => ExitCode::from(1),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(T::NAME, &error),
    }
}

fn fail(name: &str, error: &anyhow::Error) -> ExitCode {
    eprintln!("{name}: error: {}", sentence(error));
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

fn start_log(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => Level::ERROR,
        (false, 0) => Level::INFO,
        (false, 1) => Level::DEBUG,
        _ => Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(level)
        .with_target(false)
        .without_time()
        .with_ansi(false)
        .init();
}
