//! What a run is asked for, resolved.

use std::path::PathBuf;

use crossmamba::io::Source;
use crossmamba::nn::device::DeviceChoice;
use crossmamba::provenance::file_name;
use crossmamba::record::Molecule;
use crossmamba::store::{Dtype, Part, TokenRule};
use serde::Serialize;

use crate::import::Foreign;
use crossmamba_tools::embedding::LanguageSettings;

/// The name of the tool.
pub(crate) const NAME: &str = "crossmamba-embed";

/// The resolved settings of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) encoder: &'static str,
    pub(crate) kind: Molecule,
    #[serde(serialize_with = "file_name")]
    pub(crate) input: Source,
    #[serde(skip)]
    pub(crate) output: PathBuf,
    pub(crate) tokens: TokenRule,
    pub(crate) dtype: Dtype,
    pub(crate) shard: Option<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<LanguageSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<Foreign>,
    #[serde(skip)]
    pub(crate) device: DeviceChoice,
    #[serde(skip)]
    pub(crate) dry_run: bool,
}
