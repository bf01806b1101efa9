//! The resolved settings of a training, checked before anything is made.

use std::path::{Path, PathBuf};

use crossmamba::config::Config;
use crossmamba::expert::ExpertChoice;
use crossmamba::io::Source;
use crossmamba::nn::device::DeviceChoice;
use crossmamba::pair::Sides;
use crossmamba::trust::Kept;
use crossmamba::{Error, Place, Result};
use crossmamba_tools::presets::Configuration;
use serde::Serialize;

use super::Args;
use super::args::Precision;

/// The settings of a run, as they are written into its outputs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Settings {
    /// The labelled pairs.
    #[serde(skip)]
    pub pairs: Source,
    /// The split.
    #[serde(skip)]
    pub splits: Option<Source>,
    /// The stores of RNAs and of partners.
    #[serde(skip)]
    pub stores: Sides<Vec<PathBuf>>,
    /// The file of the configuration, if it is in one.
    #[serde(skip)]
    pub config_file: Option<Source>,
    /// The folder to write.
    #[serde(skip)]
    pub output: PathBuf,
    /// The seed.
    pub seed: u64,
    /// Members per fold.
    pub ensemble: usize,
    /// What gives pairs their scores, if it is not the network alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experts: Option<ExpertChoice>,
    /// Whether trees read descriptors alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_transfer: bool,
    /// Of which molecules of training the model keeps sketches and identifiers.
    #[serde(skip_serializing_if = "is_usual")]
    pub neighbours: Kept,
    /// The folds to train; all when empty.
    #[serde(skip)]
    pub folds: Vec<String>,
    /// Where to compute.
    #[serde(skip)]
    pub device: DeviceChoice,
    /// In what numbers to multiply, if not in f32.
    #[serde(skip_serializing_if = "Precision::is_single")]
    pub precision: Precision,
    /// The configuration with its defaults.
    pub config: Config,
}

impl TryFrom<Args> for Settings {
    type Error = Error;

    fn try_from(args: Args) -> Result<Self> {
        let mut config = match &args.config {
            Some(given) => given.read()?,
            None => Config::default(),
        };
        if let Some(batches) = args.batches {
            config.training.batches = batches;
        }
        if args.negatives_per_positive.is_some() {
            config.training.negatives_per_positive = args.negatives_per_positive;
        }
        config.check()?;
        check_network(&args)?;
        let missing = |name: &str| Error::setting(name, "is missing", "name a file");
        let pairs = args.pairs.ok_or_else(|| missing("--pairs"))?;
        let output = args.output.ok_or_else(|| missing("--output"))?;
        if args.no_transfer && !args.experts.has_trees() {
            return Err(Error::setting(
                "--no-transfer",
                "there are no trees",
                "give --experts auto or trees",
            ));
        }
        check_output(&output, args.resume)?;
        Ok(Self {
            pairs,
            splits: args.splits,
            stores: Sides { rna: args.rna_store, partner: args.partner_store },
            config_file: args.config.as_ref().and_then(Configuration::file).cloned(),
            output,
            seed: args.seed,
            ensemble: args.ensemble as usize,
            experts: args.experts.has_others().then_some(args.experts),
            no_transfer: args.no_transfer,
            neighbours: args.neighbours.kept(args.no_transfer),
            folds: args.fold,
            device: args.device,
            precision: args.precision,
            config,
        })
    }
}

/// Refuses options of the network where none is trained.
fn check_network(args: &Args) -> Result<()> {
    let given = [
        ("--ensemble", args.ensemble > 1),
        ("--batches", args.batches.is_some()),
        ("--negatives-per-positive", args.negatives_per_positive.is_some()),
        ("--precision", !args.precision.is_single()),
        ("--device", matches!(args.device, DeviceChoice::Cuda(_))),
    ];
    match given.into_iter().find(|&(_, is_given)| is_given && !args.experts.has_relay()) {
        Some((name, _)) => {
            let remedy = "leave it out, or give --experts auto or relay";
            Err(Error::setting(name, "is for the network, and none is trained", remedy))
        }
        None => Ok(()),
    }
}

/// Refuses a folder that something else already fills, and one that cannot be made.
fn check_output(output: &Path, resume: bool) -> Result<()> {
    if output.as_os_str().is_empty() || output.as_os_str() == "-" {
        return Err(Error::setting("--output", "a model is a folder, not a stream", "name a folder"));
    }
    if output.is_file() {
        return Err(Place::file(output).error("is a file, not a folder", "choose another --output"));
    }
    let parent = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        return Err(Place::file(parent).error("is not a folder", "make it before training into it"));
    }
    if output.exists() {
        let mut entries = std::fs::read_dir(output).map_err(Error::io("read", output))?;
        if !resume && entries.next().is_some() {
            return Err(Place::file(output)
                .error("is not empty", "add --resume to go on with it, or choose another --output"));
        }
    }
    Ok(())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_usual(kept: &Kept) -> bool {
    *kept == Kept::Both
}
