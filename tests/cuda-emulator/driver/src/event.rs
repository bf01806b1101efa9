//! Events: points in a stream that the host or another stream can wait for.

use crate::call::Refusal;
use crate::driver::{Driver, Handle};
use crate::status::Status;
use crate::stream::Work;

/// A point in a stream.
#[derive(Debug, Default)]
pub(crate) struct Event {
    /// Where it was recorded last: stream and ticket.
    at: Option<(Handle, u64)>,
    /// The card's clock when it was passed.
    passed: Option<u64>,
    /// Whether it was asked for while on its way: a card goes on meanwhile.
    asked: bool,
}

impl Driver {
    /// Makes an event.
    pub fn event_create(&mut self) -> Handle {
        let handle = self.handle();
        self.events.insert(handle, Event::default());
        handle
    }

    /// Ends an event.
    ///
    /// # Errors
    /// If it is none.
    pub fn event_destroy(&mut self, event: Handle) -> Result<(), Refusal> {
        self.events.remove(&event).map(|_| ()).ok_or_else(|| none(event))
    }

    /// Puts an event into a stream.
    ///
    /// # Errors
    /// If either is none.
    pub fn event_record(&mut self, event: Handle, stream: Handle) -> Result<(), Refusal> {
        self.event(event)?;
        let stream = self.stream(stream)?;
        let ticket = self.put(stream, Work::Record(event))?;
        *self.event(event)? = Event { at: Some((stream, ticket)), passed: None, asked: false };
        Ok(())
    }

    /// Lets a stream wait for an event; one that was never recorded is not waited for.
    ///
    /// # Errors
    /// If either is none.
    pub fn stream_wait(&mut self, stream: Handle, event: Handle) -> Result<(), Refusal> {
        let Some((other, ticket)) = self.event(event)?.at else { return Ok(()) };
        self.put(stream, Work::Wait(other, ticket)).map(|_| ())
    }

    /// Lets the host wait for an event.
    ///
    /// # Errors
    /// If it is none, or if something before it fails.
    pub fn event_synchronize(&mut self, event: Handle) -> Result<(), Refusal> {
        let Some((stream, ticket)) = self.event(event)?.at else { return Ok(()) };
        self.run(stream, ticket)
    }

    /// Asks whether an event was passed. The first time that it was not, nothing more is done; the second time it was.
    ///
    /// # Errors
    /// [`Status::NotReady`] if it was not; or if it is none.
    pub fn event_query(&mut self, event: Handle) -> Result<(), Refusal> {
        let known = self.event(event)?;
        let (Some((stream, ticket)), asked) = (known.at, std::mem::replace(&mut known.asked, true)) else {
            return Ok(());
        };
        if !self.is_waiting(stream, ticket) {
            return Ok(());
        }
        if asked {
            return self.run(stream, ticket);
        }
        Err(Refusal::new(Status::NotReady, "the event was not passed yet"))
    }

    /// Milliseconds between two events; the clock counts a warp instruction as a nanosecond.
    ///
    /// # Errors
    /// [`Status::NotReady`] if one was not passed, or if one is none or was never recorded.
    pub fn event_elapsed(&mut self, from: Handle, to: Handle) -> Result<f32, Refusal> {
        let mut time = |event| {
            let known = self.event(event)?;
            match (known.at, known.passed) {
                (None, _) => Err(Refusal::new(Status::InvalidHandle, "the event was never recorded")),
                (_, None) => Err(Refusal::new(Status::NotReady, "the event was not passed yet")),
                (_, Some(time)) => Ok(time),
            }
        };
        let (from, to) = (time(from)?, time(to)?);
        Ok((to as f64 - from as f64) as f32 / 1e6)
    }

    pub(crate) fn recorded(&mut self, event: Handle) {
        let clock = self.clock;
        if let Some(event) = self.events.get_mut(&event) {
            event.passed = Some(clock);
        }
    }

    fn event(&mut self, event: Handle) -> Result<&mut Event, Refusal> {
        self.events.get_mut(&event).ok_or_else(|| none(event))
    }
}

fn none(event: Handle) -> Refusal {
    Refusal::new(Status::InvalidHandle, format!("{event:#x} is no event"))
}
