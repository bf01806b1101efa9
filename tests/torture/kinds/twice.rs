//! Two at once on the same outputs: each is done or refused in a sentence, and what is there in the end is whole.

use std::time::Duration;

use crate::harness::{Ended, Lab, Numbers, Place, Plan, Running, Task, Verdict};

/// How often each task runs beside itself, and beside what reads its outputs.
const ROUNDS: usize = 10;
/// How often the parts of a store are made at once.
const PARTS: usize = 10;

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    for task in &lab.tasks {
        let mut numbers = Numbers::new(lab.seed, task.name);
        let end = lab.expected(task).milliseconds as usize * 500 + 1000;
        for wait in numbers.places(end, ROUNDS) {
            let task = task.clone();
            plan.add(format!("two runs of {}, {wait} microseconds apart", task.name), move |lab, place| {
                both(lab, place, &task, wait as u64)
            });
        }
        for wait in numbers.places(end, if task.reader.is_some() { ROUNDS } else { 0 }) {
            let task = task.clone();
            plan.add(format!("{} read after {wait} microseconds", task.name), move |lab, place| {
                read_meanwhile(lab, place, &task, wait as u64)
            });
        }
    }
    for round in 0..PARTS {
        plan.add(format!("the parts of a store at once, round {round}"), parts);
    }
    plan
}

fn pause(microseconds: u64) {
    std::thread::sleep(Duration::from_micros(microseconds));
}

/// Starts a task twice; whoever comes second may be refused, but one must do the work.
fn both(lab: &Lab, place: &Place, task: &Task, wait: u64) -> Verdict {
    let expected = lab.expected(task);
    let first = lab.call(task, place).start();
    pause(wait);
    let second = lab.call(task, place).start();
    let ended: Vec<Ended> = [first, second].into_iter().map(Running::end).collect();
    for one in ended.iter().filter(|one| one.code != Some(expected.code)) {
        one.refused()?;
    }
    if ended.iter().all(|one| one.code != Some(expected.code)) {
        return Err("both were refused".into());
    }
    lab.same_again(task, place)
}

/// Reads what is being written: it is refused, or whole.
fn read_meanwhile(lab: &Lab, place: &Place, task: &Task, wait: u64) -> Verdict {
    let running = lab.call(task, place).start();
    pause(wait);
    let read = lab.read(task, place);
    let ended = running.end();
    if ended.code != Some(lab.expected(task).code) {
        return Err(format!("it was disturbed by a reader: {}", ended.told()));
    }
    let Some(read) = read else { return Ok(()) };
    if read.code == Some(0) {
        let difference = place.take_read().difference(&lab.expected(task).read);
        return difference.map_or(Ok(()), |difference| Err(format!("half of it was read: {difference}")));
    }
    read.refused()
}

fn parts(lab: &Lab, place: &Place) -> Verdict {
    let call = |part: &str| {
        let arguments = format!("--kind rna --input rna.fa --output new/parts --shard {part}");
        lab.tool("embed", &arguments, place).start()
    };
    let running: Vec<Running> = ["1/2", "2/2"].into_iter().map(call).collect();
    for ended in running.into_iter().map(Running::end) {
        if ended.code != Some(0) {
            return Err(format!("a part was not made: {}", ended.told()));
        }
    }
    let made = place.new_files().below("parts/");
    let wanted = place.inputs().below("rna.parts/");
    made.difference(&wanted).map_or(Ok(()), |difference| Err(format!("other parts: {difference}")))
}
