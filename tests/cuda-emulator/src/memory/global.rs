//! The card's memory: allocations far apart, whose addresses are never used again.

use std::collections::VecDeque;

use super::Region;
use crate::fault::{Error, Kind, Trap};
use crate::ptx::GLOBAL;

/// Bytes that nobody owns, behind each allocation.
const GAP: u64 = 1 << 16;
/// Freed allocations that are remembered, so that a late access can be named.
const REMEMBERED: usize = 4096;

/// All allocations of a card.
#[derive(Debug, Default)]
pub struct Memory {
    /// In the order of their addresses.
    regions: Vec<Region>,
    freed: VecDeque<(u64, u64, String)>,
    last: usize,
    next: u64,
    held: usize,
}

impl Memory {
    /// Allocates bytes that nobody wrote; the name appears in what is said about them.
    pub fn alloc(&mut self, bytes: usize, name: &str) -> u64 {
        let base = GLOBAL + self.next;
        self.next += (bytes as u64).next_multiple_of(256) + GAP;
        self.regions.push(Region::new(base, bytes, name));
        self.held += bytes;
        base
    }

    /// Frees an allocation.
    ///
    /// # Errors
    /// If no allocation begins at `base`.
    pub fn free(&mut self, base: u64) -> Result<(), Error> {
        let found = self.regions.binary_search_by_key(&base, |r| r.base);
        let at = found.map_err(|_| Error::Memory {
            kind: Kind::OutOfBounds,
            what: format!("address {base:#x} is freed twice or was never allocated"),
        })?;
        let region = self.regions.remove(at);
        self.held -= region.len();
        self.freed.truncate(REMEMBERED - 1);
        self.freed.push_front((base, region.len() as u64, region.name));
        self.last = 0;
        Ok(())
    }

    /// Counts allocations, and their bytes.
    pub fn held(&self) -> (usize, usize) {
        (self.regions.len(), self.held)
    }

    /// Copies from the host.
    ///
    /// # Errors
    /// If the bytes do not lie in one allocation.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Error> {
        self.at(address).and_then(|r| r.write(address, bytes)).map_err(host)
    }

    /// Lends bytes to the host.
    ///
    /// # Errors
    /// If they do not lie in one allocation, or if one of them was never written.
    pub fn read(&mut self, address: u64, bytes: usize) -> Result<&[u8], Error> {
        self.at(address).and_then(|r| r.read(address, bytes)).map_err(host)
    }

    /// Copies on the card; what nobody wrote stays known as such.
    ///
    /// # Errors
    /// If either side does not lie in one allocation.
    pub fn copy(&mut self, to: u64, from: u64, bytes: usize) -> Result<(), Error> {
        let part = self.at(from).and_then(|r| r.take(from, bytes)).map_err(host)?;
        self.at(to).and_then(|r| r.put(to, &part)).map_err(host)
    }

    /// Lends everything from the start of an allocation to its end.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_all(&mut self, base: u64) -> Result<&[u8], Error> {
        let bytes = self.at(base).map_err(host)?.len();
        self.read(base, bytes)
    }

    /// Finds the allocation that an address lies in, or closely behind.
    #[inline]
    pub(crate) fn at(&mut self, address: u64) -> Result<&mut Region, Trap> {
        if !self.regions.get(self.last).is_some_and(|r| r.contains(address)) {
            self.last = self.regions.partition_point(|r| r.base <= address).saturating_sub(1);
            let near = self
                .regions
                .get(self.last)
                .is_some_and(|r| address.wrapping_sub(r.base) < (r.len() as u64).next_multiple_of(256) + GAP);
            if !near {
                return Err(Trap::new(Kind::OutOfBounds, self.stray(address)));
            }
        }
        Ok(&mut self.regions[self.last])
    }

    fn stray(&self, address: u64) -> String {
        if address < 4096 {
            return format!("address {address:#x} is a null pointer");
        }
        let freed = self.freed.iter().find(|(base, bytes, _)| address.wrapping_sub(*base) < *bytes);
        match freed {
            Some((base, bytes, name)) => {
                format!("{:+} of {name} ({bytes} bytes) was freed before", address.wrapping_sub(*base))
            }
            None => format!("address {address:#x} is in no allocation"),
        }
    }
}

fn host(trap: Trap) -> Error {
    Error::Memory { kind: trap.kind, what: trap.what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_stray_accesses_are_named() {
        let mut memory = Memory::default();
        let (a, b) = (memory.alloc(10, "a"), memory.alloc(20, "b"));
        memory.write(a, &[1; 10]).unwrap();
        assert_eq!(memory.read_all(a).unwrap(), [1; 10]);
        assert_eq!(memory.held(), (2, 30));
        memory.copy(b + 8, a, 10).unwrap();
        assert_eq!(memory.read(b + 8, 10).unwrap(), [1; 10]);
        memory.copy(b, b + 16, 4).unwrap();
        assert_eq!(memory.read(b, 4).unwrap_err().to_string(), "byte 2 of b (20 bytes) was never written");
        memory.free(a).unwrap();
        let late = memory.read(a + 4, 2).unwrap_err();
        assert_eq!(late.to_string(), "+4 of a (10 bytes) was freed before");
        assert!(memory.free(a).is_err());
        let past = memory.write(b + 16, &[0; 8]).unwrap_err();
        assert_eq!(past.to_string(), "8 bytes at +16 of b (20 bytes) are out of bounds");
        assert_eq!(memory.read(b, 20).unwrap_err().kind(), Some(Kind::Uninitialised));
        assert!(memory.read(0, 4).unwrap_err().to_string().contains("null pointer"));
        assert_eq!(memory.held(), (1, 20));
    }
}
