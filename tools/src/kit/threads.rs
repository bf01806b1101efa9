//! Starts the threads that compute.

use std::thread::available_parallelism;

use anyhow::{Context as _, bail};
use crossmamba::memory;

use super::{Common, allocator};

/// The address space of a thread, in bytes: its stack, and what guards it and takes its signals.
const THREAD: u64 = (2 << 20) + (256 << 10);

/// Starts the threads now: later a system that gives none would be a panic.
///
/// # Errors
/// The address space has no room for them, or the system gives none.
pub(super) fn start(common: &Common) -> anyhow::Result<()> {
    // None asked for are as many as there are cores.
    let asked = common.threads.map_or(0, std::num::NonZero::get);
    let remedy = if asked == 1 { "" } else { "give a smaller `--threads`, or " };
    let count = if asked == 0 { available_parallelism().map_or(1, usize::from) } else { asked };
    // A thread that starts and then finds no room for its signals' stack ends the process: ask before.
    if let Some(left) = memory::address_space() {
        let needed = count as u64 * THREAD + allocator::overhead(left);
        if left < needed {
            let (needed, left) = (needed >> 20, left >> 20);
            bail!(
                "cannot start threads: {count} of them need {needed} MiB of address space, and {left} MiB are left; \
                 {remedy}raise its limit (`ulimit -v`)"
            );
        }
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(asked)
        .build_global()
        .with_context(|| format!("cannot start threads; {remedy}raise the limit of processes (`ulimit -u`)"))
}
