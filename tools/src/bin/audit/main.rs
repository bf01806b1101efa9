//! Says what a set of pairs and its split give away, and what anyone's predictions are left with.

mod inputs;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crossmamba::audit::{Audit, Subject, Thresholds, audit, audit_page};
use crossmamba::io::{AtomicFile, Source, to_json};
use crossmamba::metrics::Resample;
use crossmamba::pair::PairTable;
use crossmamba::provenance::Provenance;
use crossmamba::report::Resampling;
use crossmamba::{Error, Place, Result};
use crossmamba_tools::clusters::ClusterFiles;
use crossmamba_tools::kit::{self, Common, Files, Outcome, Tool};
use serde::Serialize;

use self::inputs::Scores;

/// What the folder holds; `MultiQC` finds the last.
const NAMES: [&str; 5] = ["audit.html", "audit.tsv", "audit.json", "provenance.json", "audit_mqc.json"];

const EXAMPLES: &str = "\
It needs no model of ours: any pairs, any split, and anyone's scores, in a table with a column for
each. Without --splits the folds of the predictions count, or else five random folds are made.

Examples:
  What a benchmark gives away under random folds:
    crossmamba-audit --pairs pairs.tsv --rna rna.fa --partner protein.fa --output audit

  Somebody's scores under somebody's split, with the families of both sides:
    crossmamba-audit --pairs pairs.tsv --rna rna.fa --partner protein.fa --splits splits.tsv \\
        --rna-clusters rna.clusters.tsv --partner-clusters protein.clusters.tsv \\
        --predictions theirs.csv --score-column y_pred --output audit

The folder then holds audit.html (one page, the verdict first), audit.tsv (name, value, low, high),
audit.json and audit_mqc.json.

Exit code: 0 done; 2 failed.";

/// Tell what a set of pairs, its split and anyone's predictions owe to leaks
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-audit", version, after_long_help = EXAMPLES)]
struct Args {
    /// Normalised pairs with their labels
    #[arg(long, short, value_name = "FILE")]
    pairs: Source,

    /// Normalised RNAs, to compare sequences and not identifiers only
    #[arg(long, value_name = "FILE", requires = "partner")]
    rna: Option<Source>,

    /// Normalised partners: FASTA (protein or RNA) or a SMILES list
    #[arg(long, value_name = "FILE", requires = "rna")]
    partner: Option<Source>,

    /// The split [default: the folds of the predictions, or five random folds]
    #[arg(long, value_name = "FILE")]
    splits: Option<Source>,

    #[command(flatten)]
    clusters: ClusterFiles,

    /// Anyone's predictions: a table of pairs with a score; tabs, commas or semicolons
    #[arg(long, value_name = "FILE")]
    predictions: Option<Source>,

    /// Column of the scores [default: probability, score, prediction, affinity, …]
    #[arg(long, value_name = "NAME", requires = "predictions")]
    score_column: Option<String>,

    /// Column of RNA identifiers in the predictions [default: `rna_id`, …]
    #[arg(long, value_name = "NAME", requires = "predictions")]
    rna_column: Option<String>,

    /// Column of partner identifiers in the predictions [default: `partner_id`, …]
    #[arg(long, value_name = "NAME", requires = "predictions")]
    partner_column: Option<String>,

    /// Score from which on a pair counts as predicted positive [default: 0.5, or 0 where scores leave 0 to 1]
    #[arg(long, value_name = "SCORE", requires = "predictions", allow_negative_numbers = true)]
    cut: Option<f64>,

    /// Name of the predictions in the report
    #[arg(long, value_name = "NAME", default_value = "predictions")]
    name: String,

    /// Identity from which on two sequences, and Tanimoto coefficient from which on two small molecules, are near-identical
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    near: f64,

    /// Folder to write; it is created if it is not there
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,

    /// Bootstrap resamples behind each interval; 0 gives none
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,

    /// What the resamples draw
    #[arg(long, value_enum, default_value_t)]
    resample: Resample,

    /// Seed of the resamples, and of the random folds where no split is given
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Title of the page
    #[arg(long, value_name = "TEXT", default_value = "What do these pairs give away?")]
    title: String,

    #[command(flatten)]
    common: Common,
}

/// What was asked for; written into the outputs.
#[derive(Debug, Serialize)]
struct Settings<'a> {
    score_column: Option<&'a str>,
    cut: Option<f64>,
    name: &'a str,
    near: f64,
    bootstrap: usize,
    resample: Resample,
    seed: u64,
    title: &'a str,
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-audit";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        Files::new()
            .reads(self.inputs().into_iter().map(|(_, source)| source))
            .fills(NAMES.map(|name| self.output.join(name)))
    }

    fn run(self) -> anyhow::Result<Outcome> {
        run(&self)
    }
}

