//! Decides how many tokens a model reads at once, and takes less when memory runs short.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::engine::Engine;
use crate::words::Size;

/// How many tokens are read at once. The values do not depend on it, so it may change at any time.
pub(super) struct Budget {
    tokens: AtomicUsize,
    /// What a batch has needed and got: the allocator keeps it, so it need not be free again.
    proven: AtomicU64,
    warnings: Mutex<Vec<String>>,
}

impl Budget {
    /// Takes the number asked for, or what half of the memory holds that an engine has beside its weights: at least one
    /// window, at most `most` tokens and those that the engine says. More make nothing faster, and a run that is killed
    /// loses what it was computing.
    pub(super) fn new(
        asked: Option<NonZero<usize>>,
        window: usize,
        most: usize,
        engine: &dyn Engine,
    ) -> Self {
        let available = || engine.available().map(|bytes| bytes.saturating_sub(engine.weights()));
        let memory_of = |tokens, longest| engine.memory(tokens, longest);
        let most = most.min(engine.at_once().tokens);
        let tokens = asked.map_or_else(|| Self::choose(window, most, available(), memory_of), NonZero::get);
        Self { tokens: tokens.into(), proven: 0.into(), warnings: Mutex::default() }
    }

    fn choose(
        window: usize,
        most: usize,
        available: Option<u64>,
        memory_of: impl Fn(usize, usize) -> u64,
    ) -> usize {
        let mut tokens = most.max(window);
        let Some(available) = available else { return tokens };
        while tokens > window && memory_of(tokens, window) > available / 2 {
            tokens = (tokens / 2).max(window);
        }
        tokens
    }

    /// Gives the number of tokens that may be read at once.
    pub(super) fn tokens(&self) -> usize {
        self.tokens.load(Ordering::Relaxed)
    }

    /// Counts how many of the next pieces fit: at least one.
    pub(super) fn fit(&self, pieces: impl Iterator<Item = usize>) -> usize {
        let most = self.tokens();
        let mut sum = 0;
        let fitting = pieces.take_while(|tokens| {
            sum += tokens;
            sum <= most
        });
        fitting.count().max(1)
    }

    /// Tells whether this many bytes can be had now; asked before they are taken, because a process that takes more
    /// than there is gets no answer but its end.
    pub(super) fn affords(&self, bytes: u64, engine: &dyn Engine) -> bool {
        bytes <= self.proven.load(Ordering::Relaxed) || engine.can_take(bytes)
    }

    /// Notes that a batch had this many bytes.
    pub(super) fn prove(&self, bytes: u64) {
        self.proven.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Goes on with half of what a batch had that did not fit.
    pub(super) fn halve(&self, tried: usize, bytes: u64) {
        let tokens = (tried / 2).max(1);
        self.tokens.store(tokens, Ordering::Relaxed);
        let warning = format!(
            "{tried} tokens at once need {} of memory, which is not free: going on with {tokens} at once",
            Size(bytes)
        );
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// Takes the warnings that have come up.
    pub(super) fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;
    use crate::lm::{Family, Shape};
    use crate::nn::device::OnHost;

    /// An engine that computes nothing and has no more than some bytes.
    struct Small(Shape, Option<u64>);

    impl Engine for Small {
        fn shape(&self) -> &Shape {
            &self.0
        }

        fn weights(&self) -> u64 {
            1000
        }

        fn memory(&self, tokens: usize, longest: usize) -> u64 {
            memory_of(tokens, longest)
        }

        fn available(&self) -> Option<u64> {
            self.1
        }

        fn can_take(&self, bytes: u64) -> bool {
            self.1.is_none_or(|available| bytes <= available)
        }

        fn prepare(&self) -> Result<()> {
            Ok(())
        }

        fn forward(&self, _: &[u32], _: &[usize], _: Option<usize>) -> Result<OnHost> {
            Ok(Vec::new().into())
        }
    }

    fn small(available: Option<u64>) -> Small {
        Small(Shape::published(Family::Esm2, 6, 320, 1280, 33), available)
    }

    fn memory_of(tokens: usize, longest: usize) -> u64 {
        (tokens * 1000 + longest * longest) as u64
    }

    #[test]
    fn the_default_fits_into_half_of_the_free_memory_and_holds_a_window() {
        let choose = |available| Budget::new(None, 1024, usize::MAX, &small(available)).tokens();
        assert_eq!(choose(None), 4096);
        assert_eq!(choose(Some(1 << 40)), 4096);
        assert_eq!(choose(Some(2 * memory_of(2048, 1024) + 1000)), 2048);
        // The weights count.
        assert_eq!(choose(Some(2 * memory_of(2048, 1024) + 998)), 1024);
        assert_eq!(choose(Some(1)), 1024);
        assert_eq!(Budget::new(None, 9000, usize::MAX, &small(None)).tokens(), 9000);
        assert_eq!(Budget::new(None, 1024, 1500, &small(None)).tokens(), 1500);
    }

    #[test]
    fn pieces_are_taken_up_to_the_budget_and_never_none() {
        let budget = Budget::new(NonZero::new(10), 1, 1, &small(None));
        assert_eq!(budget.fit([4, 6, 1].into_iter()), 2);
        assert_eq!(budget.fit([40, 1].into_iter()), 1);
        budget.halve(10, 5_000_000);
        assert_eq!((budget.tokens(), budget.fit([4, 6].into_iter())), (5, 1));
        assert_eq!(
            budget.warnings(),
            ["10 tokens at once need 5.0 MB of memory, which is not free: going on with 5 at once"]
        );
        assert!(budget.warnings().is_empty());
    }

    #[test]
    fn more_than_the_engine_has_is_not_afforded_unless_it_was_had_before() {
        let engine = small(Some(1 << 20));
        let budget = Budget::new(None, 1, 1, &engine);
        assert!(budget.affords(1 << 20, &engine));
        assert!(!budget.affords(1 << 60, &engine));
        budget.prove(1 << 60);
        assert!(budget.affords(1 << 60, &engine));
    }
}
