//! Bugs that a test plants into the PTX of a kernel, to show that it would notice them.

use crate::fault::{Error, Kind};

/// How a bug is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Noticed {
    /// A launch touches what is not its own.
    Bounds,
    /// A launch reads what another thread writes, or what nobody wrote.
    Race,
    /// A launch touches what does not begin at a multiple of its size.
    Misaligned,
    /// A part of a result was never written.
    Missing,
    /// A number is beyond the tolerance.
    Wrong,
    /// Something else.
    Other,
}

impl Noticed {
    /// Says how the emulated card noticed.
    pub fn of(error: &Error) -> Self {
        match (error, error.kind()) {
            (Error::Memory { .. }, _) => Self::Missing,
            (_, Some(Kind::OutOfBounds)) => Self::Bounds,
            (_, Some(Kind::Race | Kind::Uninitialised)) => Self::Race,
            (_, Some(Kind::Misaligned)) => Self::Misaligned,
            _ => Self::Other,
        }
    }
}

/// A bug: its name, the kernel, what to replace (which occurrence, from 0) by what, and how it must be noticed.
pub type Bug = (&'static str, &'static str, &'static str, usize, &'static str, Noticed);

/// The last occurrence.
pub const LAST: usize = usize::MAX;

/// Replaces one occurrence within a kernel.
///
/// # Panics
/// If the text has no such kernel, or the kernel nothing to replace: the table of bugs is to be changed.
///
/// # Examples
/// ```
/// use cuda_emulator::bug::{LAST, Noticed, plant};
///
/// let ptx = ".entry a() {\n ret;\n}\n.entry b() {\n add; bar; add;\n}";
/// let bug = ("the last sum is missing", "b", "add;", LAST, "//", Noticed::Wrong);
/// assert_eq!(plant(ptx, &bug), ".entry a() {\n ret;\n}\n.entry b() {\n add; bar; //\n}");
/// ```
pub fn plant(ptx: &str, (name, kernel, from, which, to, _): &Bug) -> String {
    let start = ptx.find(&format!(".entry {kernel}(")).unwrap_or_else(|| panic!("there is no {kernel}"));
    let end = start + ptx[start..].find("\n}").unwrap_or_else(|| panic!("{kernel} does not end"));
    let mut found = ptx[start..end].match_indices(from);
    let found = if *which == LAST { found.last() } else { found.nth(*which) };
    let at = start + found.unwrap_or_else(|| panic!("{name}: {kernel} has no `{from}`")).0;
    format!("{}{to}{}", &ptx[..at], &ptx[at + from.len()..])
}

/// Asserts that each bug is noticed as it must be.
///
/// # Panics
/// With every bug that was not.
#[track_caller]
pub fn assert_noticed(bugs: &[Bug], notice: impl Fn(&Bug) -> Option<(Noticed, String)>) {
    let unlike = bugs.iter().filter_map(|bug| {
        let ((name, kernel, .., wanted), noticed) = (bug, notice(bug));
        let how = noticed.as_ref().map(|(how, _)| *how);
        (how != Some(*wanted)).then(|| format!("{kernel}, {name}: {noticed:?} where {wanted:?} is wanted"))
    });
    let unlike: Vec<String> = unlike.collect();
    assert!(unlike.is_empty(), "{unlike:#?}");
}
