//! The C interface: each function hands its arguments to [`Driver`] under its own name.

mod blas;
mod device;
mod event;
mod memory;
mod module;
mod stream;

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::call::Refusal;
use crate::driver::Driver;
use crate::settings::Settings;
use crate::status::Status;

/// What a function returns: zero, or the number of a [`Status`].
type Code = i32;

static DRIVER: Mutex<Option<Driver>> = Mutex::new(None);

thread_local! {
    /// The context of the thread; zero is none.
    static CONTEXT: Cell<usize> = const { Cell::new(0) };
}

fn lock() -> MutexGuard<'static, Option<Driver>> {
    DRIVER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a call that needs no context.
fn with(function: &'static str, call: impl FnOnce(&mut Driver) -> Result<(), Refusal>) -> Code {
    let mut guard = lock();
    let driver = guard.get_or_insert_with(|| {
        let settings = Settings::from_variables(|name| std::env::var(name).ok());
        Driver::new(settings.unwrap_or_else(|what| {
            eprintln!("emulated card: {what}");
            // A card that is told nonsense is none.
            Settings { devices: 0, ..Settings::default() }
        }))
    });
    let known = driver.lost.is_some();
    match driver.call(function, call) {
        Ok(()) => 0,
        Err(refusal) => {
            if !known && refusal.status != Status::NotReady {
                eprintln!("emulated card: {refusal}");
            }
            refusal.status as Code
        }
    }
}

/// Makes a call that needs the thread to have a context.
fn in_context(function: &'static str, call: impl FnOnce(&mut Driver) -> Result<(), Refusal>) -> Code {
    with(function, |driver| {
        if CONTEXT.get() == 0 {
            return Err(Refusal::new(Status::InvalidContext, "the thread has no context"));
        }
        call(driver)
    })
}

/// Gives an answer.
///
/// # Safety
/// `out` must be null or a place for a `T`.
#[expect(unsafe_code, reason = "answers go through pointers")]
unsafe fn give<T>(out: *mut T, value: T) -> Result<(), Refusal> {
    if out.is_null() {
        return Err(Refusal::invalid("the place for the answer is null"));
    }
    // SAFETY: it is not null, and so the caller vouches for it.
    unsafe { out.write(value) };
    Ok(())
}
