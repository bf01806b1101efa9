//! Divides what is made of a fold into pieces that run side by side.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use super::fit::{Fitted, Watch};
use super::run::{FoldRun, Run, of_inner, of_member};
use crate::config::Head;
use crate::expert::{Experts, Kind};
use crate::{Error, Result};

/// One piece of work for a fold.
#[derive(Clone, Copy)]
pub(super) enum Job {
    /// Fits a member of the ensemble.
    Member(usize),
    /// Makes the other experts.
    Experts,
    /// Fits the network of an inner fold with one of the heads, and asks it.
    Network(Head, usize),
    /// Makes the other experts of an inner fold, and asks them.
    Others(usize),
}

/// What is made of a fold so far.
#[derive(Default)]
pub(super) struct Pieces {
    done: usize,
    /// The members.
    pub(super) members: BTreeMap<usize, Fitted>,
    /// The other experts.
    pub(super) experts: Option<Experts>,
    /// What the network said of each inner fold, by head.
    pub(super) networks: BTreeMap<Head, BTreeMap<usize, Vec<f64>>>,
    /// What the other experts said of each inner fold.
    pub(super) others: BTreeMap<usize, BTreeMap<Kind, Vec<f64>>>,
}

/// Adds the result of a piece of work.
type Add = Box<dyn FnOnce(&mut Pieces)>;

impl Job {
    /// Tells whether it is for comparing heads.
    pub(super) const fn is_compared(&self) -> bool {
        matches!(self, Self::Network(..))
    }
}

impl Run<'_> {
    /// Lists the work for a fold.
    pub(super) fn jobs(&self, fold: &FoldRun) -> Vec<Job> {
        let inner = 0..fold.inner.len();
        let networks =
            fold.heads.iter().flat_map(|&head| inner.clone().map(move |at| Job::Network(head, at)));
        let members = (0..self.members()).map(Job::Member);
        let experts = self.experts.iter().map(|_| Job::Experts);
        networks.chain(members).chain(experts).chain((0..fold.compared.len()).map(Job::Others)).collect()
    }

    /// Does a piece of work, and makes the bundle when it was the last of its fold.
    pub(super) fn work(
        &self,
        fold: &FoldRun,
        job: Job,
        made: &Mutex<Pieces>,
        key: &str,
        watch: &dyn Watch,
    ) -> Result<()> {
        if watch.stopped() {
            return Ok(());
        }
        let Some(add) = self.piece(fold, job, made, key, watch)? else { return Ok(()) };
        let complete = {
            let mut pieces = lock(made)?;
            add(&mut pieces);
            pieces.done += 1;
            (pieces.done == self.jobs(fold).len()).then(|| std::mem::take(&mut *pieces))
        };
        complete.map_or(Ok(()), |pieces| self.finish(fold, pieces, key, watch))
    }

    /// Does a piece of work, and gives what adds its result to the fold's; nothing when it was asked to stop.
    fn piece(
        &self,
        fold: &FoldRun,
        job: Job,
        made: &Mutex<Pieces>,
        key: &str,
        watch: &dyn Watch,
    ) -> Result<Option<Add>> {
        Ok(Some(match job {
            Job::Member(member) => {
                let (head, _) = self.best_head(fold, &lock(made)?.networks);
                let fit = self.fit(fold, (member, head), &of_member(member), self.members() > 1, key)?;
                let Some(fitted) = fit.run(watch)? else { return Ok(None) };
                Box::new(move |pieces| drop(pieces.members.insert(member, fitted)))
            }
            Job::Experts => {
                let made = self.lesson(fold)?.whole()?;
                Box::new(move |pieces| pieces.experts = Some(made))
            }
            Job::Network(head, number) => {
                let fit = self.fit(&fold.inner[number], (0, head), &of_inner(head, number), false, key)?;
                let Some(fitted) = fit.run(watch)? else { return Ok(None) };
                let said = self.network_says(fold, head, number, &fitted)?;
                Box::new(move |pieces| drop(pieces.networks.entry(head).or_default().insert(number, said)))
            }
            Job::Others(number) => {
                let said = self.lesson(fold)?.others_say(&fold.compared[number], None, number)?;
                Box::new(move |pieces| drop(pieces.others.insert(number, said)))
            }
        }))
    }
}

fn lock(made: &Mutex<Pieces>) -> Result<MutexGuard<'_, Pieces>> {
    made.lock().map_err(|_| Error::defect("training", "another fit ended in a panic"))
}
