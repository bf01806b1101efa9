//! Memory of the host that a card writes to by itself, as its pages are locked, and that is kept.
//!
//! Into other memory the driver copies by way of its own, and fresh pages come one by one: for the rows of a language model
//! both take twice as long as the model.
#![expect(unsafe_code, reason = "memory that the driver gives, read as numbers")]

use std::mem;
use std::ops::Deref;
use std::ptr::NonNull;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::backend::BackendStorage;
use candle_core::cuda_backend::WrapErr;
use candle_core::cuda_backend::cudarc::driver::sys::CUevent_flags::CU_EVENT_BLOCKING_SYNC;
use candle_core::cuda_backend::cudarc::driver::{CudaContext, PinnedHostSlice};
use candle_core::{Result, Storage, Tensor, bail};

/// Memory that is not lent now: as many pieces as were lent at once.
#[derive(Debug, Default, Clone)]
pub(super) struct Kept(Arc<Mutex<Vec<Memory>>>);

impl Kept {
    /// Brings at least one number, and waits for all of them, but for nothing that the card is asked for afterwards.
    pub(super) fn bring(&self, x: &Tensor) -> Result<Lent> {
        let (x, count) = (x.contiguous()?, x.elem_count());
        let (storage, layout) = x.storage_and_layout();
        let Storage::Cuda(storage) = &*storage else { bail!("a tensor of a card is not there") };
        let from =
            storage.as_cuda_slice::<f32>()?.slice(layout.start_offset()..layout.start_offset() + count);
        let stream = storage.device().cuda_stream();
        let mut memory = self.take(stream.context(), count);
        let copied = stream.memcpy_dtoh(&from, &mut memory.numbers_mut()[..count]).and_then(|()| {
            // The thread sleeps meanwhile.
            stream.record_event(Some(CU_EVENT_BLOCKING_SYNC))?.synchronize()
        });
        if let Err(error) = copied {
            // Nobody knows whether the card still writes to it, so nobody gets it.
            mem::forget(memory);
            return Err(error).w();
        }
        Ok(Lent { memory, count, home: self.clone() })
    }

    /// Takes memory for some numbers. What is too small gives way to an eighth more than is asked for, so that batches of
    /// nearly one size rarely ask again.
    fn take(&self, context: &Arc<CudaContext>, count: usize) -> Memory {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        if kept.len() >= count {
            return kept;
        }
        drop(kept);
        Memory::new(context, count + count / 8)
    }
}

/// Numbers in memory that goes back when they are dropped.
#[derive(Debug)]
pub(super) struct Lent {
    memory: Memory,
    count: usize,
    home: Kept,
}

impl Deref for Lent {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory.numbers()[..self.count]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let memory = mem::take(&mut self.memory);
        self.home.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

#[derive(Debug)]
enum Memory {
    Locked(Locked),
    /// Where the system locks no more pages.
    Ordinary(Vec<f32>),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Ordinary(Vec::new())
    }
}

impl Memory {
    fn new(context: &Arc<CudaContext>, count: usize) -> Self {
        Locked::new(context, count).map_or_else(|_| Self::Ordinary(vec![0.0; count]), Self::Locked)
    }

    fn len(&self) -> usize {
        self.numbers().len()
    }

    fn numbers(&self) -> &[f32] {
        match self {
            Self::Locked(locked) => locked.numbers(),
            Self::Ordinary(numbers) => numbers,
        }
    }

    fn numbers_mut(&mut self) -> &mut [f32] {
        match self {
            Self::Locked(locked) => locked.numbers_mut(),
            Self::Ordinary(numbers) => numbers,
        }
    }
}

/// Numbers in locked pages, which nothing is on its way to: all copies are waited for.
#[derive(Debug)]
struct Locked {
    memory: PinnedHostSlice<f32>,
    first: NonNull<f32>,
}

// SAFETY: the memory is its own, and is written through `&mut` alone.
unsafe impl Send for Locked {}
// SAFETY: as above.
unsafe impl Sync for Locked {}

impl Locked {
    /// Takes numbers, which are 0; cached as usual, since the host reads them.
    fn new(context: &Arc<CudaContext>, count: usize) -> Result<Self> {
        // SAFETY: all of it is set below.
        let mut memory = unsafe { context.alloc_pinned_with_flags::<f32>(count, 0) }.w()?;
        let first = memory.as_mut_ptr().w()?;
        // SAFETY: so many numbers were allocated there.
        unsafe { first.write_bytes(0, count) };
        // SAFETY: the bindings have checked that it is not null.
        Ok(Self { memory, first: unsafe { NonNull::new_unchecked(first) } })
    }

    fn numbers(&self) -> &[f32] {
        // SAFETY: they live as long as the memory, and were set.
        unsafe { slice::from_raw_parts(self.first.as_ptr(), self.memory.len()) }
    }

    fn numbers_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and nothing else sees them.
        unsafe { slice::from_raw_parts_mut(self.first.as_ptr(), self.memory.len()) }
    }
}
