//! What a tool has to say when it ends well.

use crossmamba::Result;
use crossmamba::exchange::Prepared;
use crossmamba::io::AtomicFile;
use serde_json::Value;

/// How a run ended: how many records were rejected, the figures worth a line in a report, and the outputs, which appear
/// together when all are on the disk.
#[derive(Default)]
pub struct Outcome {
    rejected: u64,
    figures: Vec<(String, Value)>,
    outputs: Vec<AtomicFile>,
    export: Option<Prepared>,
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

    /// Hands over outputs that are written, to be committed with the others.
    #[must_use]
    pub fn outputs(mut self, files: impl IntoIterator<Item = AtomicFile>) -> Self {
        self.outputs.extend(files);
        self
    }

    /// Hands over an export, to be committed with the other outputs.
    #[must_use]
    pub fn export(mut self, export: Prepared) -> Self {
        self.export = Some(export);
        self
    }

    /// Lets all outputs appear, or none; the kit does so when a tool ends, and a tool that does several things after each.
    ///
    /// # Errors
    /// An output that cannot be put into its place.
    pub fn commit(self) -> Result<()> {
        match self.export {
            Some(export) => {
                if let Some(left) = export.commit_with(self.outputs)? {
                    let left = left.display();
                    tracing::warn!(
                        "{left}: the export is whole, but this hidden folder could not be removed"
                    );
                }
                Ok(())
            }
            None => AtomicFile::commit_all(self.outputs),
        }
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
