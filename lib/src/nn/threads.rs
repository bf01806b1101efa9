//! Runs independent pieces of work side by side, each on its own few threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPoolBuilder;

use crate::{Error, Result};

/// The backward pass walks the graph recursively.
const STACK: usize = 64 << 20;

/// Works on every item, as many at a time as there are threads, and gives the results in the order of the items.
///
/// Each group of threads has its own pool: with one shared pool, a fit that waits for its own small tasks would start another
/// whole fit on top of its stack.
///
/// # Errors
/// The system refuses a thread.
pub fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(usize, &I) -> T + Sync,
) -> Result<Vec<T>> {
    let groups = threads.clamp(1, items.len().max(1));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<T>>> = Mutex::new(items.iter().map(|_| None).collect());
    let pools = (0..groups)
        .map(|group| {
            // Threads left over go to the first groups.
            let size = threads / groups + usize::from(group < threads % groups);
            ThreadPoolBuilder::new().num_threads(size.max(1)).stack_size(STACK).build()
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|e| Error::setting("threads", e.to_string(), "use fewer threads"))?;
    std::thread::scope(|scope| {
        for pool in &pools {
            scope.spawn(|| {
                pool.install(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(at) else { return };
                        let result = work(at, item);
                        if let Ok(mut results) = results.lock() {
                            results[at] = Some(result);
                        }
                    }
                });
            });
        }
    });
    let results = results.into_inner().unwrap_or_default();
    Ok(results.into_iter().flatten().collect())
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
}
