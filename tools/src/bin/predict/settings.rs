//! The resolved settings of a prediction, as they are written into the output.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use crossmamba::io::{Source, is_stream};
use crossmamba::nn::device::DeviceChoice;
use crossmamba::pair::Sides;
use crossmamba::store::Part;
use serde::Serialize;

use super::Args;

/// The settings of a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Settings {
    /// The model, or the folder of the models of all folds.
    #[serde(serialize_with = "crossmamba::provenance::file_name")]
    pub(crate) model: PathBuf,
    /// The pairs; without them, every RNA is scored with every partner.
    #[serde(skip)]
    pub pairs: Option<Source>,
    /// Whether every RNA is scored with every partner.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// How many predictions of each RNA are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<NonZero<usize>>,
    /// How high a prediction must be to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The stores of RNAs and of partners.
    #[serde(skip)]
    pub stores: Sides<Vec<PathBuf>>,
    /// The part of the pairs that is scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Part>,
    /// The table to write.
    #[serde(skip)]
    pub output: PathBuf,
    /// Where to compute.
    #[serde(skip)]
    pub device: DeviceChoice,
}

impl From<Args> for Settings {
    fn from(args: Args) -> Self {
        Self {
            model: args.model,
            pairs: args.pairs,
            all: args.all,
            top: args.top,
            threshold: args.threshold,
            stores: Sides { rna: args.rna_store, partner: args.partner_store },
            shard: args.shard,
            output: args.output,
            device: args.device,
        }
    }
}

/// Names the table of pairs that could not be scored; there is none beside standard output or a pipe.
pub(crate) fn rejects_beside(output: &Path) -> Option<PathBuf> {
    if is_stream(output) {
        return None;
    }
    let mut name = OsString::from(output);
    name.push(".rejects.tsv");
    Some(name.into())
}
