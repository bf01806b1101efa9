//! The instructions that make values: numbers, texts, containers.

use super::super::super::fault::Fault;
use super::super::node::{Id, Node};
use super::Machine;

impl Machine<'_> {
    /// Follows an instruction that makes a number, text or the like; tells whether it is one.
    pub(super) fn plain(&mut self, operation: u8) -> Result<bool, Fault> {
        match operation {
            b'N' => self.push(Node::Nothing),     // NONE
            0x88 => self.push(Node::Bool(true)),  // NEWTRUE
            0x89 => self.push(Node::Bool(false)), // NEWFALSE
            b'K' => {
                let [value] = self.take()?; // BININT1
                self.push(Node::Int(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.take()?); // BININT2
                self.push(Node::Int(value.into()));
            }
            b'J' => {
                let value = i32::from_le_bytes(self.take()?); // BININT
                self.push(Node::Int(value.into()));
            }
            0x8a => {
                let [length] = self.take()?; // LONG1
                let node = long(self.bytes(length.into())?);
                self.push(node);
            }
            0x8b => {
                let length = u32::from_le_bytes(self.take()?); // LONG4
                let node = long(self.bytes(length.into())?);
                self.push(node);
            }
            b'G' => {
                let value = f64::from_be_bytes(self.take()?); // BINFLOAT
                self.push(Node::Float(value));
            }
            b'X' => {
                let length = u32::from_le_bytes(self.take()?); // BINUNICODE
                self.text(length.into())?;
            }
            0x8c => {
                let [length] = self.take()?; // SHORT_BINUNICODE
                self.text(length.into())?;
            }
            0x8d => {
                let length = u64::from_le_bytes(self.take()?); // BINUNICODE8
                self.text(length)?;
            }
            b'U' | b'C' => {
                let [length] = self.take()?; // SHORT_BINSTRING, SHORT_BINBYTES
                self.raw(length.into(), operation == b'U')?;
            }
            b'T' | b'B' => {
                let length = u32::from_le_bytes(self.take()?); // BINSTRING, BINBYTES
                self.raw(length.into(), operation == b'T')?;
            }
            0x8e | 0x96 => {
                let length = u64::from_le_bytes(self.take()?); // BINBYTES8, BYTEARRAY8
                self.raw(length, false)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Follows an instruction that makes or fills a tuple, list or dictionary; tells whether it is one.
    pub(super) fn container(&mut self, operation: u8) -> Result<bool, Fault> {
        match operation {
            b')' => self.push(Node::Tuple(Box::default())), // EMPTY_TUPLE
            0x85..=0x87 => {
                let first = self.depth(usize::from(operation - 0x84))?; // TUPLE1, TUPLE2, TUPLE3
                let parts = self.stack.split_off(first);
                self.push(Node::Tuple(parts.into()));
            }
            b't' => {
                let parts = self.pop_mark()?; // TUPLE
                self.push(Node::Tuple(parts.into()));
            }
            b']' | 0x8f => self.push(Node::List(Vec::new())), // EMPTY_LIST, EMPTY_SET
            b'l' | 0x91 => {
                let parts = self.pop_mark()?; // LIST, FROZENSET
                self.push(Node::List(parts));
            }
            b'a' => {
                let part = self.pop()?; // APPEND
                self.append(&[part])?;
            }
            b'e' | 0x90 => {
                let parts = self.pop_mark()?; // APPENDS, ADDITEMS
                self.append(&parts)?;
            }
            b'}' => self.push(Node::Dict(Vec::new())), // EMPTY_DICT
            b'd' => {
                let parts = self.pop_mark()?; // DICT
                self.push(Node::Dict(Vec::new()));
                self.insert(&parts)?;
            }
            b's' => {
                let first = self.depth(2)?; // SETITEM
                let parts = self.stack.split_off(first);
                self.insert(&parts)?;
            }
            b'u' => {
                let parts = self.pop_mark()?; // SETITEMS
                self.insert(&parts)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn append(&mut self, parts: &[Id]) -> Result<(), Fault> {
        let target = self.top()?;
        match &mut self.nodes.nodes[target as usize] {
            Node::List(list) => list.extend(parts),
            // A subclass of `list`.
            object @ Node::Object(_) => *object = Node::List(parts.to_vec()),
            _ => return Err(Fault::damaged("the pickle appends to something that is not a list")),
        }
        Ok(())
    }

    fn insert(&mut self, parts: &[Id]) -> Result<(), Fault> {
        let wrong = || Fault::damaged("the pickle puts entries into something that is not a dictionary");
        let (pairs, rest) = parts.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(wrong());
        }
        let target = self.top()?;
        let pairs = pairs.iter().map(|&[key, value]| (key, value));
        match &mut self.nodes.nodes[target as usize] {
            Node::Dict(entries) => entries.extend(pairs),
            // A subclass of `dict`.
            object @ Node::Object(_) => *object = Node::Dict(pairs.collect()),
            _ => return Err(wrong()),
        }
        Ok(())
    }

    fn text(&mut self, length: u64) -> Result<(), Fault> {
        let bytes = self.bytes(length)?;
        // Python writes halves of surrogate pairs, too; they only occur in texts that nothing here reads.
        let text = String::from_utf8_lossy(bytes).into();
        self.push(Node::Text(text));
        Ok(())
    }

    /// Reads text of Python 2 or bytes.
    fn raw(&mut self, length: u64, text: bool) -> Result<(), Fault> {
        let bytes = self.bytes(length)?;
        let node = if text { Node::Text(String::from_utf8_lossy(bytes).into()) } else { Node::Bytes };
        self.push(node);
        Ok(())
    }
}

/// Reads an integer of any length, little-endian in two's complement.
fn long(bytes: &[u8]) -> Node {
    let Some(&last) = bytes.last() else { return Node::Int(0) };
    if bytes.len() > 8 {
        return Node::Long;
    }
    let mut wide = [if last & 0x80 == 0 { 0 } else { 0xff }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    Node::Int(i64::from_le_bytes(wide))
}
