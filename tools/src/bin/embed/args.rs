//! What is typed, and what it resolves to.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use crossmamba::encoder::{DEFAULT_CAP, default_window};
use crossmamba::io::Source;
use crossmamba::lm::Family;
use crossmamba::nn::device::DeviceChoice;
use crossmamba::provenance::beside;
use crossmamba::record::Molecule;
use crossmamba::store::{Dtype, Part, TokenRule};
use crossmamba::{Error, Place, Result};
use crossmamba_tools::kit::{Common, Files, Outcome, Tool};

use crate::check::{self, CheckArgs};
use crate::export::{self, ExportArgs};
use crate::import::ImportArgs;
use crate::run;
use crate::select::rejects_beside;
use crate::settings::{NAME, Settings};
use crossmamba_tools::embedding::LanguageArgs;

const EXAMPLES: &str = "\
Examples:
  RNAs and proteins with the default features:
    crossmamba-embed --kind rna --input rna.fa --output rna.store
    crossmamba-embed --kind protein --input protein.fa --output protein.store

  Small molecules, a SMILES string, a tab and an identifier per line:
    crossmamba-embed --kind small-molecule --input molecules.smi --output molecules.store

  How large will it be? One row per residue, in half precision:
    crossmamba-embed --kind rna --input rna.fa --output r.store --tokens residue --dtype f16 \\
        --dry-run

  The sequences themselves beside the features, so that models know homologs (fuse-train):
    crossmamba-embed --kind protein --encoder sequence -i protein.fa -o protein.sequences

  One job of eight; the store holds the parts of all jobs, and every tool reads it as one:
    crossmamba-embed --kind rna --input rna.fa --output rna.store --shard 3/8

  Proteins with ESM-2, RNAs with RiNALMo, molecules with MoLFormer, from files that you have
  fetched:
    crossmamba-embed --kind protein --encoder esm2 --checkpoint esm2_t33_650M_UR50D \\
        -i protein.fa -o protein.esm2
    crossmamba-embed --kind rna --encoder rinalmo --checkpoint rinalmo_giga_pretrained.pt \\
        -i rna.fa -o rna.rinalmo
    crossmamba-embed --kind small-molecule --encoder molformer \\
        --checkpoint MoLFormer-XL-both-10pct -i molecules.smi -o molecules.molformer

  Embeddings that another program computed, one array per record, checked against the sequences:
    crossmamba-embed --kind protein --input protein.fa --output protein.prott5 --encoder import \\
        --from per-residue-embeddings.h5 --name prot_t5_xl_u50

  A store for Python: safetensors, .npz or .h5 by the suffix:
    crossmamba-embed export --store protein.store --output protein.npz

  Is this the published file, and does it give the published numbers?
    crossmamba-embed self-check --checkpoint esm2_t6_8M_UR50D

MoLFormer was trained on canonical SMILES of RDKit without stereochemistry (isomericSmiles=False).
Another spelling of the same molecule gives another embedding, and no spelling is changed here:
write the molecules that way before.

A run that was interrupted goes on when the same command is given again, and ends with the same
bytes. A second run computes only sequences that are new; a record that was only renamed is found
by its sequence.

Exit code: 0 done; 1 done, but records were left out (--partial, --long skip); 2 failed; 143 a
signal stopped the work, and what was computed is kept.";

/// Compute the embedding of each sequence and keep it in a store
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    version,
    after_long_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Args {
    #[command(flatten)]
    embed: EmbedArgs,

    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    common: Common,
}

/// What else can be done with a store or with the weights of a language model.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write a store for other programs, as one array per record
    Export(ExportArgs),
    /// Compute the numbers that the published file of a language model must give, and compare
    SelfCheck(CheckArgs),
}

/// What is typed to embed sequences.
#[derive(Debug, clap::Args)]
struct EmbedArgs {
    /// What computes the embedding
    #[arg(long, value_enum, default_value_t = EncoderName::Kmer)]
    encoder: EncoderName,

    /// What the sequences are
    #[arg(long, value_enum, required = true)]
    kind: Option<Molecule>,

    /// Normalised sequences, as crossmamba-parse writes them: FASTA, or SMILES, tab, id per line; `-` for stdin
    #[arg(long, short, value_name = "FILE", required = true)]
    input: Option<Source>,

    /// The store: a folder that is made, or completed if it is there
    #[arg(long, short, value_name = "FOLDER", required = true)]
    output: Option<PathBuf>,

    /// The rows of a molecule beside its global vector [default: window; residue for --encoder sequence]
    #[arg(long, value_enum)]
    tokens: Option<Tokens>,

    /// Residues (SMILES: tokens) of a window [default: 128 for rna, 32 for protein, 16 for small-molecule]
    #[arg(long, value_name = "N")]
    window: Option<usize>,

    /// Most windows of a molecule; longer molecules are sampled evenly, and the summary says how many; 0: no limit
    /// [default: 32]
    #[arg(long, value_name = "N")]
    max_windows: Option<usize>,

    /// Number format of the stored values
    #[arg(long, value_enum, default_value_t = Dtype::F32)]
    dtype: Dtype,

