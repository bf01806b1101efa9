//! Damage to every file of stores, models and checkpoints: the tool that reads them refuses in one sentence and writes
//! nothing, or gives the very bytes that it gives without the damage.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::harness::{Ended, Lab, Numbers, Place, Plan, Task, Verdict, refused, same, unchanged};

/// How often a file is cut, and how many of its bits are turned, at most.
const CUTS: usize = 8;
const FLIPS: usize = 32;

/// What becomes of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Damage {
    Removed,
    Emptied,
    Folder,
    Longer,
    Cut(usize),
    Flip(usize, u8),
}

impl Damage {
    /// Lists what is done to a file of some length.
    pub(crate) fn all(length: usize, numbers: &mut Numbers) -> Vec<Self> {
        let mut all = vec![Self::Removed, Self::Emptied, Self::Folder, Self::Longer];
        if length > 1 {
            all.push(Self::Cut(length - 1));
            all.extend(numbers.places(length, CUTS).into_iter().map(Self::Cut));
        }
        let flips = numbers.places(length, FLIPS);
        all.extend(flips.into_iter().map(|at| Self::Flip(at, numbers.below(8) as u8)));
        all
    }

    /// Does it.
    pub(crate) fn to(self, path: &Path) {
        let bytes = fs::read(path).expect("a file to damage");
        let write = |bytes: &[u8]| fs::write(path, bytes);
        match self {
            Self::Removed => fs::remove_file(path),
            Self::Emptied => write(b""),
            Self::Folder => fs::remove_file(path).and_then(|()| fs::create_dir(path)),
            Self::Longer => write(&[&bytes[..], &bytes[..bytes.len().min(100)]].concat()),
            Self::Cut(at) => write(&bytes[..at]),
            Self::Flip(at, bit) => {
                let mut bytes = bytes;
                bytes[at] ^= 1 << bit;
                write(&bytes)
            }
        }
        .expect("a writable folder");
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed => write!(f, "removed"),
            Self::Emptied => write!(f, "emptied"),
            Self::Folder => write!(f, "made a folder"),
            Self::Longer => write!(f, "made longer"),
            Self::Cut(at) => write!(f, "cut to {at} bytes"),
            Self::Flip(at, bit) => write!(f, "with bit {bit} of byte {at} turned"),
        }
    }
}

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    for task in &lab.tasks {
        for (name, length) in task.sealed.iter().flat_map(|name| lab.files_of(name)) {
            for damage in Damage::all(length, &mut Numbers::new(lab.seed, &name)) {
                let (task, name) = (task.clone(), name.clone());
                plan.add(format!("{} of {name} {damage}", task.name), move |lab, place| {
                    damage.to(&place.at(&name));
                    reads(lab, place, &task)
                });
            }
        }
    }
    for task in lab.tasks.iter().filter(|task| !task.grows.is_empty()) {
        for (name, bytes) in &lab.expected(task).files.0 {
            if name.ends_with('/') || !task.may_be_unfinished(name) {
                continue;
            }
            for damage in Damage::all(bytes.len(), &mut Numbers::new(lab.seed, name)) {
                let (task, name) = (task.clone(), name.clone());
                plan.add(format!("{} again after new/{name} {damage}", task.name), move |lab, place| {
                    lab.put_new(&task, place);
                    damage.to(&place.at(&format!("new/{name}")));
                    writes_again(lab, place, &task)
                });
            }
        }
    }
    if let Some((task, folder)) = &lab.half_done {
        for (name, length) in lab.files_of(folder) {
            for damage in Damage::all(length, &mut Numbers::new(lab.seed, "a checkpoint")) {
                let (task, name, folder) = (task.clone(), name.clone(), *folder);
                plan.add(format!("{} on from {name} {damage}", task.name), move |lab, place| {
                    damage.to(&place.at(&name));
                    fs::rename(place.at(folder), place.at("new/out")).expect("a renamed folder");
                    writes_again(lab, place, &task)
                });
            }
        }
    }
    plan
}

/// A tool reads what may be damaged.
pub(crate) fn reads(lab: &Lab, place: &Place, task: &Task) -> Verdict {
    let before = place.inputs();
    let ended = lab.call(task, place).run();
    unchanged(place, &before)?;
    refused_or_same(lab, place, task, &ended)
}

/// A tool goes on with what may be damaged.
fn writes_again(lab: &Lab, place: &Place, task: &Task) -> Verdict {
    let expected = lab.expected(task);
    let ended = lab.call_again(task, place).run();
    if ended.code == Some(expected.code) {
        return lab.same_again(task, place);
    }
    ended.refused()?;
    // What was refused must not be taken for whole by others.
    if let Some(read) = lab.read(task, place)
        && read.code == Some(0)
        && let Some(difference) = place.take_read().difference(&expected.read)
    {
        return Err(format!("it was refused, but is read: {difference}"));
    }
    Ok(())
}

/// Checks that a run was refused and wrote nothing, or gave what it gives when nothing is wrong.
pub(crate) fn refused_or_same(lab: &Lab, place: &Place, task: &Task, ended: &Ended) -> Verdict {
    let expected = lab.expected(task);
    if ended.code == Some(expected.code) { same(place, &expected.files) } else { refused(place, ended) }
}
