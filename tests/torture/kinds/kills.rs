//! Kills at the system calls that change files: each output is absent or whole, and the same command goes on and gives
//! the same bytes.

use std::time::Duration;

use crate::harness::{Lab, Left, Numbers, Place, Plan, Task, goes_on, strace, unchanged};

/// The most calls of one name at which a task is killed.
const CALLS: usize = 12;
/// Kills of a task at random moments, where calls cannot be counted.
const MOMENTS: usize = 20;

/// Lists the tries.
pub(crate) fn plan(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    if let Some(why) = strace::missing() {
        plan.skip(format!("{why}: killing at random moments, not at system calls"));
        plan.tries = moments(lab).tries;
        return plan;
    }
    for task in &lab.tasks {
        match strace::count(lab, task) {
            Err(problem) => plan.add(format!("{} under strace", task.name), move |_, _| Err(problem.clone())),
            Ok(counts) => {
                for (name, count) in counts {
                    at_calls(lab, task, &name, count, &mut plan);
                }
            }
        }
    }
    plan
}

fn at_calls(lab: &Lab, task: &Task, name: &str, count: usize, plan: &mut Plan) {
    for at in Numbers::new(lab.seed, name).places(count, CALLS) {
        let (task, name, number) = (task.clone(), name.to_owned(), at + 1);
        plan.add(format!("{} killed at {name} {number} of {count}", task.name), move |lab, place| {
            let before = place.inputs();
            strace::kill(&lab.call(&task, place), &name, number).run();
            unchanged(place, &before)?;
            goes_on(lab, place, &task, Left::ByKill)
        });
    }
}

/// Lists tries that kill at random moments.
pub(crate) fn moments(lab: &Lab) -> Plan {
    let mut plan = Plan::default();
    lab.tasks.iter().for_each(|task| at_moments(lab, task, &mut plan));
    plan
}

fn at_moments(lab: &Lab, task: &Task, plan: &mut Plan) {
    let mut numbers = Numbers::new(lab.seed, task.name);
    let end = lab.expected(task).milliseconds as usize * 1000 + 1000;
    for moment in numbers.places(end, MOMENTS) {
        let task = task.clone();
        plan.add(format!("{} killed after {moment} microseconds", task.name), move |lab, place| {
            let before = place.inputs();
            kill_after(lab, &task, place, moment as u64);
            unchanged(place, &before)?;
            goes_on(lab, place, &task, Left::ByKill)
        });
    }
}

fn kill_after(lab: &Lab, task: &Task, place: &Place, microseconds: u64) {
    let running = lab.call(task, place).start();
    std::thread::sleep(Duration::from_micros(microseconds));
    running.kill();
    running.end();
}
