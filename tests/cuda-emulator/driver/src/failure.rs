//! Calls that the driver is told to refuse.

use std::collections::HashMap;

use crate::status::Status;

/// Which calls fail, and how. Written as `FUNCTION@N=STATUS`, several with commas: `cuMemAllocAsync@3=out-of-memory`
/// refuses the third allocation, `*@100=719` the hundredth call of any function (see [`Status::parse`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    failures: Vec<Failure>,
    calls: HashMap<&'static str, u64>,
    total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    /// None for any function.
    function: Option<String>,
    n: u64,
    status: Status,
}

impl Plan {
    /// Reads a plan; the empty text refuses nothing.
    ///
    /// # Errors
    /// One sentence about the first part that is not of this form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let failures = parts.map(Failure::parse).collect::<Result<_, _>>()?;
        Ok(Self { failures, ..Self::default() })
    }

    /// Counts a call and says how it fails, if it does.
    pub(crate) fn next(&mut self, function: &'static str) -> Option<Status> {
        self.total += 1;
        let calls = self.calls.entry(function).or_default();
        *calls += 1;
        let (calls, total) = (*calls, self.total);
        let due = |f: &&Failure| match &f.function {
            Some(name) => name == function && f.n == calls,
            None => f.n == total,
        };
        self.failures.iter().find(due).map(|f| f.status)
    }

    /// Calls so far, of all functions: what a test needs that fails each of them in turn.
    pub fn calls(&self) -> u64 {
        self.total
    }
}

impl Failure {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no failure: write FUNCTION@N=STATUS, as in cuMemAllocAsync@3=out-of-memory")
        };
        let (call, status) = text.split_once('=').ok_or_else(wrong)?;
        let (function, n) = call.split_once('@').ok_or_else(wrong)?;
        let status = Status::parse(status).ok_or_else(|| format!("`{status}` is no status of the driver"))?;
        let n = n.parse().ok().filter(|&n| n > 0).ok_or_else(wrong)?;
        Ok(Self { function: (function != "*").then(|| function.to_string()), n, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_function_and_together() {
        let mut plan = Plan::parse("cuMemAlloc_v2@2=out-of-memory, *@4=719").unwrap();
        let calls = ["cuMemAlloc_v2", "cuInit", "cuMemAlloc_v2", "cuInit", "cuMemAlloc_v2"];
        let answers = calls.map(|call| plan.next(call));
        assert_eq!(answers, [None, None, Some(Status::OutOfMemory), Some(Status::LaunchFailed), None]);
        assert_eq!(plan.calls(), 5);
    }

    #[test]
    fn a_plan_that_cannot_be_read_is_refused() {
        for text in ["cuInit", "cuInit@0=2", "cuInit@x=2", "cuInit@1=never"] {
            assert!(Plan::parse(text).is_err(), "{text}");
        }
        assert_eq!(Plan::parse(""), Ok(Plan::default()));
    }
}
