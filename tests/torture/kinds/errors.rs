//! Calls that fail: a full disk, a quota and a broken disk at each call that changes files. The tool says so in one
//! sentence and leaves nothing half-written, and the same command goes on.

use crate::harness::{Lab, Left, Numbers, Place, Plan, Task, Verdict, goes_on, same, strace, unchanged};

/// The most calls of one name that fail.
const CALLS: usize = 6;

/// The errors that calls of a name may give.
fn errors(name: &str) -> &'static [&'static str] {
    match name {
        "write" | "writev" | "pwrite64" => &["ENOSPC", "EIO", "EINTR"],
        "fsync" | "fdatasync" => &["EIO", "EDQUOT"],
        "rename" | "renameat" | "renameat2" => &["EACCES"],
        "unlink" | "unlinkat" | "rmdir" => &["EROFS"],
        _ => &["ENOSPC"],
    }
}

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    if let Some(why) = strace::missing() {
        plan.skip(why);
        return plan;
    }
    for task in &lab.tasks {
        for (name, count) in strace::count(lab, task).unwrap_or_default() {
            for at in Numbers::new(lab.seed, &name).places(count, CALLS) {
                for error in errors(&name) {
                    at_call(task, &name, at + 1, error, &mut plan);
                }
            }
        }
    }
    plan
}

fn at_call(task: &Task, name: &str, number: usize, error: &'static str, plan: &mut Plan) {
    let (task, name) = (task.clone(), name.to_owned());
    plan.add(format!("{} with {error} of {name} {number}", task.name), move |lab, place| {
        let before = place.inputs();
        let (ended, unsaid) = strace::fail(&lab.call(&task, place), &name, number, error);
        unchanged(place, &before)?;
        if ended.code == Some(lab.expected(&task).code) {
            if let Some(left) = hidden_folder(place) {
                return said_to_stay(lab, &task, (&name, number, error), &left);
            }
            return same(place, &lab.expected(&task).files);
        }
        if error == "EINTR" {
            return Err(format!("an interrupted call must be made again: {}", ended.told()));
        }
        if unsaid && ended.code == Some(2) {
            // The sentence itself could not be written, and nothing else is to be said.
            if !ended.stderr.is_empty() {
                return Err(format!("words behind a sentence that failed: {}", ended.told()));
            }
        } else {
            ended.refused()?;
        }
        // Between the names of two outputs nothing can be undone.
        if !name.starts_with("rename")
            && let Some(left) = place.new_files().0.keys().find(|left| !task.may_be_unfinished(left))
            && !left.ends_with('/')
        {
            return Err(format!("it failed, but left new/{left}"));
        }
        goes_on(lab, place, &task, Left::ByError)
    });
}

/// Finds a hidden folder among the outputs.
fn hidden_folder(place: &Place) -> Option<String> {
    let mut names = place.new_files().0.into_keys();
    names.find_map(|name| name.strip_suffix('/').filter(|folder| folder.starts_with('.')).map(str::to_owned))
}

/// Checks that a tool that cannot remove its hidden folder says so, naming it, when its warnings are heard; and that the
/// same command removes it.
fn said_to_stay(lab: &Lab, task: &Task, (name, number, error): (&str, usize, &str), left: &str) -> Verdict {
    let place = lab.place();
    let mut call = lab.call(task, &place);
    call.words.retain(|word| word != "--quiet");
    let (ended, _) = strace::fail(&call, name, number, error);
    let stays = hidden_folder(&place).ok_or("a hidden folder stayed in one run and not in another")?;
    let warning = format!("new/{stays}: the export is whole, but this hidden folder could not be removed");
    if !ended.stderr.lines().any(|line| line.trim().starts_with("WARN ") && line.ends_with(&warning)) {
        return Err(format!("new/{left} was left in silence: {}", ended.told()));
    }
    let again = lab.call_again(task, &place).run();
    if again.code != Some(lab.expected(task).code) {
        return Err(format!("the same command does not go on: {}", again.told()));
    }
    same(&place, &lab.expected(task).files)
}
