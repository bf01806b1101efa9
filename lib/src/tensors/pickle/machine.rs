//! Follows the instructions of a pickle.

use std::collections::HashMap;

use super::super::fault::Fault;
use super::global::{self, Global};
use super::node::{Id, Node, Nodes};
use super::{MOST_STEPS, tensor};

/// Reads one pickle (protocols 2 to 5).
///
/// # Errors
/// Bytes that end early, an unknown instruction, a class or function that is not on the list, or more instructions
/// than weights need.
pub(in crate::tensors) fn run(bytes: &[u8]) -> Result<Nodes, Fault> {
    let mut machine = Machine { rest: bytes, ..Machine::default() };
    for _ in 0..MOST_STEPS {
        if let Some(root) = machine.step()? {
            machine.nodes.root = root;
            return Ok(machine.nodes);
        }
    }
    Err(Fault::new(
        format!("the pickle has more than {MOST_STEPS} instructions"),
        "save the state dict alone",
    ))
}

#[derive(Default)]
struct Machine<'a> {
    rest: &'a [u8],
    nodes: Nodes,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
    /// How many values were copied out of containers: the only work that one instruction does not bound.
    copied: usize,
}

impl<'a> Machine<'a> {
    /// Follows one instruction; gives the whole value after the last one.
    fn step(&mut self) -> Result<Option<Id>, Fault> {
        let [operation] = self.take()?;
        match operation {
            0x80 => {
                self.take::<1>()?; // PROTO
            }
            0x95 => {
                self.take::<8>()?; // FRAME: a hint about lengths
            }
            b'.' => return self.pop().map(Some),       // STOP
            b'(' => self.marks.push(self.stack.len()), // MARK
            b'0' => {
                self.pop()?; // POP
            }
            b'1' => drop(self.pop_mark()?), // POP_MARK
            b'2' => {
                // DUP
                let top = self.top()?;
                self.stack.push(top);
            }
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
            b'q' => {
                let [at] = self.take()?; // BINPUT
                self.remember(at.into())?;
            }
            b'r' => {
                let at = u32::from_le_bytes(self.take()?); // LONG_BINPUT
                self.remember(at)?;
            }
            0x94 => self.remember(self.memo.len() as u32)?, // MEMOIZE
            b'h' => {
                let [at] = self.take()?; // BINGET
                self.recall(at.into())?;
            }
            b'j' => {
                let at = u32::from_le_bytes(self.take()?); // LONG_BINGET
                self.recall(at)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?); // GLOBAL
                self.global(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?); // STACK_GLOBAL
                let (Some(module), Some(name)) = (self.nodes.text(module), self.nodes.text(name)) else {
                    return Err(Fault::damaged("the pickle names a class by something that is not text"));
                };
                let found = global::find(module, name).ok_or_else(|| tensor::unknown(module, name))?;
                self.push(Node::Global(found));
            }
            b'R' | 0x81 => {
                let (arguments, callee) = (self.pop()?, self.pop()?); // REDUCE, NEWOBJ
                self.make(callee, arguments)?;
            }
            b'b' => self.build()?, // BUILD
            b'Q' => {
                let name = self.pop()?; // BINPERSID
                let storage = tensor::storage(&self.nodes, name)?;
                self.push(storage);
            }
            other => {
                let shown = char::from(other).escape_default();
                return Err(Fault::new(
                    format!(
                        "the pickle holds the instruction 0x{other:02x} (`{shown}`), which weights do not need"
                    ),
                    "nothing was executed; use the published file, or save the state dict with torch.save",
                ));
            }
        }
        Ok(None)
    }

    /// Makes what a call stands for, without calling anything.
    fn make(&mut self, callee: Id, arguments: Id) -> Result<(), Fault> {
        let wrong = || Fault::damaged("the pickle calls something that is not a class or function");
        let Node::Tuple(parts) = self.nodes.get(arguments) else { return Err(wrong()) };
        let &Node::Global(mut global) = self.nodes.get(callee) else { return Err(wrong()) };
        let mut parts = parts;
        if global == Global::FromType {
            let (Some(&inner), Some(&given)) = (parts.first(), parts.get(2)) else { return Err(wrong()) };
            match (self.nodes.get(inner), self.nodes.get(given)) {
                (Node::Global(inner @ (Global::Tensor | Global::TypedTensor)), Node::Tuple(given)) => {
                    (global, parts) = (*inner, given);
                }
                _ => return Err(wrong()),
            }
        }
        let node = match global {
            Global::Tensor => tensor::tensor(&self.nodes, parts, false)?,
            Global::TypedTensor => tensor::tensor(&self.nodes, parts, true)?,
            Global::Parameter => match parts.first().map(|&id| self.nodes.get(id)) {
                Some(Node::Tensor(tensor)) => Node::Tensor(tensor.clone()),
                _ => return Err(wrong()),
            },
            Global::Dict => {
                let entries = self.pairs(parts)?;
                self.copied += entries.len();
                Node::Dict(entries)
            }
            Global::List => {
                let parts: &[Id] = match parts.first().map(|&id| self.nodes.get(id)) {
                    Some(Node::List(inner)) => inner,
                    Some(Node::Tuple(inner)) => inner,
                    _ => &[],
                };
                self.copied += parts.len();
                Node::List(parts.to_vec())
            }
            Global::Data => Node::Object(None),
            Global::Storage(_) | Global::Type(_) | Global::FromType => return Err(wrong()),
        };
        if self.copied > MOST_STEPS {
            return Err(Fault::damaged("the pickle copies its values too often"));
        }
        self.push(node);
        Ok(())
    }

    /// Gives the entries with which a dictionary is made: those of a dictionary, or a list of pairs.
    fn pairs(&self, arguments: &[Id]) -> Result<Vec<(Id, Id)>, Fault> {
        let Some(&first) = arguments.last() else { return Ok(Vec::new()) };
        let pairs = match self.nodes.get(first) {
            Node::Dict(entries) => return Ok(entries.clone()),
            Node::List(pairs) => pairs,
            _ => return Ok(Vec::new()),
        };
        let pair = |&id: &Id| match self.nodes.get(id) {
            Node::Tuple(pair) if pair.len() == 2 => Ok((pair[0], pair[1])),
            Node::List(pair) if pair.len() == 2 => Ok((pair[0], pair[1])),
            _ => Err(Fault::damaged("the pickle makes a dictionary of something that is not pairs")),
        };
        pairs.iter().map(pair).collect()
    }

    /// Gives an object its attributes; those of dictionaries and tensors carry no weights.
    fn build(&mut self) -> Result<(), Fault> {
        let (state, target) = (self.pop()?, self.top()?);
        match &mut self.nodes.nodes[target as usize] {
            Node::Object(attributes) => *attributes = Some(state),
            Node::Dict(_) | Node::Tensor(_) => (),
            _ => return Err(Fault::damaged("the pickle gives attributes to something that has none")),
        }
        Ok(())
    }

    fn global(&mut self, module: &[u8], name: &[u8]) -> Result<(), Fault> {
        let (module, name) = (String::from_utf8_lossy(module), String::from_utf8_lossy(name));
        let found = global::find(&module, &name).ok_or_else(|| tensor::unknown(&module, &name))?;
        self.push(Node::Global(found));
        Ok(())
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

    fn remember(&mut self, at: u32) -> Result<(), Fault> {
        let top = self.top()?;
        self.memo.insert(at, top);
        Ok(())
    }

    fn recall(&mut self, at: u32) -> Result<(), Fault> {
        let id = self.memo.get(&at).copied();
        self.stack
            .push(id.ok_or_else(|| Fault::damaged("the pickle uses a value that it never remembered"))?);
        Ok(())
    }

    fn push(&mut self, node: Node) {
        self.stack.push(self.nodes.nodes.len() as Id);
        self.nodes.nodes.push(node);
    }

    fn pop(&mut self) -> Result<Id, Fault> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn top(&self) -> Result<Id, Fault> {
        self.depth(1).map(|at| self.stack[at])
    }

    /// Gives the position of the last `count` values, which must stand above the last mark.
    fn depth(&self, count: usize) -> Result<usize, Fault> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let first = self.stack.len().checked_sub(count).filter(|&first| first >= floor);
        first.ok_or_else(|| Fault::damaged("the pickle takes a value that is not there"))
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, Fault> {
        let mark =
            self.marks.pop().ok_or_else(|| Fault::damaged("the pickle takes a value that is not there"))?;
        Ok(self.stack.split_off(mark))
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

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(cut)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(length).map_err(|_| cut())?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(cut)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn line(&mut self) -> Result<&'a [u8], Fault> {
        let end = memchr::memchr(b'\n', self.rest).ok_or_else(cut)?;
        let (line, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Ok(line)
    }
}

fn cut() -> Fault {
    Fault::damaged("the pickle ends in the middle of an instruction")
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
