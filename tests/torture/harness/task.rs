//! A command over the good set. All that it writes is below `new/`.

use super::Files;

/// What a tool is asked to do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) tool: &'static str,
    /// Separated by blanks.
    pub(crate) arguments: &'static str,
    /// Added when there is something to go on with.
    pub(crate) resume: &'static str,
    /// Inputs that say of themselves whether they are whole: stores, models, checkpoints.
    pub(crate) sealed: &'static [&'static str],
    /// Inputs of which any bytes may be right: sequences, tables, settings, embeddings of others.
    pub(crate) open: &'static [&'static str],
    /// Folders below `new/` that hold unfinished work until the command has ended.
    pub(crate) grows: &'static [&'static str],
    /// Outputs that count what a run found done already.
    pub(crate) counts: &'static [&'static str],
    /// The tool that reads what was made, and its arguments; it writes `new/read…`.
    pub(crate) reader: Option<(&'static str, &'static str)>,
}

/// What a task gives when nothing disturbs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    pub(crate) code: i32,
    /// The files below `new/`.
    pub(crate) files: Files,
    /// What the reader of the outputs makes of them.
    pub(crate) read: Files,
    pub(crate) milliseconds: u64,
}

impl Task {
    /// Tells the words of the arguments that name outputs.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &'static str> {
        self.arguments.split_whitespace().filter(|word| word.starts_with("new/"))
    }

    /// Tells whether a file below `new/` may be unfinished.
    pub(crate) fn may_be_unfinished(&self, name: &str) -> bool {
        self.grows.iter().any(|folder| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }
}
