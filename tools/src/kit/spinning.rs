//! Keeps candle's own thread pool from starting.

/// Leaves candle's element-wise operations on the thread that calls them.
///
/// candle 0.11 hands them to a process-wide pool whose threads spin between operations and whose callers wait for
/// one another; our work is parallel above them (fits, models, blocks). Measured on two busy cores: a training run
/// takes 3.5 times the processor time with the pool, and gives the same bytes. A value that the user has set stays.
#[expect(unsafe_code, reason = "the environment is the only switch that candle has")]
pub(super) fn keep_candle_on_its_thread() {
    const SWITCH: &str = "CANDLE_NUM_THREADS";
    if std::env::var_os(SWITCH).is_none() {
        // SAFETY: called first in `main`, before any other thread exists that could read the environment.
        unsafe { std::env::set_var(SWITCH, "1") };
    }
}