    /// Compute part I of N of the sequences, into its own part of the store
    #[arg(long, value_name = "I/N")]
    shard: Option<Part>,

    /// Where a language model computes: auto, cpu, cuda or cuda:N; all else computes on the CPU
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// Say how many rows and bytes there will be, and how long a language model will take, and stop
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    language: LanguageArgs,

    #[command(flatten)]
    import: ImportArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EncoderName {
    /// k-mer spectra of windows and of the whole; molecules: tokens, atom environments and counts
    Kmer,
    /// Version 2 of kmer, which also describes whole sequences; helps with unseen proteins
    Kmer2,
    /// Descriptors of each residue by itself
    Onehot,
    /// The sequence itself, beside another store, for transfer by homology; RNA and protein
    Sequence,
    /// ESM-2, a language model of proteins
    Esm2,
    /// RiNALMo, a language model of RNA
    Rinalmo,
    /// MoLFormer-XL, a language model of small molecules
    Molformer,
    /// Embeddings that another program computed (--from)
    Import,
}

impl EncoderName {
    fn name(self) -> &'static str {
        match self {
            Self::Kmer => "kmer",
            Self::Kmer2 => "kmer2",
            Self::Onehot => "onehot",
            Self::Sequence => "sequence",
            Self::Esm2 => Family::Esm2.name(),
            Self::Rinalmo => Family::Rinalmo.name(),
            Self::Molformer => Family::Molformer.name(),
            Self::Import => "import",
        }
    }

    fn family(self) -> Option<Family> {
        match self {
            Self::Kmer | Self::Kmer2 | Self::Onehot | Self::Sequence | Self::Import => None,
            Self::Esm2 => Some(Family::Esm2),
            Self::Rinalmo => Some(Family::Rinalmo),
            Self::Molformer => Some(Family::Molformer),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tokens {
    /// One row per window
    Window,
    /// One row per residue
    Residue,
    /// One vector for the whole molecule
    Pooled,
}

impl EmbedArgs {
    fn files(&self) -> Files {
        let files = Files::new().reads(&self.input).reads_anywhere(self.import.from());
        let files = self.language.files(files);
        match &self.output {
            // A store that is made in parts has their records inside.
            Some(output) if !self.dry_run => {
                let store = self.shard.map_or_else(|| output.clone(), |part| output.join(part.folder()));
                files.owns(output).fills([beside(&store), rejects_beside(&store)])
            }
            _ => files,
        }
    }

    fn settings(self) -> Result<Settings> {
        let language = self.language.settings(self.encoder.family())?;
        let import = self.import.settings(matches!(self.encoder, EncoderName::Import))?;
        // Required, but for a subcommand, which has no settings of this kind.
        let (Some(kind), Some(input), Some(output)) = (self.kind, self.input, self.output) else {
            let remedy = "give all three, or a subcommand";
            return Err(Error::setting("--kind, --input, --output", "one of them is missing", remedy));
        };
        if let (DeviceChoice::Cuda(_), None) = (self.device, &language) {
            let problem = format!("{} cannot be used: only language models compute on a GPU", self.device);
            return Err(Error::setting("--device", problem, "use --device cpu, or leave it out"));
        }
        if let Some(language) = &language {
            language.check_kind(kind)?;
        }
        let of_encoder = match self.encoder {
            EncoderName::Sequence => Tokens::Residue,
            _ => Tokens::Window,
        };
        let tokens = self.tokens.unwrap_or(of_encoder);
        for (name, given) in [("window", self.window), ("max-windows", self.max_windows)] {
            if given.is_some() && tokens != Tokens::Window {
                let remedy = "leave it out, or use `--tokens window`";
                return Err(Error::setting(name, "only `--tokens window` has windows", remedy));
            }
        }
        if output.as_os_str() == "-" {
            let remedy = "name a folder";
            return Err(Error::setting("output", "a store cannot be written to standard output", remedy));
        }
        if output.is_file() {
            return Err(Place::file(&output).error("is a file, not a folder", "name a folder for the store"));
        }
        let tokens = match tokens {
            Tokens::Residue => TokenRule::Residue,
            Tokens::Pooled => TokenRule::Pooled,
            Tokens::Window => {
                let size = self.window.unwrap_or(default_window(kind));
                TokenRule::Window { size, cap: self.max_windows.unwrap_or(DEFAULT_CAP) }
            }
        };
        Ok(Settings {
            encoder: self.encoder.name(),
            kind,
            input,
            output,
            tokens,
            dtype: self.dtype,
            shard: self.shard,
            language,
            import,
            device: self.device,
            dry_run: self.dry_run,
        })
    }
}

impl Tool for Args {
    const NAME: &'static str = NAME;

    fn common(&self) -> &Common {
        &self.common
    }

    fn files(&self) -> Files {
        match &self.command {
            Some(Command::Export(args)) => args.files(),
            Some(Command::SelfCheck(args)) => args.files(),
            None => self.embed.files(),
        }
    }

    fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Some(Command::Export(args)) => export::run(&args.settings()?),
            Some(Command::SelfCheck(args)) => check::run(&args.settings()),
            None => run::run(&self.embed.settings()?),
        }
    }
}
