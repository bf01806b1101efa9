//! What is typed, and what it resolves to.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use crossmamba::encoder::{DEFAULT_CAP, default_window};
use crossmamba::provenance::file_name;
use crossmamba::record::Molecule;
use crossmamba::store::{Dtype, Part, TokenRule};
use crossmamba::{Error, Place, Result};
use crossmamba_tools::kit::{Common, Outcome, Tool};
use serde::Serialize;

use crate::export::ExportArgs;
use crate::import::{Foreign, ImportArgs};

const EXAMPLES: &str = "\
Examples:
  RNAs and proteins with the default features:
    crossmamba-embed --kind rna --input rna.fa --output rna.store
    crossmamba-embed --kind protein --input protein.fa --output protein.store

  Small molecules, a SMILES string, a tab and an identifier per line:
    crossmamba-embed --kind small-molecule --input molecules.smi --output molecules.store

  How large will it be? One row per residue, in half precision:
    crossmamba-embed --kind rna --input rna.fa --output r.store --tokens residue --dtype f16 --dry-run

  One job of eight; the store holds the parts of all jobs, and every tool reads it as one:
    crossmamba-embed --kind rna --input rna.fa --output rna.store --shard 3/8

  Embeddings that another program computed, one array per record, checked against the sequences:
    crossmamba-embed --kind protein --input protein.fa --output protein.prott5 \
        --encoder import --from per-residue-embeddings.h5 --name prot_t5_xl_u50

  A store for Python: safetensors, .npz or .h5 by the suffix:
    crossmamba-embed --export protein.npz --store protein.store

A run that was interrupted goes on when the same command is given again, and ends with the same bytes. A second run
computes only sequences that are new; a record that was only renamed is found by its sequence.

Exit status: 0 done, 1 finished but records were left out (--partial), 2 failed.";

/// Compute the embedding of each sequence and keep it in a store
#[derive(Debug, Parser)]
#[command(name = "crossmamba-embed", version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// What computes the embedding
    #[arg(long, value_enum, default_value_t = EncoderName::Kmer)]
    encoder: EncoderName,

    /// What the sequences are
    #[arg(long, value_enum, required_unless_present = "export")]
    kind: Option<Kind>,

    /// Normalised sequences, as crossmamba-parse writes them: FASTA, or SMILES, tab, id per line; `-` for stdin
    #[arg(long, short, value_name = "FILE", required_unless_present = "export")]
    input: Option<PathBuf>,

    /// The store: a folder that is made, or completed if it is there
    #[arg(long, short, value_name = "FOLDER", required_unless_present = "export")]
    output: Option<PathBuf>,

    /// The rows of a molecule beside its global vector
    #[arg(long, value_enum, default_value_t = Tokens::Window)]
    tokens: Tokens,

    /// Residues (SMILES: tokens) of a window [default: 128 for rna, 32 for protein, 16 for small-molecule]
    #[arg(long, value_name = "N")]
    window: Option<usize>,

    /// Most windows of a molecule; longer molecules are sampled evenly, and the summary says how many; 0: no limit
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CAP)]
    max_windows: usize,

    /// Number format of the stored values [default: f32; for an export that of the store]
    #[arg(long, value_enum)]
    dtype: Option<DtypeName>,

    /// Compute part I of N of the sequences, into its own part of the store
    #[arg(long, value_name = "I/N")]
    shard: Option<Part>,

    /// Say how many rows and bytes there will be, and stop
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    import: ImportArgs,

    #[command(flatten)]
    export: ExportArgs,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EncoderName {
    /// k-mer spectra of windows and of the whole; molecules: tokens, atom environments and counts
    Kmer,
    /// Descriptors of each residue by itself
    Onehot,
    /// Embeddings that another program computed (--from)
    Import,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Rna,
    Protein,
    SmallMolecule,
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

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DtypeName {
    F32,
    F16,
    Bf16,
}

impl DtypeName {
    fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F16 => Dtype::F16,
            Self::Bf16 => Dtype::Bf16,
        }
    }
}

/// The resolved settings of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) encoder: &'static str,
    pub(crate) kind: Molecule,
    #[serde(serialize_with = "file_name")]
    pub(crate) input: PathBuf,
    #[serde(skip)]
    pub(crate) output: PathBuf,
    pub(crate) tokens: TokenRule,
    pub(crate) dtype: Dtype,
    pub(crate) shard: Option<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<Foreign>,
    #[serde(skip)]
    pub(crate) dry_run: bool,
}

impl Args {
    fn settings(&self) -> Result<Settings> {
        let import = self.import.settings(matches!(self.encoder, EncoderName::Import))?;
        let missing = |name: &'static str| Error::setting(name, "is missing", format!("give `--{name}`"));
        let input = self.input.clone().ok_or_else(|| missing("input"))?;
        let output = self.output.clone().ok_or_else(|| missing("output"))?;
        let kind = match self.kind.ok_or_else(|| missing("kind"))? {
            Kind::Rna => Molecule::Rna,
            Kind::Protein => Molecule::Protein,
            Kind::SmallMolecule => Molecule::SmallMolecule,
        };
        if self.window.is_some() && self.tokens != Tokens::Window {
            let remedy = "leave it out, or use `--tokens window`";
            return Err(Error::setting("window", "only `--tokens window` has windows", remedy));
        }
        if output.as_os_str() == "-" {
            let remedy = "name a folder";
            return Err(Error::setting("output", "a store cannot be written to standard output", remedy));
        }
        if output.is_file() {
            return Err(Place::file(&output).error("is a file, not a folder", "name a folder for the store"));
        }
        let tokens = match self.tokens {
            Tokens::Residue => TokenRule::Residue,
            Tokens::Pooled => TokenRule::Pooled,
            Tokens::Window => {
                let size = self.window.unwrap_or(default_window(kind));
                TokenRule::Window { size, cap: self.max_windows }
            }
        };
        let encoder = match self.encoder {
            EncoderName::Kmer => "kmer",
            EncoderName::Onehot => "onehot",
            EncoderName::Import => "import",
        };
        Ok(Settings {
            encoder,
            kind,
            input,
            output,
            tokens,
            dtype: self.dtype.map_or(Dtype::F32, DtypeName::dtype),
            shard: self.shard,
            import,
            dry_run: self.dry_run,
        })
    }
}

impl Tool for Args {
    const NAME: &'static str = "crossmamba-embed";

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(self) -> anyhow::Result<Outcome> {
        if let Some(done) = self.export.run(self.dtype.map(DtypeName::dtype))? {
            return Ok(done);
        }
        crate::run::run(&self.settings()?)
    }
}
