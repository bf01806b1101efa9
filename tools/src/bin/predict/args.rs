//! What is typed.

use std::num::NonZero;
use std::path::PathBuf;

use crossmamba::io::{Source, TableForm};
use crossmamba::nn::bundle::Bundle;
use crossmamba::nn::device::DeviceChoice;
use crossmamba::store::Part;

use super::settings::{Chosen, rejects_beside};
use super::{Settings, list, pairing, run};
use crossmamba_tools::kit::{Common, Files, Outcome, Tool};

const EXAMPLES: &str = "\
Examples:
  Score every RNA of a file with every protein of another, from the sequences, with a model that
  travels in this program; the probability is calibrated, and the page shows all of it:
    crossmamba-predict --model rna-protein-1 --rna rna.fa --partner protein.fa \\
        --output scores.tsv --html scores.html

  Do two RNAs pair better than by chance? This model is built in; --list-models names the others:
    crossmamba-predict --model rna-rna-1 --rna mirna.fa --partner transcripts.fa.gz --top 5 \\
        --output sites.tsv --html sites.html

  The ten likeliest proteins of each RNA; the embeddings are kept, and computed once:
    crossmamba-predict --model model --rna rna.fa.gz --partner proteome.fa.gz --store embedded \\
        --top 10 --output best.tsv

  The pairs of a table, with stores that crossmamba-embed has made:
    crossmamba-predict --model model --pairs new.tsv --rna-store rna.store \\
        --partner-store protein.store --output predictions.tsv

  A model of a language model's embeddings:
    crossmamba-predict --model model --rna rna.fa --partner protein.fa \\
        --checkpoint esm2_t33_650M_UR50D --output scores.tsv

  One job of eight; the tables of all jobs join, in their order, to that of the whole (but for the
  last digit of some scores):
    crossmamba-predict --model model --pairs new.tsv --rna-store rna.store \\
        --partner-store protein.store --shard 3/8 --output predictions-3.tsv

Sequences are read as crossmamba-parse reads them (FASTA or FASTQ; for small molecules a SMILES string
and an identifier per line; plain or compressed; `-` is standard input), and embedded as the model
was trained. What cannot be used is listed with its reason in predictions.tsv.rejects.tsv, or where
--rejects says, together with pairs of which a molecule is not there.

The table has one line per pair, in the order of --pairs, or else RNA by RNA in the order of the
files: rna_id, partner_id, label (when --pairs has it), score and probability; or affinity, in the
unit of the training labels, which predictions.tsv.provenance.json names, between low and high. Then
trust: how well training knows the pair, from seen-pair to new-both, with the nearest training
molecule of either side and its similarity, and what was measured on held-out pairs that training
knew as well (bin_pairs, ...); NA where the model keeps no training molecule. With --top, the best of an RNA come
first; equal ones keep their order. The model rna-rna-1 gives a p-value (the chance that
shuffles of both RNAs with the same dinucleotides pair as well), score (its -log10), energy in
kcal/mol, and where the best duplex lies, counted from 1, drawn as brackets.

Models are found by name in the folders that CROSSMAMBA_MODELS lists, in ../share/crossmamba/models
and models beside this program, and in ~/.local/share/crossmamba/models.

Exit code: 0 done; 1 done, but records were rejected or molecules of some pairs are not there; 2
failed, and nothing was written.";

/// Score pairs of molecules with a trained model, from sequences or from embedding stores
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-predict", version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Name of a model (see --list-models), or its folder; the models of all folds in one are averaged
    #[arg(long, short, value_name = "MODEL", required_unless_present = "list_models")]
    pub(super) model: Option<PathBuf>,

    /// Print the models that can be named: name, version, licence and what each is for; and end
    #[arg(long, exclusive = true)]
    list_models: bool,

    /// Pairs: a table with the columns `rna_id` and `partner_id`; a label is copied
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub(super) pairs: Option<Source>,

    /// Score every RNA with every partner; with sequences this is what is done without --pairs
    #[arg(long)]
    pub(super) all: bool,

    /// Sequences of the RNAs: FASTA or FASTQ, plain or compressed; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "rna_store")]
    pub(super) rna: Option<Source>,

    /// Sequences of the partners: FASTA or FASTQ, or SMILES strings with identifiers, as the model takes
    #[arg(long, value_name = "FILE", conflicts_with = "partner_store")]
    pub(super) partner: Option<Source>,

    /// Keep the K highest predictions of each RNA only
    #[arg(long, value_name = "K")]
    pub(super) top: Option<NonZero<usize>>,

    /// Keep predictions of at least this probability, or affinity, or score of a model without probabilities, only
    #[arg(long, visible_alias = "min-probability", value_name = "X", allow_negative_numbers = true)]
    pub(super) threshold: Option<f64>,

    /// Give probabilities that hold where this share of the pairs is positive, in place of the share in training
    #[arg(long, value_name = "SHARE")]
    pub(super) prior: Option<f64>,

    /// Certainty with which the bounds `low` and `high` hold a measured affinity [default: 0.9]
    #[arg(long, value_name = "SHARE")]
    pub(super) coverage: Option<f64>,

    /// In place of --rna: embeddings of the RNAs, made with the encoder and settings used in training
    #[arg(long, value_name = "FOLDER", required_unless_present_any = ["rna", "list_models"])]
    pub(super) rna_store: Vec<PathBuf>,

    /// In place of --partner: embeddings of the partners, made with the encoder and settings used in training
    #[arg(long, value_name = "FOLDER", required_unless_present_any = ["partner", "list_models"])]
    pub(super) partner_store: Vec<PathBuf>,

    /// Keep the embeddings of sequences in stores inside this folder, and compute only what it lacks
    #[arg(long, value_name = "FOLDER")]
    pub(super) store: Option<PathBuf>,

    /// Published weights of a language model on whose embeddings the model was trained
    #[arg(long, value_name = "PATH")]
    pub(super) checkpoint: Vec<PathBuf>,

    /// Score part I of N of the pairs, or with --all of the RNAs, which are divided in their order
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Part>,

    /// Table to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", required_unless_present = "list_models")]
    pub(super) output: Option<PathBuf>,

    /// Form of the table
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TableForm,

    /// Also write a page: the table, to be sorted and searched, a map of all pairs, and exports of what is selected
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,

    /// Table of records and pairs that cannot be scored [default: OUTPUT.rejects.tsv]
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,

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
        let files = Files::new()
            .reads(&self.pairs)
            .reads(&self.rna)
            .reads(&self.partner)
            .reads_anywhere(self.model.iter().filter(|model| model.exists()))
            .reads_anywhere(&self.rna_store)
            .reads_anywhere(&self.partner_store)
            .reads_anywhere(&self.checkpoint)
            .fills(&self.store)
            .writes(&self.rejects)
            .writes(&self.html);
        match &self.output {
            Some(output) if self.rejects.is_none() => {
                files.writes_with_record(output).writes(rejects_beside(output))
            }
            Some(output) => files.writes_with_record(output),
            None => files,
        }
    }

    fn run(self) -> anyhow::Result<Outcome> {
        if self.list_models {
            return list::run();
        }
        let settings = Settings::new(self)?;
        match &settings.model {
            Chosen::Trained(folder) => run::run(&settings, |device| Bundle::read_all(folder, device)),
            Chosen::Shipped(model) => {
                run::run(&settings, |device| model.bundle(device).map(|bundle| vec![bundle]))
            }
            Chosen::Pairing => pairing::run(&settings),
        }
    }
}
