//! Divides pairs into folds, or into training, validation and test parts, and audits what the parts share.

mod rule;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use crossmamba::io::Source;
use crossmamba_tools::kit::{self, Common, Files, Outcome, Tool};

/// Divide pairs into folds or hold-outs, and audit what test parts share with their training parts.
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-split", version, after_long_help = AFTER)]
struct Args {
    #[command(subcommand)]
    rule: rule::Args,

    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    common: Common,
}

/// The files of every rule.
#[derive(Debug, clap::Args)]
struct FileArgs {
    /// Normalised pairs
    #[arg(long, short, value_name = "FILE", global = true)]
    pairs: Option<Source>,

    /// The part of each pair: `rna_id`, `partner_id`, `fold` and, if there are groups, `rna_group`, `partner_group`
    #[arg(long, short, value_name = "FILE", global = true)]
    output: Option<PathBuf>,

    /// What each fold's test part shares with its training part
    #[arg(long, value_name = "FILE", global = true)]
    audit: Option<PathBuf>,

    /// Normalised RNAs, so that the audit, and `unseen`, compare their sequences and not their identifiers only
    #[arg(long, value_name = "FILE", global = true)]
    rna: Option<Source>,

    /// Normalised partners, FASTA or a SMILES list, for the same purpose
    #[arg(long, value_name = "FILE", global = true)]
    partner: Option<Source>,
}

const AFTER: &str = "\
The fold of a pair is a number from 0 (it is tested in this fold and trained on in all others), or
train, validation or test, or unused. The result depends on the pairs, their order, the rule and
the seed only.

Random folds test on pairs whose molecules were trained on in other pairs. The audit says how
many: its columns end in _in_train, and count distinct molecules of the test part, or its pairs,
that the training part holds, too.

Examples:
  Five folds at random, and what their parts share:
    crossmamba-split random --folds 5 --seed 1 --pairs pairs.tsv --output splits.tsv \\
        --audit audit.tsv

  One training, validation and test part:
    crossmamba-split holdout --test 0.2 --validation 0.1 --seed 1 --pairs pairs.tsv \\
        --output splits.tsv

  Folds whose proteins are no relatives of those trained on:
    crossmamba-split unseen --regime partner --folds 5 --partner-clusters protein.clusters.tsv \\
        --pairs pairs.tsv --output splits.tsv

  Folds that a benchmark publishes; with the sequences the audit also finds twins under other
  names:
    crossmamba-split table --table folds.tsv --column cold_rna5 --rna-group-column rna_cluster \\
        --pairs pairs.tsv --output splits.tsv --audit audit.tsv --rna rna.fa \\
        --partner protein.fa

  What somebody else's split shares:
    crossmamba-split audit --splits theirs.tsv --pairs pairs.tsv --audit audit.tsv --rna rna.fa \\
        --partner protein.fa

Exit code: 0 done; 1 done, but pairs to which the table gives two folds are unused; 2 failed, and
nothing was written.";

impl Tool for Args {
    const NAME: &'static str = "crossmamba-split";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        let named = &self.files;
        let read = named.pairs.iter().chain(self.rule.inputs().into_iter().map(|(_, source)| source));
        let written = named.output.iter().chain(&named.audit);
        let files = Files::new().reads(read.chain(&named.rna).chain(&named.partner));
        written.fold(files, Files::writes_with_record)
    }

    fn run(self) -> anyhow::Result<Outcome> {
        run::run(&run::Settings::new(self.rule, self.files)?)
    }
}

fn main() -> ExitCode {
    kit::run::<Args>()
}
