//! Knows which operation gave a tensor out, as long as the tensor is there.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use candle_core::{Tensor, TensorId};

use super::{Mailbox, lock};

/// Where a tensor comes from: the operation's last token, and the output it is.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) token: Tensor,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) at: usize,
}

/// All outputs on a graph. A tensor does not say which operation made it, so that they are found by its number, which no
/// other tensor ever has.
static SOURCES: LazyLock<Mutex<HashMap<TensorId, Source>>> = LazyLock::new(Mutex::default);

impl Source {
    /// Finds where a tensor comes from, if an operation of ours gave it out.
    pub(super) fn of(x: &Tensor) -> Option<Self> {
        lock(&SOURCES).get(&x.id()).cloned()
    }
}

/// Keeps an output in the list until the last clone of it is gone; an output holds one on the graph.
#[derive(Clone, Default)]
pub(super) struct Listing(Arc<Entry>);

#[derive(Default)]
struct Entry(OnceLock<TensorId>);

impl Listing {
    /// Lists an output, if it is on a graph.
    pub(super) fn list(&self, output: &Tensor, source: Source) {
        if output.track_op() && self.0.0.set(output.id()).is_ok() {
            lock(&SOURCES).insert(output.id(), source);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(id) = self.0.get() else { return };
        // Dropped after the list is free again: the token may be the last that holds other outputs.
        let source = lock(&SOURCES).remove(id);
        drop(source);
    }
}

#[cfg(test)]
pub(super) fn is_listed(id: TensorId) -> bool {
    lock(&SOURCES).contains_key(&id)
}
