//! Hears requests to stop: work is kept where a tool can go on, and nothing half-written is left.

use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use crossmamba::io::remove_unfinished;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// Whether something tidies up when a signal ends the process.
static TIDIES: AtomicBool = AtomicBool::new(false);
/// Whether the tool ends by itself when it is asked to.
static ENDS_ITSELF: AtomicBool = AtomicBool::new(false);

/// Whether the process was asked to stop, so that it can keep its work; a second request ends it at once.
#[derive(Debug, Clone)]
pub struct StopRequest(Arc<AtomicBool>);

impl StopRequest {
    /// Hears nothing: a signal ends the process, which has no work to keep.
    pub fn never() -> Self {
        Self(Arc::default())
    }

    /// Starts to listen for SIGTERM and SIGINT.
    ///
    /// # Errors
    /// The system refuses the handlers.
    pub fn listen() -> anyhow::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            if !TIDIES.load(Ordering::SeqCst) {
                // In this order: the first signal finds the flag down and passes the first handler.
                flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))
                    .context("cannot listen for signals")?;
            }
            flag::register(signal, Arc::clone(&asked)).context("cannot listen for signals")?;
        }
        ENDS_ITSELF.store(true, Ordering::SeqCst);
        Ok(Self(asked))
    }

    /// Tells whether it was.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Gives the flag that the request sets.
    pub fn flag(&self) -> &Arc<AtomicBool> {
        &self.0
    }
}

/// Removes unfinished outputs when a signal ends the process: on file systems where a file must have a name while it is
/// written, it would stay. A system that has no thread for it ends as before, and the next run tidies up.
pub(super) fn tidy_up_at_signals() {
    for signal in [SIGTERM, SIGINT] {
        let Ok((mut hears, says)) = UnixStream::pair() else { return };
        let wait = move || {
            let mut heard = [0];
            while hears.read_exact(&mut heard).is_ok() {
                if ENDS_ITSELF.swap(false, Ordering::SeqCst) {
                    // The first request: the tool has heard it, too.
                    continue;
                }
                remove_unfinished();
                let _ = low_level::emulate_default_handler(signal);
            }
        };
        if std::thread::Builder::new().stack_size(1 << 16).spawn(wait).is_err()
            || low_level::pipe::register(signal, says).is_err()
        {
            return;
        }
    }
    TIDIES.store(true, Ordering::SeqCst);
}
