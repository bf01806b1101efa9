//! Lists the entries of a ZIP archive from its central directory and reads one at a time.

use std::io::Read as _;
use std::path::Path;

use flate2::read::DeflateDecoder;

use super::{CENTRAL, END, END_64, EXTRA_64, LOCAL, LOCATOR_64, u16_at, u32_at, u64_at};
use crate::exchange::random::RandomFile;
use crate::{Place, Result};

/// The shortest end record, and the longest comment that may follow it.
const END_BYTES: u64 = 22;
const LONGEST_END: u64 = END_BYTES + 0xffff;
/// Deflate packs at most 1032 bytes into one.
const MOST_PACKED: u64 = 1032;

/// One file inside an archive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Bytes when unpacked, as the directory says.
    pub(crate) size: u64,
    packed: u64,
    method: u16,
    encrypted: bool,
    checksum: u32,
    header: u64,
}

/// An archive, open for reading.
pub(crate) struct ZipReader {
    file: RandomFile,
    entries: Vec<Entry>,
}

impl ZipReader {
    /// Opens an archive and reads its directory.
    ///
    /// # Errors
    /// A file that is no archive, is cut off, or whose directory does not fit it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = RandomFile::open(path)?;
        let tail_bytes = file.size().min(LONGEST_END);
        let tail = file.read(file.size() - tail_bytes, tail_bytes)?;
        let end = (0..tail.len().saturating_sub(END_BYTES as usize - 1))
            .rev()
            .find(|&at| u32_at(&tail, at) == END)
            .ok_or_else(|| file.damaged("is a ZIP archive without its end"))?;
        let mut count = u64::from(u16_at(&tail, end + 10));
        let (mut size, mut start) = (u64::from(u32_at(&tail, end + 12)), u64::from(u32_at(&tail, end + 16)));
        if end >= 20 && u32_at(&tail, end - 20) == LOCATOR_64 {
            let record = file.read(u64_at(&tail, end - 12), 56)?;
            if u32_at(&record, 0) != END_64 {
                return Err(file.damaged("is a ZIP archive without its ZIP64 end"));
            }
            (count, size, start) = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
        }
        let directory = file.read(start, size)?;
        let mut entries = Vec::new();
        let mut at = 0;
        for _ in 0..count {
            let entry = parse(&directory, &mut at)
                .filter(|entry| entry.header.saturating_add(entry.packed) <= file.size())
                .ok_or_else(|| file.damaged(format!("entry {} of the archive is torn", entries.len() + 1)))?;
            entries.push(entry);
        }
        Ok(Self { file, entries })
    }

    /// Gives the archive's name.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the entries in the order of the directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Unpacks the first bytes of an entry, `most` of them or fewer if it is shorter; no checksum is checked.
    pub(crate) fn head(&self, entry: &Entry, most: u64) -> Result<Vec<u8>> {
        let most = most.min(entry.size);
        // The head of a deflated entry: a block's table and its first symbols, and ample.
        let packed = if entry.method == 0 { most } else { entry.packed.min(2 * most + 4096) };
        self.unpack(entry, packed, most)
    }

    /// Unpacks an entry whole and checks its checksum.
    pub(crate) fn read(&self, entry: &Entry) -> Result<Vec<u8>> {
        let bytes = self.unpack(entry, entry.packed, entry.size)?;
        let mut crc = flate2::Crc::new();
        crc.update(&bytes);
        if bytes.len() as u64 != entry.size || crc.sum() != entry.checksum {
            return Err(self.fault(entry, "does not fit its checksum"));
        }
        Ok(bytes)
    }

    fn unpack(&self, entry: &Entry, packed: u64, most: u64) -> Result<Vec<u8>> {
        if entry.encrypted {
            return Err(Place::file(self.path())
                .record(&entry.name)
                .error("is encrypted", "write the archive without a password"));
        }
        let local = self.file.read(entry.header, 30)?;
        if u32_at(&local, 0) != LOCAL {
            return Err(self.fault(entry, "is not where the directory of the archive says"));
        }
        let start = entry.header + 30 + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        match entry.method {
            0 if entry.packed == entry.size => self.file.read(start, packed),
            8 if entry.size <= entry.packed.saturating_mul(MOST_PACKED) => {
                let bytes = self.file.read(start, packed)?;
                let mut out = Vec::new();
                DeflateDecoder::new(&bytes[..])
                    .take(most)
                    .read_to_end(&mut out)
                    .map_err(|_| self.fault(entry, "cannot be unpacked"))?;
                Ok(out)
            }
            0 | 8 => Err(self.fault(entry, "has another size than the archive can hold")),
            other => Err(Place::file(self.path()).record(&entry.name).error(
                format!("is packed by method {other}"),
                "write the archive with numpy.savez or numpy.savez_compressed",
            )),
        }
    }

    fn fault(&self, entry: &Entry, problem: &str) -> crate::Error {
        Place::file(self.path())
            .record(&entry.name)
            .error(problem, "the file is damaged or incomplete: write or fetch it again")
    }
}

/// Reads one line of the central directory and moves behind it.
fn parse(directory: &[u8], at: &mut usize) -> Option<Entry> {
    let head = directory.get(*at..*at + 46)?;
    if u32_at(head, 0) != CENTRAL {
        return None;
    }
    let lengths = [28, 30, 32].map(|field| usize::from(u16_at(head, field)));
    let name = directory.get(*at + 46..*at + 46 + lengths[0])?;
    let extra = directory.get(*at + 46 + lengths[0]..*at + 46 + lengths[0] + lengths[1])?;
    *at += 46 + lengths.iter().sum::<usize>();
    // What 32 bits cannot hold stands in the ZIP64 field, in this order, each only if needed.
    let mut wide = field(extra, EXTRA_64).unwrap_or_default();
    let mut value = |place: usize| {
        let narrow = u32_at(head, place);
        if narrow < u32::MAX {
            return Some(u64::from(narrow));
        }
        let (first, rest) = wide.split_first_chunk::<8>()?;
        wide = rest;
        Some(u64::from_le_bytes(*first))
    };
    let (size, packed, header) = (value(24)?, value(20)?, value(42)?);
    Some(Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        size,
        packed,
        method: u16_at(head, 10),
        encrypted: u16_at(head, 8) & 1 == 1,
        checksum: u32_at(head, 16),
        header,
    })
}

/// Finds an extra field by its number.
fn field(mut extra: &[u8], number: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let data = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == number {
            return Some(data);
        }
        extra = &extra[4 + length..];
    }
    None
}
