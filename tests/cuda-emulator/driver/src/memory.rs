//! Memory of the card: allocations, copies, fills.

use crate::call::Refusal;
use crate::driver::{Driver, Handle};
use crate::host::Host;
use crate::status::Status;
use crate::stream::Work;

impl Driver {
    /// Allocates at once.
    ///
    /// # Errors
    /// If nothing is asked for, or more than there is.
    pub fn alloc(&mut self, bytes: usize) -> Result<u64, Refusal> {
        if bytes == 0 {
            return Err(Refusal::invalid("an allocation of no bytes"));
        }
        let held = self.emulator.memory.held().1;
        if bytes > self.settings.memory.saturating_sub(held) {
            let what =
                format!("{bytes} bytes are asked for, and {held} of {} are held", self.settings.memory);
            return Err(Refusal::new(Status::OutOfMemory, what));
        }
        self.allocations += 1;
        Ok(self.emulator.alloc(bytes, &format!("allocation {}", self.allocations)))
    }

    /// Allocates in the order of a stream: what was freed there before can be used again. No bytes give null.
    ///
    /// # Errors
    /// As [`Self::alloc`], or if something in the stream fails on the way.
    pub fn alloc_async(&mut self, bytes: usize, stream: Handle) -> Result<u64, Refusal> {
        let stream = self.stream(stream)?;
        if bytes == 0 {
            return Ok(0);
        }
        if bytes > self.free_memory() {
            self.run(stream, u64::MAX)?;
        }
        self.alloc(bytes)
    }

    /// Frees after everything that was asked for.
    ///
    /// # Errors
    /// If it is no allocation, or if something before fails.
    pub fn free(&mut self, address: u64) -> Result<(), Refusal> {
        self.synchronize()?;
        if address == 0 { Ok(()) } else { Ok(self.emulator.memory.free(address)?) }
    }

    /// Frees in the order of a stream.
    ///
    /// # Errors
    /// If the stream is none.
    pub fn free_async(&mut self, address: u64, stream: Handle) -> Result<(), Refusal> {
        if address == 0 { Ok(()) } else { self.put(stream, Work::Free(address)).map(|_| ()) }
    }

    /// Bytes that can still be allocated.
    pub fn free_memory(&self) -> usize {
        self.settings.memory.saturating_sub(self.emulator.memory.held().1)
    }

    /// Pins memory of the host; returns its address.
    pub fn host_alloc(&mut self, bytes: usize) -> usize {
        self.pinned.alloc(bytes)
    }

    /// Frees pinned memory.
    ///
    /// # Errors
    /// If it is none, or if a copy of it is on its way.
    pub fn host_free(&mut self, address: usize) -> Result<(), Refusal> {
        if self.uses_pinned(address) {
            return Err(Refusal::invalid("pinned memory is freed while a copy of it is on its way"));
        }
        self.pinned.free(address).map(|_| ()).ok_or_else(|| Refusal::invalid("what is freed was not pinned"))
    }

    /// Copies to the card in the order of a stream. Memory that is not pinned is read now, pinned memory later.
    ///
    /// # Errors
    /// If the stream is none.
    pub fn upload(&mut self, to: u64, from: Host, stream: Handle) -> Result<(), Refusal> {
        if from.is_empty() {
            return Ok(());
        }
        let pinned = self.pinned.holds(from);
        let work = if pinned { Work::UploadPinned(to, from) } else { Work::Upload(to, from.read()) };
        self.put(stream, work).map(|_| ())
    }

    /// Copies to the host in the order of a stream. Memory that is not pinned is written before this returns; pinned
    /// memory later, and until then it holds nothing: here, bytes of 255.
    ///
    /// # Errors
    /// If the stream is none; for memory that is not pinned also if the copy, or something before it, fails.
    pub fn download(&mut self, to: Host, from: u64, stream: Handle) -> Result<(), Refusal> {
        if to.is_empty() {
            return Ok(());
        }
        let pinned = self.pinned.holds(to);
        self.put(stream, Work::Download(to, from))?;
        if pinned {
            to.write(&vec![0xff; to.len()]);
            return Ok(());
        }
        self.stream_synchronize(stream)
    }

    /// Copies on the card in the order of a stream.
    ///
    /// # Errors
    /// If the stream is none.
    pub fn copy(&mut self, to: u64, from: u64, bytes: usize, stream: Handle) -> Result<(), Refusal> {
        if bytes == 0 { Ok(()) } else { self.put(stream, Work::Copy(to, from, bytes)).map(|_| ()) }
    }

    /// Fills with a byte in the order of a stream.
    ///
    /// # Errors
    /// If the stream is none.
    pub fn fill(&mut self, at: u64, value: u8, bytes: usize, stream: Handle) -> Result<(), Refusal> {
        if bytes == 0 { Ok(()) } else { self.put(stream, Work::Fill(at, value, bytes)).map(|_| ()) }
    }
}
