//! `crossmamba-evaluate`: metrics with intervals, the baselines that a claim must beat, figures and a report.

mod baselines;
mod molecules;
mod outputs;
mod regimes;
mod subject;
mod training;

use std::path::PathBuf;
use std::process::ExitCode;

use crossmamba::baseline::Baseline;
use crossmamba::identity::Shares;
use crossmamba::io::{Source, rounded};
use crossmamba::metrics::Resample;
use crossmamba::pair::Sides;
use crossmamba::prediction::Predictions;
use crossmamba::provenance::Provenance;
use crossmamba::report::{self, Contender, Estimate, Evaluation, Regime, Resampling, Seeds, Trials};
use crossmamba::{Error, Place};
use serde::Serialize;

use self::molecules::Molecules;
use self::subject::Subject;
use self::training::Training;
use crossmamba_tools::kit::{self, Common, Files, Outcome, Tool};

const EXAMPLES: &str = "\
Examples:
  Out-of-fold predictions, which carry labels and folds:
    crossmamba-evaluate --predictions model/predictions.tsv --output report

  With baselines that also tell molecules apart by sequence:
    crossmamba-evaluate --predictions model/predictions.tsv --pairs pairs.tsv \\
        --splits splits.tsv --rna rna.fa --partner protein.fa --output report

  Two models on the same pairs; differences are taken from the first:
    crossmamba-evaluate --predictions a.tsv b.tsv --name relay forest --splits splits.tsv \\
        --output report

  Three seeds of one model beside another: files of one name are one model, whose figures are those
  of the mean of their predictions; seeds.tsv has where the single ones lie:
    crossmamba-evaluate --predictions 1.tsv 2.tsv 3.tsv forest.tsv \\
        --name relay relay relay forest --output report

  What a training has left: its predictions, of each expert where there are several, its learning
  curves and its card:
    crossmamba-evaluate --trained model --pairs pairs.tsv --splits splits.tsv --output report

The folder then holds report.html (one page with everything), metrics.tsv, metrics.json,
differences.tsv, the curves as tables and each figure as SVG and PNG. Where pairs are not all known
equally well from training (by the column `trust` of the predictions, or else by which molecules stand
in training pairs), regimes.tsv has the figures of each kind.

Exit code: 0 done; 2 failed.";

/// Measure predictions beside the baselines that any claim must beat
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-evaluate", version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Predictions to measure: `rna_id partner_id [label] [fold]` and `probability` (or `score`, a logit) or `affinity`
    /// [default: those in the folder of --trained]
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "trained")]
    predictions: Vec<Source>,

    /// A name for each file of predictions; files of one name are seeds of one model [default: crossmamba, then
    /// crossmamba-2, …; of a training with several experts `chosen`, then the names of the experts]
    #[arg(long, value_name = "NAME", num_args = 1.., requires = "predictions")]
    name: Vec<String>,

    /// All labelled pairs, training pairs included [default: the pairs and labels of the predictions]
    #[arg(long, value_name = "FILE")]
    pairs: Option<Source>,

    /// The split that the predictions were made under [default: the column `fold` of the predictions]
    #[arg(long, value_name = "FILE")]
    splits: Option<Source>,

    /// The folder that training wrote: its learning curves and its card go into the report, and its predictions where no
    /// others are named
    #[arg(long, value_name = "FOLDER")]
    trained: Option<PathBuf>,

    /// The RNAs, for baselines that tell molecules apart by sequence
    #[arg(long, value_name = "FILE", requires = "partner")]
    rna: Option<Source>,

    /// The partners: FASTA (protein or RNA) or a SMILES list
    #[arg(long, value_name = "FILE", requires = "rna")]
    partner: Option<Source>,

    /// Also grow a random forest on 3-mers and conjoint triads under the same split (needs the sequences)
    #[arg(long, requires = "rna")]
    forest: bool,

    /// Folder to write; it is created if it is not there
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,

    /// Bootstrap resamples behind each interval; 0 gives none
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,

    /// What the resamples draw
    #[arg(long, value_enum, default_value_t)]
    resample: Resample,

    /// Seed of the resamples
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Title of the report
    #[arg(long, value_name = "TEXT", default_value = "How good are the predictions?")]
    title: String,

    /// Unit of an affinity, shown on the axes [default: that of the predictions]
    #[arg(long, value_name = "TEXT")]
    unit: Option<String>,

    #[command(flatten)]
    common: Common,
}

