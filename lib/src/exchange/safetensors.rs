//! Reads embeddings from safetensors files, one tensor at a time.

use std::path::Path;

use safetensors::tensor::{Metadata, TensorInfo};

use super::foreign::{ABOUT, About, Foreign, Key, squeeze, unusable};
use super::random::RandomFile;
use crate::Result;
use crate::tensors::{ElementType, Float};

/// The longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;

/// A safetensors file: one tensor per record, named by it.
pub(super) struct SafetensorsFile {
    file: RandomFile,
    tensors: Vec<TensorInfo>,
    keys: Vec<Key>,
    about: Option<About>,
    /// Where the data begin.
    start: u64,
}

impl SafetensorsFile {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// A header that is damaged, or a file that is shorter than it says.
    pub(super) fn open(file: RandomFile) -> Result<Self> {
        let length = u64::from_le_bytes(file.array(0)?);
        if length > LONGEST_HEADER {
            return Err(file.damaged(format!("has a header of {length} bytes, which the format forbids")));
        }
        let header = file.read(0, 8 + length)?;
        let metadata = metadata_of(&header[8..], file.size() - header.len() as u64)
            .map_err(|problem| file.damaged(format!("is not a safetensors file ({problem})")))?;
        let about = metadata.metadata().as_ref().and_then(|texts| About::parse(texts.get(ABOUT)?));
        let mut found: Vec<(String, TensorInfo)> =
            metadata.tensors().into_iter().map(|(name, info)| (name, info.clone())).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let keys = found.iter().map(|(name, _)| Key::of_name(name)).collect();
        let tensors = found.into_iter().map(|(_, info)| info).collect();
        Ok(Self { file, tensors, keys, about, start: 8 + length })
    }

    fn float(&self, at: usize) -> Result<Float> {
        let dtype = self.tensors[at].dtype;
        ElementType::of_safetensors(dtype).and_then(ElementType::float).ok_or_else(|| {
            let problem = format!("holds {dtype:?} numbers, not floating-point ones");
            unusable(self.path(), &self.keys[at].id, problem)
        })
    }
}

/// Reads the header alone: the library wants the bytes behind it for nothing but their number.
fn metadata_of(header: &[u8], size: u64) -> std::result::Result<Metadata, String> {
    let metadata: Metadata = serde_json::from_slice(header).map_err(|e| e.to_string())?;
    let end = metadata.tensors().values().map(|info| info.data_offsets.1).max().unwrap_or(0);
    if end as u64 != size {
        return Err(format!("its tensors need {end} bytes and it has {size} for them"));
    }
    Ok(metadata)
}

impl Foreign for SafetensorsFile {
    fn path(&self) -> &Path {
        self.file.path()
    }

    fn keys(&self) -> &[Key] {
        &self.keys
    }

    fn shape(&self, at: usize) -> Result<Vec<usize>> {
        self.float(at)?;
        Ok(squeeze(self.tensors[at].shape.clone()))
    }

    fn read(&self, at: usize) -> Result<Vec<f32>> {
        let (info, float) = (&self.tensors[at], self.float(at)?);
        let (from, to) = info.data_offsets;
        if float.bytes_of(&info.shape) != to.checked_sub(from).map(|bytes| bytes as u64) {
            return Err(unusable(self.path(), &self.keys[at].id, "has another size than its shape says"));
        }
        let bytes = self.file.read(self.start + from as u64, (to - from) as u64)?;
        Ok(float.decode(&bytes))
    }

    fn about(&self) -> Option<&About> {
        self.about.as_ref()
    }
}
