//! The root group of an HDF5 file: a heap of names and a B-tree of the places that they stand for.
//!
//! (HDF5 File Format Specification 3.0: II.A superblock 0, III.A.1 B-tree 1, III.B symbol-table node, III.D local
//! heap.)

use std::io::{self, Write};

/// The bytes of the superblock, which the header of the root group follows.
pub(super) const SUPERBLOCK: u64 = 96;
/// Half the names of a leaf, and half the children of an inner node.
const LEAF: usize = 32;
const INNER: usize = 64;
const LEAF_BYTES: u64 = 8 + 2 * LEAF as u64 * 40;
const NODE_BYTES: u64 = 24 + (4 * INNER as u64 + 1) * 8;
const HEAP_HEADER: u64 = 32;
const NOWHERE: u64 = u64::MAX;

/// The names of a group, and where its parts lie.
pub(super) struct Group {
    /// Where each name begins in the heap.
    offsets: Vec<u64>,
    names: Vec<u8>,
    /// How many nodes each level of the tree has, from the leaves' parents to the root.
    levels: Vec<usize>,
    start: u64,
}

impl Group {
    /// Lays out a group with these names, which are in order.
    pub(super) fn new<'a>(list: impl Iterator<Item = &'a str>) -> Self {
        // The heap begins with the empty name.
        let (mut offsets, mut names) = (Vec::new(), vec![0; 8]);
        for name in list {
            offsets.push(names.len() as u64);
            names.extend(name.as_bytes());
            names.push(0);
            names.resize(names.len().next_multiple_of(8), 0);
        }
        let mut levels = vec![leaves(offsets.len()).div_ceil(2 * INNER).max(1)];
        while let Some(&nodes) = levels.last()
            && nodes > 1
        {
            levels.push(nodes.div_ceil(2 * INNER));
        }
        Self { offsets, names, levels, start: 0 }
    }

    /// Sets where the group begins.
    pub(super) fn place(&mut self, start: u64) {
        self.start = start;
    }

    fn heap(&self) -> u64 {
        self.start
    }

    /// Gives the place of the first node of a level.
    fn level(&self, level: usize) -> u64 {
        let before: usize = self.levels[..level].iter().sum();
        self.heap() + HEAP_HEADER + self.names.len() as u64 + before as u64 * NODE_BYTES
    }

    fn root(&self) -> u64 {
        self.level(self.levels.len() - 1)
    }

    fn leaf(&self, number: usize) -> u64 {
        self.level(self.levels.len()) + number as u64 * LEAF_BYTES
    }

    /// Gives the place behind the group.
    pub(super) fn end(&self) -> u64 {
        self.leaf(leaves(self.offsets.len()))
    }

    /// Gives the message that names the tree and the heap.
    pub(super) fn message(&self) -> Vec<u8> {
        [self.root().to_le_bytes(), self.heap().to_le_bytes()].concat()
    }

    /// Writes the group; the names stand for these places.
    pub(super) fn write(&self, places: impl Iterator<Item = u64>, out: &mut impl Write) -> io::Result<()> {
        let mut heap = b"HEAP\0\0\0\0".to_vec();
        heap.extend((self.names.len() as u64).to_le_bytes());
        heap.extend(1u64.to_le_bytes()); // nothing is free
        heap.extend((self.heap() + HEAP_HEADER).to_le_bytes());
        heap.extend(&self.names);
        out.write_all(&heap)?;
        // The children of a level: their places, and the last name below each.
        let last = |leaf: usize| self.offsets[((leaf + 1) * 2 * LEAF).min(self.offsets.len()) - 1];
        let mut children: Vec<(u64, u64)> =
            (0..leaves(self.offsets.len())).map(|leaf| (self.leaf(leaf), last(leaf))).collect();
        for (level, &nodes) in self.levels.iter().enumerate() {
            let mut parents = Vec::new();
            for number in 0..nodes {
                let from = (number * 2 * INNER).min(children.len());
                let mine = &children[from..(from + 2 * INNER).min(children.len())];
                let at = |number: usize| self.level(level) + number as u64 * NODE_BYTES;
                let left = if number > 0 { at(number - 1) } else { NOWHERE };
                let right = if number + 1 < nodes { at(number + 1) } else { NOWHERE };
                let mut node = vec![b'T', b'R', b'E', b'E', 0, level as u8];
                node.extend((mine.len() as u16).to_le_bytes());
                node.extend([left.to_le_bytes(), right.to_le_bytes()].concat());
                let before = if from > 0 { children[from - 1].1 } else { 0 };
                node.extend(before.to_le_bytes());
                for (place, name) in mine {
                    node.extend([place.to_le_bytes(), name.to_le_bytes()].concat());
                }
                node.resize(NODE_BYTES as usize, 0);
                out.write_all(&node)?;
                parents.push((at(number), mine.last().map_or(0, |(_, name)| *name)));
            }
            children = parents;
        }
        let entries: Vec<(u64, u64)> = self.offsets.iter().copied().zip(places).collect();
        for names in entries.chunks(2 * LEAF) {
            let mut leaf = b"SNOD\x01\0".to_vec();
            leaf.extend((names.len() as u16).to_le_bytes());
            for (name, place) in names {
                leaf.extend([name.to_le_bytes(), place.to_le_bytes()].concat());
                leaf.extend([0; 24]);
            }
            leaf.resize(LEAF_BYTES as usize, 0);
            out.write_all(&leaf)?;
        }
        Ok(())
    }
}

/// Counts the leaves that hold this many names.
fn leaves(names: usize) -> usize {
    names.div_ceil(2 * LEAF)
}

/// Makes the superblock of a file of `end` bytes.
pub(super) fn superblock(group: &Group, end: u64) -> Vec<u8> {
    let mut out = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec();
    out.extend([(LEAF as u16).to_le_bytes(), (INNER as u16).to_le_bytes()].concat());
    out.extend(0u32.to_le_bytes());
    out.extend([0, NOWHERE, end, NOWHERE].map(u64::to_le_bytes).concat());
    // The root group's entry: its header, and its tree and heap once more.
    out.extend([0, SUPERBLOCK].map(u64::to_le_bytes).concat());
    out.extend([1u32.to_le_bytes(), 0u32.to_le_bytes()].concat());
    out.extend(group.message());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_bytes_end_where_the_layout_says() {
        for count in [0, 1, 64, 65, 8192, 8193, 20_000] {
            let names: Vec<String> = (0..count).map(|i| format!("r{i:06}")).collect();
            let mut group = Group::new(names.iter().map(String::as_str));
            group.place(1000);
            let mut out = Vec::new();
            group.write(0..count as u64, &mut out).unwrap();
            assert_eq!(1000 + out.len() as u64, group.end(), "{count}");
            assert_eq!(&out[(group.root() - 1000) as usize..][..4], b"TREE", "{count}");
            assert_eq!(superblock(&group, 5).len() as u64, SUPERBLOCK);
        }
    }
}
