//! What went wrong and where: each fault prints as one sentence.

use std::fmt;

/// Which rule a kernel broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Two threads touched one place, at least one of them writing, with nothing to order them.
    Race,
    /// A value that nobody wrote decides an address, a branch or a result.
    Uninitialised,
    /// An access outside of every allocation, or past the end of one.
    OutOfBounds,
    /// An address that is no multiple of the size of the access.
    Misaligned,
    /// A barrier that not all threads of the block, or lanes of the warp, reach together.
    Barrier,
    /// An exchange between lanes of which one takes no part.
    Lanes,
    /// A division of integers by zero.
    Division,
    /// More instructions than a launch may execute.
    Endless,
    /// An instruction or a modifier that is not emulated.
    Unsupported,
}

/// Where in the code: the PTX line and, if the PTX has line information, the line of the CUDA source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The kernel.
    pub kernel: String,
    /// Line of the PTX text, from one.
    pub line: u32,
    /// File and line of the CUDA source.
    pub source: Option<(String, u32)>,
    /// File and line of the call, if the line belongs to a function that was inlined.
    pub caller: Option<(String, u32)>,
    /// The instruction as written.
    pub text: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, PTX line {}", self.kernel, self.line)?;
        if let Some((file, line)) = &self.source {
            write!(f, ", {file}:{line}")?;
        }
        if let Some((file, line)) = &self.caller {
            write!(f, " inlined at {file}:{line}")?;
        }
        write!(f, ", `{}`", self.text)
    }
}

/// A rule that a kernel broke: the launch ends here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: block {block:?}{}: {what}", thread.map_or_else(String::new, |t| format!(", thread {t}")))]
pub struct Fault {
    /// Which rule.
    pub kind: Kind,
    /// Where in the code.
    pub place: Place,
    /// Index of the block in the grid.
    pub block: [u32; 3],
    /// Linear index of the thread in its block, if one is to blame.
    pub thread: Option<u32>,
    /// What happened, in words.
    pub what: String,
}

/// Why the emulator did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The PTX cannot be read.
    #[error("PTX line {line}: {what}")]
    Ptx {
        /// Line of the text, from one.
        line: u32,
        /// What is wrong.
        what: String,
    },
    /// A launch that a card would refuse.
    #[error("{kernel}: {what}")]
    Launch {
        /// The kernel.
        kernel: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// The host touches memory of the card that is not its own, or that nobody wrote.
    #[error("{what}")]
    Memory {
        /// Which rule.
        kind: Kind,
        /// What is wrong.
        what: String,
    },
    /// A kernel broke a rule.
    #[error(transparent)]
    Fault(#[from] Box<Fault>),
}

impl Error {
    /// Which rule was broken, if it is one that kernels can break.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Fault(fault) => Some(fault.kind),
            Self::Memory { kind, .. } => Some(*kind),
            Self::Ptx { .. } | Self::Launch { .. } => None,
        }
    }
}

/// A broken rule before it is known where in the code: what [`Fault`] is made of.
#[derive(Debug)]
pub(crate) struct Trap {
    pub(crate) kind: Kind,
    pub(crate) lane: Option<usize>,
    pub(crate) what: String,
}

impl Trap {
    pub(crate) fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, lane: None, what: what.into() }
    }

    pub(crate) fn at(self, lane: usize) -> Self {
        Self { lane: Some(lane), ..self }
    }
}
