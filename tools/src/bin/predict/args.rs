//! What is typed.

use std::num::NonZero;
use std::path::PathBuf;

use crossmamba::io::Source;
use crossmamba::nn::device::DeviceChoice;
use crossmamba::store::Part;

use super::settings::rejects_beside;
use super::{Settings, run};
use crossmamba_tools::kit::{Common, Files, Outcome, Tool};

const EXAMPLES: &str = "\
Examples:
  Score new pairs; the probability is calibrated:
    crossmamba-predict --model model --pairs new.tsv --rna-store rna.store \\
        --partner-store protein.store --output predictions.tsv

  Average the models of all folds of a training run:
    crossmamba-predict --model trained --pairs new.tsv --rna-store rna.store \\
        --partner-store protein.store --output predictions.tsv

  One job of eight; the tables of all jobs join, in their order, to that of the whole (but for the
  last digit of some scores):
    crossmamba-predict --model model --pairs new.tsv --rna-store rna.store \\
        --partner-store protein.store --shard 3/8 --output predictions-3.tsv

  The ten likeliest partners of every RNA of a store, among all partners of the other:
    crossmamba-predict --model model --all --top 10 --rna-store rna.store \\
        --partner-store protein.store --output best.tsv

The table has one line per pair, in the order of --pairs, or with --all in that of the stores, RNA by
RNA: rna_id, partner_id, label (when --pairs has it), score and probability; or affinity, in the unit
of the training labels, which predictions.tsv.provenance.json names. With --top, the best of an RNA
come first; equal ones keep their order. Pairs with a molecule that the stores lack are listed in
predictions.tsv.rejects.tsv.

Exit code: 0 done; 1 done, but the stores lack molecules of some pairs; 2 failed, and nothing was
written.";

/// Score pairs with a trained model
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-predict", version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Folder of a model, or of the models of all folds, which are averaged
    #[arg(long, short, value_name = "FOLDER")]
    pub(super) model: PathBuf,

    /// Pairs: a table with the columns `rna_id` and `partner_id`; a label is copied
    #[arg(long, value_name = "FILE", required_unless_present = "all", conflicts_with = "all")]
    pub(super) pairs: Option<Source>,

    /// Score every RNA of the stores with every partner; needs no more memory for more pairs
    #[arg(long)]
    pub(super) all: bool,

    /// Keep the K highest predictions of each RNA only
    #[arg(long, value_name = "K")]
    pub(super) top: Option<NonZero<usize>>,

    /// Keep predictions of at least this probability, or affinity, only
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(super) threshold: Option<f64>,

    /// Embeddings of the RNAs, made with the encoder and settings used in training
    #[arg(long, value_name = "FOLDER", required = true)]
    pub(super) rna_store: Vec<PathBuf>,

    /// Embeddings of the partners, made with the encoder and settings used in training
    #[arg(long, value_name = "FOLDER", required = true)]
    pub(super) partner_store: Vec<PathBuf>,

    /// Score part I of N of the pairs, or with --all of the RNAs, which are divided in their order
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Part>,

    /// Table to write; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: PathBuf,

    /// Where to compute: auto, cpu, cuda or cuda:N
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    pub(super) device: DeviceChoice,

    #[command(flatten)]
    common: Common,
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-predict";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        Files::new()
            .reads(&self.pairs)
            .reads_anywhere([&self.model])
            .reads_anywhere(&self.rna_store)
            .reads_anywhere(&self.partner_store)
            .writes_with_record(&self.output)
            .writes(rejects_beside(&self.output))
    }

    fn run(self) -> anyhow::Result<Outcome> {
        run::run(&Settings::from(self))
    }
}
