//! Writes ZIP archives of stored entries, front to back.

use std::io::{self, Write};

use super::{CENTRAL, END, END_64, EXTRA_64, LOCAL, LOCATOR_64};

/// Midnight of 1 January 1980, the earliest date of the format: the same content gives the same bytes.
const DATE: u32 = 0x0021_0000;
/// Names are UTF-8.
const UTF_8: u16 = 1 << 11;
/// The version of the format that knows ZIP64.
const VERSION: u16 = 45;

struct Written {
    name: String,
    size: u64,
    checksum: u32,
    header: u64,
}

impl Written {
    /// Appends what the entry's two headers share, from the version to the length of the extra field.
    ///
    /// Sizes and places always stand in the ZIP64 field, so that there is no second case.
    fn head(&self, out: &mut Vec<u8>, extra: u16) {
        out.extend(VERSION.to_le_bytes());
        out.extend(UTF_8.to_le_bytes());
        out.extend(0u16.to_le_bytes()); // stored
        out.extend(DATE.to_le_bytes());
        out.extend(self.checksum.to_le_bytes());
        out.extend([0xff; 8]);
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend((4 + extra).to_le_bytes());
    }

    /// Appends the name and the ZIP64 field with these values.
    fn tail(&self, out: &mut Vec<u8>, values: &[u64]) {
        out.extend(self.name.as_bytes());
        out.extend(EXTRA_64.to_le_bytes());
        out.extend((8 * values.len() as u16).to_le_bytes());
        out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
}

/// An archive that is being written.
pub(crate) struct ZipWriter<W> {
    out: W,
    at: u64,
    entries: Vec<Written>,
}

impl<W: Write> ZipWriter<W> {
    /// Starts an archive.
    pub(crate) fn new(out: W) -> Self {
        Self { out, at: 0, entries: Vec::new() }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Adds an entry; its name has at most 65 535 bytes.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if name.len() > usize::from(u16::MAX) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the name of an entry is too long"));
        }
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let size = bytes.len() as u64;
        let entry = Written { name: name.into(), size, checksum: crc.sum(), header: self.at };
        let mut head = LOCAL.to_le_bytes().to_vec();
        entry.head(&mut head, 16);
        entry.tail(&mut head, &[size, size]);
        self.put(&head)?;
        self.put(bytes)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes the directory and gives the output back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let (start, count) = (self.at, self.entries.len() as u64);
        for entry in std::mem::take(&mut self.entries) {
            let mut head = CENTRAL.to_le_bytes().to_vec();
            head.extend(VERSION.to_le_bytes());
            entry.head(&mut head, 24);
            head.extend([0; 10]); // no comment, first disk, no attributes
            head.extend([0xff; 4]);
            entry.tail(&mut head, &[entry.size, entry.size, entry.header]);
            self.put(&head)?;
        }
        let (size, end) = (self.at - start, self.at);
        let mut tail = END_64.to_le_bytes().to_vec();
        tail.extend(44u64.to_le_bytes());
        tail.extend([VERSION.to_le_bytes(), VERSION.to_le_bytes()].concat());
        tail.extend([0; 8]);
        tail.extend([count, count, size, start].iter().flat_map(|value| value.to_le_bytes()));
        tail.extend(LOCATOR_64.to_le_bytes());
        tail.extend(0u32.to_le_bytes());
        tail.extend(end.to_le_bytes());
        tail.extend(1u32.to_le_bytes());
        tail.extend(END.to_le_bytes());
        tail.extend([0; 4]);
        tail.extend([0xff; 12]);
        tail.extend([0; 2]);
        self.put(&tail)?;
        Ok(self.out)
    }
}
