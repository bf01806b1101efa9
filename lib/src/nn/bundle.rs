//! Keeps a trained model in a folder: everything needed to use it, whole or refused.
//!
//! - `model.json`: what it is ([`Model`]), with the digests of the other files and of itself; written last,
//! - `config.yaml`: the configuration, nothing left to defaults,
//! - `weights-0.safetensors`, …: weights and standardisation of each member of the ensemble,
//! - `training.tsv`: the log,
//! - `trees.json`, `transfer.safetensors`, `gp.safetensors`: where there are other experts than the network, their trees and,
//!   unless left out, the training molecules and pairs as numbers,
//! - `neighbours.safetensors`: unless left out, a sketch of every training molecule, by which predictions say what is known of
//!   their molecules.
//!
//! Its digest is that of `model.json`, which fixes every other byte.

mod experts;
mod model;
mod neighbours;
mod plan;
mod read;
mod seal;
mod target;
mod write;

use std::path::{Path, PathBuf};

pub use experts::write_experts;
pub use model::{Calibration, FORMAT, Model, Parts, Recipe, SideInputs, StoreInputs, TrainingSummary};
pub use neighbours::write_neighbours;
pub(crate) use plan::OF_BLOCK;
pub use plan::{Extent, Plan};
pub use target::Target;
pub use write::{member_file, write, write_member};

use super::data::{Standardisation, TokenTable};
use super::device::Device;
use super::model::FusionModel;
use crate::calibrate::probability;
use crate::config::Config;
use crate::expert::Experts;
use crate::pair::{Side, Sides, Task};
use crate::prediction::{BinFigures, Predicted, Trusted};
use crate::record::Digest;
use crate::trust::{Flag, Nearest, Neighbours};
use crate::{Place, Result};

/// The name of the file that makes a folder a bundle.
pub const MODEL: &str = "model.json";

/// A trained model, ready to be used.
///
/// ```no_run
/// use std::path::Path;
///
/// use crossmamba::nn::bundle::Bundle;
/// use crossmamba::nn::device::Device;
///
/// for bundle in Bundle::read_all(Path::new("model"), &Device::Cpu)? {
///     println!("{}: {} networks", bundle.model().fold, bundle.members().len());
/// }
/// # Ok::<(), crossmamba::Error>(())
/// ```
pub struct Bundle {
    folder: PathBuf,
    model: Model,
    config: Config,
    members: Vec<Member>,
    experts: Option<Experts>,
    neighbours: Option<Neighbours>,
    digest: Digest,
}

/// One member of an ensemble.
pub struct Member {
    /// The network.
    pub network: FusionModel,
    /// The standardisation of both sides.
    pub standardisation: Sides<Standardisation>,
}

/// What a model says about one pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The mean score of the members: a logit, or an affinity in the unit of the training labels.
    pub score: f64,
    /// The score after calibration: a logit at temperature 1, or the affinity.
    pub calibrated: f64,
    /// How well training knows the pair, where the model can tell.
    pub trust: Option<Trust>,
}

/// How well the training of a model knows a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trust {
    /// The same in a word.
    pub flag: Flag,
    /// The nearest molecules of training, of sides that the model keeps.
    pub nearest: Sides<Option<Nearest>>,
    /// The number, among several bundles, of the one that knows the pair best, which is spoken of.
    pub bundle: usize,
}

impl Prediction {
    /// Takes a score before and after calibration.
    pub const fn new(score: f64, calibrated: f64) -> Self {
        Self { score, calibrated, trust: None }
    }

    /// Averages the predictions of several bundles for one pair. Of what they know of it, the best is kept: the first of the
    /// lowest flags.
    pub fn mean(all: &[Self]) -> Self {
        let count = all.len().max(1) as f64;
        Self {
            score: all.iter().map(|p| p.score).sum::<f64>() / count,
            calibrated: all.iter().map(|p| p.calibrated).sum::<f64>() / count,
            trust: all.iter().filter_map(|p| p.trust).min_by_key(|trust| trust.flag),
        }
    }

    /// Gives what a person reads: the calibrated probability of an interaction, or the affinity.
    pub fn value(&self, task: Task) -> f64 {
        match task {
            Task::Classification => self.probability(),
            Task::Affinity => self.calibrated,
        }
    }

