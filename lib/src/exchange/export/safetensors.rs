//! Writes safetensors: a JSON header that says where each tensor lies, then the tensors; and folders of such files.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::foreign::ABOUT;
use super::arrays::Arrays;
use super::{Stop, to_file};
use crate::io::{AtomicFolder, write_json};
use crate::store::Dtype;
use crate::{Error, Place, Result};

/// The format allows headers of 100 MB; a line of the header takes at most this much beside its name.
const LONGEST_HEADER: usize = 100_000_000;
/// Headers of folders stay small, so that a file opens at once.
const MOST_ARRAYS: usize = 100_000;

/// Writes some of the arrays into one file.
pub(super) fn write(arrays: &mut Arrays<'_>, which: Range<usize>, out: &mut impl Write) -> Result<(), Stop> {
    let dtype = match arrays.dtype {
        Dtype::F32 => "F32",
        Dtype::F16 => "F16",
        Dtype::Bf16 => "BF16",
    };
    let mut header = Map::new();
    header.insert("__metadata__".into(), json!({ ABOUT: arrays.about() }));
    let mut end = 0;
    for array in &arrays.list[which.clone()] {
        let start = end;
        end += arrays.bytes(array);
        let line = json!({ "dtype": dtype, "shape": array.shape, "data_offsets": [start, end] });
        header.insert(array.name.clone(), line);
    }
    let mut text = Value::Object(header).to_string();
    // The tensors begin at a multiple of eight bytes.
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    if text.len() > LONGEST_HEADER {
        let problem = "holds more records than one safetensors file can name";
        let remedy = "export to a folder: give a path without suffix";
        return Err(Place::file(arrays.path()).error(problem, remedy).into());
    }
    out.write_all(&(text.len() as u64).to_le_bytes())?;
    out.write_all(text.as_bytes())?;
    for at in which {
        out.write_all(&arrays.read(at)?)?;
    }
    Ok(())
}

/// The index of a folder.
const INDEX: &str = "embeddings.safetensors.index.json";

/// Tells whether a path is a folder that holds nothing but what [`write_folder`] writes.
pub(super) fn is_folder(path: &Path) -> Result<bool> {
    if !path.join(INDEX).is_file() {
        return Ok(false);
    }
    for entry in fs::read_dir(path).map_err(Error::io("read", path))? {
        let name = entry.map_err(Error::io("read", path))?.file_name();
        let name = name.to_string_lossy();
        let part = name.strip_prefix("embeddings-").and_then(|name| name.strip_suffix(".safetensors"));
        if name != INDEX && part.and_then(|numbers| numbers.split_once("-of-")).is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes all arrays into a folder of files with an index.
pub(super) fn write_folder(
    arrays: &mut Arrays<'_>,
    path: &Path,
    shard_bytes: u64,
) -> Result<(AtomicFolder, usize)> {
    let (mut shards, mut start, mut size) = (Vec::new(), 0, 0);
    for (at, array) in arrays.list.iter().enumerate() {
        let bytes = arrays.bytes(array);
        if at > start && (size + bytes > shard_bytes || at - start >= MOST_ARRAYS) {
            shards.push(start..at);
            (start, size) = (at, 0);
        }
        size += bytes;
    }
    shards.push(start..arrays.list.len());
    let folder = AtomicFolder::create(path)?;
    let (mut map, mut total) = (Map::new(), 0);
    for (number, shard) in shards.iter().enumerate() {
        let name = format!("embeddings-{:05}-of-{:05}.safetensors", number + 1, shards.len());
        for array in &arrays.list[shard.clone()] {
            map.insert(array.name.clone(), name.clone().into());
            total += arrays.bytes(array);
        }
        to_file(&folder.path().join(&name), |out| write(arrays, shard.clone(), out))?.commit()?;
    }
    let index = json!({ "metadata": { "total_size": total }, "weight_map": map });
    write_json(folder.path().join(INDEX), &index)?;
    Ok((folder, shards.len() + 1))
}
