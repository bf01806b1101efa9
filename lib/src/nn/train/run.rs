//! Trains every member of every fold, and makes a bundle of each fold as soon as its members are done.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::experts::Beside;
use super::fit::{Fit, Watch, interrupted};
use super::jobs::{Job, Pieces};
use crate::config::{Config, Head, ModelConfig};
use crate::nn::bundle::{MODEL, Parts, Plan, Target};
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::device::Device;
use crate::nn::model::{FusionModel, Numbers};
use crate::nn::threads::{at_once, side_by_side};
use crate::pair::{Sides, Task};
use crate::rng::Rng;
use crate::split::Fold;
use crate::trust::Kept;
use crate::{Error, Place, Result};

/// The folder of a fold's unfinished fits.
const CHECKPOINTS: &str = "checkpoints";

/// One training run: its data, settings and folder.
pub struct Run<'a> {
    /// The molecules and pairs; every pair of a fold must have its molecules.
    pub data: &'a Dataset,
    /// The label of each pair.
    pub labels: &'a [f64],
    /// What the labels are.
    pub task: Task,
    /// The group of each pair, when inner parts are drawn by whole groups.
    pub groups: Option<&'a [u32]>,
    /// Which experts there are beside the network; `None` where it stands alone.
    pub experts: Option<Beside<'a>>,
    /// Of which molecules of training the model keeps sketches and names.
    pub kept: Kept,
    /// The configuration.
    pub config: &'a Config,
    /// The seed.
    pub seed: u64,
    /// All folds of the run, also those that another job trains.
    pub folds: &'a [Fold],
    /// The size of each fold's ensemble.
    pub members: usize,
    /// Where its models compute.
    pub device: &'a Device,
    /// In what numbers they learn; what is learnt is f32.
    pub numbers: Numbers,
    /// The folder of the run, for what it says.
    pub output: &'a Path,
}

/// One fold, ready to be trained.
pub struct FoldRun {
    /// The fold's name.
    pub name: String,
    /// The folder of its bundle.
    pub folder: PathBuf,
    /// The sizes of each fit.
    pub plan: Plan,
    /// Whether its bundle is there already.
    pub finished: bool,
    pub(super) parts: Parts<Vec<usize>>,
    pub(super) target: Target,
    pub(super) standardisation: Sides<Standardisation>,
    pub(super) molecules: Sides<usize>,
    /// The pairs that other experts learn from.
    pub(super) learnt: Vec<usize>,
    /// The pairs that are held out: of an inner fold, those that the experts are compared on.
    pub(super) held: Vec<usize>,
    /// The networks of the inner folds, where these are compared with the other experts.
    pub(super) inner: Vec<FoldRun>,
    /// The heads that the network may have.
    pub(super) heads: Vec<Head>,
    /// The inner folds on which experts are compared.
    pub(super) compared: Vec<Fold>,
}

impl FoldRun {
    /// Counts the steps of all its fits, with so many members.
    pub fn steps(&self, members: usize) -> usize {
        let inner: usize = self.inner.iter().map(|inner| inner.plan.steps()).sum();
        self.plan.steps() * members + inner * self.heads.len()
    }

    /// Makes the folder and keeps other runs out of it for as long as the result is held.
    ///
    /// # Errors
    /// A folder that cannot be made, or into which another program trains.
    pub fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.folder).map_err(Error::io("make the folder", &self.folder))?;
        let folder = File::open(&self.folder).map_err(Error::io("open the folder", &self.folder))?;
        match folder.try_lock() {
            Err(fs::TryLockError::WouldBlock) => Err(Place::file(&self.folder).error(
                "another program is training into this folder",
                "wait until it ends, or divide the folds among the jobs with --fold",
            )),
            // Some file systems cannot lock: then nothing is kept out.
            _ => Ok(folder),
        }
    }
}

