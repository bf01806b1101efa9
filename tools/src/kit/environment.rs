//! Puts the environment in order before anything reads it.

/// The switch of candle's own thread pool.
const CANDLE: &str = "CANDLE_NUM_THREADS";
/// How many threads candle's products may be divided among.
const PRODUCTS: &str = "RAYON_NUM_THREADS";
/// What the names of our own variables begin with.
const OURS: &str = "CROSSMAMBA_";

/// Removes variables of ours that are blank, as an empty line of a job script leaves them, and leaves candle's
/// element-wise operations on the thread that calls them.
///
/// candle 0.11 hands them to a process-wide pool whose threads spin between operations and whose callers wait for
/// one another; our work is parallel above them (fits, models, blocks). Measured on two busy cores: a training run
/// takes 3.5 times the processor time with the pool, and gives the same bytes. Without [`PRODUCTS`] it counts the cores
/// anew for every product, in a file of the system that is made as it is read: on two cores a fifteenth of a training.
/// Values that the user has set stay.
#[expect(
    unsafe_code,
    reason = "the environment is the only switch that candle has, and clap reads it by itself"
)]
pub(super) fn prepare() {
    let blank = |value: &std::ffi::OsStr| value.to_string_lossy().trim().is_empty();
    let ours = std::env::vars_os()
        .filter(|(name, value)| name.to_string_lossy().starts_with(OURS) && blank(value))
        .map(|(name, _)| name);
    for name in ours.collect::<Vec<_>>() {
        // SAFETY: called first in `main`, before any other thread exists that could read the environment.
        unsafe { std::env::remove_var(name) };
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).to_string();
    for (name, value) in [(CANDLE, "1"), (PRODUCTS, &cores)] {
        if std::env::var_os(name).is_none_or(|value| blank(&value)) {
            // SAFETY: as above.
            unsafe { std::env::set_var(name, value) };
        }
    }
}
