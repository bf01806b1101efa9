//! The molecules of one side: in stores that were made before, or as sequences that are embedded now.

use std::path::{Path, PathBuf};

use crossmamba::Result;
use crossmamba::io::Source;
use crossmamba::nn::bundle::Bundle;
use crossmamba::nn::device::Device;
use crossmamba::nn::{Side, Sides, TokenTable};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Molecule, Record, RecordId};
use crossmamba_tools::embedding::{Means, embed_as_trained};
use crossmamba_tools::kit::Rejects;
use crossmamba_tools::sequences;

use super::Settings;

/// Where the molecules of one side are.
#[derive(Debug, Clone)]
pub(super) enum Given {
    /// In stores.
    Stores(Vec<PathBuf>),
    /// In a file of sequences, as anybody writes them.
    Sequences(Source),
}

/// The molecules of one side, with their tokens.
pub(super) struct Molecules {
    pub(super) table: TokenTable,
    /// All of them, in the order in which they are scored.
    pub(super) ids: Vec<RecordId>,
    /// Their sequences, where these were given.
    pub(super) records: Option<Vec<Record>>,
}

impl Given {
    /// Names the side, in messages: its file, or the first of its stores.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Stores(paths) => paths.first().map_or("-".as_ref(), PathBuf::as_path),
            Self::Sequences(source) => source.path(),
        }
    }

    /// Says in words what an identifier is not in.
    pub(super) fn whole(&self, side: Side) -> String {
        match self {
            Self::Stores(_) => format!("the {} store", side.name()),
            Self::Sequences(source) => source.path().display().to_string(),
        }
    }

    /// Adds what was read to the record.
    ///
    /// # Errors
    /// A file that cannot be read to its end.
    pub(super) fn record(&self, side: Side, table: &TokenTable, record: &mut Provenance) -> Result<()> {
        match self {
            Self::Sequences(source) => record.input(&format!("{} sequences", side.name()), source),
            Self::Stores(paths) => {
                for (number, (path, manifest)) in (1..).zip(paths.iter().zip(table.manifests())) {
                    let role = format!("{} store {number}", side.name());
                    record.input_digest(&role, path, Some(manifest.digest));
                }
                Ok(())
            }
        }
    }
}

/// Opens the stores, and reads and embeds the sequences; records that cannot be used go to the rejects.
///
/// # Errors
/// Stores that are not as those of training, files that cannot be read, encoders that cannot be made.
pub(super) fn molecules(
    settings: &Settings,
    bundle: &Bundle,
    device: &Device,
    rejects: &mut Rejects,
) -> Result<Sides<Molecules>> {
    let windows = bundle.config().inputs.windows();
    let (checkpoints, keep) = (settings.checkpoints.as_slice(), settings.store.as_deref());
    let means = Means { model: bundle.folder(), checkpoints, device, keep };
    Sides::try_of(|side| -> Result<Molecules> {
        let wanted = &bundle.inputs(side).stores;
        let (table, records) = match &settings.given[side] {
            Given::Stores(paths) => (TokenTable::open(side, paths, windows[side])?, None),
            Given::Sequences(source) => {
                let kind = wanted.first().map_or(Molecule::Rna, |inputs| inputs.molecule);
                let records = sequences::read(source, kind, rejects)?;
                let stores = embed_as_trained(side, &records, wanted, means, source.path())?;
                (TokenTable::new(side, stores, windows[side])?, Some(records))
            }
        };
        bundle.check_stores(&table)?;
        let ids = match &records {
            Some(records) => records.iter().map(|record| record.id.clone()).collect(),
            None => table.ids().to_vec(),
        };
        Ok(Molecules { table, ids, records })
    })
}
