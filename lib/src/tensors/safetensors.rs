//! Reads the header of a safetensors file.

use std::collections::BTreeMap;

use safetensors::SafeTensors;

use super::element::ElementType;
use super::fault::{Fault, short};
use super::slot::Slot;

/// Far beyond any real header: 15 billion parameters need a few hundred kilobytes.
const LONGEST_HEADER: u64 = 1 << 23;

/// Tells a safetensors file: eight bytes of length and a JSON object.
pub(super) fn is_safetensors(bytes: &[u8]) -> bool {
    bytes.len() > 8 && bytes[8] == b'{'
}

/// Reads the header: every tensor's type, shape and place, checked against the file's length.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Slot>, Fault> {
    let length = bytes.first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
    if length > LONGEST_HEADER || length > bytes.len() as u64 - 8 {
        let problem = format!("the header would be {length} bytes long, in a file of {} bytes", bytes.len());
        return Err(Fault::damaged(problem));
    }
    let start = 8 + length as usize;
    // The crate checks that types, shapes and offsets agree, that tensors neither overlap nor leave gaps, and
    // that they end where the file ends.
    let (_, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|e| Fault::damaged(format!("the safetensors header is wrong: {}", short(&e.to_string()))))?;
    if metadata.data_len() != bytes.len() - start {
        let (told, found) = (metadata.data_len(), bytes.len() - start);
        return Err(Fault::damaged(format!(
            "the header tells of {told} bytes of values, the file has {found}"
        )));
    }
    let mut slots = BTreeMap::new();
    for (name, info) in metadata.tensors() {
        let Some(dtype) = ElementType::of_safetensors(info.dtype) else {
            let problem = format!("tensor `{}` has numbers of type {:?}", short(&name), info.dtype);
            return Err(Fault::new(problem, "store it as F32, F16 or BF16"));
        };
        let (from, to) = info.data_offsets;
        slots.insert(name, Slot::contiguous(dtype, info.shape.clone(), start + from..start + to));
    }
    Ok(slots)
}
