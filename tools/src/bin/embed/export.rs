//! `crossmamba-embed export`: writes a store for other programs.

use std::path::PathBuf;

use crossmamba::exchange::{ExportFormat, prepare_export};
use crossmamba::provenance::{Provenance, beside, file_name};
use crossmamba::store::{Dtype, Store};
use crossmamba::{Error, Result};
use crossmamba_tools::kit::{Files, Outcome};
use serde::Serialize;

/// Files of an exported folder are closed before they grow beyond this many bytes.
const SHARD_BYTES: u64 = 4 << 30;

const EXAMPLES: &str = "\
Examples:
  One file for numpy.load; safetensors.numpy.load_file and h5py.File read the other two formats:
    crossmamba-embed export --store protein.store --output protein.npz

  A folder of safetensors files of at most 4 GiB, with an index, in half precision:
    crossmamba-embed export --store protein.store --output protein_shards --dtype f16

Exit code: 0 done; 2 failed, and nothing was written.";

/// What is typed about an export.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExportArgs {
    /// The store to export
    #[arg(long, value_name = "FOLDER")]
    store: PathBuf,

    /// File to write, `.safetensors`, `.npz` or `.h5`; without suffix a folder of safetensors files with an index
    #[arg(long, short, value_name = "PATH")]
    output: PathBuf,

    /// The format, if the suffix does not say it
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<ExportFormat>,

    /// Number format of the written values [default: that of the store]
    #[arg(long, value_enum)]
    dtype: Option<Dtype>,
}

/// The resolved settings of an export.
#[derive(Debug, Serialize)]
pub(crate) struct ExportSettings {
    #[serde(skip)]
    store: PathBuf,
    #[serde(serialize_with = "file_name")]
    output: PathBuf,
    #[serde(skip)]
    format: ExportFormat,
    dtype: Option<Dtype>,
}

impl ExportArgs {
    /// Lists the files of the run.
    pub(crate) fn files(&self) -> Files {
        let files = Files::new().reads_anywhere([&self.store]);
        // A name without suffix is that of a folder.
        match self.output.extension() {
            Some(_) => files.writes_with_record(&self.output),
            None => files.fills([self.output.clone(), beside(&self.output)]),
        }
    }

    /// Resolves and checks what was asked for.
    pub(crate) fn settings(self) -> Result<ExportSettings> {
        if self.output.as_os_str() == "-" {
            let problem = "an export cannot be written to standard output";
            return Err(Error::setting("output", problem, "name a file or a folder"));
        }
        let format = self.format.map_or_else(|| ExportFormat::of_path(&self.output), Ok)?;
        Ok(ExportSettings { store: self.store, output: self.output, format, dtype: self.dtype })
    }
}

/// Writes the store's records, and beside them what they were made from.
pub(crate) fn run(settings: &ExportSettings) -> anyhow::Result<Outcome> {
    let store = Store::open(&settings.store)?;
    let export = prepare_export(&store, &settings.output, settings.format, settings.dtype, SHARD_BYTES)?;
    let mut provenance = Provenance::new("crossmamba-embed export", settings);
    provenance.input_digest("store", store.path(), Some(store.digest()));
    let record = provenance.file_beside(&settings.output)?;
    let done = export.exported();
    tracing::info!(
        "{} records as {} arrays of {} in {} file(s)",
        done.records,
        done.arrays,
        done.dtype.name(),
        done.files
    );
    let outcome = Outcome::done().figure("records", done.records).figure("arrays", done.arrays);
    Ok(outcome.export(export).outputs(record))
}
