//! Closed and full streams: what cannot be said is no reason to stop, what cannot be written is, and nothing panics.

use std::fs;
use std::path::Path;

use crate::harness::{Ended, Lab, Place, Plan, Task, Verdict, same, unchanged};

/// What becomes of the streams while all outputs are files: the work is done as ever.
const OF_THE_LOG: &[&str] = &[
    "exec \"$@\" 2>&-",
    "exec \"$@\" >&-",
    "exec \"$@\" <&-",
    "exec \"$@\" <&- >&- 2>&-",
    "exec \"$@\" 2>/dev/full",
    "exec \"$@\" >/dev/full 2>&1",
    "\"$@\" 2>&1 | true; exit ${PIPESTATUS[0]}",
    "\"$@\" 2>&1 | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}",
];

/// What becomes of a table on standard output.
const OF_THE_OUTPUT: &[(&str, &str, &[i32])] = &[
    ("-", "exec \"$@\" >/dev/full", &[2]),
    ("/dev/full", "exec \"$@\"", &[2]),
    ("-", "\"$@\" | true; exit ${PIPESTATUS[0]}", &[0, 1]),
    ("/dev/stdout", "\"$@\" | true; exit ${PIPESTATUS[0]}", &[0, 1]),
    ("-", "exec \"$@\" >&-", &[0, 1, 2]),
    ("/dev/fd/7", "exec \"$@\" 7>&-", &[2]),
];

/// Ways to the same bytes through a stream.
const THROUGH: &[(&str, &str)] = &[
    ("-", "exec \"$@\" > new/through"),
    ("-", "\"$@\" | cat > new/through; exit ${PIPESTATUS[0]}"),
    ("/dev/stdout", "exec \"$@\" > new/through"),
    ("/dev/fd/7", "exec \"$@\" 7> new/through"),
    ("/dev/stdout", "exec \"$@\" >> new/through"),
];

/// Words that a tool prints.
const PRINTED: &[(&str, &str)] = &[
    ("simulate", "--help"),
    ("parse", "sequences --help"),
    ("split", "--version"),
    ("embed", "--help"),
    ("predict", "--help"),
    ("evaluate", "--version"),
    ("fuse-train", "--print-config"),
    ("fuse-train", "--print-schema"),
    ("fuse-train", "--no-such-option"),
];

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    for task in &lab.tasks {
        for script in OF_THE_LOG {
            let task = task.clone();
            plan.add(format!("{} under `{script}`", task.name), move |lab, place| {
                talks(lab, place, &task, script)
            });
        }
        if matches!(task.tool, "parse" | "split" | "predict") {
            of_the_output(task, &mut plan);
        }
    }
    for (tool, arguments) in PRINTED {
        for script in OF_THE_LOG {
            plan.add(format!("{tool} {arguments} under `{script}`"), move |lab, place| {
                let ended = lab.tools.call(tool, arguments, place.path()).script(script).run();
                ends(&ended, &[0, 2])
            });
        }
    }
    plan
}

/// A tool that says as much as it can to nobody.
fn talks(lab: &Lab, place: &Place, task: &Task, script: &str) -> Verdict {
    let before = place.inputs();
    let arguments = format!("{} -vv --threads 1", task.arguments);
    let ended = lab.tools.call(task.tool, &arguments, place.path()).script(script).run();
    unchanged(place, &before)?;
    ends(&ended, &[lab.expected(task).code])?;
    same(place, &lab.expected(task).files)
}

fn of_the_output(task: &Task, plan: &mut Plan) {
    let Some(output) = task.outputs().next() else { return };
    for (path, script, codes) in OF_THE_OUTPUT {
        let task = task.clone();
        plan.add(format!("{} to {path} under `{script}`", task.name), move |lab, place| {
            let before = place.inputs();
            let ended =
                lab.tool(task.tool, &task.arguments.replace(output, path), place).script(script).run();
            unchanged(place, &before)?;
            ends(&ended, codes)?;
            if ended.code != Some(2) {
                return Ok(());
            }
            ended.sentence()?;
            let left = place.new_files().0.into_keys().next();
            left.map_or(Ok(()), |left| Err(format!("it failed, but left new/{left}")))
        });
    }
    if Path::new(output).extension().is_some_and(|suffix| suffix == "gz") {
        return;
    }
    for (path, script) in THROUGH {
        let task = task.clone();
        plan.add(format!("{} to {path} under `{script}`", task.name), move |lab, place| {
            let expected = lab.expected(&task);
            let ended =
                lab.tool(task.tool, &task.arguments.replace(output, path), place).script(script).run();
            ends(&ended, &[expected.code])?;
            let wanted = expected.files.0.get(output.trim_start_matches("new/"));
            if fs::read(place.at("new/through")).ok().as_ref() == wanted {
                Ok(())
            } else {
                Err("other bytes".into())
            }
        });
    }
}

fn ends(ended: &Ended, codes: &[i32]) -> Verdict {
    if ended.stderr.contains("panicked") || !ended.code.is_some_and(|code| codes.contains(&code)) {
        return Err(format!("{}, not one of {codes:?}", ended.told()));
    }
    Ok(())
}
