//! What every try must leave.

use super::{Ended, Files, Place, Verdict};

/// Checks that the inputs are as they were.
pub(crate) fn unchanged(place: &Place, before: &Files) -> Verdict {
    place
        .inputs()
        .difference(before)
        .map_or(Ok(()), |difference| Err(format!("inputs changed: {difference}")))
}

/// Checks that the outputs are these.
pub(crate) fn same(place: &Place, wanted: &Files) -> Verdict {
    place
        .new_files()
        .difference(wanted)
        .map_or(Ok(()), |difference| Err(format!("other outputs: {difference}")))
}

/// Checks that a run ended with exit code 2 and one sentence, and that nothing was written.
pub(crate) fn refused(place: &Place, ended: &Ended) -> Verdict {
    ended.refused()?;
    let left: Vec<String> = place.new_files().0.into_keys().take(3).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("it failed, but left {}", left.join(", "))) }
}
