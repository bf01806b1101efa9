//! Counts what normalisation changed.

use serde::Serialize;

/// How many letters were changed, over all records that were kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Lower case made upper case.
    pub lower_case: u64,
    /// T made U.
    pub thymine: u64,
    /// Ambiguity letters, letters outside the alphabet and inner stops made N or X.
    pub masked: u64,
    /// Gaps removed.
    pub gaps: u64,
    /// Blanks and tabs removed.
    pub blanks: u64,
    /// Digits of position numbers removed.
    pub digits: u64,
    /// Stops removed from the end.
    pub stops: u64,
}

impl Changes {
    /// Adds the counts of another part of the work.
    pub fn add(&mut self, other: Self) {
        self.lower_case += other.lower_case;
        self.thymine += other.thymine;
        self.masked += other.masked;
        self.gaps += other.gaps;
        self.blanks += other.blanks;
        self.digits += other.digits;
        self.stops += other.stops;
    }
}
