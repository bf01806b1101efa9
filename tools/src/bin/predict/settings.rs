//! The resolved settings of a prediction, as they are written into the output.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use crossmamba::io::{Source, TableForm, is_stream};
use crossmamba::nn::device::DeviceChoice;
use crossmamba::pair::Sides;
use crossmamba::store::Part;
use crossmamba::{Error, Result};
use crossmamba_tools::models::{Models, SHIPPED, Shipped};
use serde::{Serialize, Serializer};

use super::given::Given;
use super::{Args, pairing};

/// What gives pairs their scores.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    /// A trained model, or the folder of the models of all folds.
    Trained(PathBuf),
    /// A trained model inside the program.
    Shipped(&'static Shipped),
    /// How well two RNAs pair.
    Pairing,
}

impl Chosen {
    /// Finds what is typed: a folder, or a name.
    fn find(typed: &Path) -> Result<Self> {
        let name = typed.to_str().filter(|_| !typed.exists());
        if name == Some(pairing::NAME) {
            return Ok(Self::Pairing);
        }
        if let Some(shipped) = name.and_then(Shipped::find) {
            return Ok(Self::Shipped(shipped));
        }
        let built_in: Vec<&str> = SHIPPED.iter().map(|model| model.name).chain([pairing::NAME]).collect();
        Models::of_this_machine().find(typed, &built_in).map(Self::Trained)
    }
}

impl Chosen {
    /// Gives the name by which a reader knows it: of a folder its last part.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Trained(folder) => {
                let folder = folder.file_name().map_or(folder.as_os_str(), |name| name);
                folder.to_string_lossy().into_owned()
            }
            Self::Shipped(model) => model.name.to_owned(),
            Self::Pairing => pairing::NAME.to_owned(),
        }
    }
}

impl Serialize for Chosen {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Trained(folder) => crossmamba::provenance::file_name(folder, serializer),
            Self::Shipped(model) => serializer.serialize_str(model.name),
            Self::Pairing => serializer.serialize_str(pairing::NAME),
        }
    }
}

/// The settings of a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Settings {
    /// What gives the scores.
    pub(crate) model: Chosen,
    /// The pairs; without them, every RNA is scored with every partner.
    #[serde(skip)]
    pub pairs: Option<Source>,
    /// Whether every RNA is scored with every partner.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// How many predictions of each RNA are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<NonZero<usize>>,
    /// How high a prediction must be to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The share of positive pairs for which probabilities hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<f64>,
    /// The certainty with which an affinity lies within its bounds, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// Where RNAs and partners are.
    #[serde(skip)]
    pub given: Sides<Given>,
    /// The folder that keeps embeddings.
    #[serde(skip)]
    pub store: Option<PathBuf>,
    /// Weights of language models.
    #[serde(skip)]
    pub checkpoints: Vec<PathBuf>,
    /// The part of the pairs that is scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Part>,
    /// The form of the table.
    #[serde(skip_serializing_if = "is_usual")]
    pub form: TableForm,
    /// The table to write.
    #[serde(skip)]
    pub output: PathBuf,
    /// The table of what could not be scored.
    #[serde(skip)]
    pub rejects: Option<PathBuf>,
    /// The page to write.
    #[serde(skip)]
    pub html: Option<PathBuf>,
    /// Where to compute.
    #[serde(skip)]
    pub device: DeviceChoice,
}

impl Settings {
    /// Tells whether sequences of either side are embedded.
    pub(super) fn embeds(&self) -> bool {
        embeds(&self.given)
    }

    /// Resolves and checks what was typed.
    ///
    /// # Errors
    /// A name that no model has; a folder for embeddings, or weights, when no sequences are embedded.
    pub(super) fn new(args: Args) -> Result<Self> {
        let given =
            |sequences: Option<Source>, stores| sequences.map_or(Given::Stores(stores), Given::Sequences);
        let given =
            Sides { rna: given(args.rna, args.rna_store), partner: given(args.partner, args.partner_store) };
        let embeds = embeds(&given);
        let idle = [("--store", args.store.is_some()), ("--checkpoint", !args.checkpoint.is_empty())];
        if let Some((name, _)) = idle.into_iter().find(|(_, typed)| *typed && !embeds) {
            let problem = "no sequences are embedded";
            return Err(Error::setting(name, problem, "leave it out, or give --rna or --partner"));
        }
        if args.pairs.is_none() && !args.all && !embeds {
            let remedy = "name a table, or give `--all` to score every RNA of the stores with every partner";
            return Err(Error::setting("--pairs", "is missing", remedy));
        }
        // Required, but where the models are listed.
        let (Some(model), Some(output)) = (args.model, args.output) else {
            return Err(Error::setting("--model, --output", "one of them is missing", "give both"));
        };
        if let Some(coverage) = args.coverage.filter(|coverage| !(0.5..=0.99).contains(coverage)) {
            let problem = format!("{coverage} is not between 0.5 and 0.99");
            return Err(Error::setting("--coverage", problem, "give 0.9, for example"));
        }
        let packed = output.extension().is_some_and(|suffix| suffix == "gz" || suffix == "bgz");
        if args.format == TableForm::Parquet && packed {
            let problem = format!("{}: a Parquet file is compressed inside", output.display());
            return Err(Error::setting("--output", problem, "name it .parquet"));
        }
        let model = Chosen::find(&model)?;
        let rejects = args.rejects.or_else(|| rejects_beside(&output));
        Ok(Self {
            model,
            form: args.format,
            all: args.pairs.is_none(),
            pairs: args.pairs,
            top: args.top,
            threshold: args.threshold,
            prior: args.prior,
            coverage: args.coverage,
            given,
            store: args.store,
            checkpoints: args.checkpoint,
            shard: args.shard,
            output,
            rejects,
            html: args.html,
            device: args.device,
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_usual(form: &TableForm) -> bool {
    *form == TableForm::default()
}

fn embeds(given: &Sides<Given>) -> bool {
    [&given.rna, &given.partner].iter().any(|given| matches!(given, Given::Sequences(_)))
}

/// Names the table of what could not be scored; there is none beside standard output or a pipe.
pub(crate) fn rejects_beside(output: &Path) -> Option<PathBuf> {
    if is_stream(output) {
        return None;
    }
    let mut name = OsString::from(output);
    name.push(".rejects.tsv");
    Some(name.into())
}
