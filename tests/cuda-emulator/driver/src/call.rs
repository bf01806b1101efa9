//! One call of the driver: counted, perhaps refused on demand, and refused for ever after a lost context.

use cuda_emulator::Error;

use crate::driver::Driver;
use crate::status::Status;

/// Why a call was refused: what a program gets, and what a person reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} ({}): {what}", status.name(), *status as i32)]
pub struct Refusal {
    /// What the program gets.
    pub status: Status,
    /// What went wrong, in words.
    pub what: String,
}

impl Refusal {
    pub(crate) fn new(status: Status, what: impl Into<String>) -> Self {
        Self { status, what: what.into() }
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::new(Status::InvalidValue, what)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { status: Status::of(&error), what: error.to_string() }
    }
}

impl Driver {
    /// Makes a call by the name of its C function.
    ///
    /// # Errors
    /// What `call` says; what the plan says; or, once a context was lost, the status with which it was.
    pub fn call<T>(
        &mut self,
        function: &'static str,
        call: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if let Some(status) = self.lost {
            return Err(Refusal::new(status, format!("{function}: the context was lost before")));
        }
        let planned =
            self.settings.plan.next(function).map(|status| Refusal::new(status, "as it was told to"));
        let answer = planned.map_or_else(|| call(self), Err);
        answer.map_err(|refusal| {
            if refusal.status.is_sticky() {
                self.lost = Some(refusal.status);
            }
            Refusal { what: format!("{function}: {}", refusal.what), ..refusal }
        })
    }
}
