//! Finds the file of weights in a folder.

use std::path::{Path, PathBuf};

use crate::{Error, Place, Result};

/// What published folders call their weights, best first.
const USUAL: [&str; 4] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];
const SUFFIXES: [&str; 5] = [".safetensors", ".index.json", ".pt", ".bin", ".ckpt"];
/// Files that stand beside weights and hold something else.
const OTHERS: [&str; 5] =
    ["-contact-regression.pt", "training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt"];

/// Finds the file, or the index of shards, by its usual name, or else the only one there is.
pub(super) fn weights(folder: &Path) -> Result<PathBuf> {
    if let Some(found) = USUAL.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
        return Ok(found);
    }
    let mut names = Vec::new();
    for entry in folder.read_dir().map_err(Error::io("read", folder))? {
        let name = entry.map_err(Error::io("read", folder))?.file_name().to_string_lossy().into_owned();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        if ends(&SUFFIXES) && !ends(&OTHERS) && folder.join(&name).is_file() {
            names.push(name);
        }
    }
    names.sort_unstable();
    match names.as_slice() {
        [name] => Ok(folder.join(name)),
        [] => Err(Place::file(folder).error(
            "is a folder without weights (model.safetensors, pytorch_model.bin, *.pt or *.ckpt)",
            "name the folder or file that holds them",
        )),
        [first, second, ..] => {
            let problem = format!("holds {} files of weights, such as {first} and {second}", names.len());
            Err(Place::file(folder).error(problem, "name one of them"))
        }
    }
}
