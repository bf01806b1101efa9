//! Runs independent pieces of work side by side, each on its own few threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::Device;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::pair::{Side, Sides};
use crate::{Error, Result};

/// The backward pass walks the graph recursively.
const STACK: usize = 64 << 20;

/// Says how many pieces of work go side by side on a device: a card has one stream, and memory for one.
pub(crate) fn at_once(device: &Device, threads: usize) -> usize {
    if device.is_cpu() { threads } else { 1 }
}

/// Works on every item, as many at a time as there are threads, and gives the results in the order of the items.
///
/// Each group of threads has its own pool: with one shared pool, a fit that waits for its own small tasks would start
/// another whole fit on top of its stack.
///
/// # Errors
/// The system refuses a thread, or the work on an item ends in a panic.
///
/// ```
/// use crossmamba::nn::threads::side_by_side;
///
/// let named = side_by_side(&["CMP", "UMP"], 8, |at, name| format!("{at} {name}"))?;
/// assert_eq!(named, ["0 CMP", "1 UMP"]);
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(usize, &I) -> T + Sync,
) -> Result<Vec<T>> {
    let groups = threads.clamp(1, items.len().max(1));
    let next = AtomicUsize::new(0);
    let pools = (0..groups)
        .map(|group| {
            // Threads left over go to the first groups.
            let size = threads / groups + usize::from(group < threads % groups);
            ThreadPoolBuilder::new().num_threads(size.max(1)).stack_size(STACK).build()
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| refused(threads, &error.to_string()))?;
    let one_group = || {
        let mut results = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return results };
            results.push((at, work(at, item)));
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        // The groups that start do the work of those for which the system has no thread.
        let start = |pool| {
            std::thread::Builder::new().spawn_scoped(scope, move || ThreadPool::install(pool, one_group))
        };
        let groups: Vec<_> = pools.iter().filter_map(|pool| start(pool).ok()).collect();
        groups.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    if results.is_empty() {
        return Err(refused(threads, "the system has no thread left"));
    }
    let mut all = Vec::with_capacity(items.len());
    for group in results {
        all.extend(group.map_err(|_| Error::defect("work side by side", "a thread ended in a panic"))?);
    }
    all.sort_unstable_by_key(|&(at, _)| at);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

/// Works on both sides of a pair, at the same time where the pool has a second thread.
///
/// # Errors
/// What the work on the RNA's side refuses, or else on the partner's.
pub(crate) fn both_sides<T: Send>(work: impl Fn(Side) -> Result<T> + Sync) -> Result<Sides<T>> {
    let (rna, partner) = rayon::join(|| work(Side::Rna), || work(Side::Partner));
    Ok(Sides { rna: rna?, partner: partner? })
}

fn refused(threads: usize, why: &str) -> Error {
    let problem = format!("cannot start {threads} threads: {why}");
    Error::setting("threads", problem, "give a smaller number, or raise the limit of processes (`ulimit -u`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..50).collect();
        for threads in [1, 2, 3, 64] {
            let squares = side_by_side(&items, threads, |at, &item| at * item).unwrap();
            assert_eq!(squares, items.iter().map(|i| i * i).collect::<Vec<_>>());
        }
        assert!(side_by_side(&[(); 0], 4, |_, ()| ()).unwrap().is_empty());
    }

    #[test]
    fn work_that_panics_is_an_error_and_not_a_missing_result() {
        let failed = side_by_side(&[1, 2, 3], 2, |_, &item| assert_ne!(item, 2)).unwrap_err();
        assert!(failed.to_string().contains("ended in a panic"), "{failed}");
    }
}
