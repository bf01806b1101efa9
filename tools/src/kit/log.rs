//! Says things on standard error, and never fails for it: a log that cannot be written is no reason to stop.

use std::io::{self, Write};

use crossmamba::text::escaped;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use super::Common;

/// Starts the log.
pub(super) fn start(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => Level::ERROR,
        (false, 0) => Level::INFO,
        (false, 1) => Level::DEBUG,
        _ => Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_writer(Log)
        .with_max_level(level)
        .with_target(false)
        .without_time()
        .with_ansi(false)
        .init();
}

/// Says one line, at once so that lines of several programs do not mix, whatever becomes of it.
pub(super) fn say(line: &str) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Standard error, on which every message is one line without control characters.
struct Log;

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        say(&escaped(text.trim_end_matches('\n')));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
