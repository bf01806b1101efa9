//! Trains every member of every fold, and makes a bundle of each fold as soon as its members are done.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::fit::{Fit, Fitted, Watch, interrupted};
use crate::config::Config;
use crate::nn::bundle::{MODEL, Parts, Plan, Target};
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::device::Device;
use crate::nn::model::FusionModel;
use crate::nn::threads::{at_once, side_by_side};
use crate::pair::{Sides, Task};
use crate::rng::Rng;
use crate::split::Fold;
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
}

impl FoldRun {
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
        let jobs: Vec<(usize, usize)> = (0..folds.len())
            .filter(|&fold| !folds[fold].finished)
            .flat_map(|fold| (0..self.members).map(move |member| (fold, member)))
            .collect();
        let done: Vec<Mutex<Vec<Option<Fitted>>>> =
            folds.iter().map(|_| Mutex::new(vec![None; self.members])).collect();
        let results =
            side_by_side(&jobs, at_once(self.device, threads), |_, &(fold, member)| -> Result<()> {
                if watch.stopped() {
                    return Ok(());
                }
                let Some(fitted) = self.fit(&folds[fold], member, key)?.run(watch)? else { return Ok(()) };
                let complete = {
                    let mut members = done[fold]
                        .lock()
                        .map_err(|_| Error::defect("training", "another fit ended in a panic"))?;
                    members[member] = Some(fitted);
                    members
                        .iter()
                        .all(Option::is_some)
                        .then(|| members.drain(..).flatten().collect::<Vec<_>>())
                };
                match complete {
                    Some(members) => self.finish(&folds[fold], members, key),
                    None => Ok(()),
                }
            })?;
        results.into_iter().collect::<Result<Vec<()>>>()?;
        if watch.stopped() && folds.iter().any(|fold| !fold.folder.join(MODEL).exists()) {
            return Err(interrupted(self.output));
        }
        Ok(())
    }

    fn fit<'a>(&'a self, fold: &'a FoldRun, member: usize, key: &str) -> Result<Fit<'a>> {
        let checkpoint = checkpoint(&fold.folder, member);
        let folder = fold.folder.join(CHECKPOINTS);
        fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
        let rng = Rng::new(self.seed).fork(&fold.name).fork(&format!("member {member}"));
        Ok(Fit {
            name: if self.members > 1 { format!("{} member {member}", fold.name) } else { fold.name.clone() },
            data: self.data,
            labels: self.labels,
            parts: Parts { train: &fold.parts.train, validation: &fold.parts.validation },
            target: fold.target,
            standardisation: &fold.standardisation,
            config: self.config,
            plan: fold.plan.clone(),
            model: self.model(&rng.fork("weights"))?,
            rng,
            checkpoint: (checkpoint, key.to_owned()),
        })
    }

    pub(super) fn model(&self, rng: &Rng) -> Result<FusionModel> {
        FusionModel::new(&self.config.model, self.data.widths(), rng, self.device)
    }
}

/// Gives the file in which a fit keeps its state.
pub(super) fn checkpoint(fold: &Path, member: usize) -> PathBuf {
    fold.join(CHECKPOINTS).join(format!("member-{member}.safetensors"))
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
