//! Writes HDF5 of the oldest kind, which every library reads: one group, one contiguous data set per record.
//!
//! All sizes are known beforehand, so the file is written front to back: superblock, root group (`hdf5_group`), the
//! header of each data set, the values. (HDF5 File Format Specification 3.0: II.A superblock 0, IV.A.1.a object
//! header 1, and the messages dataspace 1, datatype 1, fill value 2, data layout 3 and attribute 1.)

use std::collections::HashMap;
use std::io::Write;

use super::super::foreign::ABOUT;
use super::Stop;
use super::arrays::{Array, Arrays, Content};
use super::hdf5_group::{Group, SUPERBLOCK, superblock};
use crate::record::Digest;
use crate::store::Dtype;
use crate::{Place, Result};

const DATASPACE: u16 = 0x0001;
const DATATYPE: u16 = 0x0003;
const FILL_VALUE: u16 = 0x0005;
const LAYOUT: u16 = 0x0008;
const ATTRIBUTE: u16 = 0x000c;
/// The longest message that an object header can hold.
const LONGEST_MESSAGE: usize = 0xfff0;
/// The attribute that holds an identifier which cannot be the name of a data set.
const ORIGINAL_ID: &str = "original_id";

/// One data set, and how many names it has.
struct DataSet {
    /// Its array in the list.
    at: usize,
    names: u32,
    header: u64,
    values: u64,
    original: Option<String>,
}

pub(super) fn write(arrays: &mut Arrays<'_>, out: &mut impl Write) -> Result<(), Stop> {
    let (mut sets, links) = sets(arrays)?;
    let mut group = Group::new(links.iter().map(|(name, _)| name.as_str()));
    let mut about = Vec::new();
    let text = arrays.about();
    if text.len() < LONGEST_MESSAGE - 256 {
        about.push(attribute(ABOUT, &text));
    }
    let root = object_header(&[&[(0x0011, group.message())], &about[..]].concat(), 1);
    group.place(SUPERBLOCK + root.len() as u64);
    // The places of all headers, then of all values.
    let mut end = group.end();
    for set in &mut sets {
        set.header = end;
        end += header(arrays, set).len() as u64;
    }
    for set in &mut sets {
        set.values = end;
        end += arrays.bytes(&arrays.list[set.at]).next_multiple_of(8);
    }
    let root = object_header(&[&[(0x0011, group.message())], &about[..]].concat(), 1);
    out.write_all(&superblock(&group, end))?;
    out.write_all(&root)?;
    group.write(links.iter().map(|(_, set)| sets[*set].header), out)?;
    for set in &sets {
        out.write_all(&header(arrays, set))?;
    }
    for set in &sets {
        let mut bytes = arrays.read(set.at)?;
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// Names, each with the number of its data set.
type Links = Vec<(String, usize)>;

/// Lists the data sets, and all names with the data set of each, in the order of the names.
fn sets(arrays: &Arrays<'_>) -> Result<(Vec<DataSet>, Links)> {
    let mut sets: Vec<DataSet> = Vec::new();
    let mut links = Links::new();
    let mut known: HashMap<(Digest, Content, String), usize> = HashMap::new();
    for (at, array) in arrays.list.iter().enumerate() {
        let (name, original) = link_name(array);
        // Data sets with an attribute of their own have one name each.
        let key = (array.digest, array.content, original.clone().unwrap_or_default());
        let set = *known.entry(key).or_insert(sets.len());
        if set == sets.len() {
            sets.push(DataSet { at, names: 0, header: 0, values: 0, original });
        }
        sets[set].names += 1;
        links.push((name, set));
    }
    links.sort();
    if let Some(pair) = links.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Place::file(arrays.path()).record(&pair[0].0).error(
            "would be the name of two data sets in HDF5, which cannot hold `/` in a name",
            "export to safetensors or `.npz`",
        ));
    }
    Ok((sets, links))
}

