//! Streams: what a card is asked to do waits in them until the host synchronises.

use std::collections::VecDeque;

use cuda_emulator::Launch;

use crate::blas::Gemm;
use crate::call::Refusal;
use crate::driver::{Driver, Function, Handle};
use crate::host::Host;
use crate::status::Status;

/// What a stream holds.
#[derive(Debug)]
pub(crate) struct Stream {
    work: VecDeque<(u64, Work)>,
    /// Whether it is ordered with the stream of those that name none.
    blocking: bool,
}

/// What a card is asked to do.
#[derive(Debug)]
pub(crate) enum Work {
    /// Bytes that were read at the call.
    Upload(u64, Vec<u8>),
    /// Pinned memory, which is read when the copy is made.
    UploadPinned(u64, Host),
    Download(Host, u64),
    /// To, from, bytes.
    Copy(u64, u64, usize),
    Fill(u64, u8, usize),
    Free(u64),
    Launch(Box<(Function, Launch)>),
    Gemm(Box<Gemm>),
    Record(Handle),
    /// Waits until a stream has done what has this ticket, and all before it.
    Wait(Handle, u64),
}

impl Stream {
    pub(crate) fn blocking() -> Self {
        Self { work: VecDeque::new(), blocking: true }
    }
}

impl Driver {
    /// Makes a stream; one that does not block is not ordered with those that name no stream.
    pub fn stream_create(&mut self, blocking: bool) -> Handle {
        let handle = self.handle();
        self.streams.insert(handle, Stream { work: VecDeque::new(), blocking });
        handle
    }

    /// Ends a stream, after what it holds.
    ///
    /// # Errors
    /// If it is none, or if what it holds fails.
    pub fn stream_destroy(&mut self, stream: Handle) -> Result<(), Refusal> {
        self.stream_synchronize(stream)?;
        if stream > Self::PER_THREAD {
            self.streams.remove(&stream);
        }
        Ok(())
    }

    /// Does all that a stream holds.
    ///
    /// # Errors
    /// If it is none, or if what it holds fails.
    pub fn stream_synchronize(&mut self, stream: Handle) -> Result<(), Refusal> {
        let stream = self.stream(stream)?;
        self.run(stream, u64::MAX)
    }

    /// Does all that the streams hold.
    ///
    /// # Errors
    /// If something of it fails.
    pub fn synchronize(&mut self) -> Result<(), Refusal> {
        let streams: Vec<Handle> = self.streams.keys().copied().collect();
        streams.into_iter().try_for_each(|stream| self.run(stream, u64::MAX))
    }

    /// Finds a stream: one that was made, the stream of those that name none, or the own one of the calling thread.
    pub(crate) fn stream(&mut self, stream: Handle) -> Result<Handle, Refusal> {
        let stream = match stream {
            0 | 1 => Self::LEGACY,
            Self::PER_THREAD => self.own_stream(),
            made => made,
        };
        let none = || Refusal::new(Status::InvalidHandle, format!("{stream:#x} is no stream"));
        self.streams.contains_key(&stream).then_some(stream).ok_or_else(none)
    }

    /// The stream of the calling thread, which is made when it first asks.
    fn own_stream(&mut self) -> Handle {
        let thread = std::thread::current().id();
        if let Some(&stream) = self.own.get(&thread) {
            return stream;
        }
        let stream = self.stream_create(true);
        self.own.insert(thread, stream);
        stream
    }

    /// Puts work into a stream; returns its ticket.
    pub(crate) fn put(&mut self, stream: Handle, work: Work) -> Result<u64, Refusal> {
        let stream = self.stream(stream)?;
        for wait in self.order(stream) {
            self.push(stream, wait);
        }
        Ok(self.push(stream, work))
    }

    fn push(&mut self, stream: Handle, work: Work) -> u64 {
        self.ticket += 1;
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.work.push_back((self.ticket, work));
        }
        self.ticket
    }

    /// What a blocking stream waits for: the one of those that name none, and that one for all blocking streams.
    fn order(&self, stream: Handle) -> Vec<Work> {
        if !self.streams.get(&stream).is_some_and(|s| s.blocking) {
            return Vec::new();
        }
        let other = |h: Handle| if stream == Self::LEGACY { h != Self::LEGACY } else { h == Self::LEGACY };
        let others = self.streams.iter().filter(|(h, s)| s.blocking && other(**h));
        others.filter_map(|(h, s)| s.work.back().map(|(ticket, _)| Work::Wait(*h, *ticket))).collect()
    }

    /// Does what a stream holds, up to a ticket.
    pub(crate) fn run(&mut self, stream: Handle, last: u64) -> Result<(), Refusal> {
        while let Some(work) = self.next(stream, last) {
            self.perform(work)?;
        }
        Ok(())
    }

    fn next(&mut self, stream: Handle, last: u64) -> Option<Work> {
        let work = &mut self.streams.get_mut(&stream)?.work;
        work.pop_front_if(|(ticket, _)| *ticket <= last).map(|(_, work)| work)
    }

    /// Whether a stream still holds something up to a ticket.
    pub(crate) fn is_waiting(&self, stream: Handle, last: u64) -> bool {
        self.streams.get(&stream).is_some_and(|s| s.work.front().is_some_and(|(ticket, _)| *ticket <= last))
    }

    /// Whether something on its way reads or writes the pinned memory that begins at `address`.
    pub(crate) fn uses_pinned(&self, address: usize) -> bool {
        self.streams.values().flat_map(|s| &s.work).any(|(_, work)| match work {
            Work::UploadPinned(_, host) | Work::Download(host, _) => self.pinned.within(address, *host),
            _ => false,
        })
    }

    fn perform(&mut self, work: Work) -> Result<(), Refusal> {
        let memory = &mut self.emulator.memory;
        match work {
            Work::Upload(to, bytes) => memory.write(to, &bytes)?,
            Work::UploadPinned(to, host) => memory.write(to, &host.read())?,
            Work::Download(host, from) => host.write(memory.read(from, host.len())?),
            Work::Copy(to, from, bytes) => memory.copy(to, from, bytes)?,
            Work::Fill(at, value, bytes) => memory.write(at, &vec![value; bytes])?,
            Work::Free(at) => memory.free(at)?,
            Work::Launch(launch) => self.perform_launch(&launch.0, &launch.1)?,
            Work::Gemm(gemm) => gemm.perform(memory)?,
            Work::Record(event) => self.recorded(event),
            Work::Wait(stream, ticket) => self.run(stream, ticket)?,
        }
        Ok(())
    }
}
