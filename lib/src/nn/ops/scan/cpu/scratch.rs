//! Lends each thread one buffer that it keeps, because fresh pages would cost more than the scan; makes outputs.

use std::cell::RefCell;

/// Floats in a cache line; buffers start on one.
pub(super) const LINE: usize = 16;

/// Lays parts of a buffer out, each on its own cache lines.
pub(super) struct Layout {
    start: *mut f32,
    taken: usize,
}

impl Layout {
    /// Lays out a buffer.
    pub(super) fn at(start: *mut f32) -> Self {
        Self { start, taken: 0 }
    }

    /// Only counts.
    pub(super) fn measure() -> Self {
        Self::at(std::ptr::null_mut())
    }

    /// Takes `count` floats.
    pub(super) fn take(&mut self, count: usize) -> *mut f32 {
        let part = self.start.wrapping_add(self.taken);
        // One line more than needed: parts a power of two apart would share few cache sets.
        self.taken += count.next_multiple_of(LINE) + LINE;
        part
    }

    /// Returns the floats taken so far.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }
}

/// Calls `f` with this thread's buffer of at least `count` floats, whose contents are left over from earlier use.
pub(super) fn with<R>(count: usize, f: impl FnOnce(*mut f32) -> R) -> R {
    thread_local! {
        static BUFFER: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.len() < count + LINE {
            *buffer = vec![0.0; count + LINE];
        }
        let start = buffer.as_ptr().align_offset(LINE * size_of::<f32>());
        f(buffer[start..start + count].as_mut_ptr())
    })
}

/// Points into memory that several tasks write, each its own part.
#[derive(Clone, Copy)]
pub(super) struct Shared(pub(super) *mut f32);

// SAFETY: tasks write disjoint parts, see `task`.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    pub(super) const NONE: Self = Self(std::ptr::null_mut());

    /// Points at the spare capacity of an empty vector; null if there is none.
    pub(super) fn spare(vector: &mut Vec<f32>) -> Self {
        if vector.capacity() > 0 { Self(vector.as_mut_ptr()) } else { Self::NONE }
    }
}

/// A tensor that tasks fill completely, so that it need not be cleared first.
pub(super) struct Target {
    values: Vec<f32>,
    count: usize,
}

impl Target {
    pub(super) fn new(count: usize) -> Self {
        Self { values: Vec::with_capacity(count), count }
    }

    pub(super) fn shared(&mut self) -> Shared {
        Shared(self.values.as_mut_ptr())
    }

    /// # Safety
    ///
    /// All values must have been written.
    pub(super) unsafe fn written(mut self) -> Vec<f32> {
        // SAFETY: the caller wrote them; the capacity was reserved by `new`.
        unsafe { self.values.set_len(self.count) };
        self.values
    }
}
