//! Reads the body of a kernel, statement by statement.

use std::collections::HashMap;

use super::declare::{Variable, registers};
use super::instruction::{Instruction, Written, squeezed};
use super::scope::Scopes;
use super::text::{Location, Piece, pieces};
use super::{Kernel, LOCAL, PARAM, SHARED};
use crate::decode::Op;
use crate::fault::Error;

/// A kernel that is being read.
pub(super) struct Body<'a> {
    pub(super) kernel: Kernel,
    pub(super) scopes: Scopes,
    /// Branches whose labels are not resolved yet: index, label, line.
    pub(super) branches: Vec<(usize, String, u32)>,
    pub(super) source: Option<Location>,
    symbols: HashMap<String, u64>,
    labels: HashMap<String, u32>,
    /// What the module declares before its kernels.
    shared: &'a Declared,
}

/// What a module declares outside of its kernels.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Names of dynamic shared memory.
    pub(super) dynamic: Vec<String>,
    /// Names of tables, and where they begin.
    pub(super) tables: HashMap<String, u64>,
}

impl<'a> Body<'a> {
    pub(super) fn new(kernel: Kernel, shared: &'a Declared) -> Self {
        Self {
            kernel,
            scopes: Scopes::new(),
            branches: Vec::new(),
            source: None,
            symbols: HashMap::new(),
            labels: HashMap::new(),
            shared,
        }
    }

    /// Adds a parameter behind those that are there.
    pub(super) fn parameter(&mut self, text: &str) -> Result<(), String> {
        let variable = Variable::parse(text)?;
        let at = variable.place(&mut self.kernel.param_bytes);
        self.kernel.params.push((at, variable.bytes));
        self.symbols.insert(variable.name, PARAM + at as u64);
        Ok(())
    }

    /// Reads all of the text between the braces, which begins on `line`.
    pub(super) fn read(mut self, text: &str, line: u32) -> Result<Kernel, Error> {
        for (line, piece) in pieces(text, line) {
            match piece {
                Piece::Open => self.scopes.open(),
                Piece::Close => self.scopes.close(),
                Piece::Location(location) => self.source = Some(location),
                Piece::Label(name) => {
                    self.labels.insert(name, self.kernel.code.len() as u32);
                }
                Piece::Statement(text) => self
                    .statement(&text, line)
                    .map_err(|what| Error::Ptx { line, what: format!("{what}: `{}`", squeezed(&text)) })?,
            }
        }
        for (at, label, line) in self.branches {
            let target = self.labels.get(&label);
            self.kernel.code[at].target =
                *target.ok_or_else(|| Error::Ptx { line, what: format!("there is no label {label}") })?;
        }
        Ok(self.kernel)
    }

    fn statement(&mut self, text: &str, line: u32) -> Result<(), String> {
        // `.reg.b32 x` is written too, without a space.
        let word =
            if text.starts_with(".reg.") { ".reg" } else { text.split_whitespace().next().unwrap_or("") };
        let rest = text[word.len()..].trim();
        match word {
            "" | ".pragma" | ".param" => {}
            ".reg" => {
                for family in registers(rest)? {
                    self.scopes.declare(family, &mut self.kernel);
                }
            }
            ".shared" => {
                let variable = Variable::parse(rest)?;
                let at = variable.place(&mut self.kernel.static_shared);
                self.symbols.insert(variable.name, SHARED + at as u64);
            }
            ".local" => {
                let variable = Variable::parse(rest)?;
                let at = variable.place(&mut self.kernel.local_bytes);
                self.symbols.insert(variable.name, LOCAL + at as u64);
            }
            _ => {
                let before = self.branches.len();
                let code = self.instruction(text, line).unwrap_or_else(|why| {
                    self.branches.truncate(before);
                    self.unknown(text, line, why)
                });
                self.kernel.code.push(code);
            }
        }
        Ok(())
    }

    /// Stands for what is not understood: a fault only where it is executed, as modules hold more than a launch needs.
    fn unknown(&self, text: &str, line: u32, why: String) -> Instruction {
        let guard = Written::new(text).ok().and_then(|w| w.guard).and_then(|p| self.scopes.predicate(p));
        let (op, args) = (Op::Unsupported(why.into()), Vec::new());
        Instruction { guard, op, args, target: 0, line, source: self.source, text: squeezed(text) }
    }

    /// Finds the address of a symbol.
    pub(super) fn symbol(&mut self, name: &str) -> Option<u64> {
        if let Some(&at) = self.symbols.get(name) {
            return Some(at);
        }
        if let Some(&at) = self.shared.tables.get(name) {
            return Some(at);
        }
        let known = self.shared.dynamic.iter().any(|d| d == name);
        self.kernel.uses_dynamic |= known;
        known.then(|| SHARED + self.kernel.dynamic_start() as u64)
    }
}
