//! Writes a store for other programs.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use crossmamba::exchange::{ExportFormat, export};
use crossmamba::provenance::Provenance;
use crossmamba::store::{Dtype, Store};
use crossmamba::{Error, Result};
use crossmamba_tools::kit::{Outcome, Tool as _};
use serde_json::json;

use crate::args::Args;

/// Files of an exported folder are closed before they grow beyond this many bytes.
const SHARD_BYTES: u64 = 4 << 30;

/// What is typed about an export.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Export for other programs")]
pub(crate) struct ExportArgs {
    /// Write a store as one array per record; `.safetensors`, `.npz` or `.h5`, or without suffix a folder of
    /// safetensors files with an index
    #[arg(long, value_name = "PATH", requires = "store", conflicts_with_all = ["input", "output", "kind"])]
    pub(crate) export: Option<PathBuf>,

    /// The store to export
    #[arg(long, value_name = "FOLDER", requires = "export")]
    store: Option<PathBuf>,

    /// The format, if the suffix does not say it
    #[arg(long, value_enum, value_name = "FORMAT", requires = "export")]
    format: Option<FormatName>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Safetensors,
    Npz,
    Hdf5,
}

impl ExportArgs {
    /// Exports, if that was asked for.
    pub(crate) fn run(&self, dtype: Option<Dtype>) -> anyhow::Result<Option<Outcome>> {
        let (Some(path), Some(store)) = (&self.export, &self.store) else { return Ok(None) };
        if path.as_os_str() == "-" {
            let problem = "an export cannot be written to standard output";
            return Err(Error::setting("export", problem, "name a file or a folder").into());
        }
        let format = match self.format {
            Some(FormatName::Safetensors) => ExportFormat::Safetensors,
            Some(FormatName::Npz) => ExportFormat::Npz,
            Some(FormatName::Hdf5) => ExportFormat::Hdf5,
            None => ExportFormat::of_path(path)?,
        };
        Ok(Some(Self::write(path, store, format, dtype)?))
    }

    fn write(path: &Path, store: &Path, format: ExportFormat, dtype: Option<Dtype>) -> Result<Outcome> {
        let store = Store::open(store)?;
        let done = export(&store, path, format, dtype, SHARD_BYTES)?;
        let settings =
            json!({ "export": path.file_name().map(|name| name.to_string_lossy()), "dtype": done.dtype });
        let mut provenance = Provenance::new(Args::NAME, &settings);
        provenance.input_digest("store", store.path(), Some(store.digest()));
        provenance.write_beside(path)?;
        tracing::info!(
            "{} records as {} arrays of {} in {} file(s)",
            done.records,
            done.arrays,
            done.dtype.name(),
            done.files
        );
        Ok(Outcome::done().figure("records", done.records).figure("arrays", done.arrays))
    }
}
