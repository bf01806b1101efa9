//! Writes zip archives and torch files, right and wrong ones.

use flate2::Crc;

/// One entry, with whatever the directory is to say about it.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) size: u32,
    pub(crate) crc: u32,
}

impl Entry {
    /// Describes a stored entry truthfully.
    pub(crate) fn stored(name: &str, bytes: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(bytes);
        Self { name: name.into(), bytes: bytes.to_vec(), method: 0, size: bytes.len() as u32, crc: crc.sum() }
    }
}

/// Writes an archive.
pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let place = file.len() as u32;
        let mut common = Vec::new();
        common.extend(entry.method.to_le_bytes());
        common.extend([0; 4]);
        for value in [entry.crc, entry.bytes.len() as u32, entry.size] {
            common.extend(value.to_le_bytes());
        }
        common.extend((entry.name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        file.extend(b"PK\x03\x04\x14\0\0\0");
        file.extend(&common);
        file.extend(entry.name.as_bytes());
        file.extend(&entry.bytes);
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(place.to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend((entries.len() as u16).to_le_bytes());
    file.extend((entries.len() as u16).to_le_bytes());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// Lists the entries of a torch file with this pickle and one storage `0`.
pub(crate) fn torch_entries(pickle: &[u8], storage: &[u8]) -> Vec<Entry> {
    vec![
        Entry::stored("m/data.pkl", pickle),
        Entry::stored("m/byteorder", b"little"),
        Entry::stored("m/data/0", storage),
    ]
}

/// Writes a torch file with this pickle and one storage of six numbers.
pub(crate) fn torch(pickle: &[u8]) -> Vec<u8> {
    zip(&torch_entries(pickle, &[0; 24]))
}

/// Writes text as a pickle does.
pub(crate) fn text(text: &str) -> Vec<u8> {
    [b"X".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
}

/// Writes an integer as a pickle does.
pub(crate) fn int(value: i64) -> Vec<u8> {
    [b"\x8a\x08".as_slice(), &value.to_le_bytes()].concat()
}

/// Writes a tuple of integers.
pub(crate) fn ints(values: &[i64]) -> Vec<u8> {
    [b"(".to_vec(), values.iter().flat_map(|&value| int(value)).collect(), b"t".to_vec()].concat()
}

/// Writes a tensor as torch does: in storage `key` of `length` numbers.
pub(crate) fn tensor(
    class: &str,
    key: &str,
    length: i64,
    offset: i64,
    shape: &[i64],
    strides: &[i64],
) -> Vec<u8> {
    [
        b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec(),
        text("storage"),
        format!("ctorch\n{class}\n").into_bytes(),
        text(key),
        text("cpu"),
        int(length),
        b"tQ".to_vec(),
        int(offset),
        ints(shape),
        ints(strides),
        b"\x89ccollections\nOrderedDict\n)RtR".to_vec(),
    ]
    .concat()
}

/// Writes a dictionary of one entry as a whole pickle.
pub(crate) fn entry(name: &str, value: &[u8]) -> Vec<u8> {
    [b"\x80\x02}(".to_vec(), text(name), value.to_vec(), b"u.".to_vec()].concat()
}
