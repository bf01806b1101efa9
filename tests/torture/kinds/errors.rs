//! Calls that fail: a full disk, a quota and a broken disk at each call that changes files. The tool says so in one
//! sentence and leaves nothing half-written, and the same command goes on.

use crate::harness::{Lab, Left, Numbers, Plan, Task, goes_on, same, strace, unchanged};

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
        let ended = strace::inject(&lab.call(&task, place), &name, number, &format!("error={error}")).run();
        unchanged(place, &before)?;
        if ended.code == Some(lab.expected(&task).code) {
            return same(place, &lab.expected(&task).files);
        }
        if error == "EINTR" {
            return Err(format!("an interrupted call must be made again: {}", ended.told()));
        }
        ended.refused()?;
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