impl Args {
    fn settings(&self) -> Settings<'_> {
        Settings {
            score_column: self.score_column.as_deref(),
            cut: self.cut,
            name: &self.name,
            near: self.near,
            bootstrap: self.bootstrap,
            resample: self.resample,
            seed: self.seed,
            title: &self.title,
        }
    }

    fn inputs(&self) -> Vec<(&'static str, &Source)> {
        let mut inputs = vec![("pairs", &self.pairs)];
        inputs.extend(self.rna.iter().map(|source| ("rna", source)));
        inputs.extend(self.partner.iter().map(|source| ("partner", source)));
        inputs.extend(self.splits.iter().map(|source| ("splits", source)));
        inputs.extend(self.clusters.inputs());
        inputs.extend(self.predictions.iter().map(|source| ("predictions", source)));
        inputs
    }
}

fn run(args: &Args) -> anyhow::Result<Outcome> {
    if !(0.3..=1.0).contains(&args.near) {
        let problem = format!("{} is not between 0.3 and 1", args.near);
        return Err(Error::setting("--near", problem, "use 0.9, for example").into());
    }
    if args.output.exists() && !args.output.is_dir() {
        let problem = "is a file, not a folder";
        return Err(Place::file(&args.output).error(problem, "name a folder for the audit").into());
    }
    let pairs = PairTable::read(&args.pairs)?;
    pairs.require_labels()?;
    let described = args
        .rna
        .as_ref()
        .zip(args.partner.as_ref())
        .map(|(rna, partner)| inputs::described(rna, partner, Thresholds { near: args.near }))
        .transpose()?;
    let scores = args.predictions.as_ref().map(|source| Scores::read(source, args, &pairs)).transpose()?;
    let (split, how) = inputs::split(args, &pairs, scores.as_ref())?;
    tracing::info!("the split: {how}");
    let clusters = args.clusters.read()?;
    let given = clusters.rna.is_some() || clusters.partner.is_some();
    let subject = Subject::new(&pairs, &split, described.as_ref(), given.then_some(&clusters))?;
    let values = scores.map(|scores| scores.of_tests(subject.test(), args, &pairs)).transpose()?;
    let draws = Resampling { seed: args.seed, resamples: args.bootstrap, by: args.resample };
    let found = audit(&subject, values.as_deref().map(|values| (args.name.as_str(), values)), draws)?;

    let settings = args.settings();
    let mut provenance = Provenance::new(Args::NAME, &settings);
    for (role, source) in args.inputs() {
        provenance.input(role, source)?;
    }
    provenance.seed(args.seed);
    write(args, &found, &provenance)?;
    for remark in &found.verdict {
        tracing::info!("{}", remark.text);
    }
    tracing::info!("page: {}", args.output.join("audit.html").display());
    let mut outcome = Outcome::done().figure("pairs", pairs.pairs.len());
    for name in SUMMARY {
        if let Some(value) = found.value(name) {
            outcome = outcome.figure(name, crossmamba::io::rounded(value));
        }
    }
    Ok(outcome)
}

/// The figures that stand in a run's summary.
const SUMMARY: [&str; 8] = [
    "test_pairs_both_id_known",
    "test_pairs_pair_sequence_known",
    "negatives_contradicted",
    "ceiling_mcc",
    "id_rule_mcc",
    "counts_by_id_mcc",
    "predictions_mcc",
    "predictions_auroc_in_rna",
];

fn write(args: &Args, found: &Audit, provenance: &Provenance) -> Result<()> {
    let folder: &Path = &args.output;
    std::fs::create_dir_all(folder).map_err(Error::io("write", folder))?;
    let record = to_json(folder.join("provenance.json"), provenance)?;
    let value: serde_json::Value = serde_json::from_str(&record)
        .map_err(|error| Error::defect("writing the audit", error.to_string()))?;
    let page = audit_page(&args.title, found, &record);
    let json = to_json(folder.join("audit.json"), &found.json(&value))?;
    let summary = to_json(folder.join("audit_mqc.json"), &inputs::multiqc(args, found))?;
    let texts = [page, found.table(), json, record, summary];
    let mut files = Vec::new();
    for (name, text) in NAMES.into_iter().zip(texts) {
        let mut file = AtomicFile::create(folder.join(name))?;
        file.write_all(text.as_bytes()).map_err(Error::io("write", file.path()))?;
        files.push(file);
    }
    AtomicFile::commit_all(files)
}

fn main() -> ExitCode {
    kit::run::<Args>()
}