impl Run<'_> {
    /// Trains what is not finished. All fits of all folds are independent and run side by side; the result does not
    /// depend on the number of threads.
    ///
    /// # Errors
    /// What a fit refuses, and a request to stop: then every running fit has saved its state.
    pub fn train(&self, folds: &[FoldRun], key: &str, threads: usize, watch: &dyn Watch) -> Result<()> {
        for fold in folds.iter().filter(|fold| fold.finished) {
            // A run that was killed at the very end has left them.
            remove_checkpoints(&fold.folder)?;
        }
        let is_aligned = |experts: &Beside<'_>| experts.transfer && experts.choice.has_trees();
        if self.experts.as_ref().is_some_and(is_aligned) && folds.iter().any(|fold| !fold.finished) {
            self.data.align()?;
        }
        let made: Vec<Mutex<Pieces>> = folds.iter().map(|_| Mutex::default()).collect();
        // Which head the members have is known when the inner folds have told; elsewhere nothing waits.
        for first in [true, false] {
            let of_fold = |at: usize| {
                let several = folds[at].heads.len() > 1;
                let now = move |job: &Job| (several && job.is_compared()) == first;
                self.jobs(&folds[at]).into_iter().filter(now).map(move |job| (at, job))
            };
            let jobs: Vec<(usize, Job)> =
                (0..folds.len()).filter(|&at| !folds[at].finished).flat_map(of_fold).collect();
            let results = side_by_side(&jobs, at_once(self.device, threads), |_, &(at, job)| {
                self.work(&folds[at], job, &made[at], key, watch)
            })?;
            results.into_iter().collect::<Result<Vec<()>>>()?;
        }
        if watch.stopped() && folds.iter().any(|fold| !fold.folder.join(MODEL).exists()) {
            return Err(interrupted(self.output));
        }
        Ok(())
    }

    /// Counts the members of an ensemble: none where the network is no expert.
    pub fn members(&self) -> usize {
        if self.experts.as_ref().is_none_or(|experts| experts.choice.has_relay()) { self.members } else { 0 }
    }

    pub(super) fn fit<'a>(
        &'a self,
        fold: &'a FoldRun,
        (member, head): (usize, Head),
        file: &str,
        several: bool,
        key: &str,
    ) -> Result<Fit<'a>> {
        let checkpoint = checkpoint(&fold.folder, file);
        let folder = fold.folder.join(CHECKPOINTS);
        fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
        let rng = Rng::new(self.seed).fork(&fold.name).fork(&format!("member {member}"));
        let (widths, weights) = (self.data.widths(), rng.fork("weights"));
        Ok(Fit {
            name: if several { format!("{} member {member}", fold.name) } else { fold.name.clone() },
            data: self.data,
            labels: self.labels,
            parts: Parts { train: &fold.parts.train, validation: &fold.parts.validation },
            target: fold.target,
            standardisation: &fold.standardisation,
            config: self.config,
            plan: fold.plan.clone(),
            model: FusionModel::new_in(
                &self.model_config(head),
                widths,
                &weights,
                self.numbers,
                self.device,
            )?,
            rng,
            checkpoint: (checkpoint, key.to_owned()),
        })
    }

    /// Makes a model that computes as one that is read does.
    pub(super) fn model(&self, head: Head) -> Result<FusionModel> {
        FusionModel::new(&self.model_config(head), self.data.widths(), &Rng::new(0), self.device)
    }

    /// Gives the settings of a model with this head.
    pub(super) fn model_config(&self, head: Head) -> ModelConfig {
        ModelConfig { head, ..self.config.model.clone() }
    }
}

/// Gives the file in which a fit keeps its state.
pub(super) fn checkpoint(fold: &Path, fit: &str) -> PathBuf {
    fold.join(CHECKPOINTS).join(format!("{fit}.safetensors"))
}

/// Names the fit of a member of the ensemble.
pub(super) fn of_member(member: usize) -> String {
    format!("member-{member}")
}

/// Names the fit of an inner fold with a head.
pub(super) fn of_inner(head: Head, number: usize) -> String {
    match head {
        Head::Concat => format!("inner-{number}-{}", head.name()),
        _ => format!("inner-{number}"),
    }
}

/// Removes what is left of the fits of a finished fold, if anything is.
pub(super) fn remove_checkpoints(fold: &Path) -> Result<()> {
    let checkpoints = fold.join(CHECKPOINTS);
    match fs::remove_dir_all(&checkpoints) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", &checkpoints)(error))
        }
        _ => Ok(()),
    }
}