/// What is run: resolved, validated, written into the outputs.
#[derive(Debug, Serialize)]
struct Settings {
    names: Vec<String>,
    bootstrap: usize,
    resample: Resample,
    seed: u64,
    title: String,
    /// Resolved when the predictions are read.
    unit: Option<String>,
    forest: bool,
    #[serde(skip)]
    predictions: Vec<Source>,
    #[serde(skip)]
    pairs: Option<Source>,
    #[serde(skip)]
    splits: Option<Source>,
    #[serde(skip)]
    trained: Option<PathBuf>,
    #[serde(skip)]
    sequences: Option<Sides<Source>>,
    #[serde(skip)]
    output: PathBuf,
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-evaluate";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        let read = self.predictions.iter().chain(&self.pairs).chain(&self.splits);
        Files::new()
            .reads(read.chain(&self.rna).chain(&self.partner))
            .fills(outputs::NAMES.map(|name| self.output.join(name)))
    }

    fn run(self) -> anyhow::Result<Outcome> {
        run(self.settings()?)
    }
}

impl Args {
    fn settings(self) -> crossmamba::Result<Settings> {
        let (names, predictions): (Vec<String>, Vec<Source>) = match &self.trained {
            Some(folder) if self.predictions.is_empty() => training::predictions(folder)?.into_iter().unzip(),
            _ if self.name.is_empty() => (1..)
                .map(|n| if n == 1 { "crossmamba".to_owned() } else { format!("crossmamba-{n}") })
                .zip(self.predictions)
                .unzip(),
            _ => (self.name, self.predictions),
        };
        let wrong = |problem: String, remedy: &str| Err(Error::setting("--name", problem, remedy));
        if names.len() != predictions.len() {
            let problem = format!("{} names for {} files of predictions", names.len(), predictions.len());
            return wrong(problem, "give one name for each file");
        }
        for name in &names {
            if name.is_empty() || name.chars().any(char::is_control) {
                return wrong(
                    format!("the name `{}` cannot stand in a table", name.escape_debug()),
                    "choose another",
                );
            }
            if Baseline::named(name).is_some() {
                return wrong(format!("the name `{name}` is that of a baseline"), "choose another");
            }
        }
        let inputs = predictions.iter().chain(&self.pairs).chain(&self.splits);
        let inputs = inputs.chain(&self.rna).chain(&self.partner);
        if inputs.filter(|path| path.as_os_str() == "-").count() > 1 {
            let remedy = "name all inputs but one as files";
            return Err(Error::setting("-", "standard input is named for more than one input", remedy));
        }
        if self.output.exists() && !self.output.is_dir() {
            let problem = "is a file, not a folder";
            return Err(Place::file(&self.output).error(problem, "name a folder for the report"));
        }
        Ok(Settings {
            names,
            bootstrap: self.bootstrap,
            resample: self.resample,
            seed: self.seed,
            title: self.title,
            unit: self.unit,
            forest: self.forest,
            predictions,
            pairs: self.pairs,
            splits: self.splits,
            trained: self.trained,
            sequences: self.rna.zip(self.partner).map(|(rna, partner)| Sides::new(rna, partner)),
            output: self.output,
        })
    }
}

fn run(mut settings: Settings) -> anyhow::Result<Outcome> {
    let mut predictions = Vec::new();
    for path in &settings.predictions {
        predictions.push(Predictions::read(path)?);
    }
    let named = predictions.iter().find_map(|one| Some((one, one.unit.clone()?)));
    if let Some((first, unit)) = named {
        if let Some(other) =
            predictions.iter().find(|one| one.unit.as_ref().is_some_and(|other| *other != unit))
        {
            let problem = format!("is not in the unit of {}, {unit}", first.path().display());
            return Err(Place::file(other.path()).error(problem, "compare predictions in one unit").into());
        }
        settings.unit.get_or_insert(unit);
    }
    let settings = &settings;
    let subject = Subject::join(&predictions, settings.pairs.as_ref(), settings.splits.as_ref())?;
    let molecules = Molecules::of(&subject, settings.sequences.as_ref(), settings.forest)?;
    let training = settings.trained.as_deref().map(Training::read).transpose()?.unwrap_or_default();
    let provenance = provenance(settings, &training)?;
    outputs::prepare(&settings.output)?;

    let models = models(&settings.names, &subject.values);
    let test = molecules.test(&subject);
    let seeds =
        models.iter().filter(|model| model.values.len() > 1).map(|model| model.seeds(&test)).collect();
    let mut contenders: Vec<Contender> =
        models.iter().map(|model| contender(model, &settings.names, &subject)).collect();
    contenders.extend(baselines::baselines(&molecules, &subject));
    let draws = Resampling { seed: settings.seed, resamples: settings.bootstrap, by: settings.resample };
    let flags = regimes::flags(&predictions[0], &molecules, &subject);
    let regimes = report::regimes(&test, &contenders, &flags, draws);
    let evaluation = Evaluation::measure(test, contenders, draws);
    let familiarity = molecules.familiarity(&subject);
    let measured = Measured { evaluation, regimes, seeds, familiarity, training };
    let files = outputs::write(settings, &subject, &measured, &provenance)?;
    Ok(outcome(settings, &measured.evaluation).outputs(files))
}

