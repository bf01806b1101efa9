//! Damage to what others write: sequences, tables, settings, embeddings, language models. Such a file may be right with
//! other bytes; but no tool panics, none takes long, and who refuses says so in one sentence and writes nothing.

use std::fs;

use super::damage::Damage;
use crate::harness::{Lab, Numbers, Place, Plan, Task, Verdict, refused, unchanged};

/// Damages of a file of embeddings of another program.
const FOREIGN: usize = 24;
/// Damages by words that mean something.
const WORDS: usize = 10;

/// What is put into texts.
const STRANGE: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\r",
    b"\"",
    b"\t\t",
    b"\n\n",
    b"nan",
    b"inf",
    b"1e999",
    b"-0",
    b"\x1b[31m",
    b"\xe2\x80\x8b",
    b">",
    b"#",
    b"{",
    b"[",
    b"&a",
    b"*a",
    b"18446744073709551616",
    b"../../x",
    b"\xf0\x9f\x98\x80",
];

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    for task in &lab.tasks {
        for name in task.open {
            for (_, length) in lab.files_of(name) {
                let mut numbers = Numbers::new(lab.seed, &format!("{} {name}", task.name));
                for damage in Damage::all(length, &mut numbers) {
                    damaged(task, name, damage, &mut plan);
                }
                for at in numbers.places(length, WORDS) {
                    strange(task, name, at, STRANGE[numbers.below(STRANGE.len())], &mut plan);
                }
            }
        }
    }
    for (name, length) in lab.files_of("exchange") {
        let mut numbers = Numbers::new(lab.seed, &name);
        let known = ["h5", "npz", "npy", "pt", "safetensors"];
        if !name.rsplit('.').next().is_some_and(|suffix| known.contains(&suffix)) {
            continue;
        }
        let mut damages = Damage::all(length, &mut numbers);
        // Structure stands in front.
        damages.extend(numbers.places(length.min(600), FOREIGN).into_iter().map(|at| Damage::Flip(at, 7)));
        for damage in damages {
            foreign(&name, damage, &mut plan);
        }
    }
    plan
}

fn damaged(task: &Task, name: &'static str, damage: Damage, plan: &mut Plan) {
    let task = task.clone();
    plan.add(format!("{} of {name} {damage}", task.name), move |lab, place| {
        damage.to(&place.at(name));
        bears(lab, place, task.tool, task.arguments, task.grows)
    });
}

fn strange(task: &Task, name: &'static str, at: usize, word: &'static [u8], plan: &mut Plan) {
    let task = task.clone();
    let what = format!("{} of {name} with `{}` at byte {at}", task.name, word.escape_ascii());
    plan.add(what, move |lab, place| {
        let bytes = fs::read(place.at(name)).expect("a file to mangle");
        place.write(name, [&bytes[..at], word, &bytes[at..]].concat());
        bears(lab, place, task.tool, task.arguments, task.grows)
    });
}

fn foreign(name: &str, damage: Damage, plan: &mut Plan) {
    let name = name.to_owned();
    plan.add(format!("an import of {name} {damage}"), move |lab, place| {
        damage.to(&place.at(&name));
        let arguments = format!(
            "--kind protein --input exchange/proteins.fa --encoder import --name x --tokens pooled --from {name} \
             --output new/store"
        );
        bears(lab, place, "embed", &arguments, &["store"])
    });
}

/// Runs a tool that may do its work, or refuse; a store that it has begun must be known as unfinished.
fn bears(lab: &Lab, place: &Place, tool: &str, arguments: &str, grows: &[&str]) -> Verdict {
    let before = place.inputs();
    let ended = lab.tool(tool, arguments, place).within(1024, 20).run();
    unchanged(place, &before)?;
    if ended.stderr.contains("panicked") {
        return Err(ended.told());
    }
    if matches!(ended.code, Some(0 | 1)) {
        return Ok(());
    }
    if !grows.iter().any(|name| place.at(&format!("new/{name}")).exists()) {
        return refused(place, &ended);
    }
    ended.refused()?;
    if tool == "embed" {
        let read = lab.tool("embed", "export --store new/store --output new/read.npz", place).run();
        read.refused().map_err(|wrong| format!("the store of a failed run: {wrong}"))?;
    }
    Ok(())
}
