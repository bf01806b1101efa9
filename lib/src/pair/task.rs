//! Tells what labels mean.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is predicted for a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Whether the two interact: 0 or 1.
    Classification,
    /// How strongly they bind: a number, as pKd.
    Affinity,
}

impl Task {
    /// Tells the task from labels: classification when every label is 0 or 1, `None` without labels.
    ///
    /// ```
    /// use crossmamba::pair::Task;
    ///
    /// assert_eq!(Task::of([0.0, 1.0]), Some(Task::Classification));
    /// assert_eq!(Task::of([0.0, 6.5]), Some(Task::Affinity));
    /// ```
    pub fn of(labels: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut labels = labels.into_iter().peekable();
        labels.peek()?;
        let binary = labels.all(|label| label == 0.0 || label == 1.0);
        Some(if binary { Self::Classification } else { Self::Affinity })
    }

    /// Gives the name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Affinity => "affinity",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
