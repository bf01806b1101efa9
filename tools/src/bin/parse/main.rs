//! Normalises sequences and tables of pairs, and says of every record that it rejects why.

mod known;
mod labels;
mod merge;
mod molecules;
mod options;
mod pairs;
mod rows;
mod sequences;
mod table;

use std::process::ExitCode;

use crossmamba_tools::kit::{self, Common, Files, Outcome, Tool};

/// Normalise sequences and tables of pairs; every rejected record gets a reason, a file and a line.
#[derive(Debug, clap::Parser)]
#[command(name = "crossmamba-parse", version, after_long_help = EXAMPLES)]
struct Args {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Normalise FASTA, FASTQ or SMILES lists
    Sequences(sequences::Args),
    /// Normalise a table of pairs and check it against the sequences
    Pairs(Box<pairs::Args>),
    /// Normalise a table that holds the sequences or SMILES strings themselves: write sequences and pairs
    Table(Box<table::Args>),
}

const EXAMPLES: &str = "\
Examples:
  RNAs, with a table of what is rejected and why:
    crossmamba-parse sequences --kind rna transcripts.fa.gz --output rna.fa \\
        --rejects rna.rejects.tsv

  Small molecules, a SMILES string and an identifier per line:
    crossmamba-parse sequences --kind small-molecule ligands.smi --output molecules.smi

  Pairs of these molecules:
    crossmamba-parse pairs --pairs table.csv --rna rna.fa --partner protein.fa --rna-column RNA \\
        --partner-column Protein --label-column interaction --output pairs.tsv

  A table that holds the sequences themselves:
    crossmamba-parse table --table set.csv --partner-kind protein --rna-sequence-column rna_seq \\
        --partner-sequence-column protein_seq --rna-output rna.fa --partner-output protein.fa \\
        --output pairs.tsv

Exit code: 0 done; 1 done, but records were rejected; 2 failed or nothing was left, and nothing
was written. The help of each command says more.";

impl Tool for Args {
    const NAME: &'static str = "crossmamba-parse";

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        match &self.command {
            Command::Sequences(args) => args.files(),
            Command::Pairs(args) => args.files(),
            Command::Table(args) => args.files(),
        }
    }

    fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Sequences(args) => sequences::run(&args.settings()?),
            Command::Pairs(args) => pairs::run(&args.settings()?),
            Command::Table(args) => table::run(&args.settings()?),
        }
    }
}

fn main() -> ExitCode {
    kit::run::<Args>()
}