    /// Gives what stands in a table of predictions.
    pub fn of_task(&self, task: Task) -> Predicted {
        match task {
            Task::Classification => {
                Predicted::Interaction { score: Some(self.score), probability: self.probability() }
            }
            Task::Affinity => Predicted::Affinity(self.calibrated),
        }
    }

    /// Gives the calibrated probability of an interaction.
    pub fn probability(&self) -> f64 {
        probability(self.calibrated, 1.0)
    }
}

impl Bundle {
    /// Reads one bundle, checking every file against its digest; its networks compute on the device.
    ///
    /// # Errors
    /// A folder that is no bundle, another format version, a missing, torn or changed file.
    pub fn read(folder: &Path, device: &Device) -> Result<Self> {
        read::bundle(folder, device)
    }

    /// Reads one bundle whose files are in memory, each under its name; errors call it by the name of a folder.
    ///
    /// # Errors
    /// As [`Bundle::read`].
    pub fn of_files(name: &Path, files: &[(&str, &[u8])], device: &Device) -> Result<Self> {
        read::of_files(name, files, device)
    }

    /// Reads one bundle, or every bundle of a folder that training with folds has filled.
    ///
    /// # Errors
    /// As [`Bundle::read`]; a folder without any bundle; folds that are missing, or of another training run.
    pub fn read_all(folder: &Path, device: &Device) -> Result<Vec<Self>> {
        read::bundles(folder, device)
    }

    /// Gives what the model is.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Gives the configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Gives the members of the ensemble.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Gives the experts beside the network, if there are any.
    pub fn experts(&self) -> Option<&Experts> {
        self.experts.as_ref()
    }

    /// Gives what is kept of the molecules of training, if anything is.
    pub fn neighbours(&self) -> Option<&Neighbours> {
        self.neighbours.as_ref()
    }

    /// Says how far to trust a prediction of this model, by the molecules of training; `None` where it keeps none.
    pub fn trusted(&self, trust: &Trust) -> Option<Trusted> {
        let known = self.neighbours()?;
        let measured = self.model.reliability.as_ref();
        Some(Trusted {
            flag: trust.flag,
            nearest: trust
                .nearest
                .map(|one| one.map(|one| (known.name(one.number).clone(), f64::from(one.similarity)))),
            bin: measured.and_then(|measured| measured.bin(trust.flag)).map(BinFigures::from),
        })
    }

    /// Gives the bounds within which the measured affinity lies with this certainty; `None` of an interaction.
    pub fn interval(&self, prediction: &Prediction, coverage: f64) -> Option<(f64, f64)> {
        let flag = prediction.trust.map(|trust| trust.flag);
        let width = self.model.reliability.as_ref()?.half_width(flag, coverage)?;
        Some((prediction.calibrated - width, prediction.calibrated + width))
    }

    /// Gives the digest of the bundle.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Gives the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Checks that the stores of one side hold what the model was trained on.
    ///
    /// # Errors
    /// Another number of stores, or a store of another encoder or with other settings.
    pub fn check_stores(&self, table: &TokenTable) -> Result<()> {
        let side = table.side();
        let wanted = &self.model.inputs[side].stores;
        let found: Vec<StoreInputs> = table.manifests().map(StoreInputs::of).collect();
        let place = || Place::file(&self.folder);
        if wanted.len() != found.len() {
            let problem = format!(
                "was trained on {} {} store(s), and {} are given",
                wanted.len(),
                side.name(),
                found.len()
            );
            return Err(place().error(problem, format!("give --{}-store as in training", side.name())));
        }
        for (number, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
            if !wanted.fits(found) {
                let problem = format!(
                    "was trained on {wanted} as {} store {}, and this one holds {found}",
                    side.name(),
                    number + 1
                );
                let versions =
                    if wanted.encoder == "kmer" { " (`kmer2` is version 2 of `kmer`)" } else { "" };
                let remedy = format!("embed with the encoder and settings used for training{versions}");
                return Err(place().error(problem, remedy));
            }
        }
        Ok(())
    }

    /// Gives the task.
    pub fn task(&self) -> Task {
        self.model.target.task
    }

    /// Gives what the stores of a side must be.
    pub fn inputs(&self, side: Side) -> &SideInputs {
        &self.model.inputs[side]
    }
}
