//! One stretch of memory with its shadow.

use super::touch::{Access, Cell, Who};
use crate::fault::{Kind, Trap};

/// Bytes from `base` on, which of them were written, and who touched them.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) base: u64,
    pub(crate) name: String,
    data: Vec<u8>,
    written: Vec<bool>,
    /// One cell for two bytes, made when a kernel first touches the region.
    cells: Vec<Cell>,
}

impl Region {
    /// Makes memory in which nothing was written: it reads as NaN, and is known as such.
    pub(crate) fn new(base: u64, bytes: usize, name: impl Into<String>) -> Self {
        Self {
            base,
            name: name.into(),
            data: vec![0xff; bytes],
            written: vec![false; bytes],
            cells: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    pub(crate) fn contains(&self, address: u64) -> bool {
        address.wrapping_sub(self.base) < self.data.len() as u64
    }

    /// Forgets what was written; who touched it is forgotten by the numbers of the blocks.
    pub(crate) fn forget(&mut self) {
        self.data.fill(0xff);
        self.written.fill(false);
    }

    /// Finds where an access lies.
    fn part(&self, address: u64, bytes: usize) -> Result<usize, Trap> {
        let offset = address.wrapping_sub(self.base);
        if offset.saturating_add(bytes as u64) <= self.data.len() as u64 {
            return Ok(offset as usize);
        }
        let what =
            format!("{bytes} bytes at {:+} of {} ({} bytes)", offset as i64, self.name, self.data.len());
        Err(Trap::new(Kind::OutOfBounds, format!("{what} are out of bounds")))
    }

    fn aligned(&self, address: u64, bytes: usize) -> Result<usize, Trap> {
        let at = self.part(address, bytes)?;
        if address.is_multiple_of(bytes as u64) {
            return Ok(at);
        }
        Err(Trap::new(Kind::Misaligned, format!("{bytes} bytes at {at:+} of {} are misaligned", self.name)))
    }

    /// Copies from the host.
    pub(crate) fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Trap> {
        let at = self.part(address, bytes.len())?;
        self.data[at..at + bytes.len()].copy_from_slice(bytes);
        self.written[at..at + bytes.len()].fill(true);
        Ok(())
    }

    /// Lends a part to the host; what nobody wrote is refused.
    pub(crate) fn read(&self, address: u64, bytes: usize) -> Result<&[u8], Trap> {
        let at = self.part(address, bytes)?;
        if let Some(hole) = self.written[at..at + bytes].iter().position(|w| !w) {
            let what = format!("byte {} of {} ({} bytes)", at + hole, self.name, self.data.len());
            return Err(Trap::new(Kind::Uninitialised, format!("{what} was never written")));
        }
        Ok(&self.data[at..at + bytes])
    }

    /// Takes a part as it is: the bytes, and which of them were written.
    pub(crate) fn take(&self, address: u64, bytes: usize) -> Result<(Vec<u8>, Vec<bool>), Trap> {
        let at = self.part(address, bytes)?;
        Ok((self.data[at..at + bytes].to_vec(), self.written[at..at + bytes].to_vec()))
    }

    /// Puts back what was taken elsewhere.
    pub(crate) fn put(&mut self, address: u64, (data, written): &(Vec<u8>, Vec<bool>)) -> Result<(), Trap> {
        let at = self.part(address, data.len())?;
        self.data[at..at + data.len()].copy_from_slice(data);
        self.written[at..at + data.len()].copy_from_slice(written);
        Ok(())
    }

    /// Lets a thread read; returns the bytes, and for each whether it was written.
    #[inline]
    pub(crate) fn load(
        &mut self,
        address: u64,
        bytes: usize,
        who: Option<Who>,
    ) -> Result<(&[u8], &[bool]), Trap> {
        let at = self.aligned(address, bytes)?;
        self.touch(at, bytes, who, Access::Read)?;
        Ok((&self.data[at..at + bytes], &self.written[at..at + bytes]))
    }

    /// Lets a thread write; `known` says which bytes have a value at all.
    #[inline]
    pub(crate) fn store(
        &mut self,
        address: u64,
        value: &[u8],
        known: &[bool],
        who: Option<Who>,
    ) -> Result<(), Trap> {
        let at = self.aligned(address, value.len())?;
        self.touch(at, value.len(), who, Access::Write)?;
        self.data[at..at + value.len()].copy_from_slice(value);
        self.written[at..at + value.len()].copy_from_slice(known);
        Ok(())
    }

    /// Lets a thread read and write at once.
    pub(crate) fn exchange(
        &mut self,
        address: u64,
        bytes: usize,
        who: Option<Who>,
    ) -> Result<(&mut [u8], bool), Trap> {
        let at = self.aligned(address, bytes)?;
        self.touch(at, bytes, who, Access::Atomic)?;
        let known = self.written[at..at + bytes].iter().all(|&w| w);
        Ok((&mut self.data[at..at + bytes], known))
    }

    #[inline]
    fn touch(&mut self, at: usize, bytes: usize, who: Option<Who>, access: Access) -> Result<(), Trap> {
        let Some(who) = who else { return Ok(()) };
        if self.cells.is_empty() {
            self.cells = vec![Cell::default(); self.data.len().div_ceil(2)];
        }
        let part = if bytes > 1 { 3 } else { 1 << (at % 2) };
        for cell in &mut self.cells[at / 2..(at + bytes).div_ceil(2)] {
            if let Err(what) = cell.touch(who, access, part) {
                let what = format!("it {what}, without a barrier between, at byte {at} of {}", self.name);
                return Err(Trap::new(Kind::Race, what));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_alignment_and_holes_are_noticed() {
        let mut r = Region::new(0x1000, 6, "x");
        r.write(0x1000, &[1, 2, 3]).unwrap();
        assert_eq!(r.read(0x1000, 3).unwrap(), [1, 2, 3]);
        let hole = r.read(0x1002, 2).unwrap_err();
        assert_eq!(
            (hole.kind, hole.what.as_str()),
            (Kind::Uninitialised, "byte 3 of x (6 bytes) was never written")
        );
        assert_eq!(r.load(0x1004, 4, None).unwrap_err().kind, Kind::OutOfBounds);
        assert_eq!(
            r.load(0x0fff, 1, None).unwrap_err().what,
            "1 bytes at -1 of x (6 bytes) are out of bounds"
        );
        assert_eq!(r.load(0x1001, 2, None).unwrap_err().kind, Kind::Misaligned);
        assert_eq!(r.load(0x1002, 2, None).unwrap().1, [true, false]);
        r.forget();
        assert_eq!(r.load(0x1000, 2, None).unwrap(), (&[0xff, 0xff][..], &[false, false][..]));
    }
}
