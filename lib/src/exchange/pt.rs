//! Reads embeddings from torch files: one file per record, as fair-esm's `extract.py` writes them, or a dictionary of
//! tensors.

use std::path::{Path, PathBuf};

use super::foreign::{Foreign, Key, Role, squeeze, unusable};
use crate::tensors::{TensorFile, TensorView, Value};
use crate::{Error, Place, Result};

const ROWS: &str = "representations";
const MEAN: &str = "mean_representations";

/// One file of `extract.py`; it is mapped only while it is read.
pub(super) struct Extract {
    path: PathBuf,
    keys: Vec<Key>,
    /// The dictionaries that hold the arrays of the keys, and the shapes of these.
    arrays: Vec<(&'static str, Vec<usize>)>,
    layer: i64,
}

/// Opens a torch file; `layer` chooses one where a file of `extract.py` holds several.
///
/// # Errors
/// A file that is damaged or executes something, that lacks the layer, or that holds several when none is chosen.
pub(super) fn open(path: &Path, layer: Option<usize>) -> Result<Box<dyn Foreign>> {
    let file = TensorFile::open(path)?;
    if let Some(root) = file.object()
        && (root.get(ROWS).is_some() || root.get(MEAN).is_some())
    {
        return Ok(Box::new(Extract::of(path, root, layer)?));
    }
    let names: Vec<String> = file.names().map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Place::file(path).error(
            "holds no tensors and no `representations`",
            "give the files that fair-esm's extract.py wrote, or a dictionary of tensors by identifier",
        ));
    }
    let keys = names.iter().map(|name| Key::of_name(name)).collect();
    Ok(Box::new(Dictionary { path: path.into(), file, names, keys }))
}

impl Extract {
    fn of(path: &Path, root: Value<'_>, layer: Option<usize>) -> Result<Self> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let id = Key::of_title(root.get("label").and_then(Value::text).unwrap_or(&stem)).id;
        let layer = choose(path, root, layer)?;
        let (mut keys, mut arrays) = (Vec::new(), Vec::new());
        for (name, role) in [(ROWS, Role::Main), (MEAN, Role::Global)] {
            let Some(tensor) = layer_of(root, name, layer) else { continue };
            let tensor =
                tensor.tensor().ok_or_else(|| unusable(path, &id, "holds no tensor for the layer"))?;
            keys.push(Key { id: id.clone(), role });
            arrays.push((name, squeeze(tensor.shape.clone())));
        }
        Ok(Self { path: path.into(), keys, arrays, layer })
    }
}

/// Finds the layer to read: the one that was chosen, or the only one.
fn choose(path: &Path, root: Value<'_>, asked: Option<usize>) -> Result<i64> {
    let held = [ROWS, MEAN].into_iter().filter_map(|name| root.get(name)).flat_map(Value::entries);
    let mut layers: Vec<i64> = held.filter_map(|(layer, _)| layer.integer()).collect();
    layers.sort_unstable();
    layers.dedup();
    let shown = layers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let error =
        |problem: String, remedy: &str| -> Result<i64> { Err(Place::file(path).error(problem, remedy)) };
    match (asked, &layers[..]) {
        (_, []) => error("holds no layer".into(), "run extract.py with `--include per_tok mean`"),
        (None, [layer]) => Ok(*layer),
        (None, _) => error(format!("holds the layers {shown}"), "choose one with `--from-layer`"),
        (Some(asked), held) if held.contains(&(asked as i64)) => Ok(asked as i64),
        (Some(asked), _) => error(
            format!("lacks the layer {asked} and has {shown}"),
            "choose one that it has with `--from-layer`",
        ),
    }
}

fn layer_of<'a>(root: Value<'a>, name: &str, layer: i64) -> Option<Value<'a>> {
    root.get(name)?.entries().find(|(number, _)| number.integer() == Some(layer)).map(|(_, value)| value)
}

impl Foreign for Extract {
    fn path(&self) -> &Path {
        &self.path
    }

    fn keys(&self) -> &[Key] {
        &self.keys
    }

    fn shape(&self, at: usize) -> Result<Vec<usize>> {
        Ok(self.arrays[at].1.clone())
    }

    fn read(&self, at: usize) -> Result<Vec<f32>> {
        let file = TensorFile::open(&self.path)?;
        let tensor =
            file.object().and_then(|root| layer_of(root, self.arrays[at].0, self.layer)?.checked_tensor());
        let tensor = tensor.ok_or_else(|| unusable(&self.path, &self.keys[at].id, "has changed"))??;
        numbers(&self.path, &self.keys[at].id, &tensor)
    }

    fn layer(&self) -> Option<i64> {
        Some(self.layer)
    }
}

/// A dictionary of tensors by identifier.
struct Dictionary {
    path: PathBuf,
    file: TensorFile,
    names: Vec<String>,
    keys: Vec<Key>,
}

impl Foreign for Dictionary {
    fn path(&self) -> &Path {
        &self.path
    }

    fn keys(&self) -> &[Key] {
        &self.keys
    }

    fn shape(&self, at: usize) -> Result<Vec<usize>> {
        Ok(squeeze(self.file.describe(&self.names[at]).map_or(Vec::new(), |(_, shape)| shape.to_vec())))
    }

    fn read(&self, at: usize) -> Result<Vec<f32>> {
        numbers(&self.path, &self.keys[at].id, &self.file.tensor(&self.names[at])?)
    }
}

fn numbers(path: &Path, id: &str, tensor: &TensorView<'_>) -> Result<Vec<f32>> {
    tensor.to_f32().map_err(|error| match error {
        Error::Input { problem, .. } => unusable(path, id, problem),
        other => other,
    })
}
