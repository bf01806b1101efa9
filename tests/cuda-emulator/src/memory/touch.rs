//! Decides which accesses are ordered: the rule behind every reported race.
//!
//! Two accesses to one place, one of which writes, are ordered if a launch ended between them, if one thread made
//! both, if the block passed a barrier between them, or if one warp made both and passed a warp barrier between them.
//! Everything else is a race. Atomic operations do not race with each other. A barrier of some lanes counts as one of
//! their whole warp.

/// Who accesses memory, and how many barriers stand behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    /// Running number of the block, over all launches.
    pub(crate) block: u32,
    /// The first block with which this one is not ordered: that of its launch, or itself in shared memory.
    pub(crate) since: u32,
    /// Linear thread in the block.
    pub(crate) thread: u16,
    /// Block barriers passed.
    pub(crate) epoch: u32,
    /// Warp barriers passed.
    pub(crate) warp_epoch: u32,
}

/// What is done to memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    Atomic,
}

/// `thread` of a touch by several threads of several warps.
const MANY: u16 = u16::MAX;
/// Added to the number of a warp: `thread` of a touch by several threads of that warp.
const OF_WARP: u16 = 0x8000;
/// `thread` of a touch by several blocks of one launch; `block` is the last of them.
const OF_BLOCKS: u16 = u16::MAX - 1;

/// The last touch of a cell.
#[derive(Debug, Clone, Copy, Default)]
struct Touch {
    block: u32,
    epoch: u32,
    warp_epoch: u32,
    thread: u16,
    /// Which of the cell's bytes.
    bytes: u8,
    atomic: bool,
}

impl Touch {
    fn new(w: Who, bytes: u8, atomic: bool) -> Self {
        Self { block: w.block, epoch: w.epoch, warp_epoch: w.warp_epoch, thread: w.thread, bytes, atomic }
    }

    fn warp(self) -> Option<u16> {
        match self.thread {
            MANY | OF_BLOCKS => None,
            t if t >= OF_WARP => Some(t - OF_WARP),
            t => Some(t / 32),
        }
    }

    fn ordered(self, w: Who, bytes: u8) -> bool {
        if self.block < w.since || self.bytes & bytes == 0 {
            return true;
        }
        if self.block != w.block || self.thread == OF_BLOCKS {
            return false;
        }
        self.epoch != w.epoch
            || self.thread == w.thread
            || (self.warp() == Some(w.thread / 32) && self.warp_epoch < w.warp_epoch)
    }

    /// Remembers one more reader.
    fn join(&mut self, w: Who, bytes: u8) {
        if self.block < w.since {
            *self = Self::new(w, bytes, false);
        } else if self.block != w.block || self.thread == OF_BLOCKS {
            (self.block, self.thread, self.bytes) = (w.block, OF_BLOCKS, self.bytes | bytes);
        } else if self.epoch != w.epoch {
            *self = Self::new(w, bytes, false);
        } else if self.thread != w.thread {
            let same = self.warp() == Some(w.thread / 32);
            if same && self.warp_epoch < w.warp_epoch {
                // What is ordered with this reader is ordered with the earlier ones of its warp.
                *self = Self::new(w, bytes, false);
                return;
            }
            self.thread = if same { OF_WARP + w.thread / 32 } else { MANY };
            self.warp_epoch = w.warp_epoch;
            self.bytes |= bytes;
        } else {
            self.warp_epoch = w.warp_epoch;
            self.bytes |= bytes;
        }
    }

    fn name(self, w: Who) -> String {
        let thread = match self.thread {
            OF_BLOCKS => return "several blocks".into(),
            MANY => "several threads".into(),
            t if t >= OF_WARP => format!("several threads of warp {}", t - OF_WARP),
            t => format!("thread {t}"),
        };
        if self.block == w.block { thread } else { format!("{thread} of another block") }
    }
}

/// Two bytes of memory: the last write and the last read. Of two writers of single bytes the later is remembered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    write: Touch,
    read: Touch,
}

