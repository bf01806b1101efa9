//! Shows how far long work has come: a bar on a terminal, a line every ten seconds elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// The progress of one piece of work; silent when the run is quiet.
pub struct Progress {
    bar: ProgressBar,
    what: &'static str,
    lines: Option<Mutex<Instant>>,
}

impl Progress {
    /// Starts the progress of `total` steps (0 when unknown) of the work named by `what`.
    pub fn new(what: &'static str, total: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let visible = tracing::enabled!(tracing::Level::INFO);
        let bar = if terminal && visible { ProgressBar::new(total) } else { ProgressBar::hidden() };
        bar.set_length(total);
        let template = if total > 0 {
            "{prefix} {bar:30} {pos}/{len} [{elapsed} < {eta}] {msg}"
        } else {
            "{prefix} {pos} [{elapsed}] {msg}"
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_prefix(what);
        let lines = (!terminal && visible).then(|| Mutex::new(Instant::now()));
        Self { bar, what, lines }
    }

    /// Moves on by some steps.
    pub fn add(&self, steps: u64) {
        self.bar.inc(steps);
        self.line();
    }

    /// Sets the words behind the bar.
    pub fn say(&self, message: impl Into<String>) {
        self.bar.set_message(message.into());
        self.line();
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self) {
        let Some(last) = &self.lines else { return };
        let Ok(mut last) = last.lock() else { return };
        if last.elapsed() < BETWEEN_LINES {
            return;
        }
        *last = Instant::now();
        let (position, message) = (self.bar.position(), self.bar.message());
        match self.bar.length() {
            Some(length) if length > 0 => {
                let left = self.bar.elapsed().as_secs_f64() * (length - position.min(length)) as f64
                    / position.max(1) as f64;
                tracing::info!("{}: {position} of {length}, about {left:.0} s left {message}", self.what);
            }
            _ => tracing::info!("{}: {position} {message}", self.what),
        }
    }
}