/// Gives the name of a data set; one that HDF5 cannot hold is written with `%2F` and kept in an attribute.
fn link_name(array: &Array) -> (String, Option<String>) {
    let name = &array.name;
    if name.contains('/') || name == "." {
        let original = name.split_whitespace().next().unwrap_or_default().to_owned();
        (name.replace('/', "%2F").replacen('.', "%2E", usize::from(name == ".")), Some(original))
    } else {
        (name.clone(), None)
    }
}

/// Makes the header of a data set.
fn header(arrays: &Arrays<'_>, set: &DataSet) -> Vec<u8> {
    let array = &arrays.list[set.at];
    let mut layout = vec![3, 1]; // version, contiguous
    layout.extend(set.values.to_le_bytes());
    layout.extend(arrays.bytes(array).to_le_bytes());
    let mut messages = vec![
        (DATASPACE, dataspace(&array.shape)),
        (DATATYPE, datatype(arrays.dtype)),
        (FILL_VALUE, vec![2, 1, 2, 0]), // version 2, allocated early, written if set, not set
        (LAYOUT, layout),
    ];
    messages.extend(set.original.iter().map(|id| attribute(ORIGINAL_ID, id)));
    object_header(&messages, set.names)
}

fn dataspace(shape: &[usize]) -> Vec<u8> {
    let mut out = vec![1, shape.len() as u8, 0, 0, 0, 0, 0, 0];
    out.extend(shape.iter().flat_map(|&n| (n as u64).to_le_bytes()));
    out
}

/// Makes the datatype of little-endian IEEE numbers: the sign in the last bit, the first bit of the mantissa implied.
fn datatype(dtype: Dtype) -> Vec<u8> {
    let (bits, exponent, mantissa, bias) = match dtype {
        Dtype::F16 => (16u16, 5u8, 10u8, 15u32),
        Dtype::F32 | Dtype::Bf16 => (32, 8, 23, 127),
    };
    let mut out = vec![0x11, 0x20, bits as u8 - 1, 0];
    out.extend(u32::from(bits / 8).to_le_bytes());
    out.extend(0u16.to_le_bytes());
    out.extend(bits.to_le_bytes());
    out.extend([mantissa, exponent, 0, mantissa]);
    out.extend(bias.to_le_bytes());
    out
}

/// Makes an attribute of one UTF-8 text of fixed length.
fn attribute(name: &str, text: &str) -> (u16, Vec<u8>) {
    let text = &text.as_bytes()[..text.len().min(LONGEST_MESSAGE - 256)];
    let mut datatype = vec![0x13, 0x11, 0, 0]; // a string, padded with zeros, UTF-8
    datatype.extend((text.len().max(1) as u32).to_le_bytes());
    let mut out = vec![1, 0];
    out.extend((name.len() as u16 + 1).to_le_bytes());
    out.extend((datatype.len() as u16).to_le_bytes());
    out.extend(8u16.to_le_bytes());
    out.extend(name.as_bytes());
    out.push(0);
    out.resize(out.len().next_multiple_of(8), 0);
    out.extend(datatype);
    out.extend([1, 0, 0, 0, 0, 0, 0, 0]); // a dataspace of one value
    out.extend(text);
    out.resize(out.len() + usize::from(text.is_empty()), 0);
    (ATTRIBUTE, out)
}

/// Joins messages into an object header with this many names.
fn object_header(messages: &[(u16, Vec<u8>)], names: u32) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, message) in messages {
        body.extend(kind.to_le_bytes());
        body.extend((message.len().next_multiple_of(8) as u16).to_le_bytes());
        body.extend([0; 4]);
        body.extend(message);
        body.resize(body.len().next_multiple_of(8), 0);
    }
    let mut out = vec![1, 0];
    out.extend((messages.len() as u16).to_le_bytes());
    out.extend(names.to_le_bytes());
    out.extend((body.len() as u32).to_le_bytes());
    out.extend([0; 4]);
    out.extend(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_begins_at_a_multiple_of_eight() {
        let header =
            object_header(&[(1, dataspace(&[2, 3])), (3, datatype(Dtype::F16)), attribute("a", "bc")], 1);
        assert_eq!(header.len() % 8, 0);
        assert_eq!(header.len(), 16 + 8 + 24 + 8 + 24 + 8 + 8 + 8 + 8 + 8 + 8);
    }
}
