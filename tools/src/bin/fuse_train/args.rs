//! What is typed.

use std::num::NonZero;
use std::path::PathBuf;

use crossmamba::config::{Batches, Config};
use crossmamba::expert::ExpertChoice;
use crossmamba::io::Source;
use crossmamba::nn::device::DeviceChoice;
use crossmamba::trust::Kept;
use serde::Serialize;

use super::{Settings, ablate, run};
use crossmamba_tools::kit::{Common, Files, Outcome, Tool, print};
use crossmamba_tools::presets::{Configuration, PRESETS};

const EXAMPLES: &str = "\
Examples:
  Five folds, three members each; out-of-fold predictions in trained/predictions.tsv:
    crossmamba-fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store \\
        --partner-store protein.store --ensemble 3 --output trained

  One model of all pairs, for predicting new ones:
    crossmamba-fuse-train --pairs pairs.tsv --rna-store rna.store --partner-store protein.store \\
        --output model

  Language-model embeddings beside the built-in features, and own settings:
    crossmamba-fuse-train --print-config > config.yaml
    crossmamba-fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store \\
        --partner-store protein.store --partner-store protein.esm2 --config config.yaml \\
        --output trained

  Between RNAs, with the nucleotides of both sides (crossmamba-embed --encoder onehot --tokens
  residue), so that the model sees how the two pair:
    crossmamba-fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store \\
        --rna-store rna.nt --partner-store rna2.store --partner-store rna2.nt --output trained

  Boosted trees beside the network, and the choice between them by inner folds drawn like the split;
  predictions of each expert in trained/predictions.relay.tsv, trained/predictions.trees.tsv, ...:
    crossmamba-fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store \\
        --partner-store protein.store --experts auto --output trained

  With the sequences beside the features (crossmamba-embed --encoder sequence), experts know what
  homologs do, the best guide to molecules that training has not seen; the model then holds the
  sequences of its training:
    crossmamba-fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store \
        --rna-store rna.sequences --partner-store protein.store \
        --partner-store protein.sequences --experts auto --output trained

  What each part of the paper's model is worth: every row with three seeds, and paired intervals of
  what it loses, in ablation/ablation.tsv; --resume goes on:
    crossmamba-fuse-train --print-ablation > paper.tsv
    crossmamba-fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store \
        --partner-store protein.store --ablate paper.tsv --seeds 3 --output ablation

  Go on after an interruption, bit for bit as if there had been none:
    crossmamba-fuse-train … --output trained --resume

  A screen of few RNAs and many molecules, nearly all of them without effect; --list-presets says
  which other settings of common cases there are:
    crossmamba-fuse-train --pairs hits.tsv --splits splits.tsv --rna-store rna.store \\
        --partner-store molecules.store --config preset:screening-hits --output trained

  One fold per cluster job; the last one to end writes predictions.tsv:
    crossmamba-fuse-train … --output trained --resume --fold fold-3

The folder then holds fold-0, fold-1, … (with a hold-out or no split it is itself the bundle):
model.json, config.yaml, weights-N.safetensors and training.tsv each; and predictions.tsv, the
predictions of pairs by models that have not seen them, with how far to trust each, as crossmamba-predict
writes it. With --experts trees or auto there are also
trees.json and transfer.safetensors, which holds the training molecules' features and the training
labels as numbers (not with --no-transfer). neighbours.safetensors holds identifiers and sketches of
the training molecules, but no label; --neighbours leave-out leaves it away.

Exit code: 0 done; 2 failed; 143 a signal stopped the work, and --resume goes on from there.";

/// What a model keeps of its training molecules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum KeepNeighbours {
    /// Keep them, but with --no-transfer
    #[default]
    Auto,
    /// Keep them
    Keep,
    /// Keep those of the RNAs alone, where the partners are many: every partner counts as new
    Rnas,
    /// Leave them out
    LeaveOut,
}

impl KeepNeighbours {
    pub(super) fn kept(self, no_transfer: bool) -> Kept {
        match self {
            Self::Auto if no_transfer => Kept::Nothing,
            Self::Auto | Self::Keep => Kept::Both,
            Self::Rnas => Kept::Rnas,
            Self::LeaveOut => Kept::Nothing,
        }
    }
}

/// In what numbers a training multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(super) enum Precision {
    /// Single precision
    #[default]
    F32,
    /// On a GPU only, where tensor cores multiply such numbers; about 3 digits
    Bf16,
}

impl Precision {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(super) fn is_single(&self) -> bool {
        *self == Self::F32
    }
}

