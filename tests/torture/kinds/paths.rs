//! Outputs on inputs, on each other, and inside what is read: refused before anything is made.

use std::fs;
use std::os::unix::fs::symlink;

use crate::harness::{Ended, Lab, Place, Plan, Task, Verdict, unchanged};

/// How a path is written.
#[derive(Debug, Clone, Copy)]
enum Alias {
    Plain,
    Dotted,
    Absolute,
    Symbolic,
    Hard,
}

const ALIASES: [Alias; 5] = [Alias::Plain, Alias::Dotted, Alias::Absolute, Alias::Symbolic, Alias::Hard];

impl Alias {
    /// Gives another way to name a path, which links end like some output.
    fn of(self, place: &Place, name: &str, output: &str) -> Option<String> {
        let suffix = output.rsplit('/').next().and_then(|last| last.split_once('.')).map(|(_, end)| end);
        let link = suffix.map_or_else(|| "link".to_owned(), |suffix| format!("link.{suffix}"));
        match self {
            Self::Plain => Some(name.to_owned()),
            Self::Dotted => Some(format!("./new/../{name}")),
            Self::Absolute => Some(place.at(name).to_string_lossy().into_owned()),
            Self::Symbolic => symlink(place.at(name), place.at(&link)).ok().map(|()| link),
            // Folders have no second name.
            Self::Hard => fs::hard_link(place.at(name), place.at(&link)).ok().map(|()| link),
        }
    }
}

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    for task in &lab.tasks {
        let inputs = inputs(lab, task);
        for output in task.outputs() {
            for input in &inputs {
                // A hard link to a file inside a folder is a name of its own: it gets another file, the folder none.
                let inside = |alias: &Alias| matches!(alias, Alias::Hard) && input.contains('/');
                for alias in ALIASES.into_iter().filter(|alias| !inside(alias)) {
                    on_input(task, output, input, alias, &mut plan);
                }
            }
            for other in task.outputs().filter(|other| *other != output) {
                let what = format!("{} with {output} at {other}", task.name);
                instead(task, output, other, what, &mut plan);
            }
            // What another output brings with it, and what a folder will hold.
            let files = lab.expected(task).files.0.keys().map(|name| format!("new/{name}"));
            for name in files.filter(|name| !name.ends_with('/') && !name.starts_with(output)) {
                if task.outputs().all(|other| other != name) {
                    let what = format!("{} with {output} at {name}", task.name);
                    instead(task, output, &name, what, &mut plan);
                }
            }
        }
        for name in lab.expected(task).files.0.keys() {
            for input in task.arguments.split_whitespace().filter(|word| lab.files_of(word).len() == 1) {
                companion(task, name, input, &mut plan);
            }
        }
    }
    plan
}

/// Lists what a task reads: its files, its folders, the files inside and one that is not there.
fn inputs(lab: &Lab, task: &Task) -> Vec<String> {
    let mut inputs = Vec::new();
    for word in task.arguments.split_whitespace() {
        let files = lab.files_of(word);
        let folder = files.iter().any(|(name, _)| name != word);
        // Two files of a folder stand for all.
        inputs.extend(files.into_iter().map(|(name, _)| name).take(2));
        if folder {
            inputs.extend([word.to_owned(), format!("{word}/more")]);
        }
    }
    inputs
}

fn on_input(task: &Task, output: &'static str, input: &str, alias: Alias, plan: &mut Plan) {
    let (task, input) = (task.clone(), input.to_owned());
    plan.add(format!("{} with {output} at {input} ({alias:?})", task.name), move |lab, place| {
        match alias.of(place, &input, output) {
            Some(path) => refused(lab, place, &task, &replaced(task.arguments, output, &path)),
            None => Ok(()),
        }
    });
}

fn instead(task: &Task, output: &'static str, path: &str, what: String, plan: &mut Plan) {
    let (task, path) = (task.clone(), path.to_owned());
    plan.add(what, move |lab, place| refused(lab, place, &task, &replaced(task.arguments, output, &path)));
}

/// Reads a file that stands where the tool writes something beside its outputs or inside them.
fn companion(task: &Task, name: &str, input: &str, plan: &mut Plan) {
    if name.ends_with('/') {
        return;
    }
    let (task, name, input) = (task.clone(), format!("new/{name}"), input.to_owned());
    plan.add(format!("{} with {input} read from {name}", task.name), move |lab, place| {
        fs::create_dir_all(place.at(&name).parent().expect("a folder")).expect("a writable folder");
        fs::rename(place.at(&input), place.at(&name)).expect("a writable folder");
        refused(lab, place, &task, &replaced(task.arguments, &input, &name))
    });
}

fn replaced(arguments: &str, word: &str, by: &str) -> String {
    arguments
        .split_whitespace()
        .map(|found| if found == word { by } else { found })
        .collect::<Vec<_>>()
        .join(" ")
}

fn refused(lab: &Lab, place: &Place, task: &Task, arguments: &str) -> Verdict {
    let (before, new) = (place.inputs(), place.new_files());
    let ended: Ended = lab.tool(task.tool, arguments, place).run();
    unchanged(place, &before)?;
    ended.refused()?;
    place
        .new_files()
        .difference(&new)
        .map_or(Ok(()), |difference| Err(format!("it failed, but {difference}")))
}
