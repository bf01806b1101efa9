//! What a tool has to say when it ends well.

use serde_json::Value;

/// How a run ended: how many records were rejected, and the figures worth a line in a report.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    rejected: u64,
    figures: Vec<(String, Value)>,
}

impl Outcome {
    /// Makes an outcome without rejects or figures.
    pub fn done() -> Self {
        Self::default()
    }

    /// Counts rejected records: more than none makes the exit code 1.
    #[must_use]
    pub fn rejected(mut self, count: u64) -> Self {
        self.rejected += count;
        self
    }

    /// Adds a figure to the run's summary, in order.
    #[must_use]
    pub fn figure(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.figures.push((name.into(), value.into()));
        self
    }

    /// Gives the number of rejected records.
    pub fn rejects(&self) -> u64 {
        self.rejected
    }

    /// Gives the figures in their order.
    pub fn figures(&self) -> &[(String, Value)] {
        &self.figures
    }
}