/// Train the fusion model on embeddings and labelled pairs
#[allow(clippy::struct_excessive_bools)] // Each is a flag that is given or not.
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-fuse-train", version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Labelled pairs: a table with the columns `rna_id`, `partner_id` and label (0 and 1, or a number such as pKd)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["print_config", "print_schema", "list_presets", "print_ablation"])]
    pub(super) pairs: Option<Source>,

    /// Folds or parts of the pairs, from crossmamba-split; without it all pairs are trained on
    #[arg(long, value_name = "FILE")]
    pub(super) splits: Option<Source>,

    /// Embeddings of the RNAs; several are joined column by column
    #[arg(long, value_name = "FOLDER", required_unless_present_any = ["print_config", "print_schema", "list_presets", "print_ablation"])]
    pub(super) rna_store: Vec<PathBuf>,

    /// Embeddings of the partners; several are joined column by column
    #[arg(long, value_name = "FOLDER", required_unless_present_any = ["print_config", "print_schema", "list_presets", "print_ablation"])]
    pub(super) partner_store: Vec<PathBuf>,

    /// Settings of the model and its training, in a file or as `preset:NAME`; what is left out keeps its default
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<Configuration>,

    /// Which pairs make a step, whatever the configuration says
    #[arg(long, value_name = "HOW")]
    pub(super) batches: Option<Batches>,

    /// Draw at most K negative pairs per positive one for each epoch, weighted so that the loss stays the same on average
    #[arg(long, value_name = "K")]
    pub(super) negatives_per_positive: Option<NonZero<usize>>,

    /// Seed of all random choices
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Models per fold, from different initial weights, whose scores are averaged
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(super) ensemble: u64,

    /// What gives pairs their scores
    #[arg(long, value_enum, value_name = "WHICH", default_value_t)]
    pub(super) experts: ExpertChoice,

    /// Let trees read descriptors alone, and make no Gaussian process: then the model holds no training molecule and tells no
    /// training label
    #[arg(long)]
    pub(super) no_transfer: bool,

    /// Whether the model keeps identifiers and sketches of its training molecules (no sequence and no label), by which
    /// predictions say how well training knows theirs
    #[arg(long, value_enum, value_name = "WHETHER", default_value_t)]
    pub(super) neighbours: KeepNeighbours,

    /// Folder to write
    #[arg(
        long,
        short,
        value_name = "FOLDER",
        required_unless_present_any = ["print_config", "print_schema", "list_presets", "print_ablation"]
    )]
    pub(super) output: Option<PathBuf>,

    /// Train this fold only (fold-0, fold-1, …); may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) fold: Vec<String>,

    /// Train every row of a table of settings with several seeds, and compare them: the columns are `name`, `against` (the row to
    /// compare with; default: the first) and keys of the configuration
    #[arg(long, value_name = "FILE", requires = "splits", conflicts_with = "fold")]
    pub(super) ablate: Option<Source>,

    /// Seeds with which each row of --ablate is trained, from --seed on
    #[arg(long, value_name = "N", default_value_t = 3, requires = "ablate", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(super) seeds: u64,

    /// Go on where an earlier run into the same folder stopped; finished folds are kept
    #[arg(long)]
    pub(super) resume: bool,

    /// Where to compute: auto, cpu, cuda or cuda:N
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    pub(super) device: DeviceChoice,

    /// In what numbers to multiply while training on a GPU; weights are f32
    #[arg(long, value_enum, value_name = "NUMBERS", default_value_t)]
    pub(super) precision: Precision,

    /// Print the configuration with all defaults, each key explained, and end
    #[arg(long, exclusive = true)]
    pub(super) print_config: bool,

    /// Print the JSON schema of the configuration and end
    #[arg(long, exclusive = true)]
    pub(super) print_schema: bool,

    /// Print the presets, each with a sentence on when to use it, and end
    #[arg(long, exclusive = true)]
    pub(super) list_presets: bool,

    /// Print a table for --ablate that takes the parts of the paper's model away one by one, and end
    #[arg(long, exclusive = true)]
    pub(super) print_ablation: bool,

    #[command(flatten)]
    common: Common,
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-fuse-train";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        let config = self.config.iter().filter_map(Configuration::file);
        let read = self.pairs.iter().chain(&self.splits).chain(config).chain(&self.ablate);
        let files =
            Files::new().reads(read).reads_anywhere(&self.rna_store).reads_anywhere(&self.partner_store);
        self.output.iter().fold(files, Files::owns)
    }

    fn run(self) -> anyhow::Result<Outcome> {
        if self.print_config {
            print(&Config::default().to_documented_yaml()?)?;
            return Ok(Outcome::done());
        }
        if self.print_schema {
            print(&Config::schema()?)?;
            return Ok(Outcome::done());
        }
        if self.list_presets {
            let lines: Vec<String> =
                PRESETS.iter().map(|preset| format!("{}\t{}\n", preset.name, preset.when())).collect();
            print(&format!("name\twhen\n{}", lines.concat()))?;
            return Ok(Outcome::done());
        }
        if self.print_ablation {
            print(ablate::PAPER)?;
            return Ok(Outcome::done());
        }
        let (table, seeds) = (self.ablate.clone(), self.seeds);
        let settings = Settings::try_from(self)?;
        match table {
            Some(table) => ablate::run(&table, seeds, &settings),
            None => run::run(&settings),
        }
    }
}
