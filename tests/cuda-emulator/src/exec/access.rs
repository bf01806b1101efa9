//! Loads and stores of every space.

use super::block::Block;
use super::lanes::{Lanes, NOWHERE, WARP, lanes};
use super::warp::Warp;
use crate::decode::{Space, Type};
use crate::fault::{Kind, Trap};
use crate::ptx::{GLOBAL, Instruction, LOCAL, PARAM, SHARED, TABLES};

/// The bytes of one lane's access, and which of them have a value.
pub(super) struct Bytes {
    pub(super) data: [u8; 16],
    pub(super) known: [bool; 16],
}

impl Bytes {
    pub(super) fn new() -> Self {
        Self { data: [0xff; 16], known: [false; 16] }
    }

    fn element(&self, k: usize, bytes: usize) -> (u64, bool) {
        let mut word = [0; 8];
        word[..bytes].copy_from_slice(&self.data[k * bytes..(k + 1) * bytes]);
        (u64::from_le_bytes(word), self.known[k * bytes..(k + 1) * bytes].iter().all(|&k| k))
    }
}

impl Block<'_> {
    /// Reads for one lane.
    #[inline]
    pub(super) fn fetch(
        &mut self,
        w: &Warp,
        lane: usize,
        address: u64,
        n: usize,
        out: &mut Bytes,
    ) -> Result<(), Trap> {
        let (data, known) = if address >= GLOBAL {
            let who = self.who(w, lane, false);
            self.memory.at(address).and_then(|r| r.load(address, n, who))
        } else if address >= TABLES {
            out.data[..n].copy_from_slice(self.table(address, n).map_err(|trap| trap.at(lane))?);
            out.known[..n].fill(true);
            return Ok(());
        } else if address >= LOCAL {
            self.own(w, lane)?.load(address, n, None)
        } else if address >= SHARED {
            let who = self.who(w, lane, true);
            self.shared.load(address, n, who)
        } else if address >= PARAM {
            out.data[..n].copy_from_slice(self.parameter(address, n)?);
            out.known[..n].fill(true);
            return Ok(());
        } else {
            return Err(Trap::new(
                Kind::OutOfBounds,
                format!("address {address:#x} is a null pointer, and is read"),
            )
            .at(lane));
        }
        .map_err(|trap| trap.at(lane))?;
        out.data[..n].copy_from_slice(data);
        out.known[..n].copy_from_slice(known);
        Ok(())
    }

    /// Writes for one lane.
    #[inline]
    pub(super) fn put(
        &mut self,
        w: &Warp,
        lane: usize,
        address: u64,
        n: usize,
        bytes: &Bytes,
    ) -> Result<(), Trap> {
        let (data, known) = (&bytes.data[..n], &bytes.known[..n]);
        if address >= GLOBAL {
            let who = self.who(w, lane, false);
            self.memory.at(address).and_then(|r| r.store(address, data, known, who))
        } else if address >= TABLES {
            Err(Trap::new(Kind::OutOfBounds, format!("address {address:#x} is in a table, and is written")))
        } else if address >= LOCAL {
            self.own(w, lane)?.store(address, data, known, None)
        } else if address >= SHARED {
            let who = self.who(w, lane, true);
            self.shared.store(address, data, known, who)
        } else {
            let what = format!("address {address:#x} is a null pointer or a parameter, and is written");
            Err(Trap::new(Kind::OutOfBounds, what))
        }
        .map_err(|trap| trap.at(lane))
    }

    fn own(&mut self, w: &Warp, lane: usize) -> Result<&mut crate::memory::Region, Trap> {
        let thread = w.index as usize * WARP + lane;
        let none = || Trap::new(Kind::OutOfBounds, "the kernel has no local memory").at(lane);
        self.local.get_mut(thread).ok_or_else(none)
    }

    fn parameter(&self, address: u64, n: usize) -> Result<&[u8], Trap> {
        part(&self.launch.params, "the parameters", address - PARAM, n)
    }

    fn table(&self, address: u64, n: usize) -> Result<&[u8], Trap> {
        part(&self.kernel.tables, "the tables", address - TABLES, n)
    }

    pub(super) fn load(
        &mut self,
        w: &mut Warp,
        i: &Instruction,
        pc: u32,
        mask: u32,
        (space, ty, count): (Space, Type, u8),
    ) -> Result<(), Trap> {
        let (count, unit) = (usize::from(count), ty.bytes());
        let at = self.addresses(w, i, count, mask, space)?;
        self.count(w, pc, &at, mask, count * unit);
        let mut out = [Lanes { known: 0, from: pc, ..Lanes::all(0u64) }; 4];
        let mut bytes = Bytes::new();
        for lane in lanes(mask) {
            self.fetch(w, lane, at[lane], count * unit, &mut bytes)?;
            for (k, out) in out[..count].iter_mut().enumerate() {
                let (x, known) = bytes.element(k, unit);
                out.x[lane] = if matches!(ty, Type::Signed(_)) { ty.extend(x) as u64 } else { x };
                out.known |= u32::from(known) << lane;
            }
        }
        for (k, out) in out[..count].iter_mut().enumerate() {
            if out.known & mask == mask {
                out.from = NOWHERE;
            }
            w.set_wide(i.args[k], mask, out);
        }
        Ok(())
    }

    pub(super) fn store(
        &mut self,
        w: &mut Warp,
        i: &Instruction,
        pc: u32,
        mask: u32,
        (space, ty, count): (Space, Type, u8),
    ) -> Result<(), Trap> {
        let (count, unit) = (usize::from(count), ty.bytes());
        let at = self.addresses(w, i, 0, mask, space)?;
        self.count(w, pc, &at, mask, count * unit);
        let mut values = [Lanes::all(0u64); 4];
        for (k, value) in values[..count].iter_mut().enumerate() {
            *value = w.wide(i.args[2 + k]);
            let missing = mask & !value.known;
            // A result that depends on nothing is a fault at once; in shared memory it may still be padding.
            if let Some(lane) = lanes(missing).find(|&lane| at[lane] >= GLOBAL) {
                return Err(self.unknown("a result depends on a value that", 1 << lane, value.from));
            }
        }
        let mut bytes = Bytes::new();
        for lane in lanes(mask) {
            for (k, value) in values[..count].iter().enumerate() {
                let part = k * unit..(k + 1) * unit;
                bytes.data[part.clone()].copy_from_slice(&value.x[lane].to_le_bytes()[..unit]);
                bytes.known[part].fill(value.known >> lane & 1 == 1);
            }
            self.put(w, lane, at[lane], count * unit, &bytes)?;
        }
        Ok(())
    }

    /// Counts how well the access uses memory.
    #[inline]
    pub(super) fn count(&mut self, w: &Warp, pc: u32, at: &[u64; WARP], mask: u32, bytes: usize) {
        let Some(lane) = lanes(mask).next() else { return };
        self.report.access(pc, at, mask, bytes, (self.place.at, w.index * WARP as u32 + lane as u32));
    }
}

/// A part of what kernels only read.
fn part<'a>(bytes: &'a [u8], name: &str, at: u64, n: usize) -> Result<&'a [u8], Trap> {
    let at = at as usize;
    if !at.is_multiple_of(n) {
        return Err(Trap::new(Kind::Misaligned, format!("{n} bytes at byte {at} of {name} are misaligned")));
    }
    let past = || Trap::new(Kind::OutOfBounds, format!("{n} bytes at byte {at} of {name} are out of bounds"));
    bytes.get(at..at + n).ok_or_else(past)
}
