//! Full disks: a small file system for the outputs, and a limit on the size of files. The tool says so in one sentence
//! and leaves nothing half-written; with more room the same command goes on.

use std::process::{Command, Stdio};

use crate::harness::{Ended, Lab, Left, Numbers, Place, Plan, Task, Verdict, goes_on, same, unchanged};

/// Sizes of file systems, and limits on files, for each task.
const SIZES: usize = 10;
const LIMITS: usize = 5;
/// Numbers of files that a file system takes.
const COUNTS: usize = 4;
const PAGE: usize = 4096;

/// A file system on the folder for outputs.
struct Mounted<'a>(&'a Place);

impl<'a> Mounted<'a> {
    fn new(place: &'a Place, options: &str) -> Result<Self, String> {
        mount(place, options).map(|()| Self(place))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.at("new")).stderr(Stdio::null()).status();
    }
}

fn mount(place: &Place, options: &str) -> Result<(), String> {
    let folder = place.at("new");
    let output = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
    match output {
        Err(error) => Err(format!("no mount to run ({error})")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            Err(format!("no file system can be mounted ({})", String::from_utf8_lossy(&output.stderr).trim()))
        }
    }
}

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    let mounts = Mounted::new(&lab.place(), "size=64k").map(drop);
    if let Err(why) = &mounts {
        plan.skip(format!("{why}: limits on the size of files stand for full disks"));
    }
    for task in &lab.tasks {
        let files = &lab.expected(task).files.0;
        let pages: usize = files.values().map(|bytes| bytes.len().div_ceil(PAGE)).sum();
        let largest = files.values().map(Vec::len).max().unwrap_or_default();
        let mut numbers = Numbers::new(lab.seed, task.name);
        if mounts.is_ok() {
            for size in numbers.places(pages, SIZES) {
                full(task, &format!("size={}", (size + 1) * PAGE), &mut plan);
            }
            for count in numbers.places(files.len() + 1, COUNTS) {
                full(task, &format!("size=64m,nr_inodes={}", count + 2), &mut plan);
            }
        }
        for limit in numbers.places(largest / 1024, LIMITS) {
            limited(task, limit + 1, &mut plan);
        }
    }
    plan
}

fn full(task: &Task, options: &str, plan: &mut Plan) {
    let (task, options) = (task.clone(), options.to_owned());
    plan.add(format!("{} on a file system of {options}", task.name), move |lab, place| {
        let mounted = Mounted::new(place, &options)?;
        let before = place.inputs();
        let ended = lab.call(&task, place).run();
        unchanged(place, &before)?;
        if done(lab, place, &task, &ended)? {
            return Ok(());
        }
        mount(place, "remount,size=64m,nr_inodes=10000")?;
        let verdict = goes_on(lab, place, &task, Left::ByError);
        drop(mounted);
        verdict
    });
}

fn limited(task: &Task, blocks: usize, plan: &mut Plan) {
    let task = task.clone();
    plan.add(format!("{} with files of at most {blocks} KiB", task.name), move |lab, place| {
        let before = place.inputs();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let ended = lab.call(&task, place).script(&script).run();
        unchanged(place, &before)?;
        if done(lab, place, &task, &ended)? { Ok(()) } else { goes_on(lab, place, &task, Left::ByError) }
    });
}

/// Tells whether there was room enough; if not, checks what was said, and that no output is there.
fn done(lab: &Lab, place: &Place, task: &Task, ended: &Ended) -> Result<bool, String> {
    if ended.code == Some(lab.expected(task).code) {
        same(place, &lab.expected(task).files)?;
        return Ok(true);
    }
    ended.refused()?;
    let files = place.new_files();
    let left = files.0.keys().find(|left| !task.may_be_unfinished(left) && !left.ends_with('/'));
    let verdict: Verdict = left.map_or(Ok(()), |left| Err(format!("it failed, but left new/{left}")));
    verdict.map(|()| false)
}
