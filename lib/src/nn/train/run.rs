//! Trains every member of every fold, and makes a bundle of each fold as soon as its members are done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::fit::{Fit, Fitted, Watch, interrupted};
use super::inner::{inner_fraction, inner_part};
use super::log::log_table;
use crate::calibrate::fit_temperature;
use crate::config::{CalibrationConfig, Config};
use crate::nn::bundle::{
    self, Calibration, FORMAT, MODEL, Member, Model, Parts, Plan, SideInputs, StoreInputs, Target,
    TrainingSummary,
};
use crate::nn::data::{Dataset, Standardisation};
use crate::nn::device::Device;
use crate::nn::model::FusionModel;
use crate::nn::predict::mean_scores;
use crate::nn::threads::side_by_side;
use crate::pair::{Sides, Task};
use crate::record::Digest;
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
    parts: Parts<Vec<usize>>,
    target: Target,
    standardisation: Sides<Standardisation>,
    molecules: Sides<usize>,
}

impl Run<'_> {
    /// Digests everything that decides the result but the folds chosen: what may go on with what.
    pub fn key(&self, folds: &[Fold]) -> String {
        let tables = self.data.tables.as_ref();
        let stores = tables.map(|table| table.manifests().map(StoreInputs::of).collect::<Vec<_>>());
        let molecules = tables.map(|table| table.molecules().to_vec());
        let pairs = self.data.pairs.iter().map(|pair| pair.map(Sides::into_array)).collect::<Vec<_>>();
        let mut text = serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "config": self.config,
            "task": self.task,
            "seed": self.seed,
            "members": self.members,
            "groups": self.groups,
            "stores": stores.into_array(),
            "molecules": molecules.into_array(),
            "pairs": pairs,
            "labels": self.labels,
        })
        .to_string();
        for Fold { name, train, validation, test } in folds {
            text.push_str(&serde_json::json!([name.as_str(), train, validation, test]).to_string());
        }
        Digest::of(text.as_bytes()).to_string()
    }

    /// Draws the inner part of a fold, measures labels and columns on what is left, and resolves the sizes.
    ///
    /// # Errors
    /// A fold with nothing to train on, or with one class only; a folder that holds another run's model.
    pub fn prepare(&self, fold: &Fold, folder: &Path, key: &str) -> Result<FoldRun> {
        let rng = Rng::new(self.seed).fork(fold.name.as_str());
        let (train, validation) = if fold.validation.is_empty() {
            let fraction = inner_fraction(self.config);
            let mut rng = rng.fork("inner part");
            inner_part(&fold.train, self.labels, self.task, self.groups, fraction, &mut rng)
        } else {
            (fold.train.clone(), fold.validation.clone())
        };
        let trained = || train.iter().map(|&at| self.labels[at]);
        let positives = trained().filter(|&y| y > 0.5).count();
        if self.task == Task::Classification && (positives == 0 || positives == train.len()) {
            return Err(Error::setting(
                "splits",
                format!("{} has {} training pairs of one class only", fold.name, train.len()),
                "split so that both classes are in every training part",
            ));
        }
        if train.len() < 2 {
            let problem = format!("{} has {} training pairs", fold.name, train.len());
            return Err(Error::setting("splits", problem, "give it more pairs"));
        }
        let pairs: Vec<Sides<u32>> = train.iter().filter_map(|&at| self.data.pair(at)).collect();
        let (distinct, _) = self.data.index(&pairs)?;
        let standardisation = Sides::try_of(|side| {
            self.data.table(side).standardisation(&distinct[side], &self.config.inputs)
        })?;
        let path = folder.join(MODEL);
        let finished = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io("read the model", &path)(error)),
            Ok(bytes) => {
                let run = serde_json::from_slice::<Model>(&bytes).map(|model| model.training.run);
                if run.ok().as_deref() != Some(key) {
                    return Err(Place::file(folder).error(
                        "holds the model of another run",
                        "use the same inputs and settings as before, or another --output",
                    ));
                }
                true
            }
        };
        Ok(FoldRun {
            name: fold.name.to_string(),
            folder: folder.to_path_buf(),
            plan: Plan::new(self.config, train.len()),
            finished,
            target: Target::new(self.task, trained()),
            standardisation,
            molecules: distinct.map(|side| side.len()),
            parts: Parts { train, validation },
        })
    }

    /// Trains what is not finished. All fits of all folds are independent and run side by side; the result does not
    /// depend on the number of threads.
    ///
    /// # Errors
    /// What a fit refuses, and a request to stop: then every running fit has saved its state.
    pub fn train(&self, folds: &[FoldRun], key: &str, threads: usize, watch: &dyn Watch) -> Result<()> {
        let jobs: Vec<(usize, usize)> = (0..folds.len())
            .filter(|&fold| !folds[fold].finished)
            .flat_map(|fold| (0..self.members).map(move |member| (fold, member)))
            .collect();
        let done: Vec<Mutex<Vec<Option<Fitted>>>> =
            folds.iter().map(|_| Mutex::new(vec![None; self.members])).collect();
        let results = side_by_side(&jobs, threads, |_, &(fold, member)| -> Result<()> {
            if watch.stopped() {
                return Ok(());
            }
            let Some(fitted) = self.fit(&folds[fold], member, key)?.run(watch)? else { return Ok(()) };
            let complete = {
                let mut members = done[fold]
                    .lock()
                    .map_err(|_| Error::defect("training", "another fit ended in a panic"))?;
                members[member] = Some(fitted);
                members.iter().all(Option::is_some).then(|| members.drain(..).flatten().collect::<Vec<_>>())
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
        let checkpoints = fold.folder.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints).map_err(Error::io("make the folder", &checkpoints))?;
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
            checkpoint: (checkpoints.join(format!("member-{member}.safetensors")), key.to_owned()),
        })
    }

    fn model(&self, rng: &Rng) -> Result<FusionModel> {
        FusionModel::new(&self.config.model, self.data.widths(), rng, self.device)
    }

    /// Writes a fold's bundle: members first, then the calibration of their mean on the inner part.
    fn finish(&self, fold: &FoldRun, fitted: Vec<Fitted>, key: &str) -> Result<()> {
        let mut files = std::collections::BTreeMap::new();
        let mut members = Vec::with_capacity(fitted.len());
        for (number, one) in fitted.iter().enumerate() {
            let digest = bundle::write_member(&fold.folder, number, &one.weights, &fold.standardisation)?;
            files.insert(bundle::member_file(number), digest);
            let network = self.model(&Rng::new(0))?;
            network.params().restore(&one.weights)?;
            members.push(Member { network, standardisation: fold.standardisation.clone() });
        }
        let parameters = members.first().map_or(0, |m| m.network.params().values());
        let inputs = self.data.tables.as_ref().map(|table| SideInputs {
            widths: table.widths(),
            stores: table.manifests().map(StoreInputs::of).collect(),
        });
        let model = Model {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            fold: fold.name.clone(),
            seed: self.seed,
            target: fold.target,
            unit: (self.task == Task::Affinity).then(|| self.config.training.unit.clone()),
            inputs,
            parameters,
            calibration: self.calibration(fold, &members)?,
            training: TrainingSummary {
                pairs: Parts { train: fold.parts.train.len(), validation: fold.parts.validation.len() },
                molecules: fold.molecules,
                plan: fold.plan.clone(),
                epochs: fitted.iter().map(|one| one.log.len()).collect(),
                run: key.to_owned(),
            },
            files,
        };
        let logs: Vec<_> = fitted.into_iter().map(|one| one.log).collect();
        bundle::write(&fold.folder, model, self.config, &log_table(&logs))?;
        // The bundle is complete: what is left of the fits is only in the way.
        let checkpoints = fold.folder.join(CHECKPOINTS);
        fs::remove_dir_all(&checkpoints).map_err(Error::io("remove", &checkpoints))
    }

    fn calibration(&self, fold: &FoldRun, members: &[Member]) -> Result<Calibration> {
        let watched: Vec<usize> =
            fold.parts.validation.iter().copied().filter(|&at| self.data.pair(at).is_some()).collect();
        if watched.is_empty() || self.config.calibration == CalibrationConfig::None {
            return Ok(Calibration::None);
        }
        let pairs: Vec<Sides<u32>> = watched.iter().filter_map(|&at| self.data.pair(at)).collect();
        let scores = mean_scores(members, self.data, &pairs)?;
        let labels = watched.iter().map(|&at| self.labels[at]);
        Ok(match self.task {
            Task::Classification => {
                let labels: Vec<bool> = labels.map(|y| y > 0.5).collect();
                let temperature = fit_temperature(&scores, &labels);
                Calibration::Temperature { temperature, pairs: labels.len() }
            }
            Task::Affinity => {
                let squares = scores.iter().zip(labels).map(|(&s, y)| (fold.target.unscaled(s) - y).powi(2));
                let deviation = (squares.sum::<f64>() / scores.len() as f64).sqrt();
                Calibration::Residual { deviation, pairs: scores.len() }
            }
        })
    }
}
