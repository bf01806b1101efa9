//! Judges what a run that was cut short has left, and whether the same command goes on from there.

use super::{Lab, Place, Task, Verdict};

/// How a run was cut short: whether it could still tidy up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It was killed: hidden files may be there until the next run.
    ByKill,
    /// It failed: nothing hidden may be there.
    ByError,
}

/// Checks that each output is absent or whole, that unfinished work is not taken for finished, and that the same
/// command goes on and gives the very files that an undisturbed run gives, and no other.
pub(crate) fn goes_on(lab: &Lab, place: &Place, task: &Task, left: Left) -> Verdict {
    let expected = lab.expected(task);
    for (name, bytes) in &place.new_files().0 {
        let hidden = name.rsplit('/').next().is_some_and(|last| last.starts_with('.'));
        if name.ends_with('/') || task.may_be_unfinished(name) || (hidden && left == Left::ByKill) {
            continue;
        }
        if expected.files.0.get(name) != Some(bytes) {
            return Err(format!("new/{name} was left half-written"));
        }
    }
    if let Some(ended) = lab.read(task, place) {
        let read = place.take_read();
        if ended.code == Some(0) {
            if let Some(difference) = read.difference(&expected.read) {
                return Err(format!("unfinished work was read as finished: {difference}"));
            }
        } else {
            ended.refused().map_err(|wrong| format!("reading what was left: {wrong}"))?;
            if !read.0.is_empty() {
                return Err("what was left was refused, and read nevertheless".into());
            }
        }
    }
    let again = lab.call_again(task, place).run();
    if again.code != Some(expected.code) {
        return Err(format!("the same command does not go on: {}", again.told()));
    }
    lab.same_again(task, place).map_err(|wrong| format!("after the same command again: {wrong}"))
}
