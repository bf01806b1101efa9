//! Memory of the host: where it lies, and which of it the driver pinned.

use std::collections::BTreeMap;

/// A stretch of the host's memory that a caller vouches for: it can be read and written until the card is done with
/// it, as for a call of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    address: usize,
    bytes: usize,
}

#[expect(unsafe_code, reason = "the driver's interface speaks of the caller's memory by its address")]
impl Host {
    /// Takes the address of memory of the caller.
    ///
    /// # Safety
    /// The bytes must stay valid, for reading and (as the target of a copy) writing, until what was asked for with
    /// them is done: at the end of the call, or for pinned memory when its stream is synchronised.
    pub unsafe fn new(address: *const u8, bytes: usize) -> Self {
        Self { address: address as usize, bytes }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    pub(crate) fn read(&self) -> Vec<u8> {
        let mut out = vec![0; self.bytes];
        // SAFETY: who made this vouches that the bytes can be read; `out` was just made with as many.
        unsafe { std::ptr::copy_nonoverlapping(self.address as *const u8, out.as_mut_ptr(), self.bytes) };
        out
    }

    pub(crate) fn write(&self, data: &[u8]) {
        let n = self.bytes.min(data.len());
        // SAFETY: who made this vouches that the bytes can be written; `n` is not more than either side has.
        unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), self.address as *mut u8, n) };
    }

    fn overlaps(&self, start: usize, bytes: usize) -> bool {
        self.address < start + bytes && start < self.address + self.bytes
    }
}

/// Memory that the driver pinned, by its address. Only its owner and the card touch it, through pointers.
#[derive(Debug, Default)]
pub(crate) struct Pinned(BTreeMap<usize, Box<[u64]>>);

impl Pinned {
    pub(crate) fn alloc(&mut self, bytes: usize) -> usize {
        let mut memory = vec![u64::MAX; bytes.div_ceil(8).max(1)].into_boxed_slice();
        let address = memory.as_mut_ptr() as usize;
        self.0.insert(address, memory);
        address
    }

    pub(crate) fn free(&mut self, address: usize) -> Option<usize> {
        self.0.remove(&address).map(|memory| memory.len() * 8)
    }

    /// Whether a stretch lies in pinned memory.
    pub(crate) fn holds(&self, host: Host) -> bool {
        let before = self.0.range(..=host.address).next_back();
        before.is_some_and(|(start, memory)| host.address + host.bytes <= start + memory.len() * 8)
    }

    /// Whether a stretch lies in the pinned memory that begins at `address`.
    pub(crate) fn within(&self, address: usize, host: Host) -> bool {
        self.0.get(&address).is_some_and(|memory| host.overlaps(address, memory.len() * 8))
    }
}
