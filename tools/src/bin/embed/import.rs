//! The options of embeddings that another program computed, and what becomes of records without one.

use std::path::{Path, PathBuf};

use crossmamba::exchange::{Import, ImportSettings, Rejected, SpecialRows};
use crossmamba::provenance::Provenance;
use crossmamba::record::{Molecule, Record};
use crossmamba::store::TokenRule;
use crossmamba::{Error, Place, Result};
use serde::Serialize;

/// Messages that are shown of records that cannot be imported.
const SHOWN: usize = 100;

/// What is typed about embeddings of another program.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Embeddings of other programs (--encoder import)")]
pub(crate) struct ImportArgs {
    /// Files of embeddings, or folders of such files: `.pt` of fair-esm's extract.py, HDF5, `.npz`, `.npy`,
    /// safetensors; told by their content; may be given several times
    #[arg(long, value_name = "PATH")]
    from: Vec<PathBuf>,

    /// Name of the model that computed them, such as `prot_t5_xl_u50`; a store holds one model's embeddings, and
    /// a trained model asks for the same name again
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Layer to take from files of extract.py that hold several [default: the only one]
    #[arg(long, value_name = "N")]
    from_layer: Option<usize>,

    /// Rows of the files that stand for no residue
    #[arg(long, value_enum, default_value_t = SpecialRows::Auto)]
    special_rows: SpecialRows,

    /// Leave out records whose embedding is missing or does not fit, list them in STORE.rejects.tsv, exit 1
    #[arg(long)]
    partial: bool,
}

/// The resolved options.
#[derive(Debug, Serialize)]
pub(crate) struct Foreign {
    #[serde(skip)]
    from: Vec<PathBuf>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<usize>,
    special_rows: SpecialRows,
    partial: bool,
}

impl Foreign {
    /// Tells whether records without an embedding are left out.
    pub(crate) fn is_partial(&self) -> bool {
        self.partial
    }
}

impl ImportArgs {
    /// Gives the files and folders of the embeddings.
    pub(crate) fn from(&self) -> &[PathBuf] {
        &self.from
    }

    /// Resolves the options; nothing unless embeddings are to be imported.
    pub(crate) fn settings(&self, importing: bool) -> Result<Option<Foreign>> {
        if !importing {
            let typed = [
                ("from", !self.from.is_empty()),
                ("name", self.name.is_some()),
                ("from-layer", self.from_layer.is_some()),
                ("special-rows", self.special_rows != SpecialRows::Auto),
                ("partial", self.partial),
            ];
            return match typed.into_iter().find(|(_, typed)| *typed) {
                Some((name, _)) => {
                    let problem = "only `--encoder import` takes embeddings of other programs";
                    Err(Error::setting(name, problem, "leave it out, or add `--encoder import`"))
                }
                None => Ok(None),
            };
        }
        if self.from.is_empty() {
            let remedy = "name the file or the folder of the embeddings";
            return Err(Error::setting("from", "is missing", remedy));
        }
        let Some(name) = self.name.clone().filter(|name| !name.trim().is_empty()) else {
            let remedy = "name the model that computed the embeddings, as in `--name prot_t5_xl_u50`";
            return Err(Error::setting("name", "is missing", remedy));
        };
        Ok(Some(Foreign {
            from: self.from.clone(),
            name,
            layer: self.from_layer,
            special_rows: self.special_rows,
            partial: self.partial,
        }))
    }
}

impl Foreign {
    /// Opens the files and checks them against the records.
    ///
    /// # Errors
    /// Records that cannot be imported, unless they are to be left out; each is said before.
    pub(crate) fn open(
        &self,
        molecule: Molecule,
        tokens: TokenRule,
        records: &[Record],
        provenance: &mut Provenance,
    ) -> Result<Import> {
        let settings = ImportSettings {
            from: self.from.clone(),
            name: self.name.clone(),
            layer: self.layer,
            molecule,
            tokens,
            special: self.special_rows,
        };
        let import = Import::open(settings, records)?;
        for (number, (path, digest)) in self.from.iter().zip(import.digests()).enumerate() {
            provenance.input_digest(&format!("embeddings {}", number + 1), path, Some(digest));
        }
        if import.unused() > 0 {
            tracing::info!("{} names in the files are of no record, and not imported", import.unused());
        }
        match import.trimmed() {
            (0, 0) => {}
            (front, behind) => tracing::info!(
                "{front} row in front of the residues and {behind} behind them are left out, as BOS and EOS"
            ),
        }
        self.judge(import.rejected())?;
        Ok(import)
    }

    fn judge(&self, rejected: &[Rejected]) -> Result<()> {
        if let [one] = rejected
            && !self.partial
        {
            let Rejected { error: Error::Input { place, problem, remedy }, .. } = one else {
                return Err(Error::setting("from", one.error.to_string(), "correct it"));
            };
            return Err(place.clone().error(problem, remedy));
        }
        for one in rejected.iter().take(SHOWN) {
            tracing::warn!("{}", one.error);
        }
        if rejected.len() > SHOWN {
            tracing::warn!("… and {} more", rejected.len() - SHOWN);
        }
        if rejected.is_empty() || self.partial {
            return Ok(());
        }
        let problem = format!("{} sequences cannot be imported, as said above", rejected.len());
        let first = self.from.first().map_or(Path::new("-"), PathBuf::as_path);
        Err(Place::file(first).error(problem, "correct them, or leave them out with `--partial`"))
    }
}
