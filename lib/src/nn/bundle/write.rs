//! Writes a bundle: first its parts, at last the file that makes them a model.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::Tensor;

use super::{MODEL, Model};
use crate::config::Config;
use crate::nn::checkpoint::{self, Array, Arrays};
use crate::nn::data::Standardisation;
use crate::pair::{Side, Sides};
use crate::record::Digest;
use crate::{Result, io};

/// What stands in the note of a weights file.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    pub(super) kind: String,
}

pub(super) const KIND: &str = "weights";
pub(super) const CONFIG: &str = "config.yaml";
pub(super) const LOG: &str = "training.tsv";

/// Names the weights file of a member.
pub fn member_file(member: usize) -> String {
    format!("weights-{member}.safetensors")
}

/// Writes the weights and the standardisation of one member.
///
/// # Errors
/// A folder that cannot be written.
pub fn write_member(
    folder: &Path,
    member: usize,
    weights: &BTreeMap<String, Tensor>,
    standardisation: &Sides<Standardisation>,
) -> Result<Digest> {
    let mut arrays = Arrays::new();
    for (name, weight) in weights {
        arrays.insert(format!("weight.{name}"), Array::from_tensor(weight)?);
    }
    for (side, columns) in Side::BOTH.map(|side| (side.name(), &standardisation[side])) {
        for (part, columns) in [("global", &columns.global), ("rows", &columns.rows)] {
            arrays.insert(format!("mean.{side}.{part}"), Array::vector(columns.mean.clone()));
            arrays.insert(format!("scale.{side}.{part}"), Array::vector(columns.scale.clone()));
        }
        arrays.insert(format!("clip.{side}"), Array::vector(vec![columns.clip]));
    }
    checkpoint::write(&folder.join(member_file(member)), &About { kind: KIND.into() }, &arrays)
}

/// Writes everything but the members, which are there already, and `model.json` last.
///
/// # Errors
/// A folder that cannot be written.
pub fn write(folder: &Path, mut model: Model, config: &Config, log: &str) -> Result<Digest> {
    for (name, text) in [(CONFIG, config.to_yaml()?), (LOG, log.to_owned())] {
        io::write_atomic(folder.join(name), text.as_bytes())?;
        model.files.insert(name.into(), Digest::of(text.as_bytes()));
    }
    let path = folder.join(MODEL);
    let text = model.to_text(&path)?;
    io::write_atomic(path, text.as_bytes())?;
    Ok(Digest::of(text.as_bytes()))
}
