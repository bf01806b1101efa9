//! Reads the directory of a zip archive; entries stay where they are.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fault::{Fault, short};

/// More entries than any checkpoint has tensors, or any file of embeddings has sequences.
const MOST_ENTRIES: u64 = 1_000_000;
/// The longest directory, names included.
const LONGEST_DIRECTORY: u64 = 1 << 27;

/// How an entry is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// As it is.
    Stored,
    /// Compressed by deflate.
    Deflated,
    /// In a way that is not read here.
    Other(u16),
}

/// One file inside an archive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// How it is kept.
    pub(crate) method: Method,
    /// The bytes of the archive that hold it.
    pub(crate) bytes: Range<usize>,
    /// Its length when unpacked; for a stored entry this is the length of `bytes`.
    pub(crate) size: u64,
    /// The CRC-32 of its unpacked bytes.
    pub(crate) crc: u32,
}

/// The files inside an archive, by name.
pub(crate) type Entries = BTreeMap<String, Entry>;

/// Tells a zip archive by its first bytes.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Reads the directory (APPNOTE 6.3.10, sections 4.3.7 to 4.3.16, with 64-bit sizes) and checks that every entry
/// lies inside the file and that none overlaps another.
pub(crate) fn read(file: &[u8]) -> Result<Entries, Fault> {
    let (count, mut at, end) = directory(file)?;
    let mut entries = Entries::new();
    let mut places = Vec::new();
    for _ in 0..count {
        let head = fixed::<46>(file, at).filter(|head| head.starts_with(b"PK\x01\x02") && at < end);
        let head = head.ok_or_else(|| Fault::damaged("the directory of the zip archive is cut short"))?;
        let (names, extras, comments) = (u16_at(head, 28), u16_at(head, 30), u16_at(head, 32));
        let name = slice(file, at + 46, usize::from(names))?;
        let extra = slice(file, at + 46 + usize::from(names), usize::from(extras))?;
        at += 46 + usize::from(names) + usize::from(extras) + usize::from(comments);
        let name = std::str::from_utf8(name)
            .map_err(|_| Fault::damaged("the name of an entry of the zip archive is not UTF-8"))?;
        if u16_at(head, 8) & 1 != 0 {
            return Err(Fault::new(format!("entry `{}` is encrypted", short(name)), "store it in clear"));
        }
        let (packed, size, local) = sizes(head, extra, name)?;
        let method = match u16_at(head, 10) {
            0 => Method::Stored,
            8 => Method::Deflated,
            other => Method::Other(other),
        };
        let bytes = locate(file, local, packed, name)?;
        if method == Method::Stored && size != packed {
            return Err(Fault::damaged(format!("stored entry `{}` has two lengths", short(name))));
        }
        places.push((local as usize, bytes.end));
        let entry = Entry { method, bytes, size, crc: u32_at(head, 16) };
        if entries.insert(name.to_owned(), entry).is_some() {
            return Err(Fault::damaged(format!("the zip archive holds `{}` twice", short(name))));
        }
    }
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(Fault::damaged("entries of the zip archive overlap"));
    }
    Ok(entries)
}

/// Finds the directory: how many entries, where it starts, where it ends.
fn directory(file: &[u8]) -> Result<(u64, usize, usize), Fault> {
    let missing = || Fault::damaged("the zip archive has no directory at its end");
    // The end record has 22 bytes and a comment of at most 65 535.
    let lowest = file.len().saturating_sub(22 + 65_535);
    let end = (lowest..=file.len().saturating_sub(22))
        .rev()
        .find(|&at| {
            fixed::<22>(file, at).is_some_and(|record| {
                record.starts_with(b"PK\x05\x06") && at + 22 + usize::from(u16_at(record, 20)) == file.len()
            })
        })
        .ok_or_else(missing)?;
    let record = fixed::<22>(file, end).ok_or_else(missing)?;
    let (mut count, mut size, mut start) =
        (u64::from(u16_at(record, 10)), u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let locator = end.checked_sub(20).and_then(|at| fixed::<20>(file, at));
    if let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
        let record = usize::try_from(u64_at(locator, 8)).ok().and_then(|at| fixed::<56>(file, at));
        let record = record.filter(|record| record.starts_with(b"PK\x06\x06")).ok_or_else(missing)?;
        (count, size, start) = (u64_at(record, 32), u64_at(record, 40), u64_at(record, 48));
    }
    if count > MOST_ENTRIES || size > LONGEST_DIRECTORY {
        let problem = format!("the zip archive would have {count} entries, listed in {size} bytes");
        return Err(Fault::damaged(problem));
    }
    match start.checked_add(size) {
        Some(stop) if stop <= end as u64 => Ok((count, start as usize, stop as usize)),
        _ => Err(missing()),
    }
}

/// Reads packed size, size and place of an entry, from its 64-bit extra field where the short fields are full.
fn sizes(head: &[u8; 46], mut extra: &[u8], name: &str) -> Result<(u64, u64, u64), Fault> {
    let mut long: &[u8] = &[];
    while let Some((field, rest)) = extra.split_at_checked(4) {
        let Some((value, rest)) = rest.split_at_checked(usize::from(u16_at(field, 2))) else { break };
        if u16_at(field, 0) == 1 {
            long = value;
        }
        extra = rest;
    }
    let mut wide = |short_value: u32| match short_value {
        u32::MAX => {
            let (value, rest) = long.split_first_chunk::<8>()?;
            long = rest;
            Some(u64::from_le_bytes(*value))
        }
        value => Some(u64::from(value)),
    };
    // The field keeps this order, and only those that are full.
    let (size, packed) = (wide(u32_at(head, 24)), wide(u32_at(head, 20)));
    let local = wide(u32_at(head, 42));
    match (packed, size, local) {
        (Some(packed), Some(size), Some(local)) => Ok((packed, size, local)),
        _ => Err(Fault::damaged(format!("entry `{}` lacks its 64-bit sizes", short(name)))),
    }
}

/// Follows an entry's local header to its bytes.
fn locate(file: &[u8], local: u64, packed: u64, name: &str) -> Result<Range<usize>, Fault> {
    let wrong = || Fault::damaged(format!("entry `{}` is not where the zip directory says", short(name)));
    let local = usize::try_from(local).map_err(|_| wrong())?;
    let head = fixed::<30>(file, local).filter(|head| head.starts_with(b"PK\x03\x04")).ok_or_else(wrong)?;
    let (names, extras) = (usize::from(u16_at(head, 26)), usize::from(u16_at(head, 28)));
    if slice(file, local + 30, names)? != name.as_bytes() {
        return Err(wrong());
    }
    let start = local + 30 + names + extras;
    let stop = usize::try_from(packed).ok().and_then(|packed| start.checked_add(packed));
    stop.filter(|&stop| stop <= file.len()).map(|stop| start..stop).ok_or_else(wrong)
}

fn fixed<const N: usize>(file: &[u8], at: usize) -> Option<&[u8; N]> {
    file.get(at..)?.first_chunk()
}

fn slice(file: &[u8], at: usize, length: usize) -> Result<&[u8], Fault> {
    let end = at.checked_add(length);
    let found = end.and_then(|end| file.get(at..end));
    found.ok_or_else(|| Fault::damaged("the directory of the zip archive is cut short"))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
