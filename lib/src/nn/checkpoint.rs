//! Keeps named tensors and a note about them in one safetensors file that is whole or refused.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::record::Digest;
use crate::{Error, Place, Result, io};

const ABOUT: &str = "crossmamba";
const DIGEST: &str = "sha256";

/// Values in row-major order with their shape.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Array {
    /// The shape.
    pub shape: Vec<usize>,
    /// The values.
    pub values: Vec<f32>,
}

/// Named arrays.
pub type Arrays = BTreeMap<String, Array>;

impl Array {
    /// Wraps a list.
    pub fn vector(values: Vec<f32>) -> Self {
        Self { shape: vec![values.len()], values }
    }

    /// Copies a tensor.
    pub fn from_tensor(tensor: &Tensor) -> Result<Self> {
        let values = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        Ok(Self { shape: tensor.dims().to_vec(), values })
    }

    /// Makes a tensor on the CPU.
    pub fn to_tensor(&self) -> Result<Tensor> {
        Ok(Tensor::from_slice(&self.values, &self.shape[..], &Device::Cpu)?)
    }
}

/// Gives the bytes of a file with arrays and a note; equal contents give equal bytes.
///
/// ```
/// use std::path::Path;
///
/// use crossmamba::nn::checkpoint::{Array, Arrays, from_bytes, to_bytes};
///
/// let arrays = Arrays::from([("bias".to_owned(), Array::vector(vec![0.5, -1.0]))]);
/// let bytes = to_bytes(&"a note", &arrays)?;
/// let (note, read): (String, Arrays) = from_bytes(&bytes, Path::new("model.safetensors"))?;
/// assert_eq!((note.as_str(), &read), ("a note", &arrays));
/// # Ok::<(), crossmamba::Error>(())
/// ```
///
/// # Errors
/// A note that is not JSON.
pub fn to_bytes(about: &impl Serialize, arrays: &Arrays) -> Result<Vec<u8>> {
    let wrong = |problem: String| Error::defect("checkpoint", problem);
    let raw: Vec<(&String, &Array, Vec<u8>)> = arrays
        .iter()
        .map(|(name, array)| {
            (name, array, array.values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())
        })
        .collect();
    let about = serde_json::to_string(about).map_err(|e| wrong(e.to_string()))?;
    let digest = digest(&about, raw.iter().map(|(name, _, bytes)| (name.as_str(), &bytes[..])));
    // One key only: several would lie in the file in the random order of a hash map.
    let note = serde_json::json!({ DIGEST: digest, "about": about }).to_string();
    let views = raw
        .iter()
        .map(|(name, array, bytes)| {
            Ok((name.as_str(), TensorView::new(Dtype::F32, array.shape.clone(), bytes)?))
        })
        .collect::<std::result::Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|e| wrong(e.to_string()))?;
    safetensors::serialize(views, Some(HashMap::from([(ABOUT.to_owned(), note)])))
        .map_err(|e| wrong(e.to_string()))
}

/// Reads what [`to_bytes`] gave; `path` is for the words of an error.
///
/// # Errors
/// Bytes that are not such a file, are incomplete, or were changed.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<(T, Arrays)> {
    let damaged = |why: &str| {
        Place::file(path)
            .error(format!("is damaged or no file of CrossMamba ({why})"), "restore it or delete it")
    };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| damaged(&e.to_string()))?;
    let note =
        header.metadata().as_ref().and_then(|m| m.get(ABOUT)).ok_or_else(|| damaged("it has no note"))?;
    let note: serde_json::Value = serde_json::from_str(note).map_err(|e| damaged(&e.to_string()))?;
    let about = note["about"].as_str().ok_or_else(|| damaged("it has no note"))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| damaged(&e.to_string()))?;
    let mut views: Vec<(String, TensorView<'_>)> = tensors.tensors();
    views.sort_by(|a, b| a.0.cmp(&b.0));
    let found = digest(about, views.iter().map(|(name, view)| (name.as_str(), view.data())));
    if note[DIGEST].as_str() != Some(&found) {
        return Err(damaged("its values do not fit its digest"));
    }
    let mut arrays = Arrays::new();
    for (name, view) in views {
        if view.dtype() != Dtype::F32 {
            return Err(damaged("its values are not f32"));
        }
        let values = view.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
        arrays.insert(name, Array { shape: view.shape().to_vec(), values });
    }
    let about = serde_json::from_str(about).map_err(|e| damaged(&e.to_string()))?;
    Ok((about, arrays))
}

/// Writes a file, atomically, and gives the digest of its bytes.
///
/// # Errors
/// A folder that cannot be written.
pub fn write(path: &Path, about: &impl Serialize, arrays: &Arrays) -> Result<Digest> {
    let bytes = to_bytes(about, arrays)?;
    io::write_atomic(path, &bytes)?;
    Ok(Digest::of(&bytes))
}

/// Reads a file and the digest of its bytes.
///
/// # Errors
/// A missing file, and what [`from_bytes`] refuses.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<(T, Arrays, Digest)> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let (about, arrays) = from_bytes(&bytes, path)?;
    Ok((about, arrays, Digest::of(&bytes)))
}

fn digest<'a>(about: &str, parts: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    hasher.update(about);
    for (name, bytes) in parts {
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name);
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    Digest::from_bytes(hasher.finalize().into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrays() -> Arrays {
        let array = |shape: &[usize]| Array {
            shape: shape.to_vec(),
            values: (0..shape.iter().product::<usize>()).map(|i| i as f32 * 0.1 - 1.0).collect(),
        };
        [("a", array(&[2, 3])), ("b", array(&[0])), ("c", array(&[]))].map(|(k, v)| (k.to_owned(), v)).into()
    }

    #[test]
    fn arrays_and_note_survive_and_bytes_repeat() {
        let bytes = to_bytes(&("note", 1.5), &arrays()).unwrap();
        let (about, read): ((String, f64), _) = from_bytes(&bytes, Path::new("x")).unwrap();
        assert_eq!((about, &read), (("note".to_owned(), 1.5), &arrays()));
        assert_eq!(to_bytes(&("note", 1.5), &read).unwrap(), bytes);
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_refused() {
        let bytes = to_bytes(&7, &arrays()).unwrap();
        for cut in 0..bytes.len() {
            assert!(from_bytes::<i32>(&bytes[..cut], Path::new("x")).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x20;
            match from_bytes::<i32>(&bytes, Path::new("x")) {
                Ok(read) => assert_eq!(read, (7, arrays()), "byte {at}"),
                Err(error) => assert!(error.to_string().starts_with("x: is damaged"), "{error}"),
            }
        }
    }
}
