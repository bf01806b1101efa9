//! Follows the instructions of a pickle.

mod value;

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
        if operation == b'.' {
            return self.pop().map(Some); // STOP
        }
        let known = self.frame_or_stack(operation)?
            || self.plain(operation)?
            || self.container(operation)?
            || self.memo(operation)?
            || self.call(operation)?;
        if known {
            return Ok(None);
        }
        let shown = char::from(operation).escape_default();
        Err(Fault::new(
            format!(
                "the pickle holds the instruction 0x{operation:02x} (`{shown}`), which weights do not need"
            ),
            "nothing was executed; use the published file, or save the state dict with torch.save",
        ))
    }

    /// Follows an instruction about frames or the stack; tells whether it is one.
    fn frame_or_stack(&mut self, operation: u8) -> Result<bool, Fault> {
        match operation {
            0x80 => {
                self.take::<1>()?; // PROTO
            }
            0x95 => {
                self.take::<8>()?; // FRAME: a hint about lengths
            }
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
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Follows an instruction that remembers or recalls a value; tells whether it is one.
    fn memo(&mut self, operation: u8) -> Result<bool, Fault> {
        match operation {
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
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Follows an instruction that names or calls something; tells whether it is one.
    fn call(&mut self, operation: u8) -> Result<bool, Fault> {
        match operation {
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
            _ => return Ok(false),
        }
        Ok(true)
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