impl Cell {
    /// Records an access to some `bytes` of the cell; says in words with what it races, if it does.
    #[inline]
    pub(super) fn touch(&mut self, w: Who, access: Access, bytes: u8) -> Result<(), String> {
        let atomic = access == Access::Atomic;
        if !(self.write.ordered(w, bytes) || atomic && self.write.atomic) {
            let does = if access == Access::Read { "reads" } else { "overwrites" };
            return Err(format!("{does} what {} wrote", self.write.name(w)));
        }
        if access == Access::Read {
            self.read.join(w, bytes);
            return Ok(());
        }
        if !self.read.ordered(w, bytes) {
            return Err(format!("overwrites what {} read", self.read.name(w)));
        }
        // A plain write that others are not ordered with stays on record, also if its own thread goes on atomically.
        let plain = !self.write.atomic && self.write.block == w.block && self.write.epoch == w.epoch;
        if !(atomic && plain) {
            self.write = Touch::new(w, bytes, atomic);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(thread: u16, epoch: u32, warp_epoch: u32) -> Who {
        Who { block: 5, since: 4, thread, epoch, warp_epoch }
    }

    #[test]
    fn a_barrier_orders_two_threads_and_its_absence_does_not() {
        let mut cell = Cell::default();
        cell.touch(who(0, 0, 0), Access::Write, 3).unwrap();
        let said = cell.touch(who(40, 0, 0), Access::Read, 3).unwrap_err();
        assert_eq!(said, "reads what thread 0 wrote");
        cell.touch(who(40, 1, 0), Access::Read, 3).unwrap();
        assert!(cell.touch(who(0, 1, 0), Access::Write, 3).is_err());
        cell.touch(who(0, 2, 0), Access::Write, 3).unwrap();
    }

    #[test]
    fn a_warp_barrier_orders_lanes_of_one_warp_only() {
        let mut cell = Cell::default();
        for lane in 0..4 {
            cell.touch(who(lane, 0, 0), Access::Read, 3).unwrap();
        }
        let said = cell.touch(who(1, 0, 0), Access::Write, 3).unwrap_err();
        assert_eq!(said, "overwrites what several threads of warp 0 read");
        assert!(cell.touch(who(32, 0, 1), Access::Write, 3).is_err());
        cell.touch(who(1, 0, 1), Access::Write, 3).unwrap();
        // A lane that reads and writes after the barrier is not held up by those that read before it.
        cell.touch(who(2, 0, 2), Access::Read, 3).unwrap();
        cell.touch(who(3, 0, 3), Access::Read, 3).unwrap();
        cell.touch(who(3, 0, 3), Access::Write, 3).unwrap();
    }

    #[test]
    fn blocks_of_one_launch_are_never_ordered_and_launches_always() {
        let mut cell = Cell::default();
        cell.touch(who(0, 0, 0), Access::Write, 3).unwrap();
        let other = Who { block: 6, ..who(0, 9, 0) };
        assert!(cell.touch(other, Access::Read, 3).unwrap_err().ends_with("thread 0 of another block wrote"));
        cell.touch(Who { block: 9, since: 8, ..other }, Access::Write, 3).unwrap();
    }

    #[test]
    fn what_several_blocks_read_may_be_written_by_the_next_launch_only() {
        let read = |cell: &mut Cell, blocks: [u32; 3]| {
            for block in blocks {
                cell.touch(Who { block, ..who(0, 0, 0) }, Access::Read, 3).unwrap();
            }
        };
        let mut cell = Cell::default();
        read(&mut cell, [5, 6, 5]);
        for block in [5, 6, 7] {
            let said = cell.touch(Who { block, ..who(0, 1, 1) }, Access::Write, 3).unwrap_err();
            assert_eq!(said, "overwrites what several blocks read");
        }
        let next = Who { block: 8, since: 8, ..who(0, 0, 0) };
        cell.touch(next, Access::Write, 3).unwrap();
        // Also where the reads were of a launch before, and one block reads now.
        let mut cell = Cell::default();
        read(&mut cell, [5, 6, 7]);
        cell.touch(next, Access::Read, 3).unwrap();
        cell.touch(next, Access::Write, 3).unwrap();
    }

    #[test]
    fn the_two_bytes_of_a_cell_are_apart_and_atomics_live_together() {
        let mut cell = Cell::default();
        cell.touch(who(0, 0, 0), Access::Write, 1).unwrap();
        cell.touch(who(1, 0, 0), Access::Write, 2).unwrap();
        let mut cell = Cell::default();
        cell.touch(who(0, 0, 0), Access::Atomic, 3).unwrap();
        cell.touch(who(1, 0, 0), Access::Atomic, 3).unwrap();
        assert!(cell.touch(who(2, 0, 0), Access::Read, 3).is_err());
        let mut cell = Cell::default();
        cell.touch(who(0, 0, 0), Access::Write, 3).unwrap();
        cell.touch(who(0, 0, 0), Access::Atomic, 3).unwrap();
        assert!(cell.touch(who(1, 0, 0), Access::Atomic, 3).is_err());
        cell.touch(who(1, 1, 0), Access::Atomic, 3).unwrap();
    }
}
