//! Chooses tries, runs them on all cores, and counts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::{Lab, Numbers, Place};

/// Tries of a kind that are made however few are asked for.
const LEAST: usize = 16;

/// How a try ended: the words say what was lost.
pub(crate) type Verdict = Result<(), String>;

/// What is done in a fresh copy of the good set.
type Body = Box<dyn Fn(&Lab, &Place) -> Verdict + Send + Sync>;

/// One try.
pub(crate) struct Try {
    pub(crate) what: String,
    pub(crate) body: Body,
}

/// The tries of a kind, and what of it cannot be tried here.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) tries: Vec<Try>,
    pub(crate) skipped: Vec<String>,
}

/// Which tries are made.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Of so many tries one is made.
    pub(crate) cut: usize,
    /// This try alone, by its number; its folder is kept.
    pub(crate) only: Option<usize>,
    pub(crate) workers: usize,
}

/// How many tries were made, and how many were lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) tries: usize,
    pub(crate) lost: usize,
}

impl Plan {
    /// Adds a try.
    pub(crate) fn add(
        &mut self,
        what: impl Into<String>,
        body: impl Fn(&Lab, &Place) -> Verdict + Send + Sync + 'static,
    ) {
        self.tries.push(Try { what: what.into(), body: Box::new(body) });
    }

    /// Says that something cannot be tried.
    pub(crate) fn skip(&mut self, why: impl Into<String>) {
        self.skipped.push(why.into());
    }
}

/// Runs the chosen tries of a kind; every lost one is one line that says how to repeat it.
pub(crate) fn run(lab: &Lab, kind: &str, plan: &Plan, choice: &Choice) -> Score {
    let start = Instant::now();
    for why in &plan.skipped {
        println!("{kind}: SKIPPED: {why}");
    }
    let mut numbers: Vec<usize> = (0..plan.tries.len()).collect();
    Numbers::new(lab.seed, kind).shuffle(&mut numbers);
    match choice.only {
        Some(only) => numbers.retain(|&number| number == only),
        None if choice.cut > 1 => numbers.truncate(plan.tries.len().div_ceil(choice.cut).max(LEAST)),
        None => {}
    }
    let (next, lost) = (AtomicUsize::new(0), Mutex::new(0));
    let work = || {
        while let Some(&number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(wrong) = attempt(lab, &plan.tries[number], choice.only.is_some()) {
                *lost.lock().expect("no try panics here") += 1;
                let what = &plan.tries[number].what;
                println!(
                    "lost: {what}: {wrong}; repeat with: make torture TRY={kind}:{number} SEED={}",
                    lab.seed
                );
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..choice.workers.max(1) {
            scope.spawn(work);
        }
    });
    let score = Score { tries: numbers.len(), lost: lost.into_inner().unwrap_or_default() };
    let of = plan.tries.len();
    println!("{kind}: {} of {of} tries, {} lost, {} s", score.tries, score.lost, start.elapsed().as_secs());
    score
}

fn attempt(lab: &Lab, one: &Try, keep: bool) -> Verdict {
    let place = lab.place();
    let verdict = catch_unwind(AssertUnwindSafe(|| (one.body)(lab, &place)));
    let verdict = verdict.unwrap_or_else(|_| Err("the harness itself failed".into()));
    if keep {
        println!("{}\nits folder: {}", one.what, place.keep().display());
    }
    verdict
}