/// Everything that a report shows.
struct Measured {
    evaluation: Evaluation,
    regimes: Vec<Regime>,
    seeds: Vec<Seeds>,
    familiarity: [Option<Shares>; 2],
    training: Training,
}

/// Takes the mean of a model's seeds, with the bounds of its file where it has but one: bounds of a mean are not the mean of
/// bounds.
fn contender(model: &Trials, names: &[String], subject: &Subject) -> Contender {
    let at = names.iter().position(|name| *name == model.name).filter(|_| model.values.len() == 1);
    let bounds = at.and_then(|at| subject.bounds[at].clone());
    Contender { bounds, ..Contender::model(model.name.clone(), model.mean()) }
}

/// Puts the files of one name together, in the order of the names.
fn models(names: &[String], values: &[Vec<f64>]) -> Vec<Trials> {
    let mut models: Vec<Trials> = Vec::new();
    for (name, values) in names.iter().zip(values) {
        match models.iter_mut().find(|model| model.name == *name) {
            Some(model) => model.values.push(values.clone()),
            None => models.push(Trials { name: name.clone(), values: vec![values.clone()] }),
        }
    }
    models
}

fn provenance(settings: &Settings, training: &Training) -> crossmamba::Result<Provenance> {
    let mut record = Provenance::new(Args::NAME, settings);
    for (at, (name, path)) in settings.names.iter().zip(&settings.predictions).enumerate() {
        let seed = settings.names[..at].iter().filter(|other| *other == name).count() + 1;
        let role = match settings.names.iter().filter(|other| *other == name).count() {
            _ if settings.names.len() == 1 => "predictions".to_owned(),
            1 => format!("predictions of {name}"),
            _ => format!("predictions of {name}, seed {seed}"),
        };
        record.input(&role, path)?;
    }
    let mut add =
        |role: &str, source: Option<&Source>| source.map_or(Ok(()), |source| record.input(role, source));
    add("pairs", settings.pairs.as_ref())?;
    add("splits", settings.splits.as_ref())?;
    if let Some(Sides { rna, partner }) = &settings.sequences {
        add("rna", Some(rna))?;
        add("partner", Some(partner))?;
    }
    for (role, path) in &training.files {
        record.input(role, path.as_path())?;
    }
    record.seed(settings.seed);
    Ok(record)
}

/// Prints each contender's main figures and hands the model's to the run's summary.
fn outcome(settings: &Settings, evaluation: &Evaluation) -> Outcome {
    let shown = |estimate: Estimate| match estimate.interval {
        Some(i) => format!("{:.3} [{:.3}, {:.3}]", estimate.value, i.low, i.high),
        None if estimate.value.is_nan() => "NA".to_owned(),
        None => format!("{:.3}", estimate.value),
    };
    for (c, contender) in evaluation.contenders.iter().enumerate() {
        let figures = evaluation
            .main_metrics()
            .map(|metric| format!("{} {}", metric.name(), shown(evaluation.pooled(c, metric))));
        tracing::info!("{}: {}", contender.name, figures.join(", "));
    }
    tracing::info!("report: {}", settings.output.join("report.html").display());
    let mut outcome = Outcome::done().figure("pairs", evaluation.truth.len());
    for &metric in evaluation.metrics {
        let value = evaluation.pooled(0, metric).value;
        if value.is_finite() {
            outcome = outcome.figure(metric.name(), rounded(value));
        }
    }
    outcome
}

fn main() -> ExitCode {
    kit::run::<Args>()
}
