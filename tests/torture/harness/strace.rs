//! Traces a tool: counts the calls that change files, and kills or fails one of them.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use super::{Call, Ended, Lab, Task};

/// The system calls that change files; the ones that a machine does not have are passed over.
const CALLS: &str = "?write,?writev,?pwrite64,?pwritev,?rename,?renameat,?renameat2,?link,?linkat,?unlink,\
                     ?unlinkat,?mkdir,?mkdirat,?rmdir,?ftruncate,?truncate,?fallocate,?fsync,?fdatasync,\
                     ?sync_file_range,?copy_file_range,?sendfile";

/// Says why no tool can be traced here; nothing if it can.
pub(crate) fn missing() -> Option<String> {
    let tried = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=?fsync", "true"])
        .stdin(Stdio::null())
        .output();
    match tried {
        Err(error) => Some(format!("no strace to run ({error})")),
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Some(format!("strace may not trace here ({})", said.lines().next().unwrap_or_default()))
        }
    }
}

/// Counts the calls of a task that change files: by name, the most that one thread makes.
pub(crate) fn count(lab: &Lab, task: &Task) -> Result<BTreeMap<String, usize>, String> {
    let place = lab.place();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let log = folder.path().join("log").to_string_lossy().into_owned();
    let call = lab.call(task, &place);
    let ended = traced(&call, &log, &[]).run();
    if ended.code != Some(lab.expected(task).code) {
        return Err(format!("{} under strace: {}", task.name, ended.told()));
    }
    let mut threads: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in fs::read_to_string(&log).unwrap_or_default().lines() {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(rest)) = (words.next(), words.next()) else { continue };
        if let Some((name, _)) = rest.split_once('(') {
            *threads.entry((thread.to_owned(), name.to_owned())).or_default() += 1;
        }
    }
    let mut counts = BTreeMap::new();
    for ((_, name), count) in threads {
        let most: &mut usize = counts.entry(name).or_default();
        *most = count.max(*most);
    }
    Ok(counts)
}

/// Kills the tool at the `number`th call of a name.
pub(crate) fn kill(call: &Call, name: &str, number: usize) -> Call {
    traced(call, "/dev/null", &["-e", &format!("inject={name}:signal=KILL:when={number}")])
}

/// Lets the `number`th call of a name fail, in each thread; tells also whether that was the tool's call to say its words.
pub(crate) fn fail(call: &Call, name: &str, number: usize, error: &str) -> (Ended, bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("log");
    let injection = format!("inject={name}:error={error}:when={number}");
    let ended = traced(call, &log.to_string_lossy(), &["-e", &injection]).run();
    let log = fs::read_to_string(log).unwrap_or_default();
    let failed = log.lines().filter(|line| line.ends_with("(INJECTED)"));
    let words = failed
        .filter_map(|line| line.split_once(char::is_whitespace)?.1.trim_start().strip_prefix("write(2, "));
    (ended, words.count() > 0)
}

fn traced(call: &Call, log: &str, more: &[&str]) -> Call {
    let trace = format!("trace={CALLS}");
    let start = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-o", log, "-e", &trace];
    call.clone().under(&[&start[..], more].concat())
}
